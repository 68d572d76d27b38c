//! A watched place in each entry of a collection, and the entries of one commit that changed.

use std::any::Any;
use std::collections::HashMap;
use std::ops::Range;
#[cfg(feature = "serde")]
use std::sync::Arc;

use smallvec::SmallVec;

use super::{Position, WatchedPart, location};
use crate::path::{Collection, EntryId, State, Walk};
#[cfg(feature = "serde")]
use crate::path::{Hop, Hops};
use crate::sync::StaticCounter;
use crate::sync::atomic::Ordering;

/// The place that `I` leads to in each entry of the collection that `W` leads to.
pub(in crate::cell) struct WatchedEach<W, I> {
    /// Finds the entries that a commit touched; never given twice.
    id: u64,
    collection: W,
    inner: I,
}

/// A [`WatchedEach`], whatever its types.
#[doc(hidden)]
pub trait WatchEach<T> {
    /// Its position. Runs the `Hash` of keys.
    fn position(&self) -> Position;
    /// Identifies the selector.
    fn id(&self) -> u64;
    /// No entries yet.
    fn untouched(&self) -> Box<dyn Any + Send>;
    /// Notes the entries among `which` that a write changes, or may change. Called before
    /// the write is made.
    fn touch(&self, touched: &mut dyn Any, which: WhichEntries<'_>, by: Compared<'_, T>);
    /// Compares what may have changed with the written state. Returns whether any entry
    /// has changed.
    fn settle(&self, touched: &mut dyn Any, state: &T) -> bool;
}

/// Passes keys, one after another.
pub(in crate::cell) type VisitKeys<'a> = &'a dyn Fn(&mut dyn FnMut(&dyn Any));

/// The entries that a write touches.
#[doc(hidden)]
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub enum WhichEntries<'a> {
    /// Those under these keys.
    These(VisitKeys<'a>),
    /// The elements from an index on.
    From(usize),
    All,
}

/// How the touched entries are compared.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub enum Compared<'a, T> {
    /// The places in them differ.
    Different,
    /// By the old and the new value of the node that is watched: of the place in the one
    /// entry that is written, or of the whole collection.
    Nodes { old: Option<&'a dyn Any>, new: Option<&'a dyn Any> },
    /// By two whole states.
    Roots { old: &'a T, new: &'a T },
    /// After the write, with the values in the present state.
    Later(&'a T),
}

/// The touched entries of one [`WatchedEach`], in order.
struct TouchedKeys<K, V> {
    entries: Vec<TouchedKey<K, V>>,
    /// The indices of the entries in the list, by the identity of their keys. Two keys can
    /// share an identity.
    found: HashMap<EntryId, SmallVec<[usize; 1]>>,
    /// The entries that only the written state can show.
    unseen: Unseen,
}

struct TouchedKey<K, V> {
    key: K,
    before: ValueBefore<V>,
    has_changed: bool,
}

enum ValueBefore<V> {
    /// Known to be another value than the written one.
    Different,
    Value(Option<V>),
}

#[derive(Clone, Copy)]
enum Unseen {
    None,
    /// The elements from an index on.
    From(usize),
    All,
}

impl<W, I> WatchedEach<W, I> {
    pub(in crate::cell) fn of(collection: W, inner: I) -> Self {
        static IDS: StaticCounter = StaticCounter::new(1);
        Self { id: IDS.fetch_add(1, Ordering::Relaxed), collection, inner }
    }

    /// The value in the entry under `key`.
    fn value<'a, C>(&self, collection: Option<&'a C>, key: &C::Key) -> Option<&'a I::Value>
    where
        C: Collection,
        I: Walk<C::Item>,
    {
        self.inner.get(collection?.__get(key)?)
    }

    /// The changed entries among the touched ones, with their values in `state`.
    pub(in crate::cell) fn changed<T, C>(
        &self,
        touched: &dyn Any,
        state: &T,
    ) -> Vec<(C::Key, Option<I::Value>)>
    where
        W: Walk<T, Value = C>,
        C: Collection,
        I: Walk<C::Item, Value: Clone + Send>,
    {
        let Some(touched) = touched.downcast_ref::<TouchedKeys<C::Key, I::Value>>() else {
            return Vec::new();
        };
        let collection = self.collection.get(state);
        let changed = touched.entries.iter().filter(|entry| entry.has_changed);
        let value = |key| self.value(collection, key).cloned();
        changed.map(|TouchedKey { key, .. }| (key.clone(), value(key))).collect()
    }

    /// All entries that have the place.
    pub(in crate::cell) fn all<T, C>(&self, state: &T) -> Vec<(C::Key, Option<I::Value>)>
    where
        W: Walk<T, Value = C>,
        C: Collection,
        I: Walk<C::Item, Value: Clone>,
    {
        let mut all = Vec::new();
        if let Some(collection) = self.collection.get(state) {
            collection.__each(&mut |key, item| {
                all.extend(self.inner.get(item).map(|value| (key.clone(), Some(value.clone()))));
            });
        }
        all
    }

    /// The hops to the place in an entry, and the number of the one to the entry.
    #[cfg(feature = "serde")]
    pub(in crate::cell) fn hops<T, C>(&self) -> (Vec<Hop>, usize)
    where
        W: Walk<T, Value = C>,
        C: Collection,
        I: Walk<C::Item>,
    {
        let mut hops = Hops::without_texts();
        self.collection.hops(&mut hops);
        let every = hops.hops.len();
        hops.entry(Arc::new(()));
        self.inner.hops(&mut hops);
        (hops.hops, every)
    }

    /// Notes the entries that differ between two collections.
    fn compare<C>(
        &self,
        touched: &mut TouchedKeys<C::Key, I::Value>,
        which: WhichEntries<'_>,
        old: Option<&C>,
        new: Option<&C>,
    ) where
        C: Collection,
        I: Walk<C::Item, Value: PartialEq>,
    {
        let len = |collection: Option<&C>| collection.map_or(0, C::__len);
        let mut compare = |key: &C::Key| {
            if self.value(old, key) != self.value(new, key) {
                touched.add::<C>(key, || ValueBefore::Different);
            }
        };
        match which {
            WhichEntries::These(keys) => keys(&mut |key| typed(key, &mut compare)),
            WhichEntries::From(first) => indices(first..len(old).max(len(new)), &mut compare),
            WhichEntries::All => {
                each(new, &mut compare);
                each(old, &mut |key| {
                    if new.is_none_or(|new| new.__get(key).is_none()) {
                        compare(key);
                    }
                });
            }
        }
    }

    /// Keeps the values of the entries, to be compared once the write is made.
    fn keep<C>(
        &self,
        touched: &mut TouchedKeys<C::Key, I::Value>,
        which: WhichEntries<'_>,
        collection: Option<&C>,
    ) where
        C: Collection,
        I: Walk<C::Item, Value: Clone>,
    {
        let len = collection.map_or(0, C::__len);
        match which {
            WhichEntries::These(_) => {}
            WhichEntries::From(_) => touched.unseen = touched.unseen.or(Unseen::From(len)),
            WhichEntries::All => touched.unseen = Unseen::All,
        }
        let mut keep = |key: &C::Key| {
            touched.add::<C>(key, || ValueBefore::Value(self.value(collection, key).cloned()));
        };
        match which {
            WhichEntries::These(keys) => keys(&mut |key| typed(key, &mut keep)),
            WhichEntries::From(first) => indices(first..len, &mut keep),
            WhichEntries::All => each(collection, &mut keep),
        }
    }
}

impl<T, W, C, I> WatchEach<T> for WatchedEach<W, I>
where
    W: Walk<T, Value = C> + 'static,
    C: Collection<Item: State>,
    I: Walk<C::Item, Value: Clone + PartialEq + Send + Sync> + 'static,
{
    fn position(&self) -> Position {
        let mut location = location(&self.collection);
        location.enter_entry(EntryId::Every, C::Item::__SHAPE.nodes);
        self.inner.locate(&mut location);
        Position { location, part: WatchedPart::Value }
    }

    fn id(&self) -> u64 {
        self.id
    }

    fn untouched(&self) -> Box<dyn Any + Send> {
        Box::new(TouchedKeys::<C::Key, I::Value>::default())
    }

    fn touch(&self, touched: &mut dyn Any, which: WhichEntries<'_>, by: Compared<'_, T>) {
        let Some(touched) = touched.downcast_mut::<TouchedKeys<C::Key, I::Value>>() else { return };
        match (by, which) {
            (Compared::Different, WhichEntries::These(keys)) => touched.add_different::<C>(keys),
            (Compared::Nodes { old, new }, WhichEntries::These(keys)) => {
                if as_a::<I::Value>(old) != as_a(new) {
                    touched.add_different::<C>(keys);
                }
            }
            (Compared::Nodes { old, new }, which) => {
                self.compare(touched, which, as_a::<C>(old), as_a(new));
            }
            (Compared::Roots { old, new }, which) => {
                self.compare(touched, which, self.collection.get(old), self.collection.get(new));
            }
            (Compared::Later(state), which) => {
                self.keep(touched, which, self.collection.get(state));
            }
            // A watcher at or above the written place is inside of one entry.
            (Compared::Different, WhichEntries::From(_) | WhichEntries::All) => {}
        }
    }

    fn settle(&self, touched: &mut dyn Any, state: &T) -> bool {
        let Some(touched) = touched.downcast_mut::<TouchedKeys<C::Key, I::Value>>() else {
            return false;
        };
        let collection = self.collection.get(state);
        let unseen = std::mem::replace(&mut touched.unseen, Unseen::None);
        let mut absent = |key: &C::Key| touched.add::<C>(key, || ValueBefore::Value(None));
        match unseen {
            Unseen::None => {}
            Unseen::From(len) => indices(len..collection.map_or(0, C::__len), &mut absent),
            Unseen::All => each(collection, &mut absent),
        }
        for TouchedKey { key, before, has_changed } in &mut touched.entries {
            *has_changed = match before {
                ValueBefore::Different => true,
                ValueBefore::Value(before) => before.as_ref() != self.value(collection, key),
            };
        }
        touched.entries.iter().any(|entry| entry.has_changed)
    }
}

impl<K, V> Default for TouchedKeys<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new(), found: HashMap::new(), unseen: Unseen::None }
    }
}

impl<K: Clone + Eq + 'static, V> TouchedKeys<K, V> {
    /// Adds an entry, unless the commit has touched it before.
    fn add<C: Collection<Key = K>>(&mut self, key: &K, before: impl FnOnce() -> ValueBefore<V>) {
        let found = self.found.entry(C::__id(key)).or_default();
        if found.iter().any(|&at| self.entries[at].key == *key) {
            return;
        }
        found.push(self.entries.len());
        self.entries.push(TouchedKey { key: key.clone(), before: before(), has_changed: false });
    }

    fn add_different<C: Collection<Key = K>>(&mut self, keys: VisitKeys<'_>) {
        keys(&mut |key| typed(key, &mut |key| self.add::<C>(key, || ValueBefore::Different)));
    }
}

impl Unseen {
    /// The wider of both.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::None, other) | (other, Self::None) => other,
            (Self::From(a), Self::From(b)) => Self::From(a.min(b)),
        }
    }
}

fn as_a<V: 'static>(value: Option<&dyn Any>) -> Option<&V> {
    value?.downcast_ref()
}

/// Passes a key on, if it is a `K`.
fn typed<K: 'static>(key: &dyn Any, visit: &mut dyn FnMut(&K)) {
    key.downcast_ref().into_iter().for_each(visit);
}

/// Passes indices on, if keys are indices.
fn indices<K: 'static>(range: Range<usize>, visit: &mut dyn FnMut(&K)) {
    range.for_each(|index| typed(&index, visit));
}

/// Passes the keys of a collection on.
fn each<C: Collection>(collection: Option<&C>, visit: &mut dyn FnMut(&C::Key)) {
    collection.into_iter().for_each(|collection| collection.__each(&mut |key, _| visit(key)));
}
