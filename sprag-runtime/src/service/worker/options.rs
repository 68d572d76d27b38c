//! [`WorkerOptions`]: the options of `#[worker]`.

use crate::service::failure_policy::OnFailure;

/// The limit of waiting jobs for a worker without the option.
const QUEUE: usize = 1_024;

/// The options of `#[worker]`, for generated code.
#[derive(Clone, Copy, Debug)]
pub struct WorkerOptions {
    pub(crate) workers: usize,
    pub(crate) queue: usize,
    pub(crate) on_stop: OnStop,
    pub(crate) on_failure: Option<OnFailure>,
}

/// The rule for the jobs that wait when the service stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnStop {
    Drain,
    Reject,
}

impl WorkerOptions {
    /// Sets how many jobs are done at the same time.
    pub const fn new(workers: usize) -> Self {
        Self { workers, queue: QUEUE, on_stop: OnStop::Drain, on_failure: None }
    }

    /// Sets how many jobs may wait.
    pub const fn queue(mut self, limit: usize) -> Self {
        self.queue = limit;
        self
    }

    /// Discards the jobs that wait at the stop.
    pub const fn reject(mut self) -> Self {
        self.on_stop = OnStop::Reject;
        self
    }

    /// Makes a failing job a failure of the service.
    pub const fn on_failure(mut self, rule: OnFailure) -> Self {
        self.on_failure = Some(rule);
        self
    }
}
