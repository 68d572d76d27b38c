//! `#[service]`: parse, check, expand.
//!
//! The user's `impl` block is written again as it stands, without our attributes,
//! and types beside it. Nothing that is written is generic over an app.

mod args;
mod block;
mod duration;
mod expand;
mod hooks;
mod new;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemImpl;

use crate::errors::Errors;
pub(crate) use args::entries;
pub(crate) use new::last_segment;

use args::Args;
use block::Block;
use hooks::Hooks;
use new::New;

/// A service, as far as it could be read.
struct Service<'a> {
    item: &'a ItemImpl,
    args: Args,
    /// `None` if there is none that could be understood.
    new: Option<New>,
    hooks: Hooks,
}

/// The item again, what makes it a service, and every mistake in it.
pub(crate) fn attribute(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let args = Args::read(args, &errors);
    let expanded = match Block::read(tokens.clone(), &errors) {
        Some(mut block) => {
            let hooks = Hooks::take(&mut block.item, &errors);
            let item = &block.item;
            let service = can_be_service(item, &errors).then(|| {
                let new = New::find(item, &errors);
                expand::service(&Service { item, args, new, hooks })
            });
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

/// Reports what is the service's own block but no service.
fn can_be_service(item: &ItemImpl, errors: &Errors) -> bool {
    if let Some((path, _)) = &item.trait_ {
        let message = "`#[service]` goes on the service's own `impl` block, not on that of a \
                       trait; move it there";
        errors.at(path, message);
        return false;
    }
    for param in item.generics.lifetimes() {
        let lifetime = &param.lifetime;
        let message = format!(
            "a service outlives every borrow; replace what is borrowed for `{lifetime}` by owned \
             data or an `Arc`"
        );
        errors.at(lifetime, message);
    }
    item.generics.lifetimes().next().is_none()
}

/// The item again, and that a hook's attribute on it is read by nobody.
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
