//! The parameters of a test: the values that the kit can pass, found by their types.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{FnArg, Signature, Type};

use super::args::TestArgs;
use crate::errors::Errors;
use crate::service::is_plain;
use crate::tokens::text;

/// One parameter of a test.
pub(super) enum TestParam {
    Bus,
    BusRef,
    Scope,
    ScopeRef,
    App,
    AppRef,
}

impl ToTokens for TestParam {
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

pub(super) fn read(sig: &Signature, args: &TestArgs, errors: &Errors) -> Vec<TestParam> {
    let (mut params, mut has_app) = (Vec::new(), false);
    for input in &sig.inputs {
        match param(input) {
            Some(TestParam::App | TestParam::AppRef) if !args.names_app => {
                errors.at(input, unknown(input));
            }
            Some(TestParam::App | TestParam::AppRef) if has_app => {
                errors.at(input, "a test has one app; remove this parameter");
            }
            Some(param) => {
                has_app |= matches!(param, TestParam::App | TestParam::AppRef);
                params.push(param);
            }
            None => errors.at(input, "a test takes its parameters by value or by `&`; change this"),
        }
    }
    params
}

fn param(input: &FnArg) -> Option<TestParam> {
    let FnArg::Typed(typed) = input else { return None };
    match &*typed.ty {
        Type::Reference(reference) if reference.mutability.is_some() => None,
        Type::Reference(reference) => Some(match &*reference.elem {
            ty if is_plain(ty, "Bus") => TestParam::BusRef,
            ty if is_plain(ty, "Scope") => TestParam::ScopeRef,
            _ => TestParam::AppRef,
        }),
        ty if is_plain(ty, "Bus") => Some(TestParam::Bus),
        ty if is_plain(ty, "Scope") => Some(TestParam::Scope),
        _ => Some(TestParam::App),
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
