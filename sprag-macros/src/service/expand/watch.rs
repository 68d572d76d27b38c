//! The expansion of `#[watch]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::{is_async, result, value};
use crate::service::args::Field;
use crate::service::hooks::{Hook, ReceiverArg, ReceiverMethod, TargetOption, WatchHook};
use crate::tokens::{generated_span, spanned};

/// The call of the runtime that wires the watcher up. `call` is the call of its method.
pub(super) fn watch(
    hook: &Hook,
    watch: &WatchHook,
    receiver: Option<&ReceiverMethod>,
    call: &TokenStream,
    private: &TokenStream,
) -> Option<TokenStream> {
    match &watch.poll {
        Some(period) => {
            let period = value(period);
            poll(hook, watch, receiver, &period, call, private)
        }
        None => stream(hook, watch, receiver, call, private),
    }
}

fn poll(
    hook: &Hook,
    watch: &WatchHook,
    receiver: Option<&ReceiverMethod>,
    period: &TokenStream,
    call: &TokenStream,
    private: &TokenStream,
) -> Option<TokenStream> {
    let (name, span) = (hook.sig.ident.to_string(), generated_span(hook.output()));
    let (value, private) = (&watch.value, spanned(private, span));
    let polled = result(hook, value, call, &private);
    let (polled, changed) = match (&watch.target, receiver) {
        (TargetOption::Into(field), _) => {
            // The target compares, since other code may write to it as well.
            let put = put(field, &polled, &private);
            (put, quote!(::core::result::Result::Ok(())))
        }
        (TargetOption::Call(_), receiver) => {
            let now = quote!(&*__now);
            (polled, received(receiver?, &now, &private))
        }
    };
    let changed = quote! {
        |__this, __before, __now, __scope| async move { #changed }
    };
    Some(if is_async(hook) {
        quote_spanned! {span=>
            __wiring.watch_poll(
                #name, #period, |__this, __scope| async move { #polled }, #changed,
            );
        }
    } else {
        quote_spanned! {span=>
            __wiring.watch_poll_blocking(
                #name, #period, |__this, __scope| #polled, #changed,
            );
        }
    })
}

/// Writes the value of `polled` into `field`.
fn put(field: &Field, polled: &TokenStream, private: &TokenStream) -> TokenStream {
    let span = generated_span(field.members.span());
    let private = spanned(private, span);
    quote_spanned! {span=>
        #polled.map(|__now| #private::WatchTarget::__put(&__this.#field, __now))
    }
}

fn stream(
    hook: &Hook,
    watch: &WatchHook,
    receiver: Option<&ReceiverMethod>,
    call: &TokenStream,
    private: &TokenStream,
) -> Option<TokenStream> {
    let (name, span) = (hook.sig.ident.to_string(), generated_span(hook.output()));
    let private = spanned(private, span);
    let opened = if watch.is_fallible {
        quote_spanned!(span=> #private::opened(#call)?)
    } else {
        call.clone()
    };
    let opened = quote_spanned!(span=> #private::FollowedStream::__followed(#opened));
    let each = match &watch.target {
        TargetOption::Into(field) => each_into(field, &private),
        TargetOption::Call(_) => each_received(receiver?, span, &private)?,
    };
    Some(quote_spanned! {span=>
        __wiring.watch_stream(#name, |__this, __scope, __items| async move {
            let __stream = #opened;
            #each
        });
    })
}

/// Writes each item of the stream into `field`.
fn each_into(field: &Field, private: &TokenStream) -> TokenStream {
    let span = generated_span(field.members.span());
    let private = spanned(private, span);
    quote_spanned!(span=> __items.each_into(
        &__this.#field, __stream, |__item| #private::WatchedItem::__item(__item),
    ).await)
}

/// Passes each item of the stream to the method that receives them.
fn each_received(
    receiver: &ReceiverMethod,
    span: Span,
    private: &TokenStream,
) -> Option<TokenStream> {
    let (item, handle) = (receiver.item()?, received(receiver, &quote!(__now), private));
    // Items of another type are an error at the parameter.
    let at_item = generated_span(item.span());
    let private = spanned(private, at_item);
    let take = quote_spanned!(at_item=> |__item| #private::WatchedItem::<#item>::__item(__item));
    Some(quote_spanned! {span=>
        let (__this, __scope) = (&__this, &__scope);
        __items.each(__stream, #take, |__now| async move { #handle }).await
    })
}

/// The call of the method that receives a value, with its result converted for the runtime.
fn received(receiver: &ReceiverMethod, now: &TokenStream, private: &TokenStream) -> TokenStream {
    let (ident, span) = (&receiver.sig.ident, generated_span(receiver.output()));
    let args = receiver.args.iter().map(|(arg, span)| {
        let span = generated_span(*span);
        match arg {
            ReceiverArg::Before => quote_spanned!(span=> __before.as_deref()),
            ReceiverArg::Now => spanned(now, span),
            ReceiverArg::Scope => quote_spanned!(span=> &__scope),
        }
    });
    let wait = receiver.sig.asyncness.map(|_| quote_spanned!(span=> .await));
    let private = spanned(private, span);
    quote_spanned!(span=>
        #private::Outcome::<()>::__outcome(__this.#ident(#(#args),*)#wait)
    )
}
