//! [`HookCalls`]: the calls of one hook. A call that fails does not prevent the next one.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::failure_counters::HookCounters;
use super::running_calls::{RunningCall, RunningCalls};
use crate::error::Error;
use crate::isolate::{message, quietly};
#[cfg(unix)]
use crate::task::text_of;
use crate::task::{Guarded, GuardedEnd, TaskName, panicked};

/// The calls of one hook. An error or a panic of a call is counted and reported, and the
/// next call is made nonetheless.
pub(crate) struct HookCalls {
    service: Arc<str>,
    hook: TaskName,
    counters: Arc<HookCounters>,
    running: Arc<RunningCalls>,
}

impl HookCalls {
    pub(super) fn new(
        service: &Arc<str>,
        hook: TaskName,
        counters: &Arc<HookCounters>,
        running: &Arc<RunningCalls>,
    ) -> Self {
        let (service, counters) = (Arc::clone(service), Arc::clone(counters));
        Self { service, hook, counters, running: Arc::clone(running) }
    }

    /// Marks that a call runs, until the guard is dropped.
    pub(super) fn begin(&self) -> RunningCall {
        self.running.begin(self.hook.clone())
    }

    /// Awaits one call.
    pub(crate) async fn count(&self, call: impl Future<Output = Result<(), Error>>) {
        let _running = self.begin();
        if let (_, Some(failure)) = Guarded::new(call).await.split() {
            self.failed(&failure.text);
        }
    }

    /// Awaits one call, which [`begin`](Self::begin) marks, and returns its value unless it
    /// failed.
    pub(crate) async fn value<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Option<T> {
        self.value_of(Guarded::new(call).await)
    }

    /// Makes one call, and returns its value unless it failed.
    pub(super) fn value_now<T>(&self, call: impl FnOnce() -> Result<T, Error>) -> Option<T> {
        self.value_of(GuardedEnd::of(call))
    }

    fn value_of<T>(&self, end: GuardedEnd<T>) -> Option<T> {
        match end {
            GuardedEnd::Value(value) => return Some(value),
            GuardedEnd::Failed(failure) => self.failed(&failure.text),
            GuardedEnd::Panicked(text) => self.failed(&panicked(&text)),
        }
        None
    }

    /// Makes one call that cannot return an error but can panic.
    #[cfg(unix)]
    pub(crate) fn call(&self, call: impl FnOnce()) {
        let _running = self.begin();
        if let Err(payload) = catch_unwind(AssertUnwindSafe(call)) {
            self.failed(&panicked(&text_of(payload)));
        }
    }

    /// Makes one call, and resumes its panic, since the bus catches and counts panics.
    pub(super) fn count_now(&self, call: impl FnOnce() -> Result<(), Error>) {
        let _running = self.begin();
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.failed(&error.text()),
            Err(payload) => {
                self.counters.failed(&self.hook, &panicked(message(&payload)));
                resume_unwind(payload);
            }
        }
    }

    /// Counts an event that was lost.
    pub(crate) fn lost(&self) {
        self.counters.lost(&self.hook);
    }

    pub(crate) fn failed(&self, error: &str) {
        self.counters.failed(&self.hook, error);
        let (service, hook) = (&*self.service, &*self.hook);
        quietly(|| tracing::error!(service, hook, error, "a call failed"));
    }
}
