//! The hooks of a service: which methods are hooks, and whether sprag can call them.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned;
use syn::{
    Attribute, Expr, ExprLit, FnArg, ImplItem, ItemImpl, Lit, Meta, Path, Receiver, ReturnType,
    Signature, Type,
};

use super::duration::millis;
use super::new::is_plain;
use crate::errors::Errors;
use crate::near::nearest;
use crate::tokens::text;

const ATTRIBUTES: &[&str] = &["listen", "interval", "task", "health"];
const METHODS: &[&str] = &["on_start", "on_stop"];
/// The language's own attributes whose names are near one of ours.
const STRANGERS: &[&str] = &["test", "tests"];

/// Every hook of a service, in the order of the source.
pub(crate) struct Hooks {
    pub(crate) hooks: Vec<Hook>,
}

/// One method that the app calls.
pub(crate) struct Hook {
    pub(crate) sig: Signature,
    pub(crate) kind: Kind,
    /// The parameters after `&self`, in order.
    pub(crate) args: Vec<Arg>,
    /// The method's own `#[cfg]`s.
    pub(crate) cfgs: Vec<Attribute>,
}

pub(crate) enum Kind {
    OnStart,
    OnStop,
    Task,
    Health,
    /// The type of the event.
    Listen(Box<Type>),
    /// The period, as an expression of type `Duration`.
    Interval(TokenStream),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arg {
    Scope,
    Event,
}

impl Hooks {
    /// Removes our attributes from the block's methods. `krate` is the path in
    /// `crate = …`.
    pub(crate) fn take(item: &mut ItemImpl, krate: Option<&Path>, errors: &Errors) -> Self {
        let mut hooks: Vec<Hook> = Vec::new();
        for item in &mut item.items {
            let ImplItem::Fn(function) = item else { continue };
            let ours = take_ours(&mut function.attrs, krate, errors);
            if let Some(hook) = read(&function.sig, &function.attrs, ours, errors) {
                if is_second(&hook, &hooks) {
                    let message = "a service has one `#[health]`; merge the two methods";
                    errors.at(&hook.sig.ident, message);
                } else {
                    hooks.push(hook);
                }
            }
        }
        Self { hooks }
    }
}

/// Whether `hook` is a second `#[health]` without `#[cfg]`. Two methods of one name are
/// rustc's to report.
fn is_second(hook: &Hook, hooks: &[Hook]) -> bool {
    let is_health = |hook: &Hook| matches!(hook.kind, Kind::Health) && hook.cfgs.is_empty();
    is_health(hook) && hooks.iter().any(is_health)
}

/// Removes `#[listen]` and the like from `attrs`. A misspelt one is removed too, so
/// that it is one error.
fn take_ours(attrs: &mut Vec<Attribute>, krate: Option<&Path>, errors: &Errors) -> Vec<Attribute> {
    let mut ours = Vec::new();
    attrs.retain(|attr| {
        let Some(name) = name_of(attr.path(), krate) else { return true };
        if ATTRIBUTES.contains(&name.as_str()) {
            ours.push(attr.clone());
            return false;
        }
        let Some(near) = nearest(&name, ATTRIBUTES) else { return true };
        if STRANGERS.contains(&name.as_str()) {
            return true;
        }
        errors.at(attr.path(), format!("`#[{name}]` is not a hook; did you mean `#[{near}]`?"));
        false
    });
    ours
}

/// `listen` of `#[listen]`, of `#[sprag::listen]`, and of `#[path::listen]` where
/// `path` is the one in `crate = …`.
fn name_of(path: &Path, krate: Option<&Path>) -> Option<String> {
    let mut prefix = segments(path);
    let name = prefix.pop()?;
    let is_ours =
        prefix.is_empty() || prefix == ["sprag"] || krate.is_some_and(|k| prefix == segments(k));
    is_ours.then_some(name)
}

fn segments(path: &Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect()
}

/// The last segment of one of our attributes.
fn last(attr: &Attribute) -> String {
    segments(attr.path()).pop().unwrap_or_default()
}

/// The method as a hook, if it is one.
fn read(
    sig: &Signature,
    attrs: &[Attribute],
    ours: Vec<Attribute>,
    errors: &Errors,
) -> Option<Hook> {
    let name = sig.ident.to_string();
    let named = METHODS.contains(&name.as_str()) || name == "new";
    let mut ours = ours.into_iter();
    let Some(attr) = ours.next() else {
        return if named { by_name(sig, attrs, &name, errors) } else { slip(sig, &name, errors) };
    };
    if let Some(second) = ours.next() {
        errors.at(&second, "a method can be one hook; move this one to a method of its own");
    }
    if named {
        errors
            .at(&attr, format!("`{name}` has its own meaning; remove this, or rename the method"));
        return None;
    }
    let kind = match last(&attr).as_str() {
        "listen" => Kind::Listen(Box::new(listened(&attr, sig, errors)?)),
        "interval" => Kind::Interval(period(&attr, errors)?),
        "task" => {
            plain(&attr, errors);
            if sig.asyncness.is_none() {
                let message =
                    "a task must be async, or it would block its thread; write `async fn`";
                errors.at(sig.fn_token, message);
                return None;
            }
            Kind::Task
        }
        _ => {
            plain(&attr, errors);
            Kind::Health
        }
    };
    hook(sig, attrs, kind, errors)
}

fn by_name(sig: &Signature, attrs: &[Attribute], name: &str, errors: &Errors) -> Option<Hook> {
    let kind = match name {
        "on_start" => Kind::OnStart,
        "on_stop" => Kind::OnStop,
        _ => return None,
    };
    hook(sig, attrs, kind, errors)
}

/// Reports a method whose name is nearly a hook's: it would silently never run.
fn slip(sig: &Signature, name: &str, errors: &Errors) -> Option<Hook> {
    let known = ["on_start", "on_stop"];
    let near = nearest(name, &known).or(match name {
        "start" | "on_started" | "on_startup" | "startup" => Some("on_start"),
        "stop" | "on_stopped" | "on_shutdown" | "shutdown" => Some("on_stop"),
        _ => None,
    });
    // `start` and `stop` are good names for methods that others call.
    if let Some(near) = near.filter(|_| name.starts_with("on")) {
        let message = format!(
            "`{name}` is not a hook; did you mean `{near}`? a method of this name can be in an \
             `impl` block without `#[service]`"
        );
        errors.at(&sig.ident, message);
    }
    None
}

/// Checks the rules that all hooks have in common.
fn hook(sig: &Signature, attrs: &[Attribute], kind: Kind, errors: &Errors) -> Option<Hook> {
    let name = &sig.ident;
    if !sig.generics.params.is_empty() {
        errors.at(
            &sig.generics,
            format!("the hook `{name}` cannot be generic; write concrete types"),
        );
        return None;
    }
    if let Kind::Health = kind
        && let ReturnType::Default = sig.output
    {
        errors.at(name, "a `#[health]` hook says how the service is; write `-> Health`");
        return None;
    }
    let mut inputs = sig.inputs.iter();
    match inputs.next() {
        Some(FnArg::Receiver(receiver)) if is_shared(receiver) => {}
        Some(FnArg::Receiver(receiver)) => {
            let message = format!(
                "`{name}` must take `&self`, since a running service is shared; keep what changes \
                 in a `Store`, a `Mutex` or an atomic"
            );
            errors.at(receiver, message);
            return None;
        }
        _ => {
            errors
                .at(name, format!("the hook `{name}` must take `&self`; write `fn {name}(&self)`"));
            return None;
        }
    }
    let (mut args, mut understood) = (Vec::new(), true);
    for input in inputs {
        match arg(input, &kind) {
            Some(arg) if !args.contains(&arg) => args.push(arg),
            _ => {
                understood = false;
                let allowed = match kind {
                    Kind::Listen(_) => "`&self`, one event such as `&MountChanged`, and `&Scope`",
                    _ => "`&self` and `&Scope`",
                };
                errors.at(input, format!("the hook `{name}` takes {allowed}; remove this"));
            }
        }
    }
    let cfgs = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
    understood.then(|| Hook { sig: sig.clone(), kind, args, cfgs })
}

fn is_shared(receiver: &Receiver) -> bool {
    text(receiver).starts_with("&") && !text(receiver).contains("mut ")
}

fn arg(input: &FnArg, kind: &Kind) -> Option<Arg> {
    let FnArg::Typed(typed) = input else { return None };
    let Type::Reference(reference) = &*typed.ty else { return None };
    match kind {
        _ if reference.mutability.is_some() => None,
        _ if is_plain(&reference.elem, "Scope") => Some(Arg::Scope),
        Kind::Listen(_) => Some(Arg::Event),
        _ => None,
    }
}

/// The event of `#[listen]`; it is the parameter's type, not the attribute's argument.
fn listened(attr: &Attribute, sig: &Signature, errors: &Errors) -> Option<Type> {
    if let Meta::Path(_) = attr.meta {
        return event(sig, errors);
    }
    let message = format!(
        "`listen` takes nothing; the event is the parameter: write `fn {}(&self, event: \
         &MountChanged)`",
        sig.ident
    );
    errors.at(attr, message);
    None
}

/// The event of a listener: its one parameter that is not a `&Scope`.
fn event(sig: &Signature, errors: &Errors) -> Option<Type> {
    let types = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(&*typed.ty),
        FnArg::Receiver(_) => None,
    });
    let is_scope = |ty: &&Type| match ty {
        Type::Reference(reference) => is_plain(&reference.elem, "Scope"),
        _ => false,
    };
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

/// The period in `#[interval("60s")]` or `#[interval(PERIOD)]`.
fn period(attr: &Attribute, errors: &Errors) -> Option<TokenStream> {
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
    let Expr::Lit(ExprLit { lit, .. }) = &expr else { return Some(quote!(#expr)) };
    let found = match lit {
        Lit::Str(text) => millis(&text.value()),
        _ => None,
    };
    match found {
        Some(0) => {
            errors.at(lit, "an interval's period must be longer than zero; write `\"60s\"`");
            None
        }
        Some(millis) => Some(quote!(::core::time::Duration::from_millis(#millis))),
        None => {
            let message = format!(
                "{} is not a duration; write a number with `ms`, `s`, `m`, `h` or `d`, as in `\"60s\"`",
                text(lit)
            );
            errors.at(lit, message);
            None
        }
    }
}

/// Reports the arguments of an attribute that takes none.
fn plain(attr: &Attribute, errors: &Errors) {
    if !matches!(attr.meta, Meta::Path(_)) {
        let name = text(attr.path());
        errors.at(attr, format!("`{name}` takes nothing; write `#[{name}]`"));
    }
}

impl Hook {
    /// The place of its return type, for messages about it.
    pub(crate) fn output(&self) -> Span {
        match &self.sig.output {
            ReturnType::Type(_, ty) => ty.span(),
            ReturnType::Default => self.sig.ident.span(),
        }
    }
}
