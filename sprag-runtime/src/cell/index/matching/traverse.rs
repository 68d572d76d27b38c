//! The way of one part of a write through the levels of the index.

use crate::cell::index::level::{EntryLevels, Level, WatchedNode, Watcher};
use crate::cell::write::{Diff, EntryRange, OutlineChange};
use crate::path::{EntryId, Node};

/// Where a watcher is relative to the written place.
#[derive(Clone, Copy)]
pub(super) enum Relation {
    /// The watcher is at the place, or above it.
    AtOrAbove,
    /// The watcher is at a node of the place's tree, counted from the place.
    Below(u32),
    /// The watcher is behind a key of the written value.
    BehindKey,
    /// The watcher is of an outline that several writes change.
    Unsure,
}

/// Which entries of a collection are written, of which every entry is watched.
#[derive(Clone, Copy)]
pub(super) enum EveryScope<'k> {
    /// The one under the key of this number on the way to the written place. The place is
    /// the node behind it, or reached from there through the other keys.
    Key(usize, Node, &'k [(EntryId, Node)]),
    /// The entries that the write names.
    Written,
    /// All of them, with the collection.
    All(Relation),
}

/// Finds the watchers that one part of a write concerns.
pub(super) trait Traverse<'q> {
    fn diff(&self) -> &'q Diff<'q>;

    /// Notes a key on the way, which may share its hash with another.
    fn pass(&mut self, _: EntryId) {}

    fn one(&mut self, watcher: Watcher, relation: Relation);

    /// The watchers behind every entry of a collection.
    fn every(&mut self, level: &Level, scope: EveryScope<'_>);

    /// Passes the watchers of the written place, of its ancestors and of its descendants.
    /// The place is `node` in this tree, or reached from it through `keys`; `nearest` is
    /// the nearest watched node.
    fn level(
        &mut self,
        level: &Level,
        nearest: Option<usize>,
        node: Node,
        keys: &[(EntryId, Node)],
    ) {
        let mut at = nearest;
        while let Some(watched) = at.map(|at| &level.nodes()[at]) {
            self.all(&watched.plain, Relation::AtOrAbove);
            at = watched.up;
        }
        let own = nearest.map(|at| &level.nodes()[at]).filter(|own| own.node.id == node.id);
        let entries = own.and_then(|own| own.entries.as_deref());
        match keys {
            [key, rest @ ..] => {
                if let Some(entries) = entries {
                    self.entry(entries, *key, rest);
                }
            }
            [] if self.diff().entries.is_some() => {
                if let Some(entries) = entries {
                    self.written(entries);
                }
            }
            [] => {
                if let Some(entries) = entries {
                    self.all_entries(entries, Relation::Below(0));
                }
                for below in level.below(node) {
                    self.node(below, Relation::Below(below.node.id - node.id));
                }
            }
        }
    }

    /// The written place is behind one entry.
    fn entry(
        &mut self,
        entries: &EntryLevels,
        (id, node): (EntryId, Node),
        rest: &[(EntryId, Node)],
    ) {
        if !entries.every().is_empty() {
            let number = self.diff().at.keys.len() - rest.len() - 1;
            self.every(entries.every(), EveryScope::Key(number, node, rest));
        }
        if let Some(level) = entries.behind(id) {
            self.pass(id);
            self.level(level, level.nearest(node.id), node, rest);
        }
    }

    /// Entries of the collection are written.
    fn written(&mut self, entries: &EntryLevels) {
        let Some(written) = self.diff().entries else { return };
        match written.outline() {
            OutlineChange::Same => {}
            OutlineChange::Other => self.all(&entries.outline, Relation::AtOrAbove),
            OutlineChange::Unsure => self.all(&entries.outline, Relation::Unsure),
        }
        if !entries.every().is_empty() {
            self.every(entries.every(), EveryScope::Written);
        }
        match written.range() {
            EntryRange::One(id) => {
                entries.behind(*id).into_iter().for_each(|level| self.whole(level));
            }
            EntryRange::These(ids) => {
                for id in ids.iter() {
                    entries.behind(*id).into_iter().for_each(|level| self.whole(level));
                }
            }
            EntryRange::From(index) => entries.from(*index, &mut |level| self.whole(level)),
        }
    }

    /// A level behind a key of the written value.
    fn whole(&mut self, level: &Level) {
        level.nodes().iter().for_each(|node| self.node(node, Relation::BehindKey));
    }

    fn node(&mut self, node: &WatchedNode, relation: Relation) {
        self.all(&node.plain, relation);
        if let Some(entries) = &node.entries {
            self.all_entries(entries, relation);
        }
    }

    fn all_entries(&mut self, entries: &EntryLevels, relation: Relation) {
        self.all(&entries.outline, relation);
        if !entries.every().is_empty() {
            self.every(entries.every(), EveryScope::All(relation));
        }
        entries.each(&mut |level| self.whole(level));
    }

    #[inline]
    fn all(&mut self, watchers: &[Watcher], relation: Relation) {
        for watcher in watchers {
            self.one(*watcher, relation);
        }
    }
}
