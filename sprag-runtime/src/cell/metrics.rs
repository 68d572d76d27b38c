//! The numbers of a cell.

use super::Cell;
use crate::measured::Measured;
use crate::sync::atomic::Ordering;

impl<T: Clone + Send + Sync + 'static> Measured for Cell<T> {
    fn measure(&self) {
        let (version, subscribers) = self.counts();
        let backlog = self.delivery.backlog.load(Ordering::Relaxed);
        record(&self.name, (version, self.panics()), (subscribers, backlog));
    }
}

/// Records the counters and gauges of the state `name`: apart from its type, so that this is
/// compiled once.
fn record(name: &str, (commits, panics): (u64, u64), (subscribers, backlog): (usize, usize)) {
    let state = || name.to_owned();
    ::metrics::counter!("sprag_commits_total", "state" => state()).absolute(commits);
    ::metrics::gauge!("sprag_subscribers", "state" => state()).set(subscribers as f64);
    ::metrics::gauge!("sprag_backlog", "state" => state()).set(backlog as f64);
    ::metrics::counter!("sprag_callback_panics_total", "state" => state()).absolute(panics);
}
