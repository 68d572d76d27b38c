//! Watchers that a transaction may have affected, each once.

use std::collections::HashSet;
use std::sync::Arc;

use super::WatcherSet;
use super::level::Watcher;

/// Watchers of which only their own comparison says whether they are affected.
pub(in crate::cell) struct Undecided<S: ?Sized> {
    watchers: Vec<Watcher<S>>,
    /// The sets' addresses and the numbers of their places.
    seen: HashSet<(usize, usize)>,
    /// Whether the entries of a collection are watched.
    has_every: bool,
}

impl<S: ?Sized> Default for Undecided<S> {
    fn default() -> Self {
        Self { watchers: Vec::new(), seen: HashSet::new(), has_every: false }
    }
}

impl<S: WatcherSet + ?Sized> Undecided<S> {
    pub(super) fn add(&mut self, watcher: &Watcher<S>) {
        let address = Arc::as_ptr(&watcher.set).cast::<()>().addr();
        if self.seen.insert((address, watcher.part)) {
            self.watchers.push(watcher.clone());
        }
    }

    /// A watcher of every entry of a collection.
    pub(super) fn add_every(&mut self) {
        self.has_every = true;
    }

    pub(super) fn has_every(&self) -> bool {
        self.has_every
    }

    /// Whether a watcher is left whose set the attempt has not affected already.
    pub(super) fn has_any(&mut self, attempt: u64) -> bool {
        self.watchers.retain(|watcher| !watcher.set.is_affected(attempt));
        self.has_every || !self.watchers.is_empty()
    }

    pub(super) fn watchers(&self) -> &[Watcher<S>] {
        &self.watchers
    }
}
