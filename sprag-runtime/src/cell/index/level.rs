//! The watched nodes of one tree: the root's, or the one that begins at an entry of a
//! collection. A level only stores watchers; `matching` evaluates them.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use crate::cell::watched::{Position, WatchedPart};
use crate::path::{EntryId, Node};

/// One place of one set: a tuple selector has several.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Watcher {
    /// The number of the set.
    pub(super) set: u32,
    /// The number of the place among those of the set.
    pub(super) part: u32,
}

/// The watched nodes of one tree, in preorder.
#[derive(Default)]
pub(super) struct Level(Vec<WatchedNode>);

/// A watched node.
pub(super) struct WatchedNode {
    pub(super) node: Node,
    /// The nearest watched node above, as an index into the level.
    pub(super) up: Option<usize>,
    /// The watchers of the value there.
    pub(super) plain: Vec<Watcher>,
    pub(super) entries: Option<Box<EntryLevels>>,
}

/// The watchers of the entries of the collection at a node.
#[derive(Default)]
pub(super) struct EntryLevels {
    /// The watchers of the set of entries (`len`, `keys`).
    pub(super) outline: Vec<Watcher>,
    by_hash: HashMap<u64, Level, BuildHasherDefault<Hashed>>,
    /// In order, since writes of a sequence touch all from an index on.
    by_index: BTreeMap<usize, Level>,
    /// The level behind a pointer.
    only: Level,
    /// The watchers of a place behind every entry.
    every: Level,
}

impl Level {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(super) fn nodes(&self) -> &[WatchedNode] {
        &self.0
    }

    /// The entries strictly below `node`.
    #[inline]
    pub(super) fn below(&self, node: Node) -> &[WatchedNode] {
        if node.count <= 1 || self.0.is_empty() {
            return &[];
        }
        let end = node.id.saturating_add(node.count);
        let from = self.0.partition_point(|watched| watched.node.id <= node.id);
        let to = from + self.0[from..].partition_point(|watched| watched.node.id < end);
        &self.0[from..to]
    }

    /// The nearest watched node that is `id` or contains it.
    #[inline]
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

    pub(super) fn link(&mut self, position: &Position, watcher: Watcher) {
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
    ) -> &mut Vec<Watcher> {
        let entry = self.node_mut(node);
        match keys {
            [] if part == WatchedPart::Outline => &mut entry.entries_mut().outline,
            [] => &mut entry.plain,
            [(id, node), rest @ ..] => {
                entry.entries_mut().level(*id).watchers_at(*node, rest, part)
            }
        }
    }

    fn node_mut(&mut self, node: Node) -> &mut WatchedNode {
        let at = self.0.partition_point(|watched| watched.node.id < node.id);
        if self.0.get(at).is_none_or(|watched| watched.node.id != node.id) {
            make_room(&mut self.0);
            self.0.insert(at, WatchedNode { node, up: None, plain: Vec::new(), entries: None });
            self.link_upwards();
        }
        &mut self.0[at]
    }

    pub(super) fn unlink(&mut self, position: &Position, watcher: Watcher) {
        self.remove(position.location.node.id, &position.location.keys, position.part, watcher);
    }

    fn remove(&mut self, id: u32, keys: &[(EntryId, Node)], part: WatchedPart, watcher: Watcher) {
        let Ok(at) = self.0.binary_search_by_key(&id, |watched| watched.node.id) else { return };
        let entry = &mut self.0[at];
        match (keys, &mut entry.entries) {
            ([], Some(entries)) if part == WatchedPart::Outline => {
                remove(&mut entries.outline, |other| *other == watcher);
            }
            ([], _) => remove(&mut entry.plain, |other| *other == watcher),
            ([(id, node), rest @ ..], Some(entries)) => {
                entries.level(*id).remove(node.id, rest, part, watcher);
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
}

impl WatchedNode {
    fn entries_mut(&mut self) -> &mut EntryLevels {
        self.entries.get_or_insert_default()
    }
}

impl EntryLevels {
    /// The watchers of a place behind every entry.
    #[inline]
    pub(super) fn every(&self) -> &Level {
        &self.every
    }

    /// The watchers of a place behind one entry.
    #[inline]
    pub(super) fn behind(&self, id: EntryId) -> Option<&Level> {
        match id {
            EntryId::Hash(hash) => self.by_hash.get(&hash),
            EntryId::Index(index) => self.by_index.get(&index),
            EntryId::Only => Some(&self.only),
            EntryId::Every => None,
        }
    }

    /// Passes the same for the elements from `index` on.
    pub(super) fn from(&self, index: usize, pass: &mut dyn FnMut(&Level)) {
        self.by_index.range(index..).for_each(|(_, level)| pass(level));
    }

    /// Passes the watchers of a place behind certain entries.
    pub(super) fn each(&self, pass: &mut dyn FnMut(&Level)) {
        self.by_hash.values().chain(self.by_index.values()).chain([&self.only]).for_each(pass);
    }

    fn level(&mut self, id: EntryId) -> &mut Level {
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
    use super::*;
    use crate::path::Location;

    const LIST: Node = Node { id: 1, count: 1 };

    /// A position at `node` behind the entry `id` of the list.
    fn position(id: EntryId, node: Node, part: WatchedPart) -> Position {
        let keys = [(id, node)].into_iter().collect();
        Position { location: Location { node: LIST, keys }, part }
    }

    /// The places behind the entry `id` at which a level has watchers.
    fn behind(level: &Level, id: EntryId) -> Vec<(u32, bool)> {
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
        let positions: Vec<_> = ids
            .iter()
            .flat_map(|id| {
                inner.map(|(node, part)| (*id, position(*id, Node { id: node, count: 1 }, part)))
            })
            .collect();
        let (mut level, watcher) = (Level::default(), |set| Watcher { set, part: 0 });
        for ((_, position), set) in positions.iter().zip(0..) {
            level.link(position, watcher(set));
        }

        for (at, (id, position)) in positions.iter().enumerate() {
            let expected: &[_] = match at % 3 {
                0 => &[(0, false), (2, false)],
                1 => &[(2, false)],
                _ => &[(2, true)],
            };
            assert_eq!(behind(&level, *id), expected, "{id:?}");
            level.unlink(position, watcher(u32::try_from(at).unwrap()));
        }
        assert!(level.is_empty() && level.0.capacity() == 0);
    }

    #[test]
    fn i6_the_elements_behind_an_index_are_those_that_a_write_moves() {
        let mut level = Level::default();
        for index in [0, 2, 5] {
            let position = position(EntryId::Index(index), Node::root(1), WatchedPart::Value);
            level.link(&position, Watcher { set: 0, part: 0 });
        }
        let entries = level.nodes()[0].entries.as_ref().expect("the elements are watched");
        let count = |from| {
            let mut count = 0;
            entries.from(from, &mut |_| count += 1);
            count
        };
        assert_eq!([0, 1, 2, 3, 5, 6].map(count), [3, 2, 2, 1, 1, 0]);
    }

    #[test]
    fn i8_a_list_that_has_shrunk_gives_its_room_back() {
        let mut watchers = Vec::new();
        push(&mut watchers, 64);
        assert_eq!(watchers.capacity(), 1, "most places have one watcher");
        watchers.clear();
        (0..64).for_each(|number| push(&mut watchers, number));
        (0..63).for_each(|number| remove(&mut watchers, |other| *other == number));
        assert!(watchers == [63] && watchers.capacity() < 8);
        remove(&mut watchers, |other| *other == 7);
        assert_eq!(watchers, [63]);
    }
}
