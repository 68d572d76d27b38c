//! The writes of a collection's entries. Each is made and taken back without the
//! user's closures, which have run before, and keeps what it takes out.

use smallvec::SmallVec;

use super::{Diff, Edit, Entries, Write, visit_entries};
use crate::path::{Collection, List, Map, Node, Removed, Resizable, Sequence, Walk};

/// Appends to a list.
pub(crate) struct Append<W, V, D> {
    pub(crate) walk: W,
    /// The elements, while they are not in the list.
    items: SmallVec<[V; 1]>,
    count: usize,
    /// The index that the first one gets.
    pub(crate) index: usize,
    discarded: D,
}

impl<W, V, D: Default> Append<W, V, D> {
    pub(crate) fn new(walk: W, items: SmallVec<[V; 1]>) -> Self {
        let count = items.len();
        Self { walk, items, count, index: 0, discarded: Default::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn entries<C: Collection<Key = usize>>(&self) -> Entries {
        match self.count {
            1 => Entries::put::<C>(&self.index, true),
            _ => Entries::appended(self.index),
        }
    }
}

impl<T, W, C> Write<T> for Append<W, C::Item, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: List,
{
    #[inline]
    fn site(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        visit_entries(&self.walk, &self.entries::<C>(), visit);
    }

    fn swap(&mut self, target: &mut T) {
        let Some(list) = self.walk.get_mut(target, &mut self.discarded) else { return };
        if self.items.is_empty() {
            self.items.extend((0..self.count).map_while(|_| list.__pop()));
            self.items.reverse();
        } else {
            self.items.drain(..).for_each(|item| list.__push(item));
        }
    }

    fn edits(&self) -> Vec<Edit<T>> {
        let entries = self.entries::<C>();
        vec![match self.count {
            1 => Edit::entry(&self.walk, self.index, entries),
            _ => Edit::entries(&self.walk, entries),
        }]
    }
}

/// Puts a value under a key.
pub(crate) struct Insert<W, C: Map, D> {
    pub(crate) walk: W,
    pub(crate) key: C::Key,
    /// The new value, while it is not in the map; then the old one, if any.
    pub(crate) value: Option<C::Item>,
    /// Whether the map has no such key.
    pub(crate) is_new: bool,
    /// Whether it is not what is there already.
    pub(crate) differs: bool,
    /// An entry that was put in and taken out again.
    undone: Option<C::Key>,
    discarded: D,
}

impl<W, C: Map, D: Default> Insert<W, C, D> {
    pub(crate) fn new(walk: W, key: C::Key, value: C::Item) -> Self {
        let (value, discarded) = (Some(value), Default::default());
        Self { walk, key, value, is_new: false, differs: false, undone: None, discarded }
    }
}

impl<T, W, C> Write<T> for Insert<W, C, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: Map,
{
    #[inline]
    fn site(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        if self.differs {
            let entries = Entries::put::<C>(&self.key, self.is_new);
            visit_entries(&self.walk, &entries, visit);
        }
    }

    // Not `insert` for a key that is there: it drops the one that it does not keep.
    fn swap(&mut self, target: &mut T) {
        let Some(map) = self.walk.get_mut(target, &mut self.discarded) else { return };
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

    fn edits(&self) -> Vec<Edit<T>> {
        let entries = Entries::put::<C>(&self.key, self.is_new);
        vec![Edit::entry(&self.walk, self.key.clone(), entries)]
    }
}

/// Takes an entry out of a collection.
pub(crate) struct Remove<W, C: Resizable, D> {
    pub(crate) walk: W,
    pub(crate) key: Option<C::Key>,
    /// The entry, once it is out.
    pub(crate) removed: Option<Removed<C>>,
    discarded: D,
}

impl<W, C: Resizable, D: Default> Remove<W, C, D> {
    pub(crate) fn new(walk: W) -> Self {
        Self { walk, key: None, removed: None, discarded: Default::default() }
    }
}

impl<T, W, C> Write<T> for Remove<W, C, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: Resizable,
{
    #[inline]
    fn site(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        visit_entries(&self.walk, &Entries::gone::<C>(self.key.as_slice()), visit);
    }

    fn swap(&mut self, target: &mut T) {
        let Some(collection) = self.walk.get_mut(target, &mut self.discarded) else { return };
        match (self.removed.take(), &self.key) {
            (Some(removed), _) => collection.__restore(removed),
            (None, Some(key)) => self.removed = collection.__remove(key),
            (None, None) => {}
        }
    }

    fn edits(&self) -> Vec<Edit<T>> {
        let entries = Entries::gone::<C>(self.key.as_slice());
        let edit = |key: &C::Key| Edit::entry(&self.walk, key.clone(), entries.clone());
        self.key.iter().map(edit).collect()
    }
}

/// Takes many entries out of a collection.
pub(crate) struct Retain<W, C: Resizable, D> {
    pub(crate) walk: W,
    /// What goes, in order.
    pub(crate) keys: Vec<C::Key>,
    /// The entries, once they are out.
    removed: Vec<Removed<C>>,
    discarded: D,
}

impl<W, C: Resizable, D: Default> Retain<W, C, D> {
    pub(crate) fn new(walk: W) -> Self {
        Self { walk, keys: Vec::new(), removed: Vec::new(), discarded: Default::default() }
    }
}

impl<T, W, C> Write<T> for Retain<W, C, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: Resizable,
{
    #[inline]
    fn site(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        visit_entries(&self.walk, &Entries::gone::<C>(&self.keys), visit);
    }

    fn swap(&mut self, target: &mut T) {
        let Some(collection) = self.walk.get_mut(target, &mut self.discarded) else { return };
        if self.removed.is_empty() {
            self.removed = collection.__remove_all(&self.keys);
        } else {
            collection.__restore_all(std::mem::take(&mut self.removed));
        }
    }

    fn edits(&self) -> Vec<Edit<T>> {
        vec![Edit::entries(&self.walk, Entries::gone::<C>(&self.keys))]
    }
}

/// Puts the elements of a sequence into another order.
pub(crate) struct Sort<W, D> {
    pub(crate) walk: W,
    /// For each index where its element comes from; made again, the way back.
    pub(crate) order: Order,
    discarded: D,
}

impl<W, D: Default> Sort<W, D> {
    pub(crate) fn new(walk: W) -> Self {
        Self { walk, order: Order::default(), discarded: Default::default() }
    }
}

impl<T, W, C> Write<T> for Sort<W, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: Sequence,
{
    #[inline]
    fn site(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        visit_entries(&self.walk, &Entries::moved(self.order.first_moved()), visit);
    }

    fn swap(&mut self, target: &mut T) {
        if let Some(sequence) = self.walk.get_mut(target, &mut self.discarded) {
            self.order.apply(sequence);
            self.order.invert();
        }
    }

    fn edits(&self) -> Vec<Edit<T>> {
        vec![Edit::entries(&self.walk, Entries::moved(self.order.first_moved()))]
    }
}

/// A new order of a sequence: for each index the one that its element comes from.
#[derive(Default)]
pub(crate) struct Order(Vec<usize>);

impl Order {
    /// The order that `compare` makes; elements that are equal by it stay in turn.
    pub(crate) fn of<C: Sequence>(
        sequence: &C,
        compare: &mut dyn FnMut(&C::Item, &C::Item) -> std::cmp::Ordering,
    ) -> Self {
        let items: Vec<_> = (0..sequence.__len()).filter_map(|i| sequence.__get(&i)).collect();
        let mut order: Vec<_> = (0..items.len()).collect();
        order.sort_by(|&a, &b| compare(items[a], items[b]));
        Self(order)
    }

    /// Whether no element moves.
    pub(crate) fn is_idle(&self) -> bool {
        self.first_moved() == self.0.len()
    }

    pub(crate) fn first_moved(&self) -> usize {
        let moved = self.0.iter().enumerate().position(|(to, &from)| to != from);
        moved.unwrap_or(self.0.len())
    }

    /// Goes along each circle of elements that take each other's places.
    pub(crate) fn apply<C: Sequence>(&self, sequence: &mut C) {
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
