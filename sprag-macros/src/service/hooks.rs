//! The hooks of a service: which methods are hooks, and whether sprag can call them.

mod attribute;
mod kind;
mod listen;
mod params;
mod watch;
mod worker;

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Attribute, ImplItem, ItemImpl, Path, ReturnType, Safety, Signature};

use crate::errors::Errors;
use crate::near::nearest;
use crate::service::new::last_segment;
use attribute::take_ours;
pub(crate) use kind::{HookKind, HookValue};
pub(crate) use listen::WhenFullOption;
pub(crate) use params::Arg;
pub(crate) use watch::{ReceiverArg, ReceiverMethod, TargetOption, WatchHook};
use worker::takes_the_same;
pub(crate) use worker::{OnStopOption, Worker};

/// The methods that are hooks by their names.
const METHODS: &[&str] = &["on_start", "on_stop", "on_stopped"];

/// Every hook of a service, in the order of the source.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) hooks: Vec<Hook>,
}

/// One method that the app calls.
pub(crate) struct Hook {
    pub(crate) sig: Signature,
    pub(crate) kind: HookKind,
    /// The parameters after `&self`, in order.
    pub(crate) args: Vec<Arg>,
    /// The method's own `#[cfg]`s.
    pub(crate) cfgs: Vec<Attribute>,
    /// The method that receives the values of a watch.
    pub(crate) receiver: Option<ReceiverMethod>,
}

impl Hooks {
    /// Removes our attributes from the block's methods. `krate` is the path in
    /// `crate = …`.
    pub(crate) fn take(item: &mut ItemImpl, krate: Option<&Path>, errors: &Errors) -> Self {
        let mut hooks: Vec<Hook> = Vec::new();
        for item in &mut item.items {
            let ImplItem::Fn(function) = item else { continue };
            let ours = take_ours(&mut function.attrs, krate, errors);
            let Some(hook) = read(&function.sig, &function.attrs, ours, errors) else { continue };
            match Second::of(&hook, &hooks) {
                None => hooks.push(hook),
                Some(Second::Health) => {
                    let message = "a service has one `#[health]`; merge the two methods";
                    errors.at(&hook.sig.ident, message);
                }
                Some(Second::Worker(first)) => {
                    let message = format!(
                        "`{first}` takes this job too, and callers find a worker by the type of \
                         its job; wrap one of the jobs in a type of its own"
                    );
                    errors.at(&hook.sig.ident, message);
                }
                // The compiler reports two methods of one name.
                Some(Second::SameName) => {}
            }
        }
        for hook in &mut hooks {
            if let HookKind::Watch(watch) = &hook.kind {
                hook.receiver = watch.receiver(item, errors);
            }
        }
        Self { hooks }
    }
}

/// Why two hooks cannot be in one service.
enum Second {
    Health,
    /// The other worker takes the same job.
    Worker(Ident),
    SameName,
}

impl Second {
    /// A `#[cfg]` can remove one of the two.
    fn of(hook: &Hook, others: &[Hook]) -> Option<Self> {
        if !hook.cfgs.is_empty() {
            return None;
        }
        let others = others.iter().filter(|other| other.cfgs.is_empty());
        let is_health = |hook: &Hook| matches!(hook.kind, HookKind::Health);
        let health = is_health(hook) && others.clone().any(is_health);
        let same_name = others.clone().any(|other| other.sig.ident == hook.sig.ident);
        let mut workers = others.filter_map(|other| match (&other.kind, &hook.kind) {
            (HookKind::Worker(a), HookKind::Worker(b)) => {
                takes_the_same(a, b).then_some(&other.sig.ident)
            }
            _ => None,
        });
        match (same_name, health) {
            (true, _) => Some(Self::SameName),
            (false, true) => Some(Self::Health),
            (false, false) => workers.next().cloned().map(Self::Worker),
        }
    }
}

/// Reads the method as a hook, if the method is one.
fn read(
    sig: &Signature,
    attrs: &[Attribute],
    ours: Vec<Attribute>,
    errors: &Errors,
) -> Option<Hook> {
    let name = sig.ident.to_string();
    let is_named = METHODS.contains(&name.as_str()) || name == "new";
    let mut ours = ours.into_iter();
    let Some(attr) = ours.next() else {
        return if is_named {
            by_name(sig, attrs, &name, errors)
        } else {
            slip(sig, &name, errors)
        };
    };
    if let Some(second) = ours.next() {
        errors.at(&second, "a method can be one hook; move this one to a method of its own");
    }
    if is_named {
        errors
            .at(&attr, format!("`{name}` has its own meaning; remove this, or rename the method"));
        return None;
    }
    hook(sig, attrs, HookKind::read(&attr, sig, errors)?, errors)
}

fn by_name(sig: &Signature, attrs: &[Attribute], name: &str, errors: &Errors) -> Option<Hook> {
    let kind = match name {
        "on_start" => HookKind::OnStart,
        "on_stop" => HookKind::OnStop,
        "on_stopped" => HookKind::OnStopped,
        _ => return None,
    };
    hook(sig, attrs, kind, errors)
}

/// Reports a method whose name is nearly a hook's: the app would never call it.
fn slip(sig: &Signature, name: &str, errors: &Errors) -> Option<Hook> {
    let near = nearest(name, METHODS).or(match name {
        "on_started" | "on_startup" => Some("on_start"),
        "on_shutdown" => Some("on_stop"),
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
fn hook(sig: &Signature, attrs: &[Attribute], kind: HookKind, errors: &Errors) -> Option<Hook> {
    let name = &sig.ident;
    if !sig.generics.params.is_empty() {
        let message = format!("the hook `{name}` cannot be generic; write concrete types");
        errors.at(&sig.generics, message);
        return None;
    }
    if let Safety::Unsafe(word) = &sig.safety {
        let message = format!("sprag calls the hook `{name}` at any time; remove `unsafe`");
        errors.at(word, message);
        return None;
    }
    if let (HookKind::Health, ReturnType::Default) = (&kind, &sig.output) {
        errors.at(name, "a `#[health]` hook returns the service's health; write `-> Health`");
        return None;
    }
    let args = params::read(sig, &kind, errors)?;
    let cfgs = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
    Some(Hook { sig: sig.clone(), kind, args, cfgs, receiver: None })
}

impl Hook {
    /// The span of the return type, for messages about the type.
    pub(crate) fn output(&self) -> Span {
        match &self.sig.output {
            ReturnType::Type(_, ty) => ty.span(),
            ReturnType::Default => self.sig.ident.span(),
        }
    }

    /// Whether the hook returns a `Result`, as far as the tokens show.
    pub(crate) fn is_fallible(&self) -> bool {
        matches!(&self.sig.output, ReturnType::Type(_, ty)
            if last_segment(ty).is_some_and(|name| name == "Result"))
    }

    /// Whether the hook returns `!`.
    pub(crate) fn never_returns(&self) -> bool {
        matches!(&self.sig.output, ReturnType::Type(_, ty) if matches!(**ty, syn::Type::Never(_)))
    }
}
