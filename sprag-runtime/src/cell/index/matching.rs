//! Finds the subscribers that one attempt to commit affects.

use std::any::Any;
use std::sync::Arc;

use super::level::{EntryLevels, Level, WatchedNode, Watcher};
use super::{Index, SubscriberCache, WatcherSet};

use crate::cell::write::{Comparison, Diff, EntryRange};
use crate::path::{EntryId, Node};

/// The subscribers that a write affects.
pub(in crate::cell) struct AffectedSubscribers<A: ?Sized> {
    /// Apart from the others, because most writes affect one place or none.
    one: Option<Arc<A>>,
    others: Option<Box<Others<A>>>,
    /// Whether any of them is notified before the others.
    has_firsts: bool,
    /// Whether any of them uses the written places.
    wants_record: bool,
}

struct Others<A: ?Sized>(Vec<Arc<A>>);

impl<A: ?Sized> Default for AffectedSubscribers<A> {
    fn default() -> Self {
        Self { one: None, others: None, has_firsts: false, wants_record: false }
    }
}

impl<A: ?Sized> AffectedSubscribers<A> {
    #[inline]
    pub(in crate::cell) fn push(&mut self, subscribers: Arc<A>, first: bool, record: bool) {
        self.has_firsts |= first;
        self.wants_record |= record;
        match self.one {
            None => self.one = Some(subscribers),
            Some(_) => self.push_other(subscribers),
        }
    }

    #[cold]
    fn push_other(&mut self, subscribers: Arc<A>) {
        self.others.get_or_insert_with(|| Box::new(Others(Vec::new()))).0.push(subscribers);
    }

    #[inline]
    pub(in crate::cell) fn is_empty(&self) -> bool {
        self.one.is_none()
    }

    #[inline]
    pub(in crate::cell) fn wants_record(&self) -> bool {
        self.wants_record
    }

    /// The only one, if there is one alone and it need not come before others.
    #[inline]
    pub(in crate::cell) fn only(&self) -> Option<&Arc<A>> {
        self.one.as_ref().filter(|_| self.others.is_none() && !self.has_firsts)
    }

    #[inline]
    pub(in crate::cell) fn iter(&self) -> impl Iterator<Item = &Arc<A>> {
        self.one.iter().chain(self.others.iter().flat_map(|others| &others.0))
    }
}

/// A watcher behind a key, with its value from before the write.
pub(in crate::cell) struct CapturedWatcher<S: ?Sized> {
    watcher: Watcher<S>,
    before: Box<dyn Any + Send>,
}

/// Where captured watchers wait for the end of the write. The users' values in them are
/// dropped after the lock.
pub(in crate::cell) trait KeepCaptured<S: ?Sized> {
    fn keep(&mut self, watcher: CapturedWatcher<S>);
    fn kept(&self) -> &[CapturedWatcher<S>];
}

/// The subscribers that an attempt has affected so far.
pub(in crate::cell) struct Marking<'a, A: ?Sized> {
    /// The attempt's number, so that a set with several places is affected once.
    pub(in crate::cell) attempt: u64,
    pub(in crate::cell) cache: &'a mut SubscriberCache<A>,
    pub(in crate::cell) affected: &'a mut AffectedSubscribers<A>,
}

/// One attempt to commit: collects the affected subscribers.
pub(in crate::cell) struct Matching<'a, S: WatcherSet + ?Sized> {
    index: &'a Index<S>,
    marking: Marking<'a, S::Subscribers>,
    captured: &'a mut dyn KeepCaptured<S>,
}

/// Where a watcher is relative to the written place.
#[derive(Clone, Copy)]
enum Relation {
    /// The watcher is at the place, or above it.
    AtOrAbove,
    /// The watcher is at a node of the place's tree, counted from the place.
    Below(u32),
    /// The watcher is behind a key of the written value.
    BehindKey,
}

impl<'a, S: WatcherSet + ?Sized> Matching<'a, S> {
    /// Whether an affected subscriber reads changes as data.
    pub(in crate::cell) fn wants_record(&self) -> bool {
        self.marking.affected.wants_record()
    }

    /// `affected` and `captured` stay with the caller, who drops their contents after the
    /// lock.
    pub(in crate::cell) fn new(
        index: &'a mut Index<S>,
        cache: &'a mut SubscriberCache<S::Subscribers>,
        affected: &'a mut AffectedSubscribers<S::Subscribers>,
        captured: &'a mut dyn KeepCaptured<S>,
    ) -> Self {
        index.attempts += 1;
        let index = &*index;
        let mut marking = Marking { attempt: index.attempts, cache, affected };
        for set in &index.every {
            set.affect(&mut marking);
        }
        Self { index, marking, captured }
    }

    /// Marks the watchers that one part of a write affects, before the write is made.
    pub(in crate::cell) fn compare(&mut self, diff: Diff<'_, S::State>, state: &S::State) {
        if diff.is_equal() {
            return;
        }
        let (level, node) = (&self.index.level, diff.at.node);
        let mut matcher = Matcher { diff: &diff, state, exact: true, matching: self };
        matcher.level(level, matcher.matching.index.nearest(node.id), node, &diff.at.keys);
    }

    /// Marks the watchers whose captured value has changed, after the write.
    pub(in crate::cell) fn compare_captured(mut self, state: &S::State) {
        for CapturedWatcher { watcher, before } in self.captured.kept() {
            if watcher.watch().has_changed(&**before, state) {
                watcher.set.affect(&mut self.marking);
            }
        }
    }
}

/// One part of a write on its way through the levels.
struct Matcher<'q, 'a, S: WatcherSet + ?Sized> {
    diff: &'q Diff<'q, S::State>,
    state: &'q S::State,
    /// Whether no key on the way here can share its hash with another.
    exact: bool,
    matching: &'q mut Matching<'a, S>,
}

impl<S: WatcherSet + ?Sized> Matcher<'_, '_, S> {
    /// Matches the watchers of the written place, of its ancestors and of its descendants.
    /// The place is `node` in this tree, or reached from it through `keys`; `nearest` is
    /// the nearest watched node.
    fn level(
        &mut self,
        level: &Level<S>,
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
        match (keys, self.diff.entries) {
            ([(id, node), rest @ ..], _) => {
                if let Some(level) = entries.and_then(|entries| entries.behind(*id)) {
                    self.exact &= id.is_exact();
                    self.level(level, level.nearest(node.id), *node, rest);
                }
            }
            ([], Some(written)) => {
                let Some(entries) = entries else { return };
                if written.changes_outline() {
                    self.all(&entries.outline, Relation::AtOrAbove);
                }
                self.entries(entries, written.range());
            }
            ([], None) => {
                if let Some(entries) = entries {
                    self.all_entries(entries, Relation::Below(0));
                }
                for below in level.below(node) {
                    self.node(below, Relation::Below(below.node.id - node.id));
                }
            }
        }
    }

    fn entries(&mut self, entries: &EntryLevels<S>, range: &EntryRange) {
        match range {
            EntryRange::One(id) => {
                entries.behind(*id).into_iter().for_each(|level| self.whole(level));
            }
            EntryRange::These(ids) => {
                let levels = ids.iter().filter_map(|id| entries.behind(*id));
                levels.for_each(|level| self.whole(level));
            }
            EntryRange::From(index) => {
                entries.from(*index).for_each(|level| self.whole(level));
            }
        }
    }

    /// A level behind a key of the written value.
    fn whole(&mut self, level: &Level<S>) {
        level.nodes().iter().for_each(|node| self.node(node, Relation::BehindKey));
    }

    fn node(&mut self, node: &WatchedNode<S>, relation: Relation) {
        self.all(&node.plain, relation);
        if let Some(entries) = &node.entries {
            self.all_entries(entries, relation);
        }
    }

    fn all_entries(&mut self, entries: &EntryLevels<S>, relation: Relation) {
        self.all(&entries.outline, relation);
        entries.levels().for_each(|level| self.whole(level));
    }

    #[inline]
    fn all(&mut self, watchers: &[Watcher<S>], relation: Relation) {
        for watcher in watchers {
            self.match_one(watcher, relation);
        }
    }

    /// A watcher that cannot be compared yet keeps its value, and is compared after the
    /// write.
    #[inline]
    fn match_one(&mut self, watcher: &Watcher<S>, relation: Relation) {
        let differs = match (&self.diff.comparison, relation) {
            (Comparison::Roots { old, new }, _) => watcher.watch().differs(old, new),
            (_, Relation::AtOrAbove) if self.exact => true,
            (Comparison::Values { old, new, .. }, Relation::Below(id)) if self.exact => {
                watcher.watch().differs_in_node(old.node(id), new.node(id))
            }
            _ => {
                let before = watcher.watch().capture(self.state);
                let captured = CapturedWatcher { watcher: watcher.clone(), before };
                self.matching.captured.keep(captured);
                return;
            }
        };
        if differs {
            watcher.set.affect(&mut self.matching.marking);
        }
    }
}
