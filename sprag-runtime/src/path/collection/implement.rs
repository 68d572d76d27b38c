//! What implements the traits for a type: macros, since the inherent methods of
//! sequences and maps have the same names and no common trait.

use std::collections::HashSet;
use std::hash::Hash;

use super::{Removed, Resizable};

/// A sequence of any length.
macro_rules! sequence {
    ([$($generics:tt)*] $sequence:ty, $entries:ident) => {
        impl<$($generics)*> Collection for $sequence {
            type Key = usize;
            type Item = V;
            type Entry<'a> = &'a V;
            type __Step<W, Q> = Element<W>;

            fn __step<W, Q: IntoKey<usize>>(sequence: W, index: Q) -> Element<W> {
                Element { sequence, index: index.into_key() }
            }

            const __ENTRIES: Entries = Entries::$entries::<Self>();

            fn __len(&self) -> usize {
                self.len()
            }

            fn __get(&self, index: &usize) -> Option<&V> {
                self.get(*index)
            }

            fn __get_mut(&mut self, index: &usize) -> Option<&mut V> {
                self.get_mut(*index)
            }

            fn __id(index: &usize) -> EntryId {
                EntryId::Index(*index)
            }

            fn __each(&self, visit: &mut dyn FnMut(&usize, &V)) {
                self.iter().enumerate().for_each(|(index, item)| visit(&index, item));
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Sequence for $sequence {
            fn __swap(&mut self, a: usize, b: usize) {
                self.swap(a, b);
            }
        }
    };
}

/// A sequence that `push` and `pop` work on at the end. `remove` is only asked for an
/// index that is there.
macro_rules! list {
    (
        [$($generics:tt)*] $list:ty;
        $push:ident, $pop:ident, remove $remove:expr, $remove_all:path, $restore_all:path;
    ) => {
        sequence!([$($generics)*] $list, list);

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Resizable for $list {
            const __SHIFTS: bool = true;

            fn __remove(&mut self, index: &usize) -> Option<Removed<Self>> {
                let remove: fn(&mut Self, usize) -> Option<V> = $remove;
                let item = if *index < self.len() { remove(self, *index)? } else { return None };
                Some(Removed { position: *index, key: *index, item })
            }

            fn __restore(&mut self, removed: Removed<Self>) {
                self.insert(removed.position, removed.item);
            }

            fn __unwanted(&self, keep: &mut dyn FnMut(&V) -> bool) -> Vec<usize> {
                let indices = self.iter().enumerate();
                indices.filter_map(|(index, item)| (!keep(item)).then_some(index)).collect()
            }

            fn __remove_all(&mut self, indices: &[usize], removed: &mut Vec<Removed<Self>>) {
                *removed = $remove_all(self, indices);
            }

            fn __restore_all(&mut self, removed: Vec<Removed<Self>>) {
                $restore_all(self, removed);
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> List for $list {
            fn __push(&mut self, item: V) {
                self.$push(item);
            }

            fn __pop(&mut self) -> Option<V> {
                self.$pop()
            }
        }
    };
}

/// The keys of a map as a value; those that are compared are as many.
pub(in crate::path) trait KeyList<K> {
    fn are<'k>(&self, keys: impl Iterator<Item = &'k K>) -> bool
    where
        K: 'k;
    /// Whether `a` and `b`, the keys of two maps, are the same; `has` says whether the
    /// second one has a key.
    fn are_same<'k>(
        a: impl Iterator<Item = &'k K>,
        b: impl Iterator<Item = &'k K>,
        has: impl Fn(&K) -> bool,
    ) -> bool
    where
        K: 'k;
}

impl<K: Eq> KeyList<K> for Vec<K> {
    fn are<'k>(&self, keys: impl Iterator<Item = &'k K>) -> bool
    where
        K: 'k,
    {
        keys.eq(self)
    }

    fn are_same<'k>(
        a: impl Iterator<Item = &'k K>,
        b: impl Iterator<Item = &'k K>,
        _: impl Fn(&K) -> bool,
    ) -> bool
    where
        K: 'k,
    {
        a.eq(b)
    }
}

impl<K: Hash + Eq> KeyList<K> for HashSet<K> {
    fn are<'k>(&self, mut keys: impl Iterator<Item = &'k K>) -> bool
    where
        K: 'k,
    {
        keys.all(|key| self.contains(key))
    }

    fn are_same<'k>(
        mut a: impl Iterator<Item = &'k K>,
        _: impl Iterator<Item = &'k K>,
        has: impl Fn(&K) -> bool,
    ) -> bool
    where
        K: 'k,
    {
        a.all(has)
    }
}

/// A map whose keys are [`Key`]s, and `$ord` where that is needed.
macro_rules! map {
    (
        [$($generics:tt)*] $map:ty $(where $ord:path)?;
        keys $keys:ty, remove $remove:expr, $remove_all:path, restore $restore:expr, $restore_all:path;
    ) => {
        impl<$($generics)*> Collection for $map
        where
            K: Key $(+ $ord)?,
        {
            type Key = K;
            type Item = V;
            type Entry<'a> = (&'a K, &'a V);
            type __Step<W, Q> = Entry<W, Q>;

            fn __step<W, Q: IntoKey<K>>(map: W, key: Q) -> Entry<W, Q::Held> {
                Entry { map, key: key.__held() }
            }

            const __ENTRIES: Entries = Entries::map::<Self>();

            fn __len(&self) -> usize {
                self.len()
            }

            fn __get(&self, key: &K) -> Option<&V> {
                self.get(key)
            }

            fn __get_mut(&mut self, key: &K) -> Option<&mut V> {
                self.get_mut(key)
            }

            fn __id(key: &K) -> EntryId {
                EntryId::of_key(key)
            }

            fn __each(&self, visit: &mut dyn FnMut(&K, &V)) {
                self.iter().for_each(|(key, item)| visit(key, item));
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Resizable for $map
        where
            K: Key $(+ $ord)?,
        {
            const __SHIFTS: bool = false;

            fn __remove(&mut self, key: &K) -> Option<Removed<Self>> {
                let remove: fn(&mut Self, &K) -> Option<(usize, K, V)> = $remove;
                let (position, key, item) = remove(self, key)?;
                Some(Removed { position, key, item })
            }

            fn __restore(&mut self, removed: Removed<Self>) {
                let restore: fn(&mut Self, Removed<Self>) = $restore;
                restore(self, removed);
            }

            fn __unwanted(&self, keep: &mut dyn FnMut(Self::Entry<'_>) -> bool) -> Vec<K> {
                let unwanted = self.iter().filter(|entry| !keep(*entry));
                unwanted.map(|(key, _)| key.clone()).collect()
            }

            fn __remove_all(&mut self, keys: &[K], removed: &mut Vec<Removed<Self>>) {
                $remove_all(self, keys, removed);
            }

            fn __restore_all(&mut self, removed: Vec<Removed<Self>>) {
                $restore_all(self, removed);
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Map for $map
        where
            K: Key $(+ $ord)?,
        {
            type Keys = $keys;

            fn __keys(&self) -> $keys {
                self.keys().cloned().collect()
            }

            fn __has_keys(&self, keys: &$keys) -> bool {
                self.len() == keys.len() && keys.are(self.keys())
            }

            fn __has_keys_of(&self, other: &Self) -> bool {
                let has = |key: &K| other.contains_key(key);
                self.len() == other.len() && <$keys>::are_same(self.keys(), other.keys(), has)
            }

            fn __each_key(&self, visit: &mut dyn FnMut(&K)) {
                self.keys().for_each(visit);
            }

            fn __first_keys(&self, limit: usize, visit: &mut dyn FnMut(&K)) {
                self.keys().take(limit).for_each(visit);
            }

            fn __add(&mut self, key: K, item: V) {
                self.insert(key, item);
            }

            fn __find(&self, key: &str) -> Option<&V>
            where
                K: Borrow<str>,
            {
                self.get(key)
            }

            fn __find_mut(&mut self, key: &str) -> Option<&mut V>
            where
                K: Borrow<str>,
            {
                self.get_mut(key)
            }
        }
    };
}

pub(super) fn remove_each<C: Resizable>(
    all: &mut C,
    keys: &[C::Key],
    removed: &mut Vec<Removed<C>>,
) {
    keys.iter().for_each(|key| removed.extend(all.__remove(key)));
}

pub(super) fn restore_each<C: Resizable>(all: &mut C, removed: Vec<Removed<C>>) {
    removed.into_iter().for_each(|removed| all.__restore(removed));
}

pub(super) use {list, map, sequence};
