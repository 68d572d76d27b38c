//! [`Node`]: one service of an app, its type erased, readable in a `const`.

use std::any::TypeId;
use std::fmt;

use crate::error::Result;
use crate::service::expansion::{Edges, Params, Source, Types};
use crate::service::{BoxFuture, Service, Wired};

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

/// What a service is to its app.
#[derive(Debug)]
pub struct Parts {
    edges: [Edges; 2],
    wants: fn() -> Vec<TypeId>,
    create: Create,
}

/// A service that is being made.
pub struct Creating {
    future: BoxFuture<Result<Wired>>,
}

impl Node {
    /// A service of an app, called `name`, found by the types in `places`.
    pub const fn of(name: &'static str, parts: Parts, places: fn() -> Vec<TypeId>) -> Self {
        let Parts { edges, wants, create } = parts;
        Self { name, edges, places, wants, create }
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "not a service",
    note = "put `#[service]` on its `impl` block"
)]
pub trait Fits<A> {
    /// What it is to the app. Asking for it has the compiler check that all it needs
    /// is there; a bound of a function's would add the function to each message.
    #[doc(hidden)]
    const PARTS: Parts;
}

impl<A, S: Service> Fits<A> for S
where
    S::__Params: Params<A, S>,
    S::__Needs: Params<A, S>,
    S::__Wants: Types,
{
    const PARTS: Parts = Parts {
        edges: [<S::__Params as Params<A, S>>::EDGES, <S::__Needs as Params<A, S>>::EDGES],
        wants: wants::<S>,
        create: create::<A, S>,
    };
}

fn wants<S: Service<__Wants: Types>>() -> Vec<TypeId> {
    let mut types = Vec::new();
    S::__Wants::types(&mut types);
    types
}

fn create<A, S>(source: &Source<'_>) -> Creating
where
    S: Service<__Params: Params<A, S>>,
{
    let (params, scope) = (S::__Params::take(source), source.scope.clone());
    let future = async move { Ok(S::__create(params).await?.__wired(&scope)) };
    Creating { future: Box::pin(future) }
}
