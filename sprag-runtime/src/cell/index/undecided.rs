//! Watchers that a transaction may have affected, each once.

use std::collections::HashSet;

use super::level::Watcher;

/// Watchers of which only their own comparison says whether they are affected.
#[derive(Default)]
pub(in crate::cell) struct Undecided {
    watchers: Vec<Watcher>,
    seen: HashSet<Watcher>,
    /// Whether the entries of a collection are watched.
    has_every: bool,
}

impl Undecided {
    #[inline]
    pub(super) fn add(&mut self, watcher: Watcher) {
        if self.seen.insert(watcher) {
            self.watchers.push(watcher);
        }
    }

    /// A watcher of every entry of a collection.
    #[inline]
    pub(super) fn add_every(&mut self) {
        self.has_every = true;
    }

    #[inline]
    pub(super) fn has_every(&self) -> bool {
        self.has_every
    }

    /// Whether a watcher is left that `is_open`: the attempt has not affected its set already.
    #[inline]
    pub(super) fn has_any(&mut self, is_open: &dyn Fn(Watcher) -> bool) -> bool {
        self.watchers.retain(|watcher| is_open(*watcher));
        self.has_every || !self.watchers.is_empty()
    }

    #[inline]
    pub(super) fn watchers(&self) -> &[Watcher] {
        &self.watchers
    }
}
