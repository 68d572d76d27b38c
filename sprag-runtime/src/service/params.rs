//! What `new` takes, and how the compiler finds it in an app.
//!
//! `#[service]` writes a list of types and nothing that is generic over the app;
//! here the list meets the app. An app says what it [`Provides`] and is [`Given`];
//! [`Has`] and [`Gives`] are the same facts asked by a service, so that the
//! compiler's message can name it.

use std::any::{Any, TypeId};
use std::sync::Arc;

use super::config::Config;
use super::handle::{Cast, Handle, ServiceSlot};
use super::scope::Scope;
use crate::bus::Bus;

/// The service or trait `D` is in this app.
#[diagnostic::on_unimplemented(
    message = "`{D}` is not in app `{Self}`",
    label = "not in `{Self}`",
    note = "list it in the braces of `app!`; a trait is listed as `Db as dyn Store`"
)]
pub trait Provides<D: ?Sized> {
    /// Which of the app's services it is.
    const INDEX: usize;

    /// The service as a `D`.
    const CAST: Cast<D>;
}

/// The app was given a `V` at its start.
pub trait Given<V> {
    /// Which of the app's values it is.
    const INDEX: usize;
}

/// The app has the `D` that the service `For` depends on.
#[diagnostic::on_unimplemented(
    message = "service `{For}` depends on `{D}`, which is not in app `{Self}`",
    label = "depends on `{D}`",
    note = "list it in the braces of `app!`; a trait is listed as `Db as dyn Store`"
)]
pub trait Has<D: ?Sized, For> {
    /// Which of the app's services it is.
    const AT: usize;
    /// The service as a `D`.
    const CAST: Cast<D>;
}

#[diagnostic::do_not_recommend]
impl<A: Provides<D>, D: ?Sized, For> Has<D, For> for A {
    const AT: usize = A::INDEX;
    const CAST: Cast<D> = A::CAST;
}

/// The app is given the `V` that the service `For` needs.
#[diagnostic::on_unimplemented(
    message = "service `{For}` needs a `{V}`, which app `{Self}` is not given",
    label = "needs a `{V}`",
    note = "give it in the parentheses of `app!`, as in `{Self}({V}) {{ … }}`"
)]
pub trait Gives<V, For> {
    /// Which of the app's values it is.
    const AT: usize;
}

#[diagnostic::do_not_recommend]
impl<A: Given<V>, V, For> Gives<V, For> for A {
    const AT: usize = A::INDEX;
}

/// What the parameters of one service are taken from.
#[derive(Debug)]
pub struct Source<'a> {
    pub(crate) slots: &'a [Arc<ServiceSlot>],
    pub(crate) values: &'a [Arc<dyn Any + Send + Sync>],
    pub(crate) scope: &'a Scope,
}

/// One parameter of the `new` of service `For` in app `A`.
pub trait Param<A, For>: Sized {
    /// The service that it depends on.
    const EDGE: Option<usize>;

    /// The parameter's value.
    fn take(source: &Source<'_>) -> Self;
}

impl<A: Has<D, For>, D: ?Sized, For> Param<A, For> for Handle<D> {
    const EDGE: Option<usize> = Some(A::AT);

    fn take(source: &Source<'_>) -> Self {
        Self::to_slot(Arc::clone(&source.slots[A::AT]), A::CAST)
    }
}

impl<A: Gives<V, For>, V: Send + Sync + 'static, For> Param<A, For> for Config<V> {
    const EDGE: Option<usize> = None;

    fn take(source: &Source<'_>) -> Self {
        let value = Arc::clone(&source.values[A::AT]).downcast();
        Self::shared(value.expect("an app's values have the types that it says"))
    }
}

impl<A, For> Param<A, For> for Bus {
    const EDGE: Option<usize> = None;

    fn take(source: &Source<'_>) -> Self {
        source.scope.bus().clone()
    }
}

impl<A, For> Param<A, For> for Scope {
    const EDGE: Option<usize> = None;

    fn take(source: &Source<'_>) -> Self {
        source.scope.clone()
    }
}

/// The parameters of a `new`, as pairs `(first, (second, … ()))`, so that there is
/// no greatest number.
pub trait Params<A, For>: Sized {
    /// The first parameter's edge and those of the rest.
    const EDGES: Edges;

    /// The parameters' values.
    fn take(source: &Source<'_>) -> Self;
}

/// The edges of a list of parameters, readable in a `const`.
#[derive(Clone, Copy, Debug)]
pub struct Edges {
    pub(crate) first: Option<usize>,
    pub(crate) rest: Option<&'static Edges>,
}

impl<A, For> Params<A, For> for () {
    const EDGES: Edges = Edges { first: None, rest: None };

    fn take(_source: &Source<'_>) -> Self {}
}

impl<A, For, P: Param<A, For>, Rest: Params<A, For>> Params<A, For> for (P, Rest) {
    const EDGES: Edges = Edges { first: P::EDGE, rest: Some(&Rest::EDGES) };

    fn take(source: &Source<'_>) -> Self {
        (P::take(source), Rest::take(source))
    }
}

/// The services of a list of handles, by type.
pub trait Types {
    /// Appends them to `types`.
    fn types(types: &mut Vec<TypeId>);
}

impl Types for () {
    fn types(_types: &mut Vec<TypeId>) {}
}

impl<D: ?Sized + 'static, Rest: Types> Types for (Handle<D>, Rest) {
    fn types(types: &mut Vec<TypeId>) {
        types.push(TypeId::of::<D>());
        Rest::types(types);
    }
}
