//! [`Sets`]: the sets of subscribers of a cell.

use std::sync::Arc;

use super::WatcherSet;
use super::level::{self, Watcher};
use crate::cell::watched::Watch;

/// Sets of subscribers, which watchers name by their numbers.
pub(super) struct Sets<S: ?Sized> {
    /// Those that watch places, by their numbers; a number may have none.
    of_places: Vec<Option<Arc<S>>>,
    /// Those that are notified of every commit.
    of_every_commit: Vec<Arc<S>>,
}

impl<S: ?Sized> Default for Sets<S> {
    fn default() -> Self {
        Self { of_places: Vec::new(), of_every_commit: Vec::new() }
    }
}

impl<S: WatcherSet + ?Sized> Sets<S> {
    /// The set of a watcher.
    #[inline]
    pub(super) fn of(&self, watcher: Watcher) -> &Arc<S> {
        let set = self.of_places.get(watcher.set as usize).and_then(Option::as_ref);
        set.expect("a set stays while it has watchers")
    }

    /// The place of a watcher.
    #[inline]
    pub(super) fn watch(&self, watcher: Watcher) -> &dyn Watch<S::State> {
        self.of(watcher).watch(watcher.part)
    }

    #[inline]
    pub(super) fn of_every_commit(&self) -> &[Arc<S>] {
        &self.of_every_commit
    }

    pub(super) fn add(&mut self, set: Arc<S>) {
        if set.positions().is_empty() {
            return self.of_every_commit.push(set);
        }
        let number = set.number() as usize;
        if self.of_places.len() <= number {
            if number == 0 {
                // Many models have one watched place.
                self.of_places.reserve_exact(1);
            }
            self.of_places.resize(number + 1, None);
        }
        self.of_places[number] = Some(set);
    }

    pub(super) fn remove(&mut self, set: &Arc<S>) {
        if set.positions().is_empty() {
            return level::remove(&mut self.of_every_commit, |other| Arc::ptr_eq(other, set));
        }
        if let Some(place) = self.of_places.get_mut(set.number() as usize) {
            *place = None;
        }
        while self.of_places.last().is_some_and(Option::is_none) {
            self.of_places.pop();
        }
        if self.of_places.len() <= self.of_places.capacity() / 4 {
            self.of_places.shrink_to_fit();
        }
    }

    /// How many sets of places there is room for.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.of_places.capacity()
    }

    /// All of them.
    #[cfg(any(feature = "metrics", feature = "test"))]
    pub(super) fn all(&self) -> Vec<Arc<S>> {
        let mut all = Vec::new();
        for set in &self.of_every_commit {
            all.push(Arc::clone(set));
        }
        for set in &self.of_places {
            push(&mut all, set.clone());
        }
        all
    }

    pub(super) fn into_all(self) -> Vec<Arc<S>> {
        let mut all = self.of_every_commit;
        for set in self.of_places {
            push(&mut all, set);
        }
        all
    }
}

fn push<S: ?Sized>(all: &mut Vec<Arc<S>>, set: Option<Arc<S>>) {
    if let Some(set) = set {
        all.push(set);
    }
}
