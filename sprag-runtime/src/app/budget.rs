//! [`Budget`]: how much time a start or a stop has left.

use std::time::Duration;

use tokio::time::Instant;

/// The time that all steps of a start or a stop share.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    /// `None` where the clock cannot represent the deadline: there is no limit.
    deadline: Option<Instant>,
    /// The minimum that a step gets, even after the deadline.
    floor: Duration,
}

impl Budget {
    pub(crate) fn new(total: Duration, floor: Duration) -> Self {
        Self { deadline: Instant::now().checked_add(total), floor }
    }

    /// The limit of a step that may take at most `limit`.
    pub(crate) fn limit(&self, limit: Duration) -> Duration {
        limit.min(self.left()).max(self.floor)
    }

    /// This budget, cut to the deadline of `other`.
    pub(crate) fn within(mut self, other: &Self) -> Self {
        self.deadline = self.deadline.into_iter().chain(other.deadline).min();
        self
    }

    /// The time that is left.
    pub(crate) fn left(&self) -> Duration {
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        self.deadline.map_or(Duration::MAX, left)
    }
}
