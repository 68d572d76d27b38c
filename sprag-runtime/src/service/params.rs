//! [`Param`]: how a parameter of `new` gets its value at the start of an app.
//!
//! `#[service]` writes the parameters as a balanced tree of pairs, so the depth of the type
//! grows with the logarithm of their number. `needs.rs` has the compiler's checks of them.

use std::any::{TypeId, type_name};

use super::config::Config;
use super::handle::Handle;
use super::registry::{Registry, Value};
use super::scope::Scope;
use crate::bus::Bus;

/// The source of the parameters of one service.
#[derive(Debug)]
pub struct ParamSource<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) scope: &'a Scope,
    /// Values for this service alone, which take precedence over those of the app.
    pub(crate) values: &'a [Value],
}

impl ParamSource<'_> {
    fn value<V: 'static>(&self) -> Option<Value> {
        let ty = TypeId::of::<V>();
        let own = self.values.iter().find(|value| (***value).type_id() == ty);
        own.cloned().or_else(|| self.registry.value(ty))
    }
}

/// A parameter of `new`, or a tree of parameters.
#[diagnostic::on_unimplemented(
    message = "`new` of a service cannot take a `{Self}`",
    label = "not a parameter of a service",
    note = "it takes `Handle<Service>`, `Option<Handle<Service>>`, `Vec<Handle<dyn Trait>>`, `Config<Value>`, `Bus` and `&Scope`"
)]
pub trait Param: Send + Sized + 'static {
    /// Takes the value. `needs.rs` has checked that the registry has all services and
    /// values.
    fn take(source: &ParamSource<'_>) -> Self;

    /// Appends the types that [`take`](Self::take) would not find. For the services of an
    /// app the compiler checks this; for a service that starts at run time nothing does.
    fn missing(_source: &ParamSource<'_>, _types: &mut Vec<&'static str>) {}

    /// Appends the services that are dependencies only if the app has them.
    fn optional(_types: &mut Vec<TypeId>) {}
}

impl Param for () {
    fn take(_source: &ParamSource<'_>) -> Self {}
}

impl<X: Param, Y: Param> Param for (X, Y) {
    fn take(source: &ParamSource<'_>) -> Self {
        (X::take(source), Y::take(source))
    }

    fn missing(source: &ParamSource<'_>, types: &mut Vec<&'static str>) {
        X::missing(source, types);
        Y::missing(source, types);
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

    fn missing(source: &ParamSource<'_>, types: &mut Vec<&'static str>) {
        if source.registry.handle::<D>().is_none() {
            types.push(type_name::<D>());
        }
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
        let value = source.value::<V>();
        Self::shared(value.expect("the compiler checked that the app is given the value"))
    }

    fn missing(source: &ParamSource<'_>, types: &mut Vec<&'static str>) {
        if source.value::<V>().is_none() {
            types.push(type_name::<V>());
        }
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

/// The parameter number `N` of the `new` of a service, if it has a `#[cfg]`: `()` where the
/// `#[cfg]` removes the parameter.
pub trait ConfiguredParam<const N: usize> {
    /// The parameter's type, or `()`.
    type Param: Param;
}
