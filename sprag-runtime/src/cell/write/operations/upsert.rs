//! Operations that look before they write: an element between others, an entry that
//! need not be there.

use super::{Insert, Operation};
use crate::cell::write::change::EntryChange;
#[cfg(feature = "serde")]
use crate::delta::Doing;
use crate::path::{Keyed, List, Map, Removed, Set};

/// Inserts an element into a list, before the one at its index.
pub(crate) struct InsertAt<C: List> {
    index: usize,
    /// The element, while it is not in the list.
    item: Option<C::Item>,
    /// Whether the list reaches to the index.
    is_inside: bool,
}

impl<C: List> InsertAt<C> {
    pub(crate) fn of(index: usize, item: C::Item) -> Self {
        Self { index, item: Some(item), is_inside: false }
    }
}

impl<C: List> Operation<C> for InsertAt<C> {
    type Output = Option<C::Item>;
    type Leftover = ();

    fn prepare(&mut self, list: &C) -> bool {
        self.is_inside = self.index <= list.__len();
        self.is_inside
    }

    fn swap(&mut self, list: &mut C) {
        match self.item.take() {
            Some(item) => list.__restore(Removed::element(self.index, item)),
            None => self.item = list.__remove(&self.index).map(|removed| removed.item),
        }
    }

    fn change(&self) -> EntryChange {
        EntryChange::appended(self.index)
    }

    fn keys(&self, _: &mut dyn FnMut(&usize)) {}

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<usize>, Doing)> {
        vec![(None, Doing::Put(self.index..self.index + 1))]
    }

    fn finish(self) -> (Self::Output, ()) {
        (self.item, ())
    }
}

/// Puts a value under a key that is not in the collection.
pub(crate) struct InsertIfAbsent<C: Keyed>(Insert<C>);

impl<C: Keyed> InsertIfAbsent<C> {
    pub(crate) fn of(key: C::Key, item: C::Item) -> Self {
        Self(Insert::new(key, item))
    }
}

impl<C: Keyed> Operation<C> for InsertIfAbsent<C> {
    type Output = Option<C::Item>;
    type Leftover = <Insert<C> as Operation<C>>::Leftover;

    fn prepare(&mut self, map: &C) -> bool {
        map.__get(&self.0.key).is_none() && self.0.prepare(map)
    }

    fn swap(&mut self, map: &mut C) {
        self.0.swap(map);
    }

    fn change(&self) -> EntryChange {
        self.0.change()
    }

    fn keys(&self, visit: &mut dyn FnMut(&C::Key)) {
        self.0.keys(visit);
    }

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<C::Key>, Doing)> {
        self.0.doings()
    }

    fn finish(self) -> (Self::Output, Self::Leftover) {
        self.0.finish()
    }
}

/// Adds a member to a set that does not have it.
pub(crate) struct AddMember<C: Set>(InsertIfAbsent<C>);

impl<C: Set> AddMember<C> {
    pub(crate) fn of(member: C::Key) -> Self {
        Self(InsertIfAbsent::of(member, ()))
    }
}

impl<C: Set> Operation<C> for AddMember<C> {
    /// Whether the set did not have the member.
    type Output = bool;
    type Leftover = <Insert<C> as Operation<C>>::Leftover;

    fn prepare(&mut self, set: &C) -> bool {
        self.0.prepare(set)
    }

    fn swap(&mut self, set: &mut C) {
        self.0.swap(set);
    }

    fn change(&self) -> EntryChange {
        self.0.change()
    }

    fn keys(&self, visit: &mut dyn FnMut(&C::Key)) {
        self.0.keys(visit);
    }

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<C::Key>, Doing)> {
        self.0.doings()
    }

    fn finish(self) -> (bool, Self::Leftover) {
        let (left, leftover) = self.0.finish();
        (left.is_none(), leftover)
    }
}

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
    fn doings(&self) -> Vec<(Option<C::Key>, Doing)> {
        self.insert.doings()
    }

    fn is_equal(&self) -> bool {
        self.insert.is_equal()
    }

    fn finish(self) -> (Self::Output, Self::Leftover) {
        self.insert.finish()
    }
}
