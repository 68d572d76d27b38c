//! One step of a start or a stop: a user's code with a deadline.
//!
//! Futures run as tasks on the app's runtime; what is not async runs on a thread of
//! its own, since the runtime may be blocked. The deadlines run on the supervisor's
//! clock, which nothing of the user's can stop.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::report::Ended;
use crate::error::{Error, Result};
use crate::service::BoxFuture;
use crate::task::{End, Guarded, text_of};

/// How long an aborted task may take to notice.
pub(crate) const ABORT: Duration = Duration::from_millis(500);

/// What a step ended with.
pub(crate) enum StepEnd<T> {
    Done(T),
    Failed(Error),
    Panicked(String),
    TimedOut,
    /// Out of time, and not to be aborted: it blocks its thread.
    Leaked,
    /// Called off by us.
    Cancelled,
    RuntimeEnded,
}

/// Runs `future` on `runtime` for at most `limit`, or until `cancel`.
pub(crate) async fn step<T: Send + 'static>(
    runtime: &Runtime,
    future: BoxFuture<Result<T>>,
    limit: Duration,
    cancel: &CancellationToken,
) -> StepEnd<T> {
    let mut task = runtime.spawn(Guarded::new(future));
    let too_long = tokio::select! {
        biased;
        ended = &mut task => return ended.map_or(StepEnd::RuntimeEnded, end),
        () = cancel.cancelled() => false,
        () = sleep(limit) => true,
    };
    task.abort();
    match timeout(ABORT, task).await {
        // It was done after all; what it made is not to be lost.
        Ok(Ok(ended)) => end(ended),
        Ok(Err(_)) if too_long => StepEnd::TimedOut,
        Ok(Err(_)) => StepEnd::Cancelled,
        Err(_) => StepEnd::Leaked,
    }
}

fn end<T>(ended: End<T>) -> StepEnd<T> {
    match ended {
        End::Value(value) => StepEnd::Done(value),
        End::Failed(error) => StepEnd::Failed(error),
        End::Panicked(text) => StepEnd::Panicked(text),
    }
}

impl<T> StepEnd<T> {
    /// For the report: how it ended and with what error.
    pub(crate) fn ended(&self) -> (Ended, Option<String>) {
        match self {
            Self::Done(_) => (Ended::Finished, None),
            Self::Failed(error) => (Ended::Failed, Some(error.text())),
            Self::Panicked(text) => (Ended::Panicked, Some(text.clone())),
            Self::TimedOut => (Ended::TimedOut, None),
            Self::Leaked => (Ended::Leaked, None),
            Self::Cancelled => (Ended::Aborted, None),
            Self::RuntimeEnded => (Ended::Aborted, Some("the async runtime ended".into())),
        }
    }
}

/// Calls `f` on a thread that may block, inside `runtime`; a panic's text comes
/// back.
///
/// To be called on the supervisor.
pub(crate) fn on_thread<T: Send + 'static>(
    runtime: &Runtime,
    f: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<Result<T, String>> {
    let runtime = runtime.clone();
    tokio::task::spawn_blocking(move || {
        let _inside = runtime.enter();
        caught(f)
    })
}

/// Calls `f`; a panic's text comes back.
pub(crate) fn caught<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(text_of)
}
