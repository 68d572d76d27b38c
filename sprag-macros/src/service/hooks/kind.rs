//! The attribute of a hook: the hook's kind, and the options of that kind.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Signature, Type};

use super::attribute::name;
use super::listen::{WhenFullOption, listen};
use super::watch::{WatchHook, watch};
use super::worker::{Worker, worker};
use crate::errors::Errors;
use crate::options::{GivenOptions, option, split};
use crate::service::duration::millis;
use crate::service::failure::OnFailureOption;
use crate::tokens::{has_self, replace_self_value, text};

pub(crate) enum HookKind {
    OnStart,
    OnStop,
    OnStopped,
    /// The rule for the task's failure, if it has its own.
    Task(Option<OnFailureOption>),
    Health,
    Listen {
        event: Box<Type>,
        queue: Option<(HookValue, WhenFullOption)>,
    },
    Interval(HookValue),
    Worker(Box<Worker>),
    Watch(Box<WatchHook>),
}

/// The value of a hook's option: a period, a number.
pub(crate) enum HookValue {
    /// An expression without `self`.
    Constant(TokenStream),
    /// An expression in which `__this` is the service.
    OfService(TokenStream),
}

impl HookValue {
    pub(super) fn of(expr: &Expr) -> Self {
        let tokens = expr.to_token_stream();
        if has_self(tokens.clone()) {
            Self::OfService(replace_self_value(tokens))
        } else {
            Self::Constant(tokens)
        }
    }
}

impl HookKind {
    pub(super) fn read(attr: &Attribute, sig: &Signature, errors: &Errors) -> Option<Self> {
        match name(attr).as_str() {
            "listen" => listen(attr, sig, errors),
            "interval" => Some(Self::Interval(period(attr, errors)?)),
            "watch" => Some(Self::Watch(Box::new(watch(attr, sig, errors)?))),
            "worker" => Some(Self::Worker(Box::new(worker(attr, sig, errors)?))),
            "task" => {
                let rule = task_rule(attr, errors);
                if sig.asyncness.is_none() {
                    let message =
                        "a task must be async, or it would block its thread; write `async fn`";
                    errors.at(sig.fn_token, message);
                    return None;
                }
                Some(Self::Task(rule))
            }
            _ => {
                plain(attr, errors);
                Some(Self::Health)
            }
        }
    }
}

/// The rule in `#[task(on_failure = report)]`.
fn task_rule(attr: &Attribute, errors: &Errors) -> Option<OnFailureOption> {
    let Meta::List(list) = &attr.meta else { return None };
    let (mut given, mut rule) = (GivenOptions::default(), None);
    for piece in split(list.tokens.clone()) {
        if !piece.to_string().contains('=') {
            let message = "`task` takes only `on_failure`; write `#[task]`, or for example \
                           `#[task(on_failure = report)]`";
            errors.at(piece, message);
            continue;
        }
        let Some(option) = option(piece, errors) else { continue };
        if !given.is_first(&option, errors) {
            continue;
        }
        match option.text().as_str() {
            "on_failure" => rule = OnFailureOption::rule(&option, errors),
            _ => option.unknown(errors, "`task`", &["on_failure"]),
        }
    }
    rule
}

/// Reports the arguments of an attribute that takes none.
fn plain(attr: &Attribute, errors: &Errors) {
    if !matches!(attr.meta, Meta::Path(_)) {
        let name = text(attr.path());
        errors.at(attr, format!("`{name}` takes nothing; write `#[{name}]`"));
    }
}

/// The period in `#[interval("60s")]`, `#[interval(PERIOD)]` or `#[interval(self.period)]`.
fn period(attr: &Attribute, errors: &Errors) -> Option<HookValue> {
    let Meta::List(list) = &attr.meta else {
        errors.at(attr, "`interval` needs its period; write `#[interval(\"60s\")]`");
        return None;
    };
    let expr = match syn::parse2::<Expr>(list.tokens.clone()) {
        Ok(expr) if !matches!(expr, Expr::Assign(_)) => expr,
        _ => {
            errors.at(attr, "`interval` takes one period; write `#[interval(\"60s\")]`");
            return None;
        }
    };
    period_of(&expr, errors)
}

/// The period in `"60s"`, `PERIOD` or `self.period`.
pub(super) fn period_of(expr: &Expr, errors: &Errors) -> Option<HookValue> {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => literal(lit, errors),
        expr => Some(HookValue::of(expr)),
    }
}

fn literal(lit: &Lit, errors: &Errors) -> Option<HookValue> {
    let found = match lit {
        Lit::Str(text) => millis(&text.value()),
        _ => None,
    };
    match found {
        Some(0) => {
            errors.at(lit, "a period must be longer than zero; write `\"60s\"`");
            None
        }
        Some(millis) => {
            Some(HookValue::Constant(quote!(::core::time::Duration::from_millis(#millis))))
        }
        None => {
            let message = format!(
                "{} is not a duration; write a number with `ms`, `s`, `m`, `h` or `d`, as in \
                 `\"60s\"`",
                text(lit)
            );
            errors.at(lit, message);
            None
        }
    }
}
