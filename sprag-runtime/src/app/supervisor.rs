//! The thread that runs an app's life, on the real clock.
//!
//! It has a runtime of its own. On the app's runtime a hook that blocks would
//! starve the deadlines, and a test that pauses the clock would time every hook out
//! at once. No code of the user's runs on it.

use std::io;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::report::StopReport;
use super::shared::AppState;
use super::signals;
use super::start::{StartFailure, start_all};
use super::stop::stop_all;
use crate::error::Result;
use crate::error::{SharedError, StartError};
use crate::service::StopReason;

/// Starts the app and answers when it runs, or has failed and was rolled back.
///
/// Dropping the future rolls back too.
pub(crate) async fn launch(app: AppState, signals: bool) -> Result<SupervisorHandle, StartError> {
    let app = Arc::new(app);
    let (answer, answered) = oneshot::channel();
    let thread = std::thread::Builder::new().name(format!("sprag {}", app.context.name));
    let supervised = Arc::clone(&app);
    thread
        .spawn(move || supervise(supervised, signals, answer))
        .map_err(|source| supervisor_error(&app, source))?;
    answered.await.unwrap_or_else(|_| {
        Err(supervisor_error(&app, io::Error::other("the thread that supervises it has ended")))
    })
}

/// A running app. Dropping it asks the app to stop.
pub(crate) struct SupervisorHandle {
    pub(crate) app: Arc<AppState>,
}

impl SupervisorHandle {
    /// Asks the app to stop, and returns what waits for the end of the stop.
    pub(crate) fn request_stop(&self, reason: StopReason) -> Arc<AppState> {
        self.app.context.request_stop(reason);
        Arc::clone(&self.app)
    }
}

impl Drop for SupervisorHandle {
    fn drop(&mut self) {
        self.app.context.request_stop(StopReason::Dropped);
    }
}

type Answer = oneshot::Sender<Result<SupervisorHandle, StartError>>;

fn supervise(app: Arc<AppState>, signals: bool, answer: Answer) {
    // Whatever happens to this thread, nobody waits in vain.
    let _publish = PublishOnDrop { app: Arc::clone(&app) };
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time();
    if signals {
        builder.enable_io();
    }
    match builder.build() {
        Ok(runtime) => {
            runtime.block_on(run_lifecycle(&app, signals, answer));
            // Threads that hang in a user's release are left behind.
            runtime.shutdown_background();
        }
        Err(source) => reply(answer, Err(supervisor_error(&app, source))),
    }
}

struct PublishOnDrop {
    app: Arc<AppState>,
}

impl Drop for PublishOnDrop {
    fn drop(&mut self) {
        if !self.app.is_stopped() {
            self.app.publish(self.app.empty_report(StopReason::RuntimeEnded));
        }
    }
}

/// From the first hook to the last release.
async fn run_lifecycle(app: &Arc<AppState>, signals: bool, mut answer: Answer) {
    // The app outlives this runtime and must be able to ask whether it is there.
    let _first = app.supervisor.set(tokio::runtime::Handle::current()).is_ok();
    if signals && let Err(source) = signals::watch(&app.context) {
        return reply(answer, Err(supervisor_error(app, source)));
    }
    // A task that never ends, to be told when the app's runtime does.
    let mut sentinel = app.context.runtime.spawn(std::future::pending::<()>());
    match start(app, &mut answer, &mut sentinel).await {
        Ok(()) => {
            app.set_ready(true);
            tracing::info!(app = &*app.context.name, "started");
            reply(answer, Ok(SupervisorHandle { app: Arc::clone(app) }));
            let reason = tokio::select! {
                biased;
                reason = app.context.stop_requested() => reason,
                _ = &mut sentinel => StopReason::RuntimeEnded,
            };
            app.publish(stop_all(app, reason).await);
        }
        Err(failure) => {
            let report = stop_all(app, failure.reason()).await;
            app.publish(report.clone());
            reply(answer, Err(failure.into_error(app, report)));
        }
    }
    sentinel.abort();
}

/// Answers whoever awaits the start. If nobody does, the answer is dropped, and a
/// `SupervisorHandle` in it asks for a stop.
fn reply(answer: Answer, result: Result<SupervisorHandle, StartError>) {
    drop(answer.send(result));
}

/// Starts, unless something comes in between.
async fn start(
    app: &Arc<AppState>,
    answer: &mut Answer,
    sentinel: &mut JoinHandle<()>,
) -> Result<(), Failure> {
    let cancel = CancellationToken::new();
    let mut starting = std::pin::pin!(start_all(app, &cancel));
    let interrupted = tokio::select! {
        biased;
        started = &mut starting => return started.map_err(Failure::StartFailure),
        reason = app.context.stop_requested() => reason,
        () = answer.closed() => StopReason::Dropped,
        _ = sentinel => StopReason::RuntimeEnded,
    };
    cancel.cancel();
    // Whatever it ends with was caused by the interruption.
    let _called_off = starting.await.is_err();
    Err(Failure::Interrupted(interrupted))
}

/// Why a start ended without an app.
enum Failure {
    StartFailure(StartFailure),
    Interrupted(StopReason),
}

impl Failure {
    fn reason(&self) -> StopReason {
        match self {
            Self::StartFailure(StartFailure::RuntimeEnded) => StopReason::RuntimeEnded,
            Self::StartFailure(_) => StopReason::NotStarted,
            Self::Interrupted(reason) => reason.clone(),
        }
    }

    fn into_error(self, app: &AppState, report: StopReport) -> StartError {
        let reason = self.reason();
        match self {
            Self::StartFailure(StartFailure::Failed { service, step, error }) => {
                let source = SharedError::new(Arc::new(error));
                StartError::Failed { service, step, source, report }
            }
            Self::StartFailure(StartFailure::TimedOut { service, step, limit }) => {
                StartError::TimedOut { service, step, limit, report }
            }
            Self::Interrupted(StopReason::Failed { service, error }) => {
                let source = SharedError::new(error);
                StartError::Failed { service, step: "a task", source, report }
            }
            Self::StartFailure(StartFailure::Cancelled | StartFailure::RuntimeEnded)
            | Self::Interrupted(_) => {
                StartError::Stopped { app: Arc::clone(&app.context.name), reason, report }
            }
        }
    }
}

fn supervisor_error(app: &AppState, source: io::Error) -> StartError {
    StartError::Supervisor { app: Arc::clone(&app.context.name), source }
}
