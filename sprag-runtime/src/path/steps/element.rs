//! The step to one element of a sequence.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use crate::path::collection::Sequence;
use crate::path::location::{EntryId, Location, Node};
use crate::path::path_text::PathText;
#[cfg(feature = "serde")]
use crate::path::text::Hops;
use crate::path::walk::{Below, Tree, Walk};

/// The step to one element of a sequence.
///
/// `K` is the kind of the tree below the element: `Tree`, or `Opaque` in a field that is a
/// leaf.
pub struct Element<W, K = Tree> {
    sequence: W,
    index: usize,
    kind: PhantomData<fn() -> K>,
}

impl<W, K> Element<W, K> {
    pub(in crate::path) const fn of(sequence: W, index: usize) -> Self {
        Self { sequence, index, kind: PhantomData }
    }
}

impl<W: Clone, K> Clone for Element<W, K> {
    fn clone(&self) -> Self {
        Self::of(self.sequence.clone(), self.index)
    }
}

impl<W: Copy, K> Copy for Element<W, K> {}

impl<W: fmt::Debug, K> fmt::Debug for Element<W, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sequence, index, .. } = self;
        f.debug_struct("Element").field("sequence", sequence).field("index", index).finish()
    }
}

impl<R, W, C, K> Walk<R> for Element<W, K>
where
    W: Walk<R, Value = C>,
    C: Sequence,
    K: Below<C::Item>,
{
    type Value = C::Item;
    type Owned = Element<W::Owned, K>;
    type Discarded = W::Discarded;
    type Below = K;

    const CHEAP: bool = K::CHEAP;
    const PLAIN: bool = false;
    const KEYED: bool = true;

    fn get<'a>(&self, root: &'a R) -> Option<&'a C::Item> {
        self.sequence.get(root)?.__get(&self.index)
    }

    fn get_mut<'a>(
        &self,
        root: &'a mut R,
        discarded: &mut W::Discarded,
    ) -> Option<&'a mut C::Item> {
        self.sequence.get_mut(root, discarded)?.__get_mut(&self.index)
    }

    fn node(&self) -> Node {
        self.sequence.node()
    }

    fn locate(&self, location: &mut Location) {
        self.sequence.locate(location);
        location.enter_entry(EntryId::Index(self.index), K::NODES);
    }

    fn keys(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.sequence.keys(visit);
        visit(&self.index);
    }

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        self.sequence.describe(text)?;
        text.key(&self.index)
    }

    fn node_of(value: &C::Item, id: u32) -> Option<&dyn Any> {
        K::node_of(value, id)
    }

    fn owned(&self) -> Self::Owned {
        Element::of(self.sequence.owned(), self.index)
    }

    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops) {
        self.sequence.hops(hops);
        hops.entry_of(|| self.index);
    }
}
