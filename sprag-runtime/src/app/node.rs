//! [`ServiceNode`]: one service of an app, its type erased, readable in a `const`.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;

use crate::error::Result;
use crate::service::expansion::{Edges, Needs, Param, ParamSource, Registration};
use crate::service::{BoxFuture, Service, Wired};

/// One service of an app.
pub struct ServiceNode {
    pub(crate) name: &'static str,
    pub(super) edges: Edges,
    optional: Types,
    wants: Types,
    places: fn() -> Vec<Registration>,
    create: Create,
}

/// Appends types to a list.
type Types = fn(&mut Vec<TypeId>);

type Create = fn(&ParamSource<'_>) -> Creating;

/// The facts of a service that [`Fits`] its app.
#[derive(Debug)]
pub struct Parts {
    edges: Edges,
    optional: Types,
    wants: Types,
    create: Create,
}

/// A service whose `new` runs.
pub struct Creating {
    future: BoxFuture<Result<Wired>>,
}

impl ServiceNode {
    /// A service of an app, called `name`, found by the types in `places`.
    pub const fn of(name: &'static str, parts: Parts, places: fn() -> Vec<Registration>) -> Self {
        let Parts { edges, optional, wants, create } = parts;
        Self { name, edges, optional, wants, places, create }
    }

    /// The types that lead to the service: its own and its traits.
    pub(crate) fn places(&self) -> Vec<Registration> {
        (self.places)()
    }

    /// The dependencies that the service needs only if the app has them.
    pub(crate) fn optional(&self) -> Vec<TypeId> {
        collected(self.optional)
    }

    /// The services that it starts after if the app has them.
    pub(crate) fn wants(&self) -> Vec<TypeId> {
        collected(self.wants)
    }

    pub(crate) fn create(&self, source: &ParamSource<'_>) -> BoxFuture<Result<Wired>> {
        (self.create)(source).future
    }
}

fn collected(append: Types) -> Vec<TypeId> {
    let mut types = Vec::new();
    append(&mut types);
    types
}

impl fmt::Debug for Creating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Creating").finish_non_exhaustive()
    }
}

impl fmt::Debug for ServiceNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceNode").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A service whose needs app `A` meets.
///
/// The trait has one impl, so that a message about it does not list other types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "not a service",
    note = "put `#[service]` on its `impl` block"
)]
pub trait Fits<A> {
    /// The facts of the service. Evaluating this has the compiler check that the app meets
    /// all needs of the service; a bound on a function would add the function to each
    /// message.
    #[doc(hidden)]
    const PARTS: Parts;
}

impl<A, S: Service> Fits<A> for S
where
    AllOf<S>: Needs<A, S>,
{
    const PARTS: Parts = Parts {
        edges: <AllOf<S> as Needs<A, S>>::EDGES,
        optional: S::__Params::optional,
        wants: S::__Wants::optional,
        create: create::<S>,
    };
}

/// All needs of the service `S`. In messages this name replaces the list of parameters.
#[derive(Debug)]
pub struct AllOf<S>(PhantomData<fn() -> S>);

impl<A, S: Service> Needs<A, S> for AllOf<S>
where
    S::__Params: Needs<A, S>,
    S::__Needs: Needs<A, S>,
{
    const EDGES: Edges =
        Edges::Both(&<S::__Params as Needs<A, S>>::EDGES, &<S::__Needs as Needs<A, S>>::EDGES);
}

fn create<S: Service>(source: &ParamSource<'_>) -> Creating {
    let (params, scope) = (S::__Params::take(source), source.scope.clone());
    let future = async move { Ok(S::__create(params).await?.__wired(&scope)) };
    Creating { future: Box::pin(future) }
}
