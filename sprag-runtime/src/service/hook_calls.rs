//! [`HookCalls`]: the calls of one hook. A call that fails does not prevent the next one.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::failure_counters::HookCounters;
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
}

impl HookCalls {
    pub(super) fn new(service: &Arc<str>, hook: TaskName, counters: &Arc<HookCounters>) -> Self {
        Self { service: Arc::clone(service), hook, counters: Arc::clone(counters) }
    }

    /// Awaits one call.
    pub(crate) async fn count(&self, call: impl Future<Output = Result<(), Error>>) {
        if let (_, Some(failure)) = Guarded::new(call).await.split() {
            self.failed(&failure.text);
        }
    }

    /// Awaits one call, and returns its value unless it failed.
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
        if let Err(payload) = catch_unwind(AssertUnwindSafe(call)) {
            self.failed(&panicked(&text_of(payload)));
        }
    }

    /// Makes one call, and resumes its panic, since the bus catches and counts panics.
    pub(super) fn count_now(&self, call: impl FnOnce() -> Result<(), Error>) {
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
