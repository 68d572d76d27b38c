//! The watched nodes of one tree: the root's, or the one that begins at an entry of a
//! collection. A level only stores watchers; `matching` evaluates them.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use super::WatcherSet;
use crate::cell::watched::{Position, Watch, WatchEach, WatchedPart};
use crate::path::{EntryId, Node};

/// One place of one set: a tuple selector has several.
pub(super) struct Watcher<S: ?Sized> {
    pub(super) set: Arc<S>,
    pub(super) part: usize,
}

impl<S: WatcherSet + ?Sized> Watcher<S> {
    #[inline]
    pub(super) fn watch(&self) -> &dyn Watch<S::State> {
        self.set.watch(self.part)
    }

    pub(super) fn watch_each(&self) -> &dyn WatchEach<S::State> {
        self.set.watch_each()
    }
}

impl<S: ?Sized> Clone for Watcher<S> {
    fn clone(&self) -> Self {
        Self { set: Arc::clone(&self.set), part: self.part }
    }
}

/// The watched nodes of one tree, in preorder.
pub(super) struct Level<S: ?Sized>(Vec<WatchedNode<S>>);

/// A watched node.
pub(super) struct WatchedNode<S: ?Sized> {
    pub(super) node: Node,
    /// The nearest watched node above, as an index into the level.
    pub(super) up: Option<usize>,
    /// The watchers of the value there.
    pub(super) plain: Vec<Watcher<S>>,
    pub(super) entries: Option<Box<EntryLevels<S>>>,
}

/// The watchers of the entries of the collection at a node.
pub(super) struct EntryLevels<S: ?Sized> {
    /// The watchers of the set of entries (`len`, `keys`).
    pub(super) outline: Vec<Watcher<S>>,
    by_hash: HashMap<u64, Level<S>, BuildHasherDefault<Hashed>>,
    /// In order, since writes of a sequence touch all from an index on.
    by_index: BTreeMap<usize, Level<S>>,
    /// The level behind a pointer.
    only: Level<S>,
    /// The watchers of a place behind every entry.
    every: Level<S>,
}

impl<S: ?Sized> Default for Level<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: WatcherSet + ?Sized> Level<S> {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(super) fn nodes(&self) -> &[WatchedNode<S>] {
        &self.0
    }

    /// The entries strictly below `node`.
    #[inline]
    pub(super) fn below(&self, node: Node) -> &[WatchedNode<S>] {
        if node.count <= 1 || self.0.is_empty() {
            return &[];
        }
        let end = node.id.saturating_add(node.count);
        let from = self.0.partition_point(|watched| watched.node.id <= node.id);
        let to = from + self.0[from..].partition_point(|watched| watched.node.id < end);
        &self.0[from..to]
    }

    /// The nearest watched node that is `id` or contains it.
    pub(super) fn nearest(&self, id: u32) -> Option<usize> {
        let behind = self.0.partition_point(|watched| watched.node.id <= id);
        self.containing(behind.checked_sub(1)?, id)
    }

    /// The nearest watched node that contains `id`, beginning with the entry `at`.
    #[inline]
    pub(super) fn containing(&self, mut at: usize, id: u32) -> Option<usize> {
        while id >= self.0[at].node.id + self.0[at].node.count {
            at = self.0[at].up?;
        }
        Some(at)
    }

    pub(super) fn link(&mut self, position: &Position, watcher: Watcher<S>) {
        push(
            self.watchers_at(position.location.node, &position.location.keys, position.part),
            watcher,
        );
    }

    /// The watchers of the same place; created if there are none.
    fn watchers_at(
        &mut self,
        node: Node,
        keys: &[(EntryId, Node)],
        part: WatchedPart,
    ) -> &mut Vec<Watcher<S>> {
        let entry = self.node_mut(node);
        match keys {
            [] if part == WatchedPart::Outline => &mut entry.entries_mut().outline,
            [] => &mut entry.plain,
            [(id, node), rest @ ..] => {
                entry.entries_mut().level(*id).watchers_at(*node, rest, part)
            }
        }
    }

    fn node_mut(&mut self, node: Node) -> &mut WatchedNode<S> {
        let at = self.0.partition_point(|watched| watched.node.id < node.id);
        if self.0.get(at).is_none_or(|watched| watched.node.id != node.id) {
            make_room(&mut self.0);
            self.0.insert(at, WatchedNode { node, up: None, plain: Vec::new(), entries: None });
            self.link_upwards();
        }
        &mut self.0[at]
    }

    pub(super) fn unlink(&mut self, position: &Position, is_it: &dyn Fn(&Watcher<S>) -> bool) {
        self.remove(position.location.node.id, &position.location.keys, position.part, is_it);
    }

    fn remove(
        &mut self,
        id: u32,
        keys: &[(EntryId, Node)],
        part: WatchedPart,
        is_it: &dyn Fn(&Watcher<S>) -> bool,
    ) {
        let Ok(at) = self.0.binary_search_by_key(&id, |watched| watched.node.id) else { return };
        let entry = &mut self.0[at];
        match (keys, &mut entry.entries) {
            ([], Some(entries)) if part == WatchedPart::Outline => {
                remove(&mut entries.outline, is_it);
            }
            ([], _) => remove(&mut entry.plain, is_it),
            ([(id, node), rest @ ..], Some(entries)) => {
                entries.level(*id).remove(node.id, rest, part, is_it);
                entries.prune(*id);
            }
            (_, None) => {}
        }
        entry.entries.take_if(|entries| entries.is_empty());
        if entry.plain.is_empty() && entry.entries.is_none() {
            self.0.remove(at);
            self.0.shrink_to_fit();
            self.link_upwards();
        }
    }

    fn link_upwards(&mut self) {
        let mut above: Vec<usize> = Vec::new();
        for at in 0..self.0.len() {
            let node = self.0[at].node;
            while above.last().is_some_and(|&up| !self.0[up].node.contains(node)) {
                above.pop();
            }
            self.0[at].up = above.last().copied();
            above.push(at);
        }
    }

    pub(super) fn for_each(&self, f: &mut dyn FnMut(&Watcher<S>)) {
        for entry in &self.0 {
            entry.plain.iter().for_each(&mut *f);
            if let Some(entries) = &entry.entries {
                entries.outline.iter().for_each(&mut *f);
                entries.levels().chain([&entries.every]).for_each(|level| level.for_each(f));
            }
        }
    }
}

impl<S: ?Sized> WatchedNode<S> {
    fn entries_mut(&mut self) -> &mut EntryLevels<S> {
        self.entries.get_or_insert_with(|| {
            Box::new(EntryLevels {
                outline: Vec::new(),
                by_hash: HashMap::default(),
                by_index: BTreeMap::new(),
                only: Level::default(),
                every: Level::default(),
            })
        })
    }
}

impl<S: WatcherSet + ?Sized> EntryLevels<S> {
    /// The watchers of a place behind every entry.
    #[inline]
    pub(super) fn every(&self) -> &Level<S> {
        &self.every
    }

    /// The watchers of a place behind one entry.
    pub(super) fn behind(&self, id: EntryId) -> Option<&Level<S>> {
        match id {
            EntryId::Hash(hash) => self.by_hash.get(&hash),
            EntryId::Index(index) => self.by_index.get(&index),
            EntryId::Only => Some(&self.only),
            EntryId::Every => None,
        }
    }

    /// The same for the elements from `index` on.
    pub(super) fn from(&self, index: usize) -> impl Iterator<Item = &Level<S>> {
        self.by_index.range(index..).map(|(_, level)| level)
    }

    /// The watchers of a place behind certain entries.
    pub(super) fn levels(&self) -> impl Iterator<Item = &Level<S>> {
        self.by_hash.values().chain(self.by_index.values()).chain([&self.only])
    }

    fn level(&mut self, id: EntryId) -> &mut Level<S> {
        match id {
            EntryId::Hash(hash) => self.by_hash.entry(hash).or_default(),
            EntryId::Index(index) => self.by_index.entry(index).or_default(),
            EntryId::Only => &mut self.only,
            EntryId::Every => &mut self.every,
        }
    }

    fn prune(&mut self, id: EntryId) {
        if !self.level(id).is_empty() {
            return;
        }
        match id {
            EntryId::Hash(hash) => {
                self.by_hash.remove(&hash);
                if self.by_hash.is_empty() {
                    self.by_hash = HashMap::default();
                }
            }
            EntryId::Index(index) => drop(self.by_index.remove(&index)),
            EntryId::Only | EntryId::Every => {}
        }
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.outline.is_empty()
            && self.by_hash.is_empty()
            && self.by_index.is_empty()
            && self.only.is_empty()
            && self.every.is_empty()
    }
}

/// Uses a hash as its own hash: hashing it again would cost a write more than finding the
/// entry does.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn push<W>(watchers: &mut Vec<W>, watcher: W) {
    make_room(watchers);
    watchers.push(watcher);
}

/// Most places behind a key have one watcher, and a `Vec` begins with room for four.
fn make_room<W>(list: &mut Vec<W>) {
    if list.is_empty() {
        list.reserve_exact(1);
    }
}

pub(super) fn remove<W>(watchers: &mut Vec<W>, is_it: impl Fn(&W) -> bool) {
    if let Some(index) = watchers.iter().position(is_it) {
        watchers.remove(index);
        if watchers.len() < watchers.capacity() / 4 {
            watchers.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PlacedSet, set_at};
    use super::*;

    const LIST: Node = Node { id: 1, count: 1 };

    /// The places behind the entry `id` at which a level of `sets` has watchers.
    fn behind(level: &Level<PlacedSet>, id: EntryId) -> Vec<(u32, bool)> {
        let entries = level.nodes().first().and_then(|list| list.entries.as_deref());
        let found = match id {
            EntryId::Every => entries.map(EntryLevels::every),
            id => entries.and_then(|entries| entries.behind(id)),
        };
        let nodes = found.map_or(&[][..], Level::nodes);
        nodes.iter().map(|watched| (watched.node.id, watched.plain.is_empty())).collect()
    }

    #[test]
    fn i6_i8_each_entry_has_its_own_watchers_and_none_leaves_room_behind() {
        let ids = [7, 8].map(EntryId::Hash).into_iter().chain([0, 2, 5].map(EntryId::Index));
        let ids: Vec<EntryId> = ids.chain([EntryId::Only, EntryId::Every]).collect();
        let inner = [(0, WatchedPart::Value), (2, WatchedPart::Value), (2, WatchedPart::Outline)];
        let sets = ids.iter().flat_map(|id| {
            inner.map(|(node, part)| {
                (*id, set_at(LIST, Some((*id, Node { id: node, count: 1 })), part))
            })
        });
        let (sets, mut level): (Vec<_>, _) = (sets.collect(), Level::<PlacedSet>::default());
        for (_, set) in &sets {
            level.link(&set.positions()[0], Watcher { set: Arc::clone(set), part: 0 });
        }

        for (at, (id, set)) in sets.iter().enumerate() {
            let mut left: Vec<*const PlacedSet> = Vec::new();
            level.for_each(&mut |watcher| left.push(Arc::as_ptr(&watcher.set)));
            assert!(sets[at..].iter().all(|(_, set)| left.contains(&Arc::as_ptr(set))));
            assert_eq!(left.len(), sets.len() - at);
            let expected: &[_] = match at % 3 {
                0 => &[(0, false), (2, false)],
                1 => &[(2, false)],
                _ => &[(2, true)],
            };
            assert_eq!(behind(&level, *id), expected, "{id:?}");
            level.unlink(&set.positions()[0], &|other| Arc::ptr_eq(&other.set, set));
        }
        assert!(level.is_empty() && level.0.capacity() == 0);
    }

    #[test]
    fn i6_the_elements_behind_an_index_are_those_that_a_write_moves() {
        let mut level = Level::<PlacedSet>::default();
        for index in [0, 2, 5] {
            let set =
                set_at(LIST, Some((EntryId::Index(index), Node::root(1))), WatchedPart::Value);
            level.link(&set.positions()[0], Watcher { set: Arc::clone(&set), part: 0 });
        }
        let entries = level.nodes()[0].entries.as_ref().expect("the elements are watched");
        assert_eq!([0, 1, 2, 3, 5, 6].map(|from| entries.from(from).count()), [3, 2, 2, 1, 1, 0]);
    }

    #[test]
    fn i8_a_list_that_has_shrunk_gives_its_room_back() {
        let mut watchers = Vec::new();
        (0..64).for_each(|number| push(&mut watchers, number));
        (0..63).for_each(|number| remove(&mut watchers, |other| *other == number));
        assert!(watchers == [63] && watchers.capacity() < 8);
        remove(&mut watchers, |other| *other == 7);
        assert_eq!(watchers, [63]);
    }
}
