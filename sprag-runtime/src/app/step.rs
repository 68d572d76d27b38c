//! One step of a start or a stop: a user's future with a deadline.
//!
//! The future runs as a task on the app's runtime. The deadline runs on the supervisor's
//! clock, which users' code cannot stop.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::report::Ended;
use super::shared::AppState;
use crate::error::Result;
use crate::service::{BoxFuture, HookSite, OnceHook};
use crate::task::{Guarded, GuardedEnd, TaskFailure, text_of};

/// How long an aborted task may take to notice.
pub(crate) const ABORT: Duration = Duration::from_millis(500);

/// The part of a limit that a freeze of the process can use up.
const SLICE: Duration = Duration::from_secs(1);

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
    let task = app.context.runtime.spawn(async move {
        // Here, since the runtime would be idle between the guard and the spawn.
        clock.hook().run(future).await
    });
    within(task, limit, cancel).await
}

/// Runs a hook like [`step`]: a future as a task, and any other on a thread that may block.
pub(crate) async fn hook_step(
    app: &AppState,
    who: Who,
    hook: OnceHook,
    limit: Duration,
    cancel: &CancellationToken,
) -> StepEnd<()> {
    let call = match hook {
        OnceHook::Async(future) => return step(app, who, future, limit, cancel).await,
        OnceHook::Blocking(call) => call,
    };
    let site = HookSite::new(&app.context.bus, &who.service, who.hook);
    let call = move || GuardedEnd::of(|| site.call(call));
    // Panics if the system cannot create a thread.
    let spawned = catch_unwind(AssertUnwindSafe(|| app.context.runtime.spawn_blocking(call)));
    match spawned {
        Ok(task) => within(task, limit, cancel).await,
        Err(payload) => StepEnd::Panicked(text_of(payload)),
    }
}

/// Awaits `task` for at most `limit`, or until `cancel`.
async fn within<T>(
    mut task: JoinHandle<GuardedEnd<T>>,
    limit: Duration,
    cancel: &CancellationToken,
) -> StepEnd<T> {
    let too_long = tokio::select! {
        biased;
        joined = &mut task => return joined.map_or(StepEnd::RuntimeEnded, end),
        () = cancel.cancelled() => false,
        () = running_time(limit) => true,
    };
    task.abort();
    match timeout(ABORT, task).await {
        // The step has finished after all; its value must be kept.
        Ok(Ok(joined)) => end(joined),
        Ok(Err(_)) if too_long => StepEnd::TimedOut,
        Ok(Err(_)) => StepEnd::Cancelled,
        Err(_) => StepEnd::Leaked,
    }
}

/// Waits until this process has been running for `limit`.
///
/// A process that was frozen, by SIGSTOP or with its machine, gave the hook no time to run. A
/// freeze therefore counts as one slice, however long it was.
async fn running_time(limit: Duration) {
    let mut left = limit;
    while !left.is_zero() {
        let slice = left.min(SLICE);
        sleep(slice).await;
        left -= slice;
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

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn s5_a_freeze_of_the_process_is_not_time_of_a_hook() {
        let waited = tokio::spawn(running_time(5 * SLICE));
        tokio::task::yield_now().await;
        for jump in [3_600, 1, 1, 1] {
            advance(jump * SLICE).await;
            tokio::task::yield_now().await;
            assert!(!waited.is_finished());
        }
        advance(SLICE).await;
        waited.await.unwrap();
    }
}
