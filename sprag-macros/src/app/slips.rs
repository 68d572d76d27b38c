//! The messages for what is often written in an app by mistake.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprCall, ExprPath, Type, parse_quote_spanned};

use crate::tokens::text;

/// An attribute of a value.
pub(super) fn of_a_value(attr: &Attribute) -> &'static str {
    if attr.path().is_ident("cfg") {
        "a value of an app takes no `#[cfg(…)]`; write two `app!`, and put a `#[cfg(…)]` on each"
    } else {
        "a value of an app takes no attributes; remove this"
    }
}

/// An entry that is not a type; `None` if the slip is not one of these.
pub(super) fn of_an_entry(entry: &TokenStream) -> Option<String> {
    created(entry).or_else(|| listed_as(entry))
}

/// `Db::new()`.
fn created(entry: &TokenStream) -> Option<String> {
    let Ok(Expr::Call(ExprCall { func, .. })) = syn::parse2(entry.clone()) else { return None };
    let Expr::Path(ExprPath { path, .. }) = *func else { return None };
    let mut ty = path;
    if ty.segments.len() > 1 {
        ty.segments.pop();
        ty.segments.pop_punct();
    }
    Some(format!("an app lists types, and creates the services; write `{}`", text(ty)))
}

/// `Db as Store` and `Db as`.
fn listed_as(entry: &TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = entry.clone().into_iter().collect();
    let at = tokens.iter().position(|token| token.to_string() == "as")?;
    let part = |tokens: &[TokenTree]| text(tokens.iter().cloned().collect::<TokenStream>());
    let (service, role) = (part(&tokens[..at]), part(&tokens[at + 1..]));
    let is_path = syn::parse_str::<syn::Path>(&role).is_ok();
    match (service.is_empty(), role.as_str()) {
        (false, "" | "dyn") => {
            Some(format!("a trait is missing; write for example `{service} as dyn Store`"))
        }
        (false, _) if is_path => {
            Some(format!("a trait needs `dyn`; write `{service} as dyn {role}`"))
        }
        _ => None,
    }
}

/// Whether a value of this type has no size.
pub(super) fn has_no_size(ty: &Type) -> bool {
    match ty {
        Type::TraitObject(_) | Type::Slice(_) => true,
        Type::Path(path) => path.path.is_ident("str"),
        _ => false,
    }
}

/// An owned type for `ty`: a type without a size behind an `Arc`.
pub(super) fn owned(ty: Type) -> Type {
    if !has_no_size(&ty) {
        return ty;
    }
    let span = ty.span();
    parse_quote_spanned!(span=> std::sync::Arc<#ty>)
}

/// Tokens behind the braces of `app`.
pub(super) fn behind_the_braces(rest: &TokenStream, app: &Ident) -> String {
    let mut tokens = rest.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Punct(_)), None) => "an app ends with its braces; remove this".to_owned(),
        (Some(TokenTree::Group(values)), None) => {
            let values = text(values.to_token_stream());
            format!("the values precede the braces; write `{app}{values} {{ … }}`")
        }
        _ => "one `app!` holds one app; write another `app!` for this one".to_owned(),
    }
}
