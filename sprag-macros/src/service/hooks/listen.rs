//! `#[listen]`: the event of a listener, and the options of its queue.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Expr, ExprLit, FnArg, Lit, Meta, Signature, Type};

use super::kind::{HookKind, HookValue};
use super::params::is_scope;
use crate::errors::Errors;
use crate::options::{GivenOptions, Opt, option, split};
use crate::tokens::text;

/// The rule for an event that arrives while a listener's queue is full.
#[derive(Clone, Copy)]
pub(crate) enum WhenFullOption {
    Wait,
    DropOldest,
}

pub(super) fn listen(attr: &Attribute, sig: &Signature, errors: &Errors) -> Option<HookKind> {
    let queue = match &attr.meta {
        Meta::Path(_) => None,
        Meta::List(list) => queue(list.tokens.clone(), attr, sig, errors)?,
        Meta::NameValue(_) => {
            errors.at(attr, listen_options(sig));
            return None;
        }
    };
    let event = Box::new(event(sig, errors)?);
    Some(HookKind::Listen { event, queue })
}

fn listen_options(sig: &Signature) -> String {
    format!(
        "`listen` takes `queue` and `when_full`; the event is the parameter: write `fn {}(&self, \
         event: &MountChanged)`",
        sig.ident
    )
}

/// The `queue` and `when_full` of a listener. `Some(None)` if there are none.
fn queue(
    tokens: TokenStream,
    attr: &Attribute,
    sig: &Signature,
    errors: &Errors,
) -> Option<Option<(HookValue, WhenFullOption)>> {
    let starts_with_name = |piece: &TokenStream| syn::parse2::<Expr>(piece.clone()).is_ok();
    let pieces = split(tokens);
    // An event's type or name, as in `#[listen(MountChanged)]`.
    let is_option = |piece: &TokenStream| piece.to_string().contains('=');
    if pieces.iter().any(|piece| starts_with_name(piece) && !is_option(piece)) {
        errors.at(attr, listen_options(sig));
        return None;
    }
    let (mut given, mut limit, mut when_full) = (GivenOptions::default(), None, None);
    for option in pieces.into_iter().filter_map(|piece| option(piece, errors)) {
        if !given.is_first(&option, errors) {
            continue;
        }
        match option.text().as_str() {
            "queue" => limit = limit_of(&option, errors),
            "when_full" => when_full = when_full_of(&option, errors),
            _ => option.unknown(errors, "`listen`", &["queue", "when_full"]),
        }
    }
    check_queue(&given, attr, sig, errors)?;
    Some(limit.map(|limit| (limit, when_full.unwrap_or(WhenFullOption::Wait))))
}

/// Options of the queue require a queue with a limit.
fn check_queue(
    given: &GivenOptions,
    attr: &Attribute,
    sig: &Signature,
    errors: &Errors,
) -> Option<()> {
    let (queue, when_full) = (given.has("queue"), given.has("when_full"));
    if (queue || when_full) && sig.asyncness.is_none() {
        let message = "only an async listener has a queue; write `async fn`, or remove this";
        errors.at(attr, message);
        return None;
    }
    if when_full && !queue {
        let message = "`when_full` needs a limit; write `queue = 1_024` beside it";
        errors.at(attr, message);
        return None;
    }
    Some(())
}

fn limit_of(option: &Opt, errors: &Errors) -> Option<HookValue> {
    let limit: Expr = option.expect_equals(errors, "a number of events", "1_024")?;
    let is_zero = matches!(&limit, Expr::Lit(ExprLit { lit: Lit::Int(number), .. })
        if number.base10_digits() == "0");
    if is_zero {
        errors.at(&limit, "a queue must have space for an event; write at least `queue = 1`");
        return None;
    }
    Some(HookValue::of(&limit))
}

fn when_full_of(option: &Opt, errors: &Errors) -> Option<WhenFullOption> {
    let (what, example) = ("`wait` or `drop_oldest`", "wait");
    let value: Ident = option.expect_equals(errors, what, example)?;
    match value.to_string().as_str() {
        "wait" => Some(WhenFullOption::Wait),
        "drop_oldest" => Some(WhenFullOption::DropOldest),
        _ => {
            let message = "`when_full` is `wait` (the emitter waits) or `drop_oldest`; write one";
            errors.at(value, message);
            None
        }
    }
}

/// The event of a listener: its one parameter that is not a `&Scope`.
fn event(sig: &Signature, errors: &Errors) -> Option<Type> {
    let types = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(&*typed.ty),
        FnArg::Receiver(_) => None,
    });
    let Some(ty) = types.clone().find(|ty| !is_scope(ty)) else {
        let name = &sig.ident;
        let message = format!(
            "a listener takes the event that it listens to; write \
             `fn {name}(&self, event: &MountChanged)`"
        );
        errors.at(name, message);
        return None;
    };
    match ty {
        Type::Reference(reference) if matches!(*reference.elem, Type::ImplTrait(_)) => {
            errors.at(ty, "a listener takes one type of event; write it, as in `&MountChanged`");
            None
        }
        Type::Reference(reference) if reference.mutability.is_none() => {
            Some((*reference.elem).clone())
        }
        _ => {
            let event = text(ty);
            let event = event.trim_start_matches("&mut ");
            errors.at(ty, format!("a listener takes its event by reference; write `&{event}`"));
            None
        }
    }
}
