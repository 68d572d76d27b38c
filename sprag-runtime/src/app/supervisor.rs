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

use super::crew::Crew;
use super::error::{SharedError, StartError};
use super::report::StopReport;
use super::signals;
use super::start::{Trouble, start_all};
use super::stop::stop_all;
use crate::error::Result;
use crate::service::StopReason;

/// Starts the crew and answers when it runs, or has failed and was rolled back.
///
/// Dropping the future rolls back too.
pub(crate) async fn launch(crew: Crew, signals: bool) -> Result<Host, StartError> {
    let crew = Arc::new(crew);
    let (answer, answered) = oneshot::channel();
    let thread = std::thread::Builder::new().name(format!("sprag {}", crew.link.name));
    let supervised = Arc::clone(&crew);
    thread
        .spawn(move || supervise(supervised, signals, answer))
        .map_err(|source| cannot(&crew, source))?;
    answered.await.unwrap_or_else(|_| {
        Err(cannot(&crew, io::Error::other("the thread that supervises it has ended")))
    })
}

/// A running crew. Dropping it asks the crew to stop.
pub(crate) struct Host {
    pub(crate) crew: Arc<Crew>,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.crew.link.request_stop(StopReason::Dropped);
    }
}

type Answer = oneshot::Sender<Result<Host, StartError>>;

fn supervise(crew: Arc<Crew>, signals: bool, answer: Answer) {
    // Whatever happens to this thread, nobody waits in vain.
    let _last_word = LastWord { crew: Arc::clone(&crew) };
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time();
    if signals {
        builder.enable_io();
    }
    match builder.build() {
        Ok(runtime) => {
            runtime.block_on(live(&crew, signals, answer));
            // Threads that hang in a user's release are left behind.
            runtime.shutdown_background();
        }
        Err(source) => give(answer, Err(cannot(&crew, source))),
    }
}

struct LastWord {
    crew: Arc<Crew>,
}

impl Drop for LastWord {
    fn drop(&mut self) {
        if !self.crew.is_stopped() {
            self.crew.publish(self.crew.empty_report(StopReason::RuntimeEnded));
        }
    }
}

/// From the first hook to the last release.
async fn live(crew: &Arc<Crew>, signals: bool, mut answer: Answer) {
    // The crew outlives this runtime and must be able to ask whether it is there.
    let _first = crew.supervisor.set(tokio::runtime::Handle::current()).is_ok();
    if signals && let Err(source) = signals::watch(&crew.link) {
        return give(answer, Err(cannot(crew, source)));
    }
    // A task that never ends, to be told when the app's runtime does.
    let mut sentinel = crew.link.runtime.spawn(std::future::pending::<()>());
    match start(crew, &mut answer, &mut sentinel).await {
        Ok(()) => {
            crew.set_ready(true);
            tracing::info!(app = &*crew.link.name, "started");
            give(answer, Ok(Host { crew: Arc::clone(crew) }));
            let reason = tokio::select! {
                biased;
                reason = crew.link.stop_requested() => reason,
                _ = &mut sentinel => StopReason::RuntimeEnded,
            };
            crew.publish(stop_all(crew, reason).await);
        }
        Err(failure) => {
            let report = stop_all(crew, failure.reason()).await;
            crew.publish(report.clone());
            give(answer, Err(failure.into_error(crew, report)));
        }
    }
    sentinel.abort();
}

/// Answers whoever awaits the start. If nobody does, the answer is dropped, and a
/// `Host` in it asks for a stop.
fn give(answer: Answer, result: Result<Host, StartError>) {
    drop(answer.send(result));
}

/// Starts, unless something comes in between.
async fn start(
    crew: &Arc<Crew>,
    answer: &mut Answer,
    sentinel: &mut JoinHandle<()>,
) -> Result<(), Failure> {
    let cancel = CancellationToken::new();
    let mut starting = std::pin::pin!(start_all(crew, &cancel));
    let interrupted = tokio::select! {
        biased;
        started = &mut starting => return started.map_err(Failure::Trouble),
        reason = crew.link.stop_requested() => reason,
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
    Trouble(Trouble),
    Interrupted(StopReason),
}

impl Failure {
    fn reason(&self) -> StopReason {
        match self {
            Self::Trouble(Trouble::RuntimeEnded) => StopReason::RuntimeEnded,
            Self::Trouble(_) => StopReason::NotStarted,
            Self::Interrupted(reason) => reason.clone(),
        }
    }

    fn into_error(self, crew: &Crew, report: StopReport) -> StartError {
        let reason = self.reason();
        match self {
            Self::Trouble(Trouble::Failed { service, step, error }) => {
                let source = SharedError::new(Arc::new(error));
                StartError::Failed { service, step, source, report }
            }
            Self::Trouble(Trouble::TimedOut { service, step, limit }) => {
                StartError::TimedOut { service, step, limit, report }
            }
            Self::Interrupted(StopReason::Failed { service, error }) => {
                let source = SharedError::new(error);
                StartError::Failed { service, step: "a task", source, report }
            }
            Self::Trouble(Trouble::Cancelled | Trouble::RuntimeEnded) | Self::Interrupted(_) => {
                StartError::Stopped { app: Arc::clone(&crew.link.name), reason, report }
            }
        }
    }
}

fn cannot(crew: &Crew, source: io::Error) -> StartError {
    StartError::Supervisor { app: Arc::clone(&crew.link.name), source }
}
