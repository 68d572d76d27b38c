//! The subscriptions of a cell, counted.

use std::collections::HashMap;
use std::sync::Arc;

use super::Cell;

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// The version, and the number of subscriptions.
    pub(super) fn counts(&self) -> (u64, usize) {
        // Dropped after the lock, since a selector is users' code.
        let sets;
        let core = self.read();
        // A set is in the index once for each of its places.
        sets = core
            .index
            .sets()
            .into_iter()
            .map(|set| (Arc::as_ptr(&set).addr(), set))
            .collect::<HashMap<_, _>>();
        (core.version, sets.values().map(|set| set.live()).sum())
    }
}
