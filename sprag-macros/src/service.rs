//! `#[service]`: parse, check, expand.
//!
//! The expansion is the user's `impl` block, without our attributes, and an impl of
//! `Service`. None of it is generic over the app.

mod args;
mod block;
mod borrow;
mod duration;
mod expand;
mod failure;
mod home;
mod hooks;
mod new;
mod on_handle;
mod twice;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemImpl, Path, Type};

use crate::errors::Errors;
use crate::seen::{self, SeenService};
use crate::tokens::text;
pub(crate) use args::entries;
pub(crate) use borrow::as_listed;
pub(crate) use duration::millis;
pub(crate) use new::{argument, is_plain, last_segment};

use args::ServiceArgs;
use block::Block;
use hooks::Hooks;
use new::New;

/// The parsed parts of a service.
struct ParsedService<'a> {
    item: &'a ItemImpl,
    args: ServiceArgs,
    /// `None` if `new` is missing or wrong; the error was reported.
    new: Option<New>,
    hooks: Hooks,
    /// A block for a type of this name was seen before.
    is_repeated: bool,
}

/// The user's item, its impl of `Service`, and an error for every mistake in it.
pub(crate) fn expand(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let args = ServiceArgs::read(args, &errors);
    let expanded = match Block::read(tokens.clone(), &errors) {
        Some(mut block) => {
            let hooks = Hooks::take(&mut block.item, args.krate.as_ref(), &errors);
            let item = &block.item;
            let service = if is_second(item, &errors) {
                block.remove_new();
                None
            } else if can_be_service(item, &errors) {
                whole(item, args, hooks, &errors)
            } else {
                borrow::owned(item).map(|item| stand_in(&item, args.krate))
            };
            quote!(#block #service)
        }
        None => {
            let message = "`#[service]` goes on the `impl` block that holds the service's `new` \
                           and hooks; move it there";
            errors.at_span(proc_macro2::Span::call_site(), message);
            tokens
        }
    };
    let errors = errors.finish();
    quote!(#expanded #errors)
}

/// The impl of `Service`. A block without `new` has none if another one has it.
fn whole(item: &ItemImpl, args: ServiceArgs, hooks: Hooks, errors: &Errors) -> Option<TokenStream> {
    let (service, has_new) = (&item.self_ty, New::signature(item).is_some());
    let is_repeated = seen::service(service).has_new;
    if !has_new && is_repeated {
        let message = format!(
            "service `{}` has a `#[service]` block with its `new`; move these hooks there",
            text(service)
        );
        errors.at(service, message);
        return None;
    }
    seen::keep_service(service, SeenService { has_new, lifetimes: 0, file: twice::file() });
    let new = New::find(item, errors);
    Some(expand::service(&ParsedService { item, args, new, hooks, is_repeated }))
}

/// Reports a `new` whose type has one in an earlier block.
fn is_second(item: &ItemImpl, errors: &Errors) -> bool {
    let service = &item.self_ty;
    let first = seen::service(service);
    let new = New::signature(item).filter(|_| first.has_new);
    let second = new.filter(|_| twice::has_another_new(item, first.file.as_deref()));
    if let Some(new) = second {
        let message = format!(
            "service `{}` has another `#[service]` block with a `new`; remove this one, and \
             move the hooks there",
            text(service)
        );
        errors.at(&new.ident, message);
    }
    second.is_some()
}

/// An impl of `Service` for a type whose error was reported, so that the error is not
/// followed by one in the app.
fn stand_in(item: &ItemImpl, krate: Option<Path>) -> TokenStream {
    let args = ServiceArgs { krate, ..ServiceArgs::default() };
    let hooks = Hooks::default();
    expand::service(&ParsedService { item, args, new: None, hooks, is_repeated: false })
}

/// Whether the block can be a service. The impl of a trait, a `dyn Trait` and a lifetime
/// are errors.
fn can_be_service(item: &ItemImpl, errors: &Errors) -> bool {
    if let Some((path, _)) = &item.trait_ {
        let message = "`#[service]` goes on the service's own `impl` block, not on that of a \
                       trait; move it there";
        errors.at(path, message);
        return false;
    }
    if let Type::TraitObject(_) = &*item.self_ty {
        let message = "a service is a struct or an enum; put `#[service]` on its `impl` block, and \
                       list it as `Db as dyn Store`";
        errors.at(&item.self_ty, message);
        return false;
    }
    let borrowed = borrow::lifetimes(item);
    for lifetime in &borrowed {
        let message = format!(
            "a service outlives every borrow; replace the data borrowed for `{lifetime}` by \
             owned data or an `Arc`"
        );
        errors.at(lifetime, message);
    }
    borrowed.is_empty()
}

/// The user's item, and an error about its attribute `name`, which no `#[service]` has
/// processed.
pub(crate) fn misplaced(name: &str, item: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let message = format!(
        "`#[{name}]` marks a hook of a service; put `#[service]` on the `impl` block around it"
    );
    errors.at_span(proc_macro2::Span::call_site(), message);
    let errors = errors.finish();
    quote!(#item #errors)
}

#[cfg(test)]
mod tests;
