//! Two walks, one after the other.

use std::any::Any;
use std::fmt;

use crate::path::location::{Location, Node};
use crate::path::path_text::PathText;
#[cfg(feature = "serde")]
use crate::path::text::Hops;
use crate::path::walk::Walk;

/// One way after another, in the type of a [`KeyedPath`](crate::path::KeyedPath).
#[derive(Clone, Copy, Debug)]
pub struct Chain<A, B> {
    pub(in crate::path) first: A,
    pub(in crate::path) second: B,
}

impl<R, A, B> Walk<R> for Chain<A, B>
where
    A: Walk<R>,
    B: Walk<A::Value>,
{
    type Value = B::Value;
    type Owned = Chain<A::Owned, B::Owned>;
    type Discarded = (A::Discarded, B::Discarded);
    type Below = B::Below;

    const CHEAP: bool = B::CHEAP;
    const PLAIN: bool = A::PLAIN && B::PLAIN;
    const KEYED: bool = A::KEYED || B::KEYED;

    fn get<'a>(&self, root: &'a R) -> Option<&'a B::Value> {
        self.second.get(self.first.get(root)?)
    }

    fn get_mut<'a>(
        &self,
        root: &'a mut R,
        (first, second): &mut Self::Discarded,
    ) -> Option<&'a mut B::Value> {
        self.second.get_mut(self.first.get_mut(root, first)?, second)
    }

    fn node(&self) -> Node {
        let node = self.first.node();
        if A::KEYED { node } else { node.then(self.second.node()) }
    }

    fn locate(&self, location: &mut Location) {
        self.first.locate(location);
        self.second.locate(location);
    }

    fn keys(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.first.keys(visit);
        self.second.keys(visit);
    }

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        self.first.describe(text)?;
        self.second.describe(text)
    }

    fn node_of(value: &B::Value, id: u32) -> Option<&dyn Any> {
        B::node_of(value, id)
    }

    fn owned(&self) -> Self::Owned {
        Chain { first: self.first.owned(), second: self.second.owned() }
    }

    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops) {
        self.first.hops(hops);
        self.second.hops(hops);
    }
}
