//! The parameters of a hook: `&self`, and those that sprag can pass.

use syn::{Attribute, FnArg, Receiver, Signature, Type};

use super::kind::HookKind;
use crate::errors::Errors;
use crate::service::new::{is_known, is_plain};
use crate::tokens::text;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arg {
    Scope,
    Event,
    Job,
}

/// Whether `ty` is `Scope` or `&Scope`.
pub(super) fn is_scope(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => is_plain(&reference.elem, "Scope"),
        ty => is_plain(ty, "Scope"),
    }
}

/// The parameters after `&self`.
pub(super) fn read(sig: &Signature, kind: &HookKind, errors: &Errors) -> Option<Vec<Arg>> {
    let mut inputs = sig.inputs.iter();
    receiver(sig, inputs.next(), errors)?;
    let (mut args, mut understood) = (Vec::new(), true);
    for input in inputs {
        if let Some(cfg) = configured(input) {
            understood = false;
            let message = "a parameter of a hook takes no `#[cfg(…)]`; write two methods, and put \
                           a `#[cfg(…)]` on each";
            errors.at(cfg, message);
            continue;
        }
        match arg(input, kind) {
            Some(arg) if !args.contains(&arg) => args.push(arg),
            _ => {
                understood = false;
                errors.at(input, refusal(sig, input, kind));
            }
        }
    }
    understood.then_some(args)
}

/// The `#[cfg]` of a parameter.
fn configured(input: &FnArg) -> Option<&Attribute> {
    let FnArg::Typed(typed) = input else { return None };
    typed.attrs.iter().find(|attr| attr.path().is_ident("cfg"))
}

/// Checks the `&self` of a hook, or of the method that receives the values of a watch.
pub(super) fn receiver(sig: &Signature, first: Option<&FnArg>, errors: &Errors) -> Option<()> {
    let name = &sig.ident;
    match first {
        Some(FnArg::Receiver(receiver)) if is_shared(receiver) => return Some(()),
        Some(FnArg::Receiver(receiver)) => {
            let message = format!(
                "`{name}` must take `&self`, since a running service is shared; keep what changes \
                 in a `Store`, a `Mutex` or an atomic"
            );
            errors.at(receiver, message);
        }
        _ => {
            let message = format!("the hook `{name}` must take `&self`; write `fn {name}(&self)`");
            errors.at(name, message);
        }
    }
    None
}

fn is_shared(receiver: &Receiver) -> bool {
    text(receiver).starts_with("&") && !text(receiver).contains("mut ")
}

fn arg(input: &FnArg, kind: &HookKind) -> Option<Arg> {
    let FnArg::Typed(typed) = input else { return None };
    if let HookKind::Worker(_) = kind
        && !is_scope(&typed.ty)
    {
        return Some(Arg::Job);
    }
    let Type::Reference(reference) = &*typed.ty else { return None };
    match kind {
        _ if reference.mutability.is_some() => None,
        _ if is_plain(&reference.elem, "Scope") => Some(Arg::Scope),
        HookKind::Listen { .. } => Some(Arg::Event),
        _ => None,
    }
}

fn is_shared_reference(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_none())
}

/// Whether `new` takes parameters of this type. A hook gets its `&Scope` alone.
fn is_for_new(ty: &Type) -> bool {
    let ty = match ty {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    is_known(ty) && !is_plain(ty, "Scope")
}

fn refusal(sig: &Signature, input: &FnArg, kind: &HookKind) -> String {
    let name = &sig.ident;
    if let FnArg::Typed(typed) = input {
        if is_scope(&typed.ty) && !is_shared_reference(&typed.ty) {
            return format!("the hook `{name}` takes its scope by reference; write `&Scope`");
        }
        if is_for_new(&typed.ty) {
            let ty = text(&typed.ty);
            return format!(
                "the hook `{name}` cannot take a `{ty}`; take it in `new`, and keep it in a field"
            );
        }
    }
    let allowed = match kind {
        HookKind::Listen { .. } => "`&self`, one event such as `&MountChanged`, and `&Scope`",
        HookKind::Worker(_) => "`&self`, one job by value, and `&Scope`",
        _ => "`&self` and `&Scope`",
    };
    format!("the hook `{name}` takes {allowed}; remove this")
}
