//! The numbers of a cell.

use std::collections::HashMap;
use std::sync::Arc;

use super::Cell;
use crate::measured::Measured;
use crate::sync::atomic::Ordering;

impl<T: Clone + Send + Sync + 'static> Measured for Cell<T> {
    fn measure(&self) {
        let state = || self.name.to_string();
        let (version, subscribers) = self.counts();
        ::metrics::counter!("sprag_commits_total", "state" => state()).absolute(version);
        ::metrics::gauge!("sprag_subscribers", "state" => state()).set(subscribers as f64);
        let backlog = self.delivery.backlog.load(Ordering::Relaxed);
        ::metrics::gauge!("sprag_backlog", "state" => state()).set(backlog as f64);
        let panics = self.panics();
        ::metrics::counter!("sprag_callback_panics_total", "state" => state()).absolute(panics);
    }
}

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// The version, and the number of subscriptions.
    fn counts(&self) -> (u64, usize) {
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
