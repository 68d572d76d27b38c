//! `app!`: parse, check, expand.
//!
//! The only place where services meet. The app's type implements a trait for each of its
//! services and values, and the compiler matches these traits with the needs of each
//! service.

mod expand;
mod face;
mod included;
mod parse;
mod places;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use crate::tokens::generated;
pub(crate) use included::expand_services;
use parse::AppInput;
pub(crate) use places::all;

/// The app's type, and every mistake in its list of services.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let app = errors.ok(AppInput::read(tokens.clone(), &errors));
    let unknown = app.as_ref().and_then(|app| Some((app, app.unknown.as_ref()?)));
    if let Some((app, path)) = unknown {
        // The mistakes are reported once the names of the list are known.
        drop(errors.finish());
        let krate = app.krate.as_ref().map_or_else(|| quote!(::sprag), generated);
        return included::ask(path, &krate, &tokens);
    }
    let expanded = app.as_ref().map(expand::app);
    let errors = errors.finish();
    quote!(#expanded #errors)
}

#[cfg(test)]
mod tests;
