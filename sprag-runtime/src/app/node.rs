//! [`Node`]: one service of an app, its type erased, readable in a `const`.

use std::any::TypeId;
use std::fmt;

use crate::error::Result;
use crate::service::expansion::{Params, Source, Types};
use crate::service::{BoxFuture, Service, Wired, wire};

use crate::service::expansion::Edges;

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

type Create = fn(&Source<'_>) -> BoxFuture<Result<Wired>>;

impl Node {
    /// The service `S` of app `A`, called `name`, that also stands for `traits`.
    ///
    /// The bounds are where the compiler checks that all it needs is in the app.
    pub const fn of<A, S: Service>(name: &'static str, traits: fn() -> Vec<TypeId>) -> Self
    where
        S::__Params: Params<A, S>,
        S::__Needs: Params<A, S>,
        S::__Wants: Types,
    {
        let params = <S::__Params as Params<A, S>>::EDGES;
        let needs = <S::__Needs as Params<A, S>>::EDGES;
        Self {
            name,
            edges: [params, needs],
            places: traits,
            wants: types::<S::__Wants>,
            create: create::<A, S>,
        }
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
        (self.create)(source)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("name", &self.name).finish_non_exhaustive()
    }
}

fn types<L: Types>() -> Vec<TypeId> {
    let mut types = Vec::new();
    L::types(&mut types);
    types
}

fn create<A, S: Service>(source: &Source<'_>) -> BoxFuture<Result<Wired>>
where
    S::__Params: Params<A, S>,
{
    let (params, scope) = (S::__Params::take(source), source.scope.clone());
    Box::pin(async move { Ok(wire(S::__create(params).await?, &scope)) })
}
