//! The step to the value that a pointer holds.

use std::any::Any;
use std::fmt;

use crate::path::location::{EntryId, Location, Node};
use crate::path::path_text::PathText;
use crate::path::pointer::Pointer;
use crate::path::state::State;
#[cfg(feature = "serde")]
use crate::path::text::Hops;
use crate::path::walk::{Tree, Walk};

/// The step to the content of a pointer.
#[derive(Clone, Copy, Debug)]
pub struct Deref<W> {
    pub(in crate::path) pointer: W,
}

impl<R, W: Walk<R, Value: Pointer>> Walk<R> for Deref<W> {
    type Value = <W::Value as Pointer>::Target;
    type Owned = Deref<W::Owned>;
    type Discarded = (W::Discarded, <W::Value as Pointer>::__Discarded);
    type Below = Tree;

    const CHEAP: bool = Self::Value::__CHEAP;
    const PLAIN: bool = W::PLAIN && Self::Value::__PLAIN;
    const KEYED: bool = true;

    fn get<'a>(&self, root: &'a R) -> Option<&'a Self::Value> {
        self.pointer.get(root).map(Pointer::__get)
    }

    fn get_mut<'a>(
        &self,
        root: &'a mut R,
        (before, discarded): &mut Self::Discarded,
    ) -> Option<&'a mut Self::Value> {
        self.pointer.get_mut(root, before)?.__get_mut(discarded)
    }

    fn node(&self) -> Node {
        self.pointer.node()
    }

    fn locate(&self, location: &mut Location) {
        self.pointer.locate(location);
        location.enter_entry(EntryId::Only, Self::Value::__SHAPE.nodes);
    }

    fn keys(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.pointer.keys(visit);
        visit(&());
    }

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        self.pointer.describe(text)
    }

    fn node_of(value: &Self::Value, id: u32) -> Option<&dyn Any> {
        value.__node(id)
    }

    fn owned(&self) -> Self::Owned {
        Deref { pointer: self.pointer.owned() }
    }

    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops) {
        self.pointer.hops(hops);
        hops.inside();
    }
}
