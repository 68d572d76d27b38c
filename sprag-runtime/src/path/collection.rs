//! What collections can do by key: the bounds of `.at(i)`, `.key(k)` and the
//! writes of entries.
//!
//! A write may have to be taken back, so each operation here has one that undoes it;
//! and what is taken out is handed out, since its drop is the user's code and must
//! not run under a lock.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt::Debug;
use std::hash::{BuildHasher, Hash};

use super::location::EntryId;
use super::state::State;

/// A collection whose entries have places: a [`Sequence`] or a [`Map`].
///
/// In a state a collection is also a value like any other, which `get` clones and `set`
/// replaces.
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::BTreeMap;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Tv {
///     queue: Vec<String>,          // `at`, `push`, `pop`, `sort`, `remove`, `retain`
///     seen: BTreeMap<u64, String>, // `key`, `insert`, `remove`, `retain`
/// }
///
/// let tv = create_model("tv", Tv::default());
/// tv.push(Tv::PATHS.queue, "alien.mp4".into());
/// tv.insert(Tv::PATHS.seen, 7, "Alien".into());
/// assert_eq!(tv.get(Tv::PATHS.seen.key(7)).as_deref(), Some("Alien"));
/// ```
pub trait Collection: 'static {
    /// What an entry is found by; an index is a `usize`, counted from 0.
    type Key: Clone + Hash + Eq + Debug + Send + Sync + 'static;
    /// What an entry holds.
    type Item: State;
    /// An entry as its `iter` shows it: `&Item`, or `(&Key, &Item)`.
    type Entry<'a>;

    #[doc(hidden)]
    fn __len(&self) -> usize;
    #[doc(hidden)]
    fn __get(&self, key: &Self::Key) -> Option<&Self::Item>;
    #[doc(hidden)]
    fn __get_mut(&mut self, key: &Self::Key) -> Option<&mut Self::Item>;
    #[doc(hidden)]
    fn __id(key: &Self::Key) -> EntryId;
}

/// A collection in order, found by index.
///
/// ```
/// # use sprag::prelude::*;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Tv {
///     volumes: [u8; 2], // a place each, though none comes or goes
/// }
///
/// let tv = create_model("tv", Tv::default());
/// tv.set(Tv::PATHS.volumes.at(1), 3)?;
/// assert!(tv.set(Tv::PATHS.volumes.at(2), 3).is_err());
/// # Ok::<(), sprag::error::Absent>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no elements to find by index",
    label = "`.at(index)` and `sort` need a `Vec`, a `VecDeque` or an array"
)]
pub trait Sequence: Collection<Key = usize> {
    #[doc(hidden)]
    fn __swap(&mut self, a: usize, b: usize);
}

/// A collection found by key.
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::HashMap;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct House {
///     users: HashMap<String, u64>,
/// }
///
/// let house = create_model("house", House::default());
/// house.insert(House::PATHS.users, "ada", 36);
/// assert_eq!(house.get(House::PATHS.users.key("ada")), Some(36));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no entries to find by key",
    label = "`.key(key)`, `.keys()` and `insert` need a map"
)]
pub trait Map: Resizable {
    /// Its keys as a value of its own: in order where the map has one.
    type Keys: Clone + PartialEq + Debug + Send + Sync + 'static;

    #[doc(hidden)]
    fn __keys(&self) -> Self::Keys;
    /// Whether its keys are these. Clones none.
    #[doc(hidden)]
    fn __has_keys(&self, keys: &Self::Keys) -> bool;
    /// Whether its keys are those of `other`. Clones none.
    #[doc(hidden)]
    fn __has_keys_of(&self, other: &Self) -> bool;
    /// Shows every key, in the order in which the map iterates.
    #[doc(hidden)]
    fn __each_key(&self, visit: &mut dyn FnMut(&Self::Key));
    /// Adds an entry at the end; only asked for a key that is not there.
    #[doc(hidden)]
    fn __add(&mut self, key: Self::Key, item: Self::Item);
    #[doc(hidden)]
    fn __find(&self, key: &str) -> Option<&Self::Item>
    where
        Self::Key: Borrow<str>;
    #[doc(hidden)]
    fn __find_mut(&mut self, key: &str) -> Option<&mut Self::Item>
    where
        Self::Key: Borrow<str>;
}

/// A collection whose entries come and go: all but arrays.
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::BTreeMap;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Tv {
///     seen: BTreeMap<u64, String>,
/// }
///
/// let tv = create_model("tv", Tv { seen: [(7, "Alien".into()), (8, "Brazil".into())].into() });
/// tv.retain(Tv::PATHS.seen, |(_, title)| title.starts_with('A'));
/// assert_eq!(tv.select(Tv::PATHS.seen.len()), 1);
/// ```
#[diagnostic::on_unimplemented(
    message = "entries of `{Self}` do not come and go",
    label = "`len`, `remove` and `retain` need a `Vec`, a `VecDeque` or a map"
)]
pub trait Resizable: Collection {
    /// Whether removing an entry moves the later ones to other keys.
    #[doc(hidden)]
    const __SHIFTS: bool;

    /// Takes an entry out; in a sequence the later ones move up.
    #[doc(hidden)]
    fn __remove(&mut self, key: &Self::Key) -> Option<Removed<Self>>;
    /// Puts an entry back where it was taken out.
    #[doc(hidden)]
    fn __restore(&mut self, removed: Removed<Self>);
    /// The keys of the entries that `keep` does not want, in order.
    #[doc(hidden)]
    fn __unwanted(&self, keep: &mut dyn FnMut(Self::Entry<'_>) -> bool) -> Vec<Self::Key>;
    /// Takes all of these entries out.
    #[doc(hidden)]
    fn __remove_all(&mut self, keys: &[Self::Key]) -> Vec<Removed<Self>>;
    /// Puts all of them back where they were taken out.
    #[doc(hidden)]
    fn __restore_all(&mut self, removed: Vec<Removed<Self>>);
}

/// A sequence that grows at its end.
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::VecDeque;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Tv {
///     queue: VecDeque<String>,
/// }
///
/// let tv = create_model("tv", Tv::default());
/// tv.extend(Tv::PATHS.queue, ["alien.mp4".into(), "brazil.mp4".into()]);
/// assert_eq!(tv.pop(Tv::PATHS.queue).as_deref(), Some("brazil.mp4"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no end to push to",
    label = "`push`, `pop` and `extend` need a `Vec` or a `VecDeque`"
)]
pub trait List: Sequence + Resizable {
    #[doc(hidden)]
    fn __push(&mut self, item: Self::Item);
    #[doc(hidden)]
    fn __pop(&mut self) -> Option<Self::Item>;
}

/// An entry that was taken out.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Removed<C: Collection + ?Sized> {
    /// Where it stood, in a collection that has an order.
    pub(super) position: usize,
    pub(super) key: C::Key,
    pub(crate) item: C::Item,
}

impl<C: Collection> Removed<C> {
    pub(crate) fn into_parts(self) -> (C::Key, C::Item) {
        (self.key, self.item)
    }
}

/// A sequence of any length.
macro_rules! sequence {
    ([$($generics:tt)*] $sequence:ty) => {
        impl<$($generics)*> Collection for $sequence {
            type Key = usize;
            type Item = V;
            type Entry<'a> = &'a V;

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

            fn __remove_all(&mut self, indices: &[usize]) -> Vec<Removed<Self>> {
                $remove_all(self, indices)
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
pub(super) trait KeyList<K> {
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

/// A map whose keys are found by what `bounds` says.
macro_rules! map {
    (
        [$($generics:tt)*] $map:ty where $bounds:path;
        keys $keys:ty, remove $remove:expr, $remove_all:path, restore $restore:expr, $restore_all:path;
    ) => {
        impl<$($generics)*> Collection for $map
        where
            K: $bounds + Hash + Eq + Clone + Debug + Send + Sync + 'static,
        {
            type Key = K;
            type Item = V;
            type Entry<'a> = (&'a K, &'a V);

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
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Resizable for $map
        where
            K: $bounds + Hash + Eq + Clone + Debug + Send + Sync + 'static,
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

            fn __remove_all(&mut self, keys: &[K]) -> Vec<Removed<Self>> {
                $remove_all(self, keys)
            }

            fn __restore_all(&mut self, removed: Vec<Removed<Self>>) {
                $restore_all(self, removed);
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Map for $map
        where
            K: $bounds + Hash + Eq + Clone + Debug + Send + Sync + 'static,
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

list! {
    [V: State] Vec<V>;
    push, pop, remove |all, index| Some(all.remove(index)), take_out, put_back;
}
list! {
    [V: State] VecDeque<V>;
    push_back, pop_back, remove VecDeque::remove, take_out, put_back;
}
sequence!([V: State, const N: usize] [V; N]);
map! {
    [K, V: State, S: BuildHasher + 'static] HashMap<K, V, S> where Hash;
    keys HashSet<K>,
    remove |map, key| map.remove_entry(key).map(|(key, item)| (0, key, item)), remove_each,
    restore |map, removed| map.__add(removed.key, removed.item), restore_each;
}
map! {
    [K, V: State] BTreeMap<K, V> where Ord;
    keys Vec<K>,
    remove |map, key| map.remove_entry(key).map(|(key, item)| (0, key, item)), remove_each,
    restore |map, removed| map.__add(removed.key, removed.item), restore_each;
}

/// Takes elements out of what moves all behind a removed one: once through, whatever
/// their number.
fn take_out<C>(all: &mut C, indices: &[usize]) -> Vec<Removed<C>>
where
    C: List + Default + IntoIterator<Item = <C as Collection>::Item>,
{
    let mut indices = indices.iter().peekable();
    let mut removed = Vec::with_capacity(indices.len());
    for (index, item) in std::mem::take(all).into_iter().enumerate() {
        match indices.next_if_eq(&&index) {
            Some(_) => removed.push(Removed { position: index, key: index, item }),
            None => all.__push(item),
        }
    }
    removed
}

fn put_back<C>(all: &mut C, removed: Vec<Removed<C>>)
where
    C: List + Default + IntoIterator<Item = <C as Collection>::Item>,
{
    let mut kept = std::mem::take(all).into_iter();
    for removed in removed {
        let before = removed.position - all.__len();
        kept.by_ref().take(before).for_each(|item| all.__push(item));
        all.__push(removed.item);
    }
    kept.for_each(|item| all.__push(item));
}

pub(super) fn remove_each<C: Resizable>(all: &mut C, keys: &[C::Key]) -> Vec<Removed<C>> {
    keys.iter().filter_map(|key| all.__remove(key)).collect()
}

pub(super) fn restore_each<C: Resizable>(all: &mut C, removed: Vec<Removed<C>>) {
    removed.into_iter().for_each(|removed| all.__restore(removed));
}

#[cfg(any(feature = "imbl", feature = "indexmap"))]
pub(super) use map;
#[cfg(feature = "imbl")]
pub(super) use {list, sequence};
