//! `#[worker(4, queue = 1_024, on_stop = drain)]`: its options, its job and its reply.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{
    Attribute, Expr, ExprLit, ExprUnary, FnArg, GenericArgument, Lit, Meta, PathArguments,
    ReturnType, Signature, Type, UnOp,
};

use super::kind::HookValue;
use super::params::is_scope;
use crate::errors::Errors;
use crate::options::{GivenOptions, Opt, option, split};
use crate::service::failure::OnFailureOption;
use crate::tokens::text;

const KNOWN: &[&str] = &["queue", "on_stop", "on_failure"];
const EXAMPLE: &str = "`#[worker(4)]` for at most 4 jobs at a time";

/// A worker without mistakes.
pub(crate) struct Worker {
    pub(crate) job: Type,
    /// The type of the reply, without its error.
    pub(crate) reply: TokenStream,
    pub(crate) count: HookValue,
    pub(crate) queue: Option<HookValue>,
    pub(crate) on_stop: OnStopOption,
    pub(crate) on_failure: Option<OnFailureOption>,
}

/// The rule for the jobs that wait when the service stops.
#[derive(Clone, Copy)]
pub(crate) enum OnStopOption {
    Drain,
    Reject,
}

/// Reads the worker that `attr` declares for the method.
pub(super) fn worker(attr: &Attribute, sig: &Signature, errors: &Errors) -> Option<Worker> {
    let mut pieces = match &attr.meta {
        Meta::List(list) => split(list.tokens.clone()),
        _ => Vec::new(),
    };
    let is_count = pieces.first().is_some_and(|first| !first.to_string().contains('='));
    if !is_count {
        errors.at(attr, format!("`worker` needs its number of workers; write {EXAMPLE}"));
        return None;
    }
    let count = number(pieces.remove(0), "workers", errors);
    let (mut given, mut queue) = (GivenOptions::default(), None);
    let (mut on_stop, mut on_failure) = (OnStopOption::Drain, None);
    for piece in pieces {
        if syn::parse2::<Lit>(piece.clone()).is_ok() {
            let message = format!(
                "`worker` takes one number; write `queue = {piece}` for at most {piece} jobs that \
                 wait"
            );
            errors.at(piece, message);
            continue;
        }
        let Some(option) = option(piece, errors) else { continue };
        if !given.is_first(&option, errors) {
            continue;
        }
        match option.text().as_str() {
            "queue" => queue = limit(&option, errors),
            "on_stop" => on_stop = at_stop(&option, errors).unwrap_or(on_stop),
            "on_failure" => on_failure = OnFailureOption::rule(&option, errors),
            _ => option.unknown(errors, "`worker`, after its number,", KNOWN),
        }
    }
    let (job, reply) = (job(sig, errors), reply(sig, errors));
    Some(Worker { job: job?, reply: reply?, count: count?, queue, on_stop, on_failure })
}

fn limit(option: &Opt, errors: &Errors) -> Option<HookValue> {
    let limit: Expr = option.expect_equals(errors, "a number of jobs", "1_024")?;
    number(limit.to_token_stream(), "jobs", errors)
}

/// A number of `what`, which can be a field of `self`.
fn number(tokens: TokenStream, what: &str, errors: &Errors) -> Option<HookValue> {
    let Ok(expr) = syn::parse2::<Expr>(tokens.clone()) else {
        errors.at(tokens, format!("this is not a number of {what}; write {EXAMPLE}"));
        return None;
    };
    match &expr {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) if number.base10_digits() != "0" => {}
        Expr::Lit(ExprLit { lit: Lit::Int(_), .. })
        | Expr::Unary(ExprUnary { op: UnOp::Neg(_), .. }) => {
            errors.at(
                &expr,
                format!("the number of {what} is greater than zero; write at least `1`"),
            );
            return None;
        }
        Expr::Lit(_) => {
            errors.at(&expr, format!("this is not a number of {what}; write {EXAMPLE}"));
            return None;
        }
        _ => {}
    }
    Some(HookValue::of(&expr))
}

fn at_stop(option: &Opt, errors: &Errors) -> Option<OnStopOption> {
    let value: Ident = option.expect_equals(errors, "`drain` or `reject`", "drain")?;
    match value.to_string().as_str() {
        "drain" => Some(OnStopOption::Drain),
        "reject" => Some(OnStopOption::Reject),
        _ => {
            let message = "`on_stop` is `drain` (the jobs that wait are handled, within the \
                           grace) or `reject` (they are lost); write one";
            errors.at(value, message);
            None
        }
    }
}

/// The job: the one parameter that is not a `&Scope`, by value.
fn job(sig: &Signature, errors: &Errors) -> Option<Type> {
    let types = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(&*typed.ty),
        FnArg::Receiver(_) => None,
    });
    let name = &sig.ident;
    match types.clone().find(|ty| !is_scope(ty)) {
        None => {
            let message = format!(
                "a worker takes the job that it handles; write `async fn {name}(&self, job: Job)`"
            );
            errors.at(name, message);
            None
        }
        Some(Type::Reference(reference)) => {
            let job = text(&reference.elem);
            let message = match &*reference.elem {
                Type::Path(path) if path.path.is_ident("str") => {
                    "a worker owns its job; write `String`".to_owned()
                }
                Type::Slice(slice) => {
                    format!("a worker owns its job; write `Vec<{}>`", text(&slice.elem))
                }
                _ => format!("a worker owns its job; write `{job}`, or an owned type like it"),
            };
            errors.at(reference, message);
            None
        }
        Some(Type::ImplTrait(job)) => {
            errors.at(job, "callers find a worker by the type of its job; write a concrete type");
            None
        }
        Some(job) => Some(job.clone()),
    }
}

/// The `T` of `-> T` and of `-> Result<T>`.
fn reply(sig: &Signature, errors: &Errors) -> Option<TokenStream> {
    match &sig.output {
        ReturnType::Default => Some(quote!(())),
        ReturnType::Type(_, ty) => match &**ty {
            Type::ImplTrait(_) | Type::Never(_) => {
                errors.at(ty, "the reply of a worker needs a type with a name; write the type");
                None
            }
            Type::Reference(_) => {
                errors.at(ty, "the reply of a worker is sent to its caller; write an owned type");
                None
            }
            ty => Some(within_result(ty)),
        },
    }
}

/// The `T` of `Result<T>` and `Result<T, E>`; `()` for a `Result` without arguments; any
/// other type unchanged.
pub(super) fn within_result(ty: &Type) -> TokenStream {
    let Type::Path(path) = ty else { return quote!(#ty) };
    let last = path.path.segments.last();
    let Some(last) = last.filter(|last| last.ident == "Result") else { return quote!(#ty) };
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(GenericArgument::Type(value)) => quote!(#value),
            _ => quote!(()),
        },
        _ => quote!(()),
    }
}

/// Whether two workers take the same job, as far as the tokens show.
pub(super) fn takes_the_same(a: &Worker, b: &Worker) -> bool {
    text(&a.job) == text(&b.job)
}
