//! [`Param`]: how a parameter of `new` gets its value at the start of an app.
//!
//! `#[service]` writes the parameters as a balanced tree of pairs, so the depth of the
//! type grows with the logarithm of their number. What the compiler checks about them is
//! in `needs.rs`.

use std::any::TypeId;

use super::config::Config;
use super::handle::Handle;
use super::registry::Registry;
use super::scope::Scope;
use crate::bus::Bus;

/// Where the parameters of one service come from.
#[derive(Debug)]
pub struct ParamSource<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) scope: &'a Scope,
}

/// A parameter of `new`, or a tree of parameters.
#[diagnostic::on_unimplemented(
    message = "`new` of a service cannot take a `{Self}`",
    label = "not a parameter of a service",
    note = "it takes `Handle<Service>`, `Option<Handle<Service>>`, `Vec<Handle<dyn Trait>>`, `Config<Value>`, `Bus` and `&Scope`"
)]
pub trait Param: Send + Sized + 'static {
    /// The value. All services and values that `needs.rs` checks are in the registry.
    fn take(source: &ParamSource<'_>) -> Self;

    /// Appends the services that are dependencies only where the app has them.
    fn optional(_types: &mut Vec<TypeId>) {}
}

impl Param for () {
    fn take(_source: &ParamSource<'_>) -> Self {}
}

impl<X: Param, Y: Param> Param for (X, Y) {
    fn take(source: &ParamSource<'_>) -> Self {
        (X::take(source), Y::take(source))
    }

    fn optional(types: &mut Vec<TypeId>) {
        X::optional(types);
        Y::optional(types);
    }
}

impl<D: ?Sized + 'static> Param for Handle<D> {
    fn take(source: &ParamSource<'_>) -> Self {
        let handle = source.registry.handle();
        handle.expect("the compiler checked that the service is in the app")
    }
}

impl<D: ?Sized + 'static> Param for Option<Handle<D>> {
    fn take(source: &ParamSource<'_>) -> Self {
        source.registry.handle()
    }

    fn optional(types: &mut Vec<TypeId>) {
        types.push(TypeId::of::<D>());
    }
}

impl<D: ?Sized + 'static> Param for Vec<Handle<D>> {
    fn take(source: &ParamSource<'_>) -> Self {
        source.registry.handles().collect()
    }

    fn optional(types: &mut Vec<TypeId>) {
        types.push(TypeId::of::<D>());
    }
}

impl<V: 'static> Param for Config<V> {
    fn take(source: &ParamSource<'_>) -> Self {
        let value = source.registry.value(TypeId::of::<V>());
        Self::shared(value.expect("the compiler checked that the app is given the value"))
    }
}

impl Param for Bus {
    fn take(source: &ParamSource<'_>) -> Self {
        source.scope.bus().clone()
    }
}

impl Param for Scope {
    fn take(source: &ParamSource<'_>) -> Self {
        source.scope.clone()
    }
}

/// The parameter number `N` of the `new` of a service, where it has a `#[cfg]`: `()`
/// while it is configured away.
pub trait ConfiguredParam<const N: usize> {
    /// The parameter's type, or `()`.
    type Param: Param;
}
