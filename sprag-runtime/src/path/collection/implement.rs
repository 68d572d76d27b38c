//! Macros that implement the traits for a type. Macros, because the inherent methods of
//! sequences and maps have the same names and no common trait.

use std::collections::HashSet;
use std::hash::Hash;

use super::{Removed, Resizable};

/// A sequence of any length.
macro_rules! sequence {
    ([$($generics:tt)*] $sequence:ty) => {
        impl<$($generics)*> Collection for $sequence {
            type Key = usize;
            type Item = V;
            type Entry<'a> = &'a V;
            type __Step<W, Q, K> = Element<W, K>;

            fn __step<W, Q: IntoKey<usize>, K>(sequence: W, index: Q) -> Element<W, K> {
                Element::of(sequence, index.into_key())
            }

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

/// A sequence that `push` and `pop` change at the end. Callers of `remove` pass an index
/// that exists.
macro_rules! list {
    (
        [$($generics:tt)*] $list:ty;
        $push:ident, $pop:ident, remove $remove:expr, $remove_all:path, $restore_all:path;
    ) => {
        sequence!([$($generics)*] $list);

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

/// The keys of a map as a value. Callers have compared the lengths already.
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
            type __Step<W, Q, B> = Entry<W, Q, B>;

            fn __step<W, Q: IntoKey<K>, B>(map: W, key: Q) -> Entry<W, Q::Held, B> {
                Entry::of(map, key.__held())
            }

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
        impl<$($generics)*> Keyed for $map
        where
            K: Key $(+ $ord)?,
        {
            keyed!(keys $keys, K: keys, contains_key);

            fn __add(&mut self, key: K, item: V) {
                self.insert(key, item);
            }

            fn __find(&self, key: &str) -> Option<&V> where K: Borrow<str> {
                self.get(key)
            }

            fn __find_mut(&mut self, key: &str) -> Option<&mut V> where K: Borrow<str> {
                self.get_mut(key)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Map for $map where K: Key $(+ $ord)? {}

        comes_and_goes! {
            [$($generics)*] $map $(where $ord)?;
            K, V, |(key, _)| key;
            $remove, $remove_all, $restore, $restore_all;
        }
    };
}

/// A set whose members are [`Key`]s, and `$ord` where that is needed.
macro_rules! set {
    (
        [$($generics:tt)*] $set:ty $(where $ord:path)?;
        keys $keys:ty, remove $remove:expr, restore $restore:expr;
        arranged $arranged:literal, after $after:expr, position $position:expr;
    ) => {
        impl<$($generics)*> Collection for $set
        where
            T: Key $(+ $ord)?,
        {
            type Key = T;
            type Item = ();
            type Entry<'a> = &'a T;
            type __Step<W, Q, B> = Entry<W, Q, B>;

            fn __step<W, Q: IntoKey<T>, B>(set: W, member: Q) -> Entry<W, Q::Held, B> {
                Entry::of(set, member.__held())
            }

            fn __len(&self) -> usize {
                self.len()
            }

            fn __get(&self, member: &T) -> Option<&()> {
                self.contains(member).then_some(&())
            }

            fn __get_mut(&mut self, member: &T) -> Option<&mut ()> {
                self.contains(member).then(nothing)
            }

            fn __id(member: &T) -> EntryId {
                EntryId::of_key(member)
            }

            fn __each(&self, visit: &mut dyn FnMut(&T, &())) {
                self.iter().for_each(|member| visit(member, &()));
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Keyed for $set
        where
            T: Key $(+ $ord)?,
        {
            keyed!(keys $keys, T: iter, contains);

            fn __add(&mut self, member: T, (): ()) {
                self.insert(member);
            }

            fn __find(&self, member: &str) -> Option<&()> where T: Borrow<str> {
                self.contains(member).then_some(&())
            }

            fn __find_mut(&mut self, member: &str) -> Option<&mut ()> where T: Borrow<str> {
                self.contains(member).then(nothing)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Set for $set
        where
            T: Key $(+ $ord)?,
        {
            const __ARRANGED: bool = $arranged;

            fn __after(&self, member: &T) -> Option<&T> {
                let after: for<'a> fn(&'a Self, &T) -> Option<&'a T> = $after;
                after(self, member)
            }

            fn __position(&self, member: &T) -> Option<usize> {
                let position: fn(&Self, &T) -> Option<usize> = $position;
                position(self, member)
            }
        }

        comes_and_goes! {
            [$($generics)*] $set $(where $ord)?;
            T, (), |member| member;
            $remove, remove_each, $restore, restore_each;
        }
    };
}

/// The methods of `Keyed` that maps and sets share.
macro_rules! keyed {
    (keys $keys:ty, $key:ident: $each:ident, $has:ident) => {
        type Keys = $keys;

        fn __keys(&self) -> $keys {
            self.$each().cloned().collect()
        }

        fn __has_keys(&self, keys: &$keys) -> bool {
            self.len() == keys.len() && keys.are(self.$each())
        }

        fn __has_keys_of(&self, other: &Self) -> bool {
            let has = |key: &$key| other.$has(key);
            self.len() == other.len() && <$keys>::are_same(self.$each(), other.$each(), has)
        }

        fn __each_key(&self, visit: &mut dyn FnMut(&$key)) {
            self.$each().for_each(visit);
        }

        fn __first_keys(&self, limit: usize, visit: &mut dyn FnMut(&$key)) {
            self.$each().take(limit).for_each(visit);
        }
    };
}

/// `Resizable` for maps and sets; `$key_of` is the key of an item of `iter`.
macro_rules! comes_and_goes {
    (
        [$($generics:tt)*] $of:ty $(where $ord:path)?;
        $key:ident, $item:ty, |$entry:pat_param| $key_of:expr;
        $remove:expr, $remove_all:path, $restore:expr, $restore_all:path;
    ) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Resizable for $of
        where
            $key: Key $(+ $ord)?,
        {
            const __SHIFTS: bool = false;

            fn __remove(&mut self, key: &$key) -> Option<Removed<Self>> {
                let remove: fn(&mut Self, &$key) -> Option<(usize, $key, $item)> = $remove;
                let (position, key, item) = remove(self, key)?;
                Some(Removed { position, key, item })
            }

            fn __restore(&mut self, removed: Removed<Self>) {
                let restore: fn(&mut Self, Removed<Self>) = $restore;
                restore(self, removed);
            }

            fn __unwanted(&self, keep: &mut dyn FnMut(Self::Entry<'_>) -> bool) -> Vec<$key> {
                let unwanted = self.iter().filter(|entry| !keep(*entry));
                unwanted.map(|$entry| $key_of.clone()).collect()
            }

            fn __remove_all(&mut self, keys: &[$key], removed: &mut Vec<Removed<Self>>) {
                $remove_all(self, keys, removed);
            }

            fn __restore_all(&mut self, removed: Vec<Removed<Self>>) {
                $restore_all(self, removed);
            }
        }
    };
}

/// The value at the place of a set's member. A value without a size has no allocation.
pub(super) fn nothing<'a>() -> &'a mut () {
    Box::leak(Box::new(()))
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

pub(super) use {comes_and_goes, keyed, list, map, sequence, set};
