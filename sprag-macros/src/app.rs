//! `app!`: parse, check, expand.
//!
//! This is the one place where services meet: the app's type says which services
//! and values it has, and the compiler matches that with what they need.

mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use parse::App;

/// The app's type, and every mistake in its list.
pub(crate) fn bang(tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let app = errors.ok(App::read(tokens, &errors));
    let expanded = app.as_ref().map(expand::app);
    let errors = errors.finish();
    quote!(#expanded #errors)
}

#[cfg(test)]
mod tests;
