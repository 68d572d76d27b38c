//! [`Needs`]: the needs of a service, as the compiler checks them against an app.
//!
//! `#[service]` writes types and nothing that is generic over the app; here these types
//! meet the app. An app [`Provides`] services and is [`Given`] values; [`InApp`] and
//! [`GivenTo`] state the same facts about a service's parameter, so that the compiler's
//! message can name the service.

use std::marker::PhantomData;
use std::sync::Arc;

use super::config::Config;
use super::handle::{Cast, Handle};
use super::registry::Value;
use super::scope::Scope;
use crate::bus::Bus;

/// The service or trait `D` is in this app.
#[diagnostic::on_unimplemented(
    message = "`{D}` is not in app `{Self}`",
    label = "not in `{Self}`",
    note = "list it in the braces of `app!`; a trait is listed as `Db as dyn Store`"
)]
pub trait Provides<D: ?Sized> {
    /// The service's index. Evaluating this is an error if several services are a `D`.
    const INDEX: usize;

    /// The dependency on the service. The check of the app's graph reports an ambiguous
    /// one.
    const EDGE: Edges = Edges::One(Self::INDEX);

    /// Converts the service to a `D`.
    const CAST: Cast<D>;
}

/// The app receives a `V` at its start.
pub trait Given<V> {
    /// Erases the type of the value.
    fn erase(value: V) -> Value;
}

/// Erases the type of a value of an app.
pub fn erase<V: Shareable>(value: V) -> Value {
    Arc::new(value)
}

/// A value that the services of an app share.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a value of an app, because it is not `Send` and `Sync`",
    label = "the services of an app share this value",
    note = "its content must be shareable: an `Arc` instead of an `Rc`, a `Mutex` or an atomic instead of a `Cell`"
)]
pub trait Shareable: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<V: Send + Sync + 'static> Shareable for V {}

/// The service `D` of this handle, which the service `For` depends on, is in the app `A`.
#[diagnostic::on_unimplemented(
    message = "service `{For}` depends on `{D}`, which is not in app `{A}`",
    label = "depends on `{D}`",
    note = "list it in the braces of `app!`; a trait is listed as `Db as dyn Store`"
)]
pub trait InApp<A, For, D: ?Sized> {
    /// The dependency on the service.
    const EDGE: Edges;
}

#[diagnostic::do_not_recommend]
impl<A: Provides<D>, For, D: ?Sized> InApp<A, For, D> for Handle<D> {
    const EDGE: Edges = A::EDGE;
}

/// The value `V`, which the service `For` needs, is passed to the app `A`.
#[diagnostic::on_unimplemented(
    message = "service `{For}` needs a `{V}`, which app `{A}` does not have",
    label = "needs a `{V}`",
    note = "give it in the parentheses of `app!`, as in `{A}({V}) {{ … }}`"
)]
pub trait GivenTo<A, For, V> {}

#[diagnostic::do_not_recommend]
impl<A: Given<V>, For, V> GivenTo<A, For, V> for Config<V> {}

/// The needs of the service `For` in app `A`: one parameter, a tree of parameters, or all
/// needs of the service.
pub trait Needs<A, For> {
    /// The indices of the dependencies.
    const EDGES: Edges;
}

/// The indices of services, as a tree that a `const` can read.
#[derive(Clone, Copy, Debug)]
pub enum Edges {
    /// No service.
    None,
    /// The service of this index.
    One(usize),
    /// One of several services; the message names the problem.
    Unclear(&'static str),
    /// The services of both trees.
    Both(&'static Edges, &'static Edges),
}

impl<A, For> Needs<A, For> for () {
    const EDGES: Edges = Edges::None;
}

impl<A, For, X: Needs<A, For>, Y: Needs<A, For>> Needs<A, For> for (X, Y) {
    const EDGES: Edges = Edges::Both(&X::EDGES, &Y::EDGES);
}

impl<A, For, D: ?Sized> Needs<A, For> for Handle<D>
where
    Self: InApp<A, For, D>,
{
    const EDGES: Edges = {
        // A type that does not compile matches any impl. This ends the check of the graph
        // without a second error.
        let _ = size_of::<PhantomData<D>>();
        <Self as InApp<A, For, D>>::EDGE
    };
}

impl<A, For, V> Needs<A, For> for Config<V>
where
    Self: GivenTo<A, For, V>,
{
    const EDGES: Edges = Edges::None;
}

// The start finds out whether the app has these services.
impl<A, For, D: ?Sized> Needs<A, For> for Option<Handle<D>> {
    const EDGES: Edges = Edges::None;
}

impl<A, For, D: ?Sized> Needs<A, For> for Vec<Handle<D>> {
    const EDGES: Edges = Edges::None;
}

impl<A, For> Needs<A, For> for Bus {
    const EDGES: Edges = Edges::None;
}

impl<A, For> Needs<A, For> for Scope {
    const EDGES: Edges = Edges::None;
}
