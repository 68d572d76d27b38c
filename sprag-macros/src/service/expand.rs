//! The expansion of `#[service]`: one impl with short calls into the runtime.

mod watch;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Ident, ItemImpl, Type, TypeParamBound, parse_quote};

use super::ParsedService;
use super::args::Field;
use super::hooks::{Arg, Hook, HookKind, HookValue, OnStopOption, WhenFullOption, Worker};
use super::new::{New, NewParam};
use super::on_handle;
use crate::app::all;
use crate::tokens::{generated, generated_span, spanned};

/// The impl of `Service`.
pub(super) fn service(service: &ParsedService<'_>) -> TokenStream {
    let krate = service.args.krate.as_ref();
    let krate = krate.map_or_else(|| quote!(::sprag), generated);
    let private = quote!(__sprag);
    let given: &[NewParam] = service.new.as_ref().map_or(&[], |new| &new.params);
    let configured = given.iter().enumerate();
    let configured = configured.filter(|(_, param)| !param.cfgs.is_empty());
    let configured = configured.map(|(n, param)| configured_param(n, param, service, &private));
    let works = service.hooks.hooks.iter().filter_map(|hook| works(hook, service, &private));
    let works: Vec<TokenStream> = works.collect();
    let no_work = (works.is_empty() && !service.is_repeated).then(|| no_work(service, &private));
    let items = items(service, given, &private);
    let on_handle = on_handle::item(service.item, &private);
    let service = implement(service.item, quote!(#private::Service), &items);
    quote! {
        const _: () = {
            // The only mention of the crate, so that a wrong path is one error.
            use #krate::__private as #private;

            #on_handle
            #service
            #(#configured)*
            #(#works)*
            #no_work
        };
    }
}

/// The items of the impl.
fn items(service: &ParsedService<'_>, given: &[NewParam], private: &TokenStream) -> TokenStream {
    let args = &service.args;
    let params = given.iter().enumerate().map(|(n, param)| param_type(n, param, private));
    let params = tree(params.collect());
    let needs = handles(&args.depends_on, |ty| quote!(__sprag::Handle<#ty>));
    let wants = handles(&args.wants, |ty| quote!(::core::option::Option<__sprag::Handle<#ty>>));
    let params_item = type_item("__Params", &params, given.iter().map(|param| &param.ty));
    let needs_item = type_item("__Needs", &needs, &args.depends_on);
    let wants_item = type_item("__Wants", &wants, &args.wants);
    let create = create(service.new.as_ref(), private);
    // A future that is not `Send` is an error at the returned type.
    let output = service.new.as_ref().map_or_else(Span::call_site, New::output);
    let private_there = spanned(private, generated_span(output));
    let future = quote_spanned! {generated_span(output)=>
        impl ::core::future::Future<
            Output = ::core::result::Result<Self, #private_there::Error>,
        > + ::core::marker::Send
    };
    let wirings = wirings(service, private);
    let on_handle = on_handle::in_service(service.item);
    quote! {
        #params_item
        #needs_item
        #wants_item
        #on_handle

        // `Self::__Params` would make the compiler check `Self: Service` once more.
        fn __create(__params: #params) -> #future {
            #create
        }

        fn __wire(__wiring: &mut #private::Wiring<Self>)
        where
            for<'__s> Self: ::core::marker::Send + ::core::marker::Sync,
        {
            #wirings
        }
    }
}

/// The statements that wire the hooks, the owned fields and the rule for failures.
fn wirings(service: &ParsedService<'_>, private: &TokenStream) -> TokenStream {
    let on_failure = service.args.on_failure.as_ref().map(|rule| {
        let rule = rule.tokens(private);
        quote!(__wiring.on_failure(#rule);)
    });
    let fields = service.args.own.iter().map(own);
    let hooks = service.hooks.hooks.iter().map(|written| hook(written, private));
    quote!(#on_failure #(#fields)* #(#hooks)*)
}

/// `impl trait_ for Service { items }`. Messages about the whole service point at its name.
///
/// A type that is not found is the same error here and in the user's block, which rustc
/// prints once. Its suggestion of a type parameter follows the keyword, so the keyword is
/// that of the block.
fn implement(item: &ItemImpl, trait_: TokenStream, items: &TokenStream) -> TokenStream {
    let at_name = spanned(&trait_, item.self_ty.span());
    implement_by(item, &item.impl_token.to_token_stream(), &at_name, items)
}

fn implement_by(
    item: &ItemImpl,
    keyword: &TokenStream,
    trait_: &TokenStream,
    items: &TokenStream,
) -> TokenStream {
    let ty = &item.self_ty;
    let generics = owned(item.generics.clone());
    let (generics, _, clause) = generics.split_for_impl();
    let span = ty.span();
    let body = quote_spanned!(span=> { #items });
    let for_ = quote_spanned!(span=> for);
    quote! {
        #[automatically_derived]
        #keyword #generics #trait_ #for_ #ty #clause #body
    }
}

/// The block's generics with the bounds that a service needs. The impl of `Service` would
/// not compile without these bounds, and the user need not write them.
fn owned(mut generics: Generics) -> Generics {
    for param in generics.type_params_mut() {
        let bound: TypeParamBound = parse_quote!(__sprag::ServiceParameter);
        param.bounds.push(bound);
    }
    generics
}

/// `type name = ty;`. A private type in a public service is reported for the whole item,
/// which therefore begins and ends with the types that it was `made_of`.
fn type_item<'a>(
    name: &str,
    ty: &TokenStream,
    made_of: impl IntoIterator<Item = &'a Type>,
) -> TokenStream {
    let name = format_ident!("{name}");
    let spans: Vec<Span> = made_of.into_iter().map(Spanned::span).collect();
    let span = |span: Option<&Span>| span.copied().unwrap_or_else(Span::call_site);
    let keyword = quote_spanned!(span(spans.first())=> type);
    let end = quote_spanned!(span(spans.last())=> ;);
    quote!(#keyword #name = #ty #end)
}

/// `((A, B), (C, D))`: the depth grows with the logarithm of the number of items.
fn tree(mut items: Vec<TokenStream>) -> TokenStream {
    match items.len() {
        0 => quote!(()),
        1 => items.remove(0),
        count => {
            let right = tree(items.split_off(count / 2));
            let left = tree(items);
            quote!((#left, #right))
        }
    }
}

/// The type of the parameter number `n`.
fn param_type(n: usize, param: &NewParam, private: &TokenStream) -> TokenStream {
    let ty = &param.ty;
    if param.cfgs.is_empty() {
        return quote!(#ty);
    }
    let span = generated_span(ty.span());
    let private = spanned(private, span);
    quote_spanned!(span=> <Self as #private::ConfiguredParam<#n>>::Param)
}

/// The parameter number `n`, which is `()` if a `#[cfg]` removes it.
fn configured_param(
    n: usize,
    param: &NewParam,
    service: &ParsedService<'_>,
    private: &TokenStream,
) -> TokenStream {
    let (ty, cfgs, predicate) = (&param.ty, &param.cfgs, all(&param.cfgs));
    let trait_ = quote!(#private::ConfiguredParam<#n>);
    let there = implement(service.item, trait_.clone(), &quote!(type Param = #ty;));
    let away = implement(
        service.item,
        trait_,
        &quote!(
            type Param = ();
        ),
    );
    quote! {
        #(#cfgs)*
        #there
        #[cfg(not(#predicate))]
        #away
    }
}

fn handles(types: &[Type], handle: impl Fn(&Type) -> TokenStream) -> TokenStream {
    tree(types.iter().map(handle).collect())
}

/// The body that calls the user's `new`.
fn create(new: Option<&New>, private: &TokenStream) -> TokenStream {
    let Some(new) = new else {
        return quote!(async move { #private::not_expanded(__params) });
    };
    let names: Vec<Ident> = (0..new.params.len()).map(|n| format_ident!("__p{n}")).collect();
    let pattern = tree(names.iter().map(|name| quote!(#name)).collect());
    let args = new.params.iter().zip(&names).map(|(param, name)| {
        let span = generated_span(param.ty.span());
        let cfgs = &param.cfgs;
        let by_ref = param.by_ref.then(|| quote_spanned!(span=> &));
        quote_spanned!(span=> #(#cfgs)* #by_ref #name)
    });
    let ident = &new.sig.ident;
    let span = generated_span(new.output());
    let wait = new.sig.asyncness.map(|_| quote_spanned!(span=> .await));
    let private = spanned(private, span);
    let call = quote_spanned!(span=>
        #private::Outcome::<Self>::__outcome(Self::#ident(#(#args),*)#wait)
    );
    quote_spanned! {span=>
        async move {
            let #pattern = __params;
            #call
        }
    }
}

/// For an unknown field, rustc reports its own error at the token.
fn own(field: &Field) -> TokenStream {
    let span = generated_span(field.members.span());
    quote_spanned!(span=> __wiring.own(|__this| &__this.#field);)
}

fn hook(hook: &Hook, private: &TokenStream) -> TokenStream {
    let (cfgs, name) = (&hook.cfgs, hook.sig.ident.to_string());
    let span = generated_span(hook.output());
    let private = spanned(private, span);
    let call = call(hook, &private);
    let run = quote_spanned!(span=> |__this, __scope| async move { #call });
    let block = quote_spanned!(span=> |__this, __scope| #call);
    let wiring = match &hook.kind {
        HookKind::OnStart if is_async(hook) => quote_spanned!(span=> __wiring.on_start(#run);),
        HookKind::OnStart => quote_spanned!(span=> __wiring.on_start_blocking(#block);),
        HookKind::OnStop if is_async(hook) => quote_spanned!(span=> __wiring.on_stop(#run);),
        HookKind::OnStop => quote_spanned!(span=> __wiring.on_stop_blocking(#block);),
        HookKind::OnStopped if is_async(hook) => quote_spanned!(span=> __wiring.on_stopped(#run);),
        HookKind::OnStopped => quote_spanned!(span=> __wiring.on_stopped_blocking(#block);),
        HookKind::Health if is_async(hook) => quote_spanned!(span=> __wiring.health(#run);),
        HookKind::Health => {
            quote_spanned!(span=> __wiring.health_blocking(#block);)
        }
        HookKind::Task(None) => quote_spanned!(span=> __wiring.task(#name, #run);),
        HookKind::Task(Some(rule)) => {
            let rule = rule.tokens(&private);
            quote_spanned!(span=> __wiring.task_with(#name, #rule, #run);)
        }
        HookKind::Interval(period) => {
            let period = value(period);
            if is_async(hook) {
                quote_spanned!(span=> __wiring.interval(#name, #period, #run);)
            } else {
                quote_spanned!(span=> __wiring.interval_blocking(#name, #period, #block);)
            }
        }
        HookKind::Watch(watch) => {
            let receiver = hook.receiver.as_ref();
            watch::watch(hook, watch, receiver, &call, &private).unwrap_or_default()
        }
        HookKind::Worker(worker) => self::worker(hook, worker, &call, &private),
        HookKind::Listen { event, queue } => {
            let span = generated_span(event.span());
            let limit = queue.as_ref().map(|queue| limit(queue, span, &private));
            listen(hook, event, limit, &call)
        }
    };
    let unreachable = hook.never_returns().then(|| quote!(#[allow(unreachable_code)]));
    quote!(#(#cfgs)* #unreachable #wiring)
}

fn listen(
    hook: &Hook,
    event: &Type,
    limit: Option<TokenStream>,
    call: &TokenStream,
) -> TokenStream {
    let (name, span) = (hook.sig.ident.to_string(), generated_span(event.span()));
    match limit {
        Some(limit) => quote_spanned! {span=>
            __wiring.listen_queued(#name, #limit, |__this, __event, __scope| {
                async move { #call }
            });
        },
        None if is_async(hook) => quote_spanned! {span=>
            __wiring.listen_async(#name, |__this, __event, __scope| {
                async move { #call }
            });
        },
        None => quote_spanned! {span=>
            __wiring.listen(#name, |__this, __event, __scope| #call);
        },
    }
}

fn is_async(hook: &Hook) -> bool {
    hook.sig.asyncness.is_some()
}

/// The call of the user's method, with its result converted for the runtime.
fn call(hook: &Hook, private: &TokenStream) -> TokenStream {
    let (ident, span) = (&hook.sig.ident, generated_span(hook.output()));
    let wait = hook.sig.asyncness.map(|_| quote_spanned!(span=> .await));
    let is_borrowed = match &hook.kind {
        HookKind::Listen { .. } | HookKind::Health | HookKind::Worker(_) => true,
        HookKind::Watch(watch) => watch.poll.is_some(),
        HookKind::OnStart | HookKind::OnStop | HookKind::OnStopped | HookKind::Interval(_) => true,
        HookKind::Task(_) => false,
    };
    let is_owned = is_async(hook) || !is_borrowed;
    let args = hook.args.iter().map(|arg| match (arg, is_owned) {
        (Arg::Scope, true) => quote_spanned!(span=> &__scope),
        (Arg::Event, true) => quote_spanned!(span=> &__event),
        (Arg::Scope, false) => quote_spanned!(span=> __scope),
        (Arg::Event, false) => quote_spanned!(span=> __event),
        (Arg::Job, _) => quote_spanned!(span=> __job),
    });
    let call = quote_spanned!(span=> __this.#ident(#(#args),*)#wait);
    match hook.kind {
        // A `!` becomes a `()`, since it is a parameter.
        _ if hook.never_returns() => quote_spanned!(span=> ::core::convert::identity::<()>(#call)),
        HookKind::Worker(_) | HookKind::Watch(_) => call,
        HookKind::Health => quote_spanned!(span=> #private::IntoHealth::into_health(#call)),
        _ => quote_spanned!(span=> #private::Outcome::<()>::__outcome(#call)),
    }
}

/// The result of a hook that returns a value. A hook that cannot fail does not mention the
/// type of the value: the error of a type that is not found would not be the one of the
/// user's block.
fn result(
    hook: &Hook,
    value: &TokenStream,
    call: &TokenStream,
    private: &TokenStream,
) -> TokenStream {
    let span = generated_span(hook.output());
    if hook.is_fallible() {
        quote_spanned!(span=> #private::Outcome::<#value>::__outcome(#call))
    } else {
        quote_spanned!(span=> ::core::result::Result::Ok(#call))
    }
}

/// The value of an option, as an expression.
fn value(value: &HookValue) -> TokenStream {
    match value {
        HookValue::Constant(value) => value.clone(),
        HookValue::OfService(value) => quote! {
            {
                let __this = __wiring.service();
                // Messages name the service, and not the pointer to it.
                let __this: &Self = &__this;
                #value
            }
        },
    }
}

fn worker(hook: &Hook, worker: &Worker, call: &TokenStream, private: &TokenStream) -> TokenStream {
    let (name, span) = (hook.sig.ident.to_string(), generated_span(hook.output()));
    let reply = &worker.reply;
    let options = worker_options(worker, span, private);
    let private = spanned(private, span);
    let ended = result(hook, reply, call, &private);
    // The name of the method has the place of the job, whose bounds are those of the method.
    let method = if is_async(hook) { "worker" } else { "worker_blocking" };
    let method = Ident::new(method, generated_span(worker.job.span()));
    if is_async(hook) {
        quote_spanned! {span=>
            __wiring.#method(#name, #options, |__this, __job, __scope| {
                async move { #ended }
            });
        }
    } else {
        quote_spanned! {span=>
            __wiring.#method(#name, #options, |__this, __job, __scope| {
                #ended
            });
        }
    }
}

fn worker_options(worker: &Worker, span: Span, private: &TokenStream) -> TokenStream {
    let Worker { count, queue, on_stop, on_failure, .. } = worker;
    let count = value(count);
    let queue = queue.as_ref().map(|queue| {
        let queue = value(queue);
        quote_spanned!(span=> .queue(#queue))
    });
    let reject = matches!(on_stop, OnStopOption::Reject).then(|| quote_spanned!(span=> .reject()));
    let on_failure = on_failure.as_ref().map(|rule| {
        let rule = rule.tokens(private);
        quote_spanned!(span=> .on_failure(#rule))
    });
    let private = spanned(private, span);
    quote_spanned!(span=> #private::WorkerOptions::new(#count) #queue #reject #on_failure)
}

/// The impl through which callers find a worker.
fn works(hook: &Hook, service: &ParsedService<'_>, private: &TokenStream) -> Option<TokenStream> {
    let HookKind::Worker(worker) = &hook.kind else { return None };
    let (Worker { job, reply, .. }, cfgs) = (&**worker, &hook.cfgs);
    let span = service.item.self_ty.span();
    // A parameter of a method gets no suggestion of a type parameter if it is not found.
    let keyword = generated(service.item.impl_token);
    let private = spanned(private, span);
    let (open, close) = (quote_spanned!(span=> #private::Works<), quote_spanned!(span=> >));
    let works = implement_by(
        service.item,
        &keyword,
        &quote!(#open #job #close),
        &quote!(type Reply = #reply;),
    );
    Some(quote!(#(#cfgs)* #works))
}

/// The impl of a service without workers: it works for no job that exists. A second block
/// for one type would only repeat the first one's error.
fn no_work(service: &ParsedService<'_>, private: &TokenStream) -> TokenStream {
    let job = quote!(#private::NoJob);
    implement(
        service.item,
        quote!(#private::Works<#job>),
        &quote!(
            type Reply = ();
        ),
    )
}

fn limit(
    (limit, when_full): &(HookValue, WhenFullOption),
    span: Span,
    private: &TokenStream,
) -> TokenStream {
    let (limit, private) = (value(limit), spanned(private, span));
    match when_full {
        WhenFullOption::Wait => quote_spanned!(span=> #private::QueueLimit::wait(#limit)),
        WhenFullOption::DropOldest => {
            quote_spanned!(span=> #private::QueueLimit::drop_oldest(#limit))
        }
    }
}
