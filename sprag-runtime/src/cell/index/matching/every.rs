//! The watchers of every entry of a collection: which entries a write touches.

use std::any::Any;
use std::collections::HashMap;

use super::traverse::{EveryScope, Relation, Traverse};
use crate::cell::index::WatcherSet;
use crate::cell::index::level::{Level, Watcher};
use crate::cell::index::sets::Sets;
use crate::cell::watched::{Compared, VisitKeys, WhichEntries};
use crate::cell::write::{Comparison, Diff, EntryChange, EntryRange};
use crate::path::EntryId;

/// The entries that one attempt to commit touches, by who watches them. The users' values
/// in them are dropped after the lock.
#[derive(Default)]
pub(in crate::cell) struct TouchedEntries {
    /// In the order in which the write reached them.
    watchers: Vec<TouchedWatcher>,
    found: HashMap<u64, usize>,
}

struct TouchedWatcher {
    watcher: Watcher,
    entries: Box<dyn Any + Send>,
}

impl TouchedEntries {
    /// The touched entries of a watcher.
    pub(in crate::cell) fn of(&self, id: u64) -> Option<&dyn Any> {
        Some(&*self.watchers[*self.found.get(&id)?].entries)
    }

    /// Whether one of the watchers reads changes as data.
    pub(super) fn wants_record<S: WatcherSet + ?Sized>(&self, sets: &Sets<S>) -> bool {
        self.watchers.iter().any(|touched| sets.of(touched.watcher).records())
    }

    /// The touched entries of a watcher whose selector has this number; `untouched` makes them.
    fn of_mut(
        &mut self,
        id: u64,
        watcher: Watcher,
        untouched: &dyn Fn() -> Box<dyn Any + Send>,
    ) -> &mut dyn Any {
        let Self { watchers, found } = self;
        let at = *found.entry(id).or_insert_with(|| {
            watchers.push(TouchedWatcher { watcher, entries: untouched() });
            watchers.len() - 1
        });
        &mut *watchers[at].entries
    }

    /// Passes the sets of which an entry has changed, now that the write is made.
    pub(super) fn settle<S: WatcherSet + ?Sized>(
        &mut self,
        sets: &Sets<S>,
        state: &S::State,
        mut changed: impl FnMut(&S),
    ) {
        for TouchedWatcher { watcher, entries } in &mut self.watchers {
            let set = sets.of(*watcher);
            if set.watch_each().settle(&mut **entries, state) {
                changed(set);
            }
        }
    }
}

/// One part of a write, as the watchers of every entry of one collection see it.
pub(super) struct WrittenPart<'q, T> {
    pub(super) diff: &'q Diff<'q>,
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

impl<'q, T: 'static> WrittenPart<'q, T> {
    fn compared(self, relation: Relation) -> Compared<'q, T> {
        if let Some((old, new)) = self.diff.comparison.roots() {
            return Compared::Roots { old, new };
        }
        match (&self.diff.comparison, self.scope, relation) {
            (Comparison::Unknown, ..) => Compared::Later(self.state),
            // Only the place in an entry that is written by its key is at the written place,
            // or below.
            (_, _, Relation::AtOrAbove) if self.exact => Compared::Different,
            (Comparison::Values { old, new, .. }, _, Relation::Below(id))
            | (Comparison::Values { old, new, .. }, EveryScope::All(Relation::Below(id)), _)
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
    pub(super) sets: &'q Sets<S>,
    pub(super) touched: &'q mut TouchedEntries,
}

impl<'q, S: WatcherSet + ?Sized> EveryMatcher<'q, S> {
    /// Passes the watchers in `level`, which is behind every entry.
    pub(super) fn run(mut self, level: &Level) {
        match self.part.scope {
            EveryScope::Key(_, node, rest) => self.level(level, level.nearest(node.id), node, rest),
            EveryScope::Written | EveryScope::All(_) => self.whole(level),
        }
    }
}

impl<'q, S: WatcherSet + ?Sized> Traverse<'q> for EveryMatcher<'q, S> {
    fn diff(&self) -> &'q Diff<'q> {
        self.part.diff
    }

    fn pass(&mut self, id: EntryId) {
        self.part.exact &= id.is_exact();
    }

    fn one(&mut self, watcher: Watcher, relation: Relation) {
        let part = self.part;
        let keys = |visit: &mut dyn FnMut(&dyn Any)| part.keys(visit);
        let (which, by) = (part.which(&keys), part.compared(relation));
        let watch = self.sets.of(watcher).watch_each();
        let touched = self.touched.of_mut(watch.id(), watcher, &|| watch.untouched());
        watch.touch(touched, which, by);
    }

    /// A selector goes through every entry of one collection, and of none in it.
    fn every(&mut self, _: &Level, _: EveryScope<'_>) {}
}

/// Finds the watchers of every entry that one part of a write concerns, and no others.
pub(super) struct EveryFinder<'q, S: WatcherSet + ?Sized> {
    pub(super) diff: &'q Diff<'q>,
    pub(super) state: &'q S::State,
    pub(super) sets: &'q Sets<S>,
    pub(super) touched: &'q mut TouchedEntries,
}

impl<'q, S: WatcherSet + ?Sized> Traverse<'q> for EveryFinder<'q, S> {
    fn diff(&self) -> &'q Diff<'q> {
        self.diff
    }

    fn one(&mut self, _: Watcher, _: Relation) {}

    fn every(&mut self, level: &Level, scope: EveryScope<'_>) {
        // The writes of a transaction are compared after all of them, whatever their keys.
        let part = WrittenPart { diff: self.diff, state: self.state, exact: false, scope };
        EveryMatcher { part, sets: self.sets, touched: self.touched }.run(level);
    }
}
