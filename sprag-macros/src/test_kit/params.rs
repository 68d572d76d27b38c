//! The parameters of a test: what the kit can pass, found by their types.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{FnArg, Signature, Type};

use super::args::Args;
use crate::errors::Errors;
use crate::service::is_plain;
use crate::tokens::text;

/// One parameter of a test.
pub(super) enum Param {
    Bus,
    BusRef,
    Scope,
    ScopeRef,
    App,
    AppRef,
}

impl ToTokens for Param {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Bus => quote!(__kit.bus()),
            Self::BusRef => quote!(&__kit.bus()),
            Self::Scope => quote!(__kit.scope()),
            Self::ScopeRef => quote!(&__kit.scope()),
            Self::App => quote!(__app),
            Self::AppRef => quote!(&__app),
        });
    }
}

pub(super) fn read(sig: &Signature, args: &Args, errors: &Errors) -> Vec<Param> {
    let (mut params, mut has_app) = (Vec::new(), false);
    for input in &sig.inputs {
        match param(input) {
            Some(Param::App | Param::AppRef) if !args.names_app => {
                errors.at(input, unknown(input));
            }
            Some(Param::App | Param::AppRef) if has_app => {
                errors.at(input, "a test has one app; remove this parameter");
            }
            Some(param) => {
                has_app |= matches!(param, Param::App | Param::AppRef);
                params.push(param);
            }
            None => errors.at(input, "a test takes its parameters by value or by `&`; change this"),
        }
    }
    params
}

fn param(input: &FnArg) -> Option<Param> {
    let FnArg::Typed(typed) = input else { return None };
    match &*typed.ty {
        Type::Reference(reference) if reference.mutability.is_some() => None,
        Type::Reference(reference) => Some(match &*reference.elem {
            ty if is_plain(ty, "Bus") => Param::BusRef,
            ty if is_plain(ty, "Scope") => Param::ScopeRef,
            _ => Param::AppRef,
        }),
        ty if is_plain(ty, "Bus") => Some(Param::Bus),
        ty if is_plain(ty, "Scope") => Some(Param::Scope),
        _ => Some(Param::App),
    }
}

fn unknown(input: &FnArg) -> String {
    let FnArg::Typed(typed) = input else { return String::new() };
    let ty = text(&typed.ty);
    let ty = ty.trim_start_matches('&');
    format!(
        "a test takes `Bus`, `Scope` and its app; remove this, or write \
         `#[sprag::test(app = {ty}::start())]`"
    )
}
