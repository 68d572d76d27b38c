//! `#[watch(poll = "5s", call = changed)]`: its options, and the method or the field that
//! receives the watched values.

use proc_macro2::{Ident, Span, TokenStream};
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, FnArg, ItemImpl, LitStr, Meta, ReturnType, Signature, Type};

use super::kind::{HookValue, period_of};
use super::params::{is_scope, receiver};
use super::worker::within_result;
use crate::errors::Errors;
use crate::near::nearest;
use crate::options::{GivenOptions, Opt, option, split};
use crate::service::args::Field;
use crate::tokens::text;

const KNOWN: &[&str] = &["poll", "call", "into"];
const TARGETS: &str = "`call = changed`, a method of this block, or `into = field`, a `Store` or \
                       a `Model`";

/// A watcher, before the check of its `call` method.
pub(crate) struct WatchHook {
    /// The period of the polls; `None` for a stream.
    pub(crate) poll: Option<HookValue>,
    pub(crate) target: TargetOption,
    /// The type of the value that a poll returns, without its error.
    pub(crate) value: TokenStream,
    /// Whether the method returns a `Result`.
    pub(crate) is_fallible: bool,
}

/// The receiver of the values.
pub(crate) enum TargetOption {
    Call(Ident),
    Into(Field),
}

/// The method that receives the values.
pub(crate) struct ReceiverMethod {
    pub(crate) sig: Signature,
    /// The parameters after `&self`, with the spans of their types.
    pub(crate) args: Vec<(ReceiverArg, Span)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReceiverArg {
    Before,
    Now,
    Scope,
}

/// Reads the watcher that `attr` declares for the method.
pub(super) fn watch(attr: &Attribute, sig: &Signature, errors: &Errors) -> Option<WatchHook> {
    let pieces = match &attr.meta {
        Meta::List(list) => split(list.tokens.clone()),
        _ => Vec::new(),
    };
    let ReturnType::Type(_, output) = &sig.output else {
        let message = "a watch returns the value that it polls, or the stream that it follows; \
                       write `-> Vec<Mount>` or `-> impl Stream<Item = Event>`";
        errors.at(&sig.ident, message);
        return None;
    };
    let (mut given, mut poll, mut target) = (GivenOptions::default(), None, None);
    let mut understood = true;
    for piece in pieces {
        if syn::parse2::<LitStr>(piece.clone()).is_ok() {
            understood = false;
            errors.at(&piece, format!("a period needs its name; write `poll = {piece}`"));
            continue;
        }
        let Some(option) = understood_as(option(piece, errors), &mut understood) else { continue };
        if !given.is_first(&option, errors) {
            continue;
        }
        match option.text().as_str() {
            "call" | "into" if target.is_some() => {
                let message = "`call` and `into` exclude each other; write one of them";
                errors.at(&option.name, message);
            }
            "poll" => poll = understood_as(period(&option, errors), &mut understood),
            "call" => target = understood_as(call(&option, errors), &mut understood),
            "into" => target = understood_as(into(&option, errors), &mut understood),
            _ => {
                understood = false;
                option.unknown(errors, "`watch`", KNOWN);
            }
        }
    }
    if target.is_none() && understood {
        errors.at(attr, format!("a watch needs a receiver for its values; write {TARGETS}"));
    }
    if !understood {
        return None;
    }
    let is_fallible = is_result(output);
    Some(WatchHook { poll, target: target?, value: within_result(output), is_fallible })
}

fn understood_as<T>(value: Option<T>, understood: &mut bool) -> Option<T> {
    *understood &= value.is_some();
    value
}

fn period(option: &Opt, errors: &Errors) -> Option<HookValue> {
    let expr: Expr = option.expect_equals(errors, "a period", "\"5s\"")?;
    period_of(&expr, errors)
}

fn call(option: &Opt, errors: &Errors) -> Option<TargetOption> {
    option.expect_equals(errors, "a method of this block", "changed").map(TargetOption::Call)
}

fn into(option: &Opt, errors: &Errors) -> Option<TargetOption> {
    option.expect_equals(errors, "a field", "mounts").map(TargetOption::Into)
}

fn is_result(ty: &Type) -> bool {
    matches!(ty, Type::Path(path)
        if path.path.segments.last().is_some_and(|last| last.ident == "Result"))
}

impl WatchHook {
    /// The method of `call = name`; a missing or wrong one is an error.
    pub(super) fn receiver(&self, item: &ItemImpl, errors: &Errors) -> Option<ReceiverMethod> {
        let TargetOption::Call(name) = &self.target else { return None };
        let functions = || {
            item.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(function) => Some(&function.sig),
                _ => None,
            })
        };
        let Some(sig) = functions().find(|sig| sig.ident == *name) else {
            let names: Vec<String> = functions().map(|sig| sig.ident.to_string()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let message = match nearest(&name.to_string(), &names) {
                Some(near) => format!("there is no method `{name}`; did you mean `{near}`?"),
                None => format!(
                    "there is no method `{name}` in this block; write `fn {name}(&self, {})`",
                    self.parameter()
                ),
            };
            errors.at(name, message);
            return None;
        };
        let args = self.receiver_args(sig, errors)?;
        Some(ReceiverMethod { sig: sig.clone(), args })
    }

    fn receiver_args(&self, sig: &Signature, errors: &Errors) -> Option<Vec<(ReceiverArg, Span)>> {
        let mut inputs = sig.inputs.iter();
        let first = inputs.next();
        let has_self = matches!(first, Some(FnArg::Receiver(_)));
        if has_self {
            receiver(sig, first, errors)?;
        }
        let types: Vec<&Type> = inputs
            .filter_map(|input| match input {
                FnArg::Typed(typed) => Some(&*typed.ty),
                FnArg::Receiver(_) => None,
            })
            .collect();
        let values = types.iter().filter(|ty| !is_scope(ty)).count();
        let most = if self.poll.is_some() { 2 } else { 1 };
        if !has_self || values == 0 || values > most {
            let name = &sig.ident;
            let message = format!(
                "the watch passes each value to `{name}`; write `fn {name}(&self, {})`",
                self.parameter()
            );
            errors.at(name, message);
            return None;
        }
        let by_value = types.iter().rfind(|ty| !is_scope(ty));
        if self.poll.is_some()
            && let Some(ty @ Type::Path(_)) = by_value
            && text(ty) == text(&self.value)
        {
            let message = format!("a watch that polls keeps its value; write `&{}`", text(ty));
            errors.at(ty, message);
            return None;
        }
        let mut now_is_next = values == 1;
        let args = types.iter().map(|ty| {
            let arg = match () {
                () if is_scope(ty) => ReceiverArg::Scope,
                () if now_is_next => ReceiverArg::Now,
                () => {
                    now_is_next = true;
                    ReceiverArg::Before
                }
            };
            (arg, ty.span())
        });
        Some(args.collect())
    }

    /// The parameters of the method that receives the values, for messages.
    fn parameter(&self) -> String {
        match &self.poll {
            Some(_) => {
                let value = text(&self.value);
                format!("now: &{value})` or `(&self, before: Option<&{value}>, now: &{value}")
            }
            None => "item: Item".to_owned(),
        }
    }
}

impl ReceiverMethod {
    /// The type of the item of a stream.
    pub(crate) fn item(&self) -> Option<&Type> {
        self.sig.inputs.iter().find_map(|input| match input {
            FnArg::Typed(typed) if !is_scope(&typed.ty) => Some(&*typed.ty),
            _ => None,
        })
    }

    /// The span of the return type, for messages about the type.
    pub(crate) fn output(&self) -> Span {
        match &self.sig.output {
            ReturnType::Type(_, ty) => ty.span(),
            ReturnType::Default => self.sig.ident.span(),
        }
    }
}
