//! Writes that put a value under a key.

#[cfg(feature = "serde")]
use std::sync::Arc;

use super::{EntryWrite, Operation, Reversible};
use crate::cell::write::change::EntryChange;
#[cfg(feature = "serde")]
use crate::delta::Doing;
#[cfg(feature = "serde")]
use crate::path::AnyKey;
use crate::path::{Keyed, Removed, Set};

/// Puts a value under a key.
pub(crate) struct Insert<C: Keyed> {
    pub(super) key: C::Key,
    /// The new value, while it is not in the map; then the old one, if any.
    pub(super) value: Option<C::Item>,
    /// Whether the map does not have the key.
    is_new: bool,
    /// Whether the old value equals the new one, as far as `equals` knows.
    is_equal: bool,
    pub(super) equals: fn(&C::Item, &C::Item) -> bool,
    /// The key of an entry that was inserted and taken out again.
    undone: Option<C::Key>,
}

impl<C: Keyed> Insert<C> {
    /// An insertion that compares the old value with the new one.
    pub(crate) fn comparing(key: C::Key, item: C::Item) -> Self
    where
        C::Item: PartialEq,
    {
        Self { equals: C::Item::eq, ..Self::new(key, item) }
    }

    pub(crate) fn new(key: C::Key, item: C::Item) -> Self {
        Self::of(key, Some(item))
    }

    pub(super) fn of(key: C::Key, value: Option<C::Item>) -> Self {
        let (is_new, is_equal) = (false, false);
        Self { key, value, is_new, is_equal, equals: |_, _| false, undone: None }
    }
}

impl<C: Keyed> EntryWrite<C> for Insert<C> {
    // Not `insert` for an existing key, since it drops the key that it does not keep.
    fn swap(&mut self, map: &mut C) {
        // Cloned while the value is still the caller's to drop, after the lock.
        let key = (self.is_new && self.value.is_some()).then(|| self.key.clone());
        match (self.value.take(), key) {
            (Some(value), Some(key)) => map.__add(key, value),
            (Some(value), None) => {
                self.value = map.__get_mut(&self.key).map(|old| std::mem::replace(old, value));
            }
            (None, _) => {
                let removed = map.__remove(&self.key).map(Removed::into_parts);
                (self.undone, self.value) = removed.unzip();
            }
        }
    }

    fn change(&self) -> EntryChange {
        match self.is_new {
            true => EntryChange::added::<C>(&self.key),
            false => EntryChange::written::<C>(&self.key),
        }
    }

    fn keys(&self, visit: &mut dyn FnMut(&C::Key)) {
        visit(&self.key);
    }

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<AnyKey>, Doing)> {
        let doing = if self.is_new { Doing::Add } else { Doing::Set };
        if self.is_equal {
            return Vec::new();
        }
        let key: AnyKey = Arc::new(self.key.clone());
        vec![(Some(key), doing)]
    }

    fn is_equal(&self) -> bool {
        self.is_equal
    }
}

impl<C: Keyed> Operation<C> for Insert<C> {
    type Output = Option<C::Item>;
    type Leftover = (C::Key, Option<C::Key>);

    fn prepare(&mut self, map: &C) -> bool {
        let old = map.__get(&self.key);
        self.is_new = old.is_none();
        self.is_equal =
            old.zip(self.value.as_ref()).is_some_and(|(old, new)| (self.equals)(old, new));
        true
    }

    fn finish(self) -> (Self::Output, Self::Leftover) {
        (self.value, (self.key, self.undone))
    }
}

impl<C: Keyed<Item: Clone>> Reversible<C> for Insert<C> {
    type Reversal = Self;

    fn output(&self, map: &C) -> Self::Output {
        map.__get(&self.key).cloned()
    }

    fn reversal(self) -> Self {
        self
    }
}

/// Implements [`EntryWrite`] for a wrapper of another operation.
macro_rules! delegate_entry_write {
    ($wrapper:ident, $collection:ident) => {
        impl<C: $collection> EntryWrite<C> for $wrapper<C> {
            fn swap(&mut self, collection: &mut C) {
                self.0.swap(collection);
            }

            fn change(&self) -> EntryChange {
                self.0.change()
            }

            fn keys(&self, visit: &mut dyn FnMut(&C::Key)) {
                self.0.keys(visit);
            }

            #[cfg(feature = "serde")]
            fn doings(&self) -> Vec<(Option<AnyKey>, Doing)> {
                self.0.doings()
            }
        }
    };
}

/// Puts a value under a key that is not in the collection.
pub(crate) struct InsertIfAbsent<C: Keyed>(Insert<C>);

impl<C: Keyed> InsertIfAbsent<C> {
    pub(crate) fn of(key: C::Key, item: C::Item) -> Self {
        Self(Insert::new(key, item))
    }
}

delegate_entry_write!(InsertIfAbsent, Keyed);

impl<C: Keyed> Operation<C> for InsertIfAbsent<C> {
    type Output = Option<C::Item>;
    type Leftover = <Insert<C> as Operation<C>>::Leftover;

    fn prepare(&mut self, map: &C) -> bool {
        map.__get(&self.0.key).is_none() && self.0.prepare(map)
    }

    fn finish(self) -> (Self::Output, Self::Leftover) {
        self.0.finish()
    }
}

impl<C: Keyed> Reversible<C> for InsertIfAbsent<C> {
    type Reversal = Insert<C>;

    fn output(&self, _: &C) -> Self::Output {
        None
    }

    fn reversal(self) -> Insert<C> {
        self.0
    }
}

/// Adds a member to a set that does not have it.
pub(crate) struct AddMember<C: Set>(InsertIfAbsent<C>);

impl<C: Set> AddMember<C> {
    pub(crate) fn of(member: C::Key) -> Self {
        Self(InsertIfAbsent::of(member, ()))
    }
}

delegate_entry_write!(AddMember, Set);

impl<C: Set> Operation<C> for AddMember<C> {
    /// Whether the set did not have the member.
    type Output = bool;
    type Leftover = <Insert<C> as Operation<C>>::Leftover;

    fn prepare(&mut self, set: &C) -> bool {
        self.0.prepare(set)
    }

    fn finish(self) -> (bool, Self::Leftover) {
        let (left, leftover) = self.0.finish();
        (left.is_none(), leftover)
    }
}

impl<C: Set> Reversible<C> for AddMember<C> {
    type Reversal = Insert<C>;

    fn output(&self, _: &C) -> bool {
        true
    }

    fn reversal(self) -> Insert<C> {
        self.0.reversal()
    }
}
