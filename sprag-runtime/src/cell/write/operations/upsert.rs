//! Changes the value under a key, or puts one there.

use super::{EntryWrite, Insert, Operation, Reversible};
use crate::cell::write::change::EntryChange;
#[cfg(feature = "serde")]
use crate::delta::Doing;
#[cfg(feature = "serde")]
use crate::path::AnyKey;
use crate::path::Map;

/// Changes the value under a key, or puts one there.
pub(crate) struct Upsert<C: Map, F, G> {
    insert: Insert<C>,
    update: Option<F>,
    make: Option<G>,
}

impl<C: Map, F, G> Upsert<C, F, G> {
    /// One that compares the old value with the new one.
    pub(crate) fn comparing(key: C::Key, update: F, make: G) -> Self
    where
        C::Item: PartialEq,
    {
        let mut upsert = Self::new(key, update, make);
        upsert.insert.equals = C::Item::eq;
        upsert
    }

    pub(crate) fn new(key: C::Key, update: F, make: G) -> Self {
        Self { insert: Insert::of(key, None), update: Some(update), make: Some(make) }
    }

    /// The new value. The user's closures run here, on a clone.
    fn value(&mut self, map: &C) -> Option<C::Item>
    where
        C::Item: Clone,
        F: FnOnce(&mut C::Item),
        G: FnOnce() -> C::Item,
    {
        let Some(old) = map.__get(&self.insert.key) else {
            return self.make.take().map(|make| make());
        };
        let mut value = old.clone();
        let update = self.update.take()?;
        update(&mut value);
        Some(value)
    }
}

impl<C: Map, F, G> EntryWrite<C> for Upsert<C, F, G> {
    fn swap(&mut self, map: &mut C) {
        self.insert.swap(map);
    }

    fn change(&self) -> EntryChange {
        self.insert.change()
    }

    fn keys(&self, visit: &mut dyn FnMut(&C::Key)) {
        self.insert.keys(visit);
    }

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<AnyKey>, Doing)> {
        self.insert.doings()
    }

    fn is_equal(&self) -> bool {
        self.insert.is_equal()
    }
}

impl<C, F, G> Operation<C> for Upsert<C, F, G>
where
    C: Map<Item: Clone>,
    F: FnOnce(&mut C::Item),
    G: FnOnce() -> C::Item,
{
    type Output = Option<C::Item>;
    type Leftover = <Insert<C> as Operation<C>>::Leftover;

    fn prepare(&mut self, map: &C) -> bool {
        self.insert.value = self.value(map);
        self.insert.prepare(map)
    }

    fn finish(self) -> (Self::Output, Self::Leftover) {
        self.insert.finish()
    }
}

impl<C, F, G> Reversible<C> for Upsert<C, F, G>
where
    C: Map<Item: Clone>,
    F: FnOnce(&mut C::Item),
    G: FnOnce() -> C::Item,
{
    type Reversal = Insert<C>;

    fn output(&self, map: &C) -> Self::Output {
        self.insert.output(map)
    }

    fn reversal(self) -> Insert<C> {
        self.insert
    }
}
