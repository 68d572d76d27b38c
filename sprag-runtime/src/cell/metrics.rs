//! The numbers of a cell.

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
