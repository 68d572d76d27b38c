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
mod slips;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;

use crate::errors::Errors;
use crate::seen;
use crate::tokens::generated;
pub(crate) use included::expand_services;
use parse::AppInput;
pub(crate) use places::all;

/// The app's type, and every mistake in its list of services.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let mut app = errors.ok(AppInput::read(tokens.clone(), &errors));
    let unknown = app.as_ref().and_then(|app| Some((app, app.unknown.as_ref()?)));
    if let Some((app, path)) = unknown {
        // The mistakes are reported once the names of the list are known.
        drop(errors.finish());
        let krate = app.krate.as_ref().map_or_else(|| quote!(::sprag), generated);
        return included::ask(path, &krate, &tokens);
    }
    if let Some(app) = &mut app {
        app.module = module(&app.name);
    }
    let expanded = app.as_ref().map(expand::app);
    let errors = errors.finish();
    quote!(#expanded #errors)
}

/// The module of the app's type, for another app of a name that was seen before.
fn module(app: &Ident) -> Option<Ident> {
    let name = app.unraw().to_string();
    let count = seen::count_app(&name);
    (count > 1).then(|| format_ident!("__sprag_{name}_{count}"))
}

#[cfg(test)]
mod tests;
