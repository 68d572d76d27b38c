//! [`WorkerOptions`]: the options of `#[worker]`.

use crate::service::on_failure::OnFailure;

/// How many jobs wait for a worker that does not say how many.
const QUEUE: usize = 1_024;

/// The options of `#[worker]`, for generated code.
#[derive(Clone, Copy, Debug)]
pub struct WorkerOptions {
    pub(crate) workers: usize,
    pub(crate) queue: usize,
    pub(crate) on_stop: OnStop,
    pub(crate) on_failure: Option<OnFailure>,
}

/// What happens to the jobs that wait when the service stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnStop {
    Drain,
    Reject,
}

impl WorkerOptions {
    /// So many jobs are handled at the same time.
    pub const fn new(workers: usize) -> Self {
        Self { workers, queue: QUEUE, on_stop: OnStop::Drain, on_failure: None }
    }

    /// So many jobs may wait.
    pub const fn queue(mut self, limit: usize) -> Self {
        self.queue = limit;
        self
    }

    /// The jobs that wait at the stop are lost.
    pub const fn reject(mut self) -> Self {
        self.on_stop = OnStop::Reject;
        self
    }

    /// A job that fails is a failure of the service.
    pub const fn on_failure(mut self, rule: OnFailure) -> Self {
        self.on_failure = Some(rule);
        self
    }
}
