//! The step to one entry of a map.

use std::any::Any;
use std::fmt;
#[cfg(feature = "serde")]
use std::sync::Arc;

use super::{Node, PathText, Walk};
use crate::path::collection::Map;
use crate::path::key::IntoKey;
use crate::path::location::Location;
use crate::path::state::State;
#[cfg(feature = "serde")]
use crate::path::text::Hops;

/// The step to one entry of a map, in the type of a [`KeyedPath`](crate::path::KeyedPath).
#[derive(Clone, Copy, Debug)]
pub struct Entry<W, Q> {
    pub(in crate::path) map: W,
    pub(in crate::path) key: Q,
}

impl<R, W, C, Q> Walk<R> for Entry<W, Q>
where
    W: Walk<R, Value = C>,
    C: Map,
    Q: IntoKey<C::Key>,
{
    type Value = C::Item;
    type Owned = Entry<W::Owned, C::Key>;
    type Discarded = W::Discarded;

    const CHEAP: bool = C::Item::__CHEAP;
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
        location.enter_entry(self.key.__id(), C::Item::__SHAPE.nodes);
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
        value.__node(id)
    }

    fn owned(&self) -> Self::Owned {
        Entry { map: self.map.owned(), key: self.key.clone().into_key() }
    }

    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops) {
        self.map.hops(hops);
        hops.entry(C::__ENTRIES, Arc::new(self.key.clone().into_key()));
    }
}
