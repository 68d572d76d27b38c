//! Writes of lists: elements at the end, and one between others.

use smallvec::SmallVec;

use super::{EntryWrite, Operation, Reversible};
use crate::cell::write::change::EntryChange;
#[cfg(feature = "serde")]
use crate::delta::Doing;
#[cfg(feature = "serde")]
use crate::path::AnyKey;
use crate::path::{List, Removed};

/// Appends to a list.
pub(crate) struct Append<V> {
    /// The elements, while they are not in the list.
    items: SmallVec<[V; 1]>,
    count: usize,
    /// The index that the first one gets.
    index: usize,
}

impl<V> Append<V> {
    pub(crate) fn of(items: SmallVec<[V; 1]>) -> Self {
        Self { count: items.len(), items, index: 0 }
    }
}

impl<C: List> EntryWrite<C> for Append<C::Item> {
    fn swap(&mut self, list: &mut C) {
        if self.items.is_empty() {
            self.items.extend((0..self.count).map_while(|_| list.__pop()));
            self.items.reverse();
        } else {
            self.items.drain(..).for_each(|item| list.__push(item));
        }
    }

    fn change(&self) -> EntryChange {
        match self.count {
            1 => EntryChange::added::<C>(&self.index),
            _ => EntryChange::appended(self.index),
        }
    }

    fn keys(&self, visit: &mut dyn FnMut(&usize)) {
        visit(&self.index);
    }

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<AnyKey>, Doing)> {
        vec![(None, Doing::Put((self.index..self.index + self.count).collect()))]
    }
}

impl<C: List> Operation<C> for Append<C::Item> {
    type Output = ();
    type Leftover = SmallVec<[C::Item; 1]>;

    fn prepare(&mut self, list: &C) -> bool {
        self.index = list.__len();
        self.count > 0
    }

    fn finish(self) -> ((), Self::Leftover) {
        ((), self.items)
    }
}

impl<C: List> Reversible<C> for Append<C::Item> {
    type Reversal = Self;

    fn output(&self, _: &C) {}

    fn reversal(self) -> Self {
        self
    }
}

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

impl<C: List> EntryWrite<C> for InsertAt<C> {
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
    fn doings(&self) -> Vec<(Option<AnyKey>, Doing)> {
        vec![(None, Doing::Put(vec![self.index]))]
    }
}

impl<C: List> Operation<C> for InsertAt<C> {
    type Output = Option<C::Item>;
    type Leftover = ();

    fn prepare(&mut self, list: &C) -> bool {
        self.is_inside = self.index <= list.__len();
        self.is_inside
    }

    fn finish(self) -> (Self::Output, ()) {
        (self.item, ())
    }
}

impl<C: List> Reversible<C> for InsertAt<C> {
    type Reversal = Self;

    fn output(&self, _: &C) -> Self::Output {
        None
    }

    fn reversal(self) -> Self {
        self
    }
}
