//! The subscriptions of a cell, counted.

use super::Cell;

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// The version, and the number of subscriptions.
    pub(super) fn counts(&self) -> (u64, usize) {
        // Dropped after the lock, since a selector is users' code.
        let sets;
        let core = self.read();
        sets = core.index.sets();
        let mut count = 0;
        for set in &sets {
            count += set.live();
        }
        (core.version, count)
    }
}
