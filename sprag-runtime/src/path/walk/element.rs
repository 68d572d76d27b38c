//! The step to one element of a sequence.

use std::any::Any;
use std::fmt;
#[cfg(feature = "serde")]
use std::sync::Arc;

use super::{Node, PathText, Walk};
use crate::path::collection::Sequence;
use crate::path::location::{EntryId, Location};
use crate::path::state::State;
#[cfg(feature = "serde")]
use crate::path::text::Hops;

/// The step to one element of a sequence.
#[derive(Clone, Copy, Debug)]
pub struct Element<W> {
    pub(in crate::path) sequence: W,
    pub(in crate::path) index: usize,
}

impl<R, W, C> Walk<R> for Element<W>
where
    W: Walk<R, Value = C>,
    C: Sequence,
{
    type Value = C::Item;
    type Owned = Element<W::Owned>;
    type Discarded = W::Discarded;

    const CHEAP: bool = C::Item::__CHEAP;
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
        location.enter_entry(EntryId::Index(self.index), C::Item::__SHAPE.nodes);
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
        value.__node(id)
    }

    fn owned(&self) -> Self::Owned {
        Element { sequence: self.sequence.owned(), index: self.index }
    }

    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops) {
        self.sequence.hops(hops);
        hops.entry(C::__ENTRIES, Arc::new(self.index));
    }
}
