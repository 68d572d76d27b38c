//! The step into an `Option` behind a key, or in a field that is a leaf.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use crate::path::location::{Location, Node};
use crate::path::path_text::PathText;
#[cfg(feature = "serde")]
use crate::path::text::Hops;
use crate::path::walk::{Below, Tree, Walk};

/// The step to the content of an `Option`.
///
/// `K` is the kind of the tree below the value: `Tree`, or `Opaque` in a field that is a
/// leaf.
pub struct Inner<W, K = Tree> {
    option: W,
    kind: PhantomData<fn() -> K>,
}

impl<W, K> Inner<W, K> {
    pub(in crate::path) const fn of(option: W) -> Self {
        Self { option, kind: PhantomData }
    }
}

impl<W: Clone, K> Clone for Inner<W, K> {
    fn clone(&self) -> Self {
        Self::of(self.option.clone())
    }
}

impl<W: Copy, K> Copy for Inner<W, K> {}

impl<W: fmt::Debug, K> fmt::Debug for Inner<W, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("option", &self.option).finish_non_exhaustive()
    }
}

impl<R, W, V, K> Walk<R> for Inner<W, K>
where
    W: Walk<R, Value = Option<V>>,
    V: 'static,
    K: Below<V>,
{
    type Value = V;
    type Owned = Inner<W::Owned, K>;
    type Discarded = W::Discarded;
    type Below = K;

    const CHEAP: bool = K::CHEAP;
    const PLAIN: bool = W::PLAIN && K::PLAIN;
    const KEYED: bool = W::KEYED || K::LEAVES_TREE;

    fn get<'a>(&self, root: &'a R) -> Option<&'a V> {
        self.option.get(root)?.as_ref()
    }

    fn get_mut<'a>(&self, root: &'a mut R, discarded: &mut W::Discarded) -> Option<&'a mut V> {
        self.option.get_mut(root, discarded)?.as_mut()
    }

    fn node(&self) -> Node {
        let node = self.option.node();
        if Self::KEYED { node } else { node.then(Node { id: 1, count: K::NODES }) }
    }

    fn locate(&self, location: &mut Location) {
        self.option.locate(location);
        K::enter(location);
    }

    fn keys(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.option.keys(visit);
        if K::LEAVES_TREE {
            visit(&());
        }
    }

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        self.option.describe(text)
    }

    fn node_of(value: &V, id: u32) -> Option<&dyn Any> {
        K::node_of(value, id)
    }

    fn owned(&self) -> Self::Owned {
        Inner::of(self.option.owned())
    }

    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops) {
        self.option.hops(hops);
        hops.inner();
    }
}
