//! The watchers of every entry of a collection: which entries a write touches.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use super::traverse::{EveryScope, Relation, Traverse};
use crate::cell::index::WatcherSet;
use crate::cell::index::level::{Level, Watcher};
use crate::cell::watched::{Compared, VisitKeys, WhichEntries};
use crate::cell::write::{Comparison, Diff, EntryChange, EntryRange};

/// The entries that one attempt to commit touches, by who watches them. The users' values
/// in them are dropped after the lock.
pub(in crate::cell) struct TouchedEntries<S: ?Sized> {
    /// In the order in which the write reached them.
    watchers: Vec<TouchedWatcher<S>>,
    found: HashMap<u64, usize>,
}

struct TouchedWatcher<S: ?Sized> {
    set: Arc<S>,
    entries: Box<dyn Any + Send>,
}

impl<S: ?Sized> Default for TouchedEntries<S> {
    fn default() -> Self {
        Self { watchers: Vec::new(), found: HashMap::new() }
    }
}

impl<S: WatcherSet + ?Sized> TouchedEntries<S> {
    /// The touched entries of a watcher.
    pub(in crate::cell) fn of(&self, id: u64) -> Option<&dyn Any> {
        Some(&*self.watchers[*self.found.get(&id)?].entries)
    }

    /// Whether one of the watchers reads changes as data.
    pub(super) fn wants_record(&self) -> bool {
        self.watchers.iter().any(|watcher| watcher.set.records())
    }

    fn of_mut(&mut self, watcher: &Watcher<S>) -> &mut dyn Any {
        let watch = watcher.watch_each();
        let Self { watchers, found } = self;
        let at = *found.entry(watch.id()).or_insert_with(|| {
            let set = Arc::clone(&watcher.set);
            watchers.push(TouchedWatcher { set, entries: watch.untouched() });
            watchers.len() - 1
        });
        &mut *watchers[at].entries
    }

    /// Passes the sets of which an entry has changed, now that the write is made.
    pub(super) fn settle(&mut self, state: &S::State, mut changed: impl FnMut(&S)) {
        for TouchedWatcher { set, entries } in &mut self.watchers {
            if set.watch_each().settle(&mut **entries, state) {
                changed(set);
            }
        }
    }
}

/// One part of a write, as the watchers of every entry of one collection see it.
pub(super) struct WrittenPart<'q, T> {
    pub(super) diff: &'q Diff<'q, T>,
    pub(super) state: &'q T,
    /// Whether no key on the way here can share its hash with another.
    pub(super) exact: bool,
    pub(super) scope: EveryScope<'q>,
}

impl<T> Clone for WrittenPart<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for WrittenPart<'_, T> {}

impl<'q, T> WrittenPart<'q, T> {
    fn compared(self, relation: Relation) -> Compared<'q, T> {
        let is_by_key = matches!(self.scope, EveryScope::Key(..)) && self.diff.keys.is_some();
        match (&self.diff.comparison, self.scope, relation) {
            (Comparison::Roots { old, new }, ..) => Compared::Roots { old, new },
            (Comparison::Unknown, ..) => Compared::Later(self.state),
            (_, _, Relation::AtOrAbove) if is_by_key && self.exact => Compared::Different,
            (Comparison::Values { old, new, .. }, _, Relation::Below(id))
                if is_by_key && self.exact =>
            {
                Compared::Nodes { old: old.node(id), new: new.node(id) }
            }
            (Comparison::Values { old, new, .. }, EveryScope::All(Relation::Below(id)), _)
                if self.exact =>
            {
                Compared::Nodes { old: old.node(id), new: new.node(id) }
            }
            _ => Compared::Later(self.state),
        }
    }

    /// Passes the keys of the touched entries.
    fn keys(self, visit: &mut dyn FnMut(&dyn Any)) {
        let Some(keys) = self.diff.keys else { return };
        let EveryScope::Key(number, ..) = self.scope else { return keys.of_entries(visit) };
        let mut numbers = 0..;
        keys.on_the_way(&mut |key| {
            if numbers.next() == Some(number) {
                visit(key);
            }
        });
    }

    fn which<'k>(self, keys: VisitKeys<'k>) -> WhichEntries<'k> {
        match (self.scope, self.diff.entries.map(EntryChange::range)) {
            (EveryScope::Written, Some(EntryRange::From(index))) => WhichEntries::From(*index),
            (EveryScope::Key(..) | EveryScope::Written, _) if self.diff.keys.is_some() => {
                WhichEntries::These(keys)
            }
            _ => WhichEntries::All,
        }
    }
}

/// Finds the entries that one part of a write touches.
pub(super) struct EveryMatcher<'q, S: WatcherSet + ?Sized> {
    pub(super) part: WrittenPart<'q, S::State>,
    pub(super) touched: &'q mut TouchedEntries<S>,
}

impl<'q, S: WatcherSet + ?Sized> EveryMatcher<'q, S> {
    /// Passes the watchers in `level`, which is behind every entry.
    pub(super) fn run(mut self, level: &Level<S>) {
        match self.part.scope {
            EveryScope::Key(_, node, rest) => self.level(level, level.nearest(node.id), node, rest),
            EveryScope::Written | EveryScope::All(_) => self.whole(level),
        }
    }
}

impl<'q, S: WatcherSet + ?Sized> Traverse<'q, S> for EveryMatcher<'q, S> {
    fn diff(&self) -> &'q Diff<'q, S::State> {
        self.part.diff
    }

    fn exact(&mut self) -> &mut bool {
        &mut self.part.exact
    }

    fn one(&mut self, watcher: &Watcher<S>, relation: Relation) {
        let part = self.part;
        let keys = |visit: &mut dyn FnMut(&dyn Any)| part.keys(visit);
        let (which, by) = (part.which(&keys), part.compared(relation));
        watcher.watch_each().touch(self.touched.of_mut(watcher), which, by);
    }

    /// A selector goes through every entry of one collection, and of none in it.
    fn every(&mut self, _: &Level<S>, _: EveryScope<'_>) {}
}

/// Finds the watchers of every entry that one part of a write concerns, and no others.
pub(super) struct EveryFinder<'q, S: WatcherSet + ?Sized> {
    pub(super) diff: &'q Diff<'q, S::State>,
    pub(super) state: &'q S::State,
    pub(super) exact: bool,
    pub(super) touched: &'q mut TouchedEntries<S>,
}

impl<'q, S: WatcherSet + ?Sized> Traverse<'q, S> for EveryFinder<'q, S> {
    fn diff(&self) -> &'q Diff<'q, S::State> {
        self.diff
    }

    fn exact(&mut self) -> &mut bool {
        &mut self.exact
    }

    fn one(&mut self, _: &Watcher<S>, _: Relation) {}

    fn every(&mut self, level: &Level<S>, scope: EveryScope<'_>) {
        let part = WrittenPart { diff: self.diff, state: self.state, exact: self.exact, scope };
        EveryMatcher { part, touched: self.touched }.run(level);
    }
}
