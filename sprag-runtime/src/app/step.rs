//! One step of a start or a stop: a user's future with a deadline.
//!
//! The future runs as a task on the app's runtime. The deadline runs on the supervisor's
//! clock, which users' code cannot stop.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::report::Ended;
use super::shared::AppState;
use crate::error::{Error, Result};
use crate::service::{BoxFuture, HookSite};
use crate::task::{Guarded, GuardedEnd, TaskFailure};

/// How long an aborted task may take to notice.
pub(crate) const ABORT: Duration = Duration::from_millis(500);

/// The result of a step.
pub(crate) enum StepEnd<T> {
    Done(T),
    Failed(TaskFailure),
    Panicked(String),
    TimedOut,
    /// The step took too long and could not be aborted: it blocks its thread.
    Leaked,
    /// The supervisor cancelled the step.
    Cancelled,
    RuntimeEnded,
}

/// The hook that a step runs, as its span names the hook.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) service: Arc<str>,
    pub(crate) hook: &'static str,
}

/// Runs `future` for at most `limit`, or until `cancel`.
pub(crate) async fn step<T: Send + 'static>(
    app: &AppState,
    who: Who,
    future: BoxFuture<Result<T>>,
    limit: Duration,
    cancel: &CancellationToken,
) -> StepEnd<T> {
    let future = HookSite::new(&app.context.bus, &who.service, who.hook).run(Guarded::new(future));
    let clock = Arc::clone(&app.context.clock);
    let mut task = app.context.runtime.spawn(async move {
        // Here, since the runtime would be idle between the guard and the spawn.
        let in_hook = clock.hook();
        let end = future.await;
        drop(in_hook);
        end
    });
    let too_long = tokio::select! {
        biased;
        ended = &mut task => return ended.map_or(StepEnd::RuntimeEnded, end),
        () = cancel.cancelled() => false,
        () = sleep(limit) => true,
    };
    task.abort();
    match timeout(ABORT, task).await {
        // The step has finished after all; its value must be kept.
        Ok(Ok(ended)) => end(ended),
        Ok(Err(_)) if too_long => StepEnd::TimedOut,
        Ok(Err(_)) => StepEnd::Cancelled,
        Err(_) => StepEnd::Leaked,
    }
}

fn end<T>(ended: GuardedEnd<T>) -> StepEnd<T> {
    match ended {
        GuardedEnd::Value(value) => StepEnd::Done(value),
        GuardedEnd::Failed(failure) => StepEnd::Failed(failure),
        GuardedEnd::Panicked(text) => StepEnd::Panicked(text),
    }
}

impl<T> StepEnd<T> {
    /// How the step ended and with which error, for the report.
    pub(crate) fn ended(&self) -> (Ended, Option<String>) {
        match self {
            Self::Done(_) => (Ended::Finished, None),
            Self::Failed(failure) => (Ended::Failed, Some(failure.text.clone())),
            Self::Panicked(text) => (Ended::Panicked, Some(text.clone())),
            Self::TimedOut => (Ended::TimedOut, None),
            Self::Leaked => (Ended::Leaked, None),
            Self::Cancelled => (Ended::Skipped, Some("the start was cancelled".into())),
            Self::RuntimeEnded => (Ended::Skipped, Some("the async runtime ended".into())),
        }
    }
}

/// A hook whose error becomes text in the hook's own task, so that a report neither runs
/// nor drops users' code.
pub(crate) fn with_text(hook: BoxFuture<Result<()>>) -> BoxFuture<Result<()>> {
    Box::pin(async move { hook.await.map_err(|error| Error::msg(error.text())) })
}
