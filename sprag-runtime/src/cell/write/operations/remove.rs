//! Writes that take entries out of a collection.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
#[cfg(feature = "serde")]
use std::sync::Arc;

use super::{EntryWrite, Operation, Reversible};
use crate::cell::write::change::EntryChange;
#[cfg(feature = "serde")]
use crate::delta::Doing;
use crate::isolate::discard;
#[cfg(feature = "serde")]
use crate::path::{AnyKey, EntryId};
use crate::path::{Collection, List, Removed, Resizable};

/// The change that removing the entries under `keys` makes, of which there is one at least.
#[cfg(feature = "serde")]
fn removing<C: Resizable>(keys: &[C::Key]) -> Vec<(Option<AnyKey>, Doing)> {
    let (mut indices, mut removed) = (Vec::new(), Vec::<(Option<AnyKey>, Doing)>::new());
    for key in keys {
        match C::__id(key) {
            EntryId::Index(index) => indices.push(index),
            _ => removed.push((Some(Arc::new(key.clone())), Doing::Remove)),
        }
    }
    if removed.is_empty() { vec![(None, Doing::Take(indices))] } else { removed }
}

/// Finds the key to remove, which may be the wanted one.
type Choose<C> = fn(&mut Option<<C as Collection>::Key>, &C) -> Option<<C as Collection>::Key>;

/// Removes an entry from a collection.
pub(crate) struct Remove<C: Resizable> {
    wanted: Option<C::Key>,
    choose: Choose<C>,
    key: Option<C::Key>,
    /// The entry, once it is out.
    removed: Option<Removed<C>>,
}

impl<C: Resizable> Remove<C> {
    pub(crate) fn at(key: C::Key) -> Self {
        // Taken only if it exists; the rest is dropped after the lock.
        Self::choosing(Some(key), |wanted, collection| {
            wanted.take_if(|key| collection.__get(key).is_some())
        })
    }

    pub(crate) fn last() -> Self
    where
        C: List,
    {
        Self::choosing(None, |_, list| list.__len().checked_sub(1))
    }

    fn choosing(wanted: Option<C::Key>, choose: Choose<C>) -> Self {
        Self { wanted, choose, key: None, removed: None }
    }
}

impl<C: Resizable> EntryWrite<C> for Remove<C> {
    fn swap(&mut self, collection: &mut C) {
        match (self.removed.take(), &self.key) {
            (Some(removed), _) => collection.__restore(removed),
            (None, Some(key)) => self.removed = collection.__remove(key),
            (None, None) => {}
        }
    }

    fn change(&self) -> EntryChange {
        EntryChange::removed::<C>(self.key.as_slice())
    }

    fn keys(&self, visit: &mut dyn FnMut(&C::Key)) {
        self.key.iter().for_each(visit);
    }

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<AnyKey>, Doing)> {
        removing::<C>(self.key.as_slice())
    }
}

impl<C: Resizable> Operation<C> for Remove<C> {
    type Output = Option<C::Item>;
    type Leftover = (Option<C::Key>, Option<C::Key>, Option<C::Key>);

    fn prepare(&mut self, collection: &C) -> bool {
        self.key = (self.choose)(&mut self.wanted, collection);
        self.key.is_some()
    }

    fn finish(self) -> (Self::Output, Self::Leftover) {
        let (key, item) = self.removed.map(Removed::into_parts).unzip();
        (item, (self.wanted, self.key, key))
    }
}

impl<C: Resizable<Item: Clone>> Reversible<C> for Remove<C> {
    type Reversal = Self;

    fn output(&self, collection: &C) -> Self::Output {
        self.key.as_ref().and_then(|key| collection.__get(key)).cloned()
    }

    fn reversal(self) -> Self {
        self
    }
}

/// Removes many entries from a collection.
pub(crate) struct Retain<C: Resizable, F> {
    keep: F,
    /// The keys of the removed entries, in order.
    keys: Vec<C::Key>,
    /// The entries, once they are out.
    removed: Vec<Removed<C>>,
}

impl<C: Resizable, F> Retain<C, F> {
    pub(crate) fn by(keep: F) -> Self {
        Self { keep, keys: Vec::new(), removed: Vec::new() }
    }
}

impl<C: Resizable, F> Retain<C, F> {
    /// Removes the entries. If the `Hash` or `Ord` of a key panics, the removed entries are
    /// restored before the panic is resumed.
    fn remove(&mut self, collection: &mut C) {
        let removed = &mut self.removed;
        let remove = || collection.__remove_all(&self.keys, removed);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(remove)) {
            let removed = std::mem::take(&mut self.removed);
            let restore = || collection.__restore_all(removed);
            if let Err(second) = catch_unwind(AssertUnwindSafe(restore)) {
                discard(second);
            }
            resume_unwind(panic);
        }
    }
}

impl<C: Resizable, F> EntryWrite<C> for Retain<C, F> {
    fn swap(&mut self, collection: &mut C) {
        if self.removed.is_empty() {
            self.remove(collection);
        } else {
            collection.__restore_all(std::mem::take(&mut self.removed));
        }
    }

    fn change(&self) -> EntryChange {
        EntryChange::removed::<C>(&self.keys)
    }

    fn keys(&self, visit: &mut dyn FnMut(&C::Key)) {
        self.keys.iter().for_each(visit);
    }

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<AnyKey>, Doing)> {
        removing::<C>(&self.keys)
    }
}

impl<C, F> Operation<C> for Retain<C, F>
where
    C: Resizable,
    F: FnMut(C::Entry<'_>) -> bool,
{
    type Output = ();
    type Leftover = (Vec<C::Key>, Vec<Removed<C>>);

    fn prepare(&mut self, collection: &C) -> bool {
        self.keys = collection.__unwanted(&mut self.keep);
        !self.keys.is_empty()
    }

    fn finish(self) -> (Self::Output, Self::Leftover) {
        ((), (self.keys, self.removed))
    }
}

impl<C, F> Reversible<C> for Retain<C, F>
where
    C: Resizable,
    F: FnMut(C::Entry<'_>) -> bool,
{
    type Reversal = Retain<C, ()>;

    fn output(&self, _: &C) {}

    fn reversal(self) -> Self::Reversal {
        Retain { keep: (), keys: self.keys, removed: self.removed }
    }
}
