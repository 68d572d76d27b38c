//! The operations on collections. [`At`] makes one at a place of the state.
//!
//! An operation knows a collection and no place. It is made and taken back without the
//! user's closures, which run in [`Operation::prepare`], and keeps the entries that it
//! removes.

mod upsert;

use std::any::Any;
use std::cmp::Ordering;
use std::marker::PhantomData;
#[cfg(feature = "serde")]
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
#[cfg(feature = "serde")]
use std::sync::Arc;

use smallvec::SmallVec;

pub(crate) use self::upsert::{AddMember, InsertAt, InsertIfAbsent, Upsert};
use super::change::{Comparison, Diff, EntryChange, WrittenKeys};
use super::{Write, absent, location};
#[cfg(feature = "serde")]
use crate::delta::{Doing, Footprint};
use crate::error::Absent;
use crate::isolate::discard;
#[cfg(feature = "serde")]
use crate::path::{AnyKey, EntryId};
use crate::path::{Collection, Keyed, List, Node, Removed, Resizable, Sequence, Walk};

/// A write of entries of a collection.
pub(crate) trait Operation<C: Collection> {
    /// What the caller receives.
    type Output;
    /// Values of the user's that are dropped outside of the lock.
    type Leftover: 'static;

    /// Looks at the collection; the user's closures run here. Returns whether there is
    /// something to write.
    fn prepare(&mut self, current: &C) -> bool;

    /// Makes the operation, or takes it back.
    fn swap(&mut self, target: &mut C);

    fn change(&self) -> EntryChange;

    /// Passes the keys of the written entries, unless they are a range of elements.
    fn keys(&self, visit: &mut dyn FnMut(&C::Key));

    /// Whether the entries are equal to what they were.
    fn is_equal(&self) -> bool {
        false
    }

    fn finish(self) -> (Self::Output, Self::Leftover);

    /// What the operation does to entries, by their keys, or to the elements of a list.
    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<C::Key>, Doing)>;
}

/// What removing the entries under `keys`, in order, does.
#[cfg(feature = "serde")]
fn removing<C: Resizable>(keys: &[C::Key]) -> Vec<(Option<C::Key>, Doing)> {
    let index = |key: &C::Key| match C::__id(key) {
        EntryId::Index(index) => Some(index),
        _ => None,
    };
    match keys.iter().map(index).collect::<Option<Vec<_>>>() {
        Some(indices) if !indices.is_empty() => vec![(None, Doing::Take(indices))],
        _ => keys.iter().map(|key| (Some(key.clone()), Doing::Remove)).collect(),
    }
}

/// An operation on the collection that a walk leads to.
pub(crate) struct At<W, O, D> {
    walk: W,
    operation: O,
    /// Whether the collection is there.
    is_there: bool,
    discarded: D,
}

impl<W, O, D: Default> At<W, O, D> {
    pub(crate) fn new(walk: W, operation: O) -> Self {
        Self { walk, operation, is_there: false, discarded: D::default() }
    }

    /// The operation's output, once the lock is released.
    pub(crate) fn finish<T, C>(self) -> Result<O::Output, Absent>
    where
        W: Walk<T, Value = C>,
        C: Collection,
        O: Operation<C>,
    {
        if self.is_there { Ok(self.operation.finish().0) } else { Err(absent(&self.walk)) }
    }
}

impl<T, W, C, O> Write<T> for At<W, O, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: Collection,
    O: Operation<C>,
{
    fn prepare(&mut self, current: &T) -> bool {
        let collection = self.walk.get(current);
        self.is_there = collection.is_some();
        collection.is_some_and(|collection| self.operation.prepare(collection))
    }

    #[inline]
    fn node(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        if !self.operation.is_equal() {
            let entries = Some(&self.operation.change());
            let keys = Some(&OperationKeys(self, PhantomData) as &dyn WrittenKeys);
            visit(Diff { at: &location(&self.walk), entries, keys, comparison: Comparison::Later });
        }
    }

    fn swap(&mut self, target: &mut T) {
        if let Some(collection) = self.walk.get_mut(target, &mut self.discarded) {
            self.operation.swap(collection);
        }
    }

    #[cfg(feature = "serde")]
    fn footprints(&self, _: &T) -> Option<Vec<Footprint>> {
        let doings = self.operation.doings().into_iter();
        let doings = doings.map(|(key, doing)| (key.map(|key| Arc::new(key) as AnyKey), doing));
        Some(Footprint::of_entries(&self.walk, doings))
    }
}

/// The keys of an operation at its place.
struct OperationKeys<'a, T, W, O, D>(&'a At<W, O, D>, PhantomData<fn() -> T>);

impl<T, W, C, O, D> WrittenKeys for OperationKeys<'_, T, W, O, D>
where
    W: Walk<T, Value = C>,
    C: Collection,
    O: Operation<C>,
{
    fn on_the_way(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.0.walk.keys(visit);
    }

    fn of_entries(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.0.operation.keys(&mut |key| visit(key));
    }
}

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

impl<C: List> Operation<C> for Append<C::Item> {
    type Output = ();
    type Leftover = ();

    fn prepare(&mut self, list: &C) -> bool {
        self.index = list.__len();
        self.count > 0
    }

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
            1 => EntryChange::put::<C>(&self.index, true),
            _ => EntryChange::appended(self.index),
        }
    }

    fn keys(&self, visit: &mut dyn FnMut(&usize)) {
        visit(&self.index);
    }

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<usize>, Doing)> {
        vec![(None, Doing::Put(self.index..self.index + self.count))]
    }

    fn finish(self) -> ((), ()) {
        ((), ())
    }
}

/// Puts a value under a key.
pub(crate) struct Insert<C: Keyed> {
    key: C::Key,
    /// The new value, while it is not in the map; then the old one, if any.
    value: Option<C::Item>,
    /// Whether the map does not have the key.
    is_new: bool,
    /// Whether the old value equals the new one, as far as `equals` knows.
    is_equal: bool,
    equals: fn(&C::Item, &C::Item) -> bool,
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

    fn of(key: C::Key, value: Option<C::Item>) -> Self {
        let (is_new, is_equal) = (false, false);
        Self { key, value, is_new, is_equal, equals: |_, _| false, undone: None }
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

    // Not `insert` for a key that is there: it drops the key that it does not keep.
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
        EntryChange::put::<C>(&self.key, self.is_new)
    }

    fn keys(&self, visit: &mut dyn FnMut(&C::Key)) {
        visit(&self.key);
    }

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<C::Key>, Doing)> {
        let doing = if self.is_new { Doing::Add } else { Doing::Set };
        let differs = !self.is_equal;
        differs.then(|| (Some(self.key.clone()), doing)).into_iter().collect()
    }

    fn is_equal(&self) -> bool {
        self.is_equal
    }

    fn finish(self) -> (Self::Output, Self::Leftover) {
        (self.value, (self.key, self.undone))
    }
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
        // Taken only where it is there: the rest is dropped after the lock.
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

impl<C: Resizable> Operation<C> for Remove<C> {
    type Output = Option<C::Item>;
    type Leftover = (Option<C::Key>, Option<C::Key>, Option<C::Key>);

    fn prepare(&mut self, collection: &C) -> bool {
        self.key = (self.choose)(&mut self.wanted, collection);
        self.key.is_some()
    }

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
    fn doings(&self) -> Vec<(Option<C::Key>, Doing)> {
        removing::<C>(self.key.as_slice())
    }

    fn finish(self) -> (Self::Output, Self::Leftover) {
        let (key, item) = self.removed.map(Removed::into_parts).unzip();
        (item, (self.wanted, self.key, key))
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
    /// Removes the entries. If the `Hash` or `Ord` of a key panics, the entries that are out
    /// go back before the panic goes on.
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
    fn doings(&self) -> Vec<(Option<C::Key>, Doing)> {
        removing::<C>(&self.keys)
    }

    fn finish(self) -> (Self::Output, Self::Leftover) {
        ((), (self.keys, self.removed))
    }
}

/// Sorts a sequence.
pub(crate) struct Sort<F> {
    compare: F,
    order: Order,
}

impl<F> Sort<F> {
    pub(crate) fn by(compare: F) -> Self {
        Self { compare, order: Order::default() }
    }
}

impl<C, F> Operation<C> for Sort<F>
where
    C: Sequence,
    F: FnMut(&C::Item, &C::Item) -> Ordering,
{
    type Output = ();
    type Leftover = ();

    fn prepare(&mut self, sequence: &C) -> bool {
        self.order = Order::of(sequence, &mut self.compare);
        !self.order.is_idle()
    }

    fn swap(&mut self, sequence: &mut C) {
        self.order.apply(sequence);
        self.order.invert();
    }

    fn change(&self) -> EntryChange {
        EntryChange::moved(self.order.first_moved())
    }

    fn keys(&self, _: &mut dyn FnMut(&usize)) {}

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<usize>, Doing)> {
        let moved = self.order.moved();
        vec![(None, Doing::Order(moved.start, self.order.0[moved].to_vec()))]
    }

    fn finish(self) -> ((), ()) {
        ((), ())
    }
}

/// A new order of a sequence: for each index, the index that its element comes from.
#[derive(Default)]
struct Order(Vec<usize>);

impl Order {
    /// The order that `compare` makes. The sort is stable.
    fn of<C: Sequence>(
        sequence: &C,
        compare: &mut dyn FnMut(&C::Item, &C::Item) -> Ordering,
    ) -> Self {
        let items: Vec<_> = (0..sequence.__len()).filter_map(|i| sequence.__get(&i)).collect();
        let mut order: Vec<_> = (0..items.len()).collect();
        order.sort_by(|&a, &b| compare(items[a], items[b]));
        Self(order)
    }

    /// Whether no element moves.
    fn is_idle(&self) -> bool {
        self.first_moved() == self.0.len()
    }

    /// The indices whose elements move, and those between them.
    #[cfg(feature = "serde")]
    fn moved(&self) -> Range<usize> {
        let last = self.0.iter().enumerate().rposition(|(to, &from)| to != from);
        self.first_moved()..last.map_or(self.0.len(), |last| last + 1)
    }

    fn first_moved(&self) -> usize {
        let moved = self.0.iter().enumerate().position(|(to, &from)| to != from);
        moved.unwrap_or(self.0.len())
    }

    /// Follows each cycle of elements that take each other's places.
    fn apply<C: Sequence>(&self, sequence: &mut C) {
        let mut order = self.0.clone();
        for start in 0..order.len() {
            let mut to = start;
            loop {
                let from = std::mem::replace(&mut order[to], to);
                if from == start {
                    break;
                }
                sequence.__swap(to, from);
                to = from;
            }
        }
    }

    fn invert(&mut self) {
        let mut inverse = vec![0; self.0.len()];
        for (to, &from) in self.0.iter().enumerate() {
            inverse[from] = to;
        }
        self.0 = inverse;
    }
}
