//! `#[service]`: parse, check, expand.
//!
//! The user's `impl` block is written again as it stands, without our attributes,
//! and types beside it. Nothing that is written is generic over an app.

mod args;
mod duration;
mod expand;
mod hooks;
mod new;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, ItemImpl};

use crate::errors::Errors;
pub(crate) use args::entries;
pub(crate) use new::last_segment;

use args::Args;
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
    let expanded = match syn::parse2::<Item>(tokens.clone()) {
        Ok(Item::Impl(mut item)) => {
            let hooks = Hooks::take(&mut item, &errors);
            let new = New::find(&item, &errors);
            let service = is_inherent(&item, &errors)
                .then(|| expand::service(&Service { item: &item, args, new, hooks }));
            quote!(#item #service)
        }
        Ok(other) => {
            let message = "`#[service]` goes on the `impl` block that holds the service's `new` \
                           and hooks; move it there";
            errors.at_span(proc_macro2::Span::call_site(), message);
            quote!(#other)
        }
        Err(error) => {
            errors.push(error);
            tokens
        }
    };
    let errors = errors.finish();
    quote!(#expanded #errors)
}

fn is_inherent(item: &ItemImpl, errors: &Errors) -> bool {
    if let Some((path, _)) = &item.trait_ {
        let message = "`#[service]` goes on the service's own `impl` block, not on that of a \
                       trait; move it there";
        errors.at(path, message);
    }
    item.trait_.is_none()
}
