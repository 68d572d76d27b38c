//! [`Budget`]: how much time a start or a stop has left.

use std::time::Duration;

use tokio::time::Instant;

/// The time that all steps of a start or a stop share.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    deadline: Instant,
    /// The least that a step gets, also when the deadline is past.
    floor: Duration,
}

impl Budget {
    pub(crate) fn new(total: Duration, floor: Duration) -> Self {
        Self { deadline: Instant::now() + total, floor }
    }

    /// The limit of a step that may take at most `limit`.
    pub(crate) fn limit(&self, limit: Duration) -> Duration {
        limit.min(self.deadline.saturating_duration_since(Instant::now())).max(self.floor)
    }
}
