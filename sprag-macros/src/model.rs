//! `#[derive(Model)]`: parse, check, expand.

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

mod ast;
mod attr;
mod browser;
mod case;
mod check;
mod expand;
mod item;
mod owned;
mod serde_attr;
mod types;

/// The impls of one item, and every mistake in it.
///
/// A mistake does not keep the impls away, or each use of them would be one more
/// error for the same mistake.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let expanded = ast::parse(tokens, &errors).map(|input| {
        let item = check::check(input, &errors);
        expand::expand(&item)
    });
    let errors = errors.finish();
    quote!(#expanded #errors)
}

#[cfg(test)]
mod tests;
