//! [`Node`]: one service of an app, its type erased, readable in a `const`.

use std::any::TypeId;
use std::fmt;

use crate::error::Result;
use crate::service::expansion::{Edges, Params, Source, Types};
use crate::service::{BoxFuture, Service, Wired, wire};

/// One service of an app.
pub struct Node {
    pub(crate) name: &'static str,
    /// Of the parameters of `new`, and of `depends_on`.
    edges: [Edges; 2],
    /// What it can be found by: its type and the traits it stands for.
    places: fn() -> Vec<TypeId>,
    wants: fn() -> Vec<TypeId>,
    create: Create,
}

type Create = fn(&Source<'_>) -> Creating;

/// A service that is being made.
pub struct Creating {
    future: BoxFuture<Result<Wired>>,
}

impl Node {
    /// The service `S` of app `A`, called `name`, found by the types in `places`.
    ///
    /// The bounds are where the compiler checks that all it needs is in the app.
    pub const fn of<A, S>(name: &'static str, places: fn() -> Vec<TypeId>) -> Self
    where
        S: Service + Fits<A>,
    {
        Self { name, edges: S::EDGES, places, wants: S::wants, create: S::create }
    }

    /// The `n`th parameter's edge, `Some(None)` if it is none.
    pub(crate) const fn edge(&self, n: usize) -> Option<Option<usize>> {
        let (mut left, mut list) = (n, 0);
        while list < self.edges.len() {
            let mut at = &self.edges[list];
            while let Some(rest) = at.rest {
                if left == 0 {
                    return Some(at.first);
                }
                left -= 1;
                at = rest;
            }
            list += 1;
        }
        None
    }

    pub(crate) fn dependencies(&self) -> Vec<usize> {
        (0..).map_while(|n| self.edge(n)).flatten().collect()
    }

    pub(crate) fn places(&self) -> Vec<TypeId> {
        (self.places)()
    }

    pub(crate) fn wants(&self) -> Vec<TypeId> {
        (self.wants)()
    }

    pub(crate) fn create(&self, source: &Source<'_>) -> BoxFuture<Result<Wired>> {
        (self.create)(source).future
    }
}

impl fmt::Debug for Creating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Creating").finish_non_exhaustive()
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A service that finds in app `A` all that it needs.
///
/// One trait with one impl, so that a message about it lists no others.
pub trait Fits<A>: Service {
    #[doc(hidden)]
    const EDGES: [Edges; 2];

    #[doc(hidden)]
    fn wants() -> Vec<TypeId>;

    #[doc(hidden)]
    fn create(source: &Source<'_>) -> Creating;
}

impl<A, S: Service> Fits<A> for S
where
    S::__Params: Params<A, S>,
    S::__Needs: Params<A, S>,
    S::__Wants: Types,
{
    const EDGES: [Edges; 2] =
        [<S::__Params as Params<A, S>>::EDGES, <S::__Needs as Params<A, S>>::EDGES];

    fn wants() -> Vec<TypeId> {
        let mut types = Vec::new();
        S::__Wants::types(&mut types);
        types
    }

    fn create(source: &Source<'_>) -> Creating {
        let (params, scope) = (S::__Params::take(source), source.scope.clone());
        let future = async move { Ok(wire(S::__create(params).await?, &scope)) };
        Creating { future: Box::pin(future) }
    }
}
