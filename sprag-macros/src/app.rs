//! `app!`: parse, check, expand.
//!
//! The only place where services meet: the app's type implements a trait for each of its
//! services and values, and the compiler matches these with what each service needs.

mod expand;
mod face;
mod parse;
mod places;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use parse::App;
pub(crate) use places::all;

/// The app's type, and every mistake in its list of services.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let app = errors.ok(App::read(tokens, &errors));
    let expanded = app.as_ref().map(expand::app);
    let errors = errors.finish();
    quote!(#expanded #errors)
}

#[cfg(test)]
mod tests;
