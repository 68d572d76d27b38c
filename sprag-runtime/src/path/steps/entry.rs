//! The step to one entry of a map or a set.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use crate::path::collection::Keyed;
use crate::path::key::IntoKey;
use crate::path::location::{Location, Node};
use crate::path::path_text::PathText;
#[cfg(feature = "serde")]
use crate::path::text::Hops;
use crate::path::walk::{Below, Tree, Walk};

/// The step to one entry of a map or a set, in the type of a
/// [`KeyedPath`](crate::path::KeyedPath).
///
/// `K` is the kind of the tree below the entry: `Tree`, or `Opaque` in a field that is a
/// leaf.
pub struct Entry<W, Q, K = Tree> {
    map: W,
    key: Q,
    kind: PhantomData<fn() -> K>,
}

impl<W, Q, K> Entry<W, Q, K> {
    pub(in crate::path) const fn of(map: W, key: Q) -> Self {
        Self { map, key, kind: PhantomData }
    }
}

impl<W: Clone, Q: Clone, K> Clone for Entry<W, Q, K> {
    fn clone(&self) -> Self {
        Self::of(self.map.clone(), self.key.clone())
    }
}

impl<W: Copy, Q: Copy, K> Copy for Entry<W, Q, K> {}

impl<W: fmt::Debug, Q: fmt::Debug, K> fmt::Debug for Entry<W, Q, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { map, key, .. } = self;
        f.debug_struct("Entry").field("map", map).field("key", key).finish()
    }
}

impl<R, W, C, Q, K> Walk<R> for Entry<W, Q, K>
where
    W: Walk<R, Value = C>,
    C: Keyed,
    Q: IntoKey<C::Key>,
    K: Below<C::Item>,
{
    type Value = C::Item;
    type Owned = Entry<W::Owned, C::Key, K>;
    type Discarded = W::Discarded;
    type Below = K;

    const CHEAP: bool = K::CHEAP;
    const PLAIN: bool = false;
    const KEYED: bool = true;

    fn get<'a>(&self, root: &'a R) -> Option<&'a C::Item> {
        self.key.__find(self.map.get(root)?)
    }

    fn get_mut<'a>(
        &self,
        root: &'a mut R,
        discarded: &mut W::Discarded,
    ) -> Option<&'a mut C::Item> {
        self.key.__find_mut(self.map.get_mut(root, discarded)?)
    }

    fn node(&self) -> Node {
        self.map.node()
    }

    fn locate(&self, location: &mut Location) {
        self.map.locate(location);
        location.enter_entry(self.key.__id(), K::NODES);
    }

    fn keys(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.map.keys(visit);
        visit(&self.key.clone().into_key());
    }

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        self.map.describe(text)?;
        self.key.__describe(text)
    }

    fn node_of(value: &C::Item, id: u32) -> Option<&dyn Any> {
        K::node_of(value, id)
    }

    fn owned(&self) -> Self::Owned {
        Entry::of(self.map.owned(), self.key.clone().into_key())
    }

    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops) {
        self.map.hops(hops);
        hops.entry_of(|| self.key.clone().into_key());
    }
}
