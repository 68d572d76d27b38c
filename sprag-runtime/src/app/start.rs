//! Starts an app: each service after those it depends on, independent ones at the
//! same time, until one fails.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::report::Step;
use super::shared::{AppState, ServiceCell};
use super::step::{StepEnd, step};
use crate::bus::inside;
use crate::error::{Error, Result};
use crate::service::{Attach, BoxFuture, Scope, Wired};
use crate::task::panicked;

/// Why a start did not succeed.
pub(crate) enum StartFailure {
    Failed {
        service: Arc<str>,
        step: &'static str,
        error: Error,
    },
    TimedOut {
        service: Arc<str>,
        step: &'static str,
        limit: Duration,
    },
    /// Called off: another service had failed, or the app was told to stop.
    Cancelled,
    RuntimeEnded,
}

/// Starts all services; the first failure cancels `cancel`, and so may the caller.
pub(crate) async fn start_all(
    app: &Arc<AppState>,
    cancel: &CancellationToken,
) -> Result<(), StartFailure> {
    let budget = Budget::new(app.limits.start_total, Duration::ZERO);
    let started: Arc<[watch::Sender<bool>]> =
        app.services.iter().map(|_| watch::Sender::new(false)).collect();
    let mut starting = JoinSet::new();
    for at in 0..app.services.len() {
        let (app, started, cancel) = (Arc::clone(app), Arc::clone(&started), cancel.clone());
        starting.spawn(async move {
            for &earlier in &app.after[at] {
                let mut started = started[earlier].subscribe();
                let waiting = cancel.run_until_cancelled(started.wait_for(|started| *started));
                waiting
                    .await
                    .ok_or(StartFailure::Cancelled)?
                    .map_err(|_| StartFailure::Cancelled)?;
            }
            let cell = &app.services[at];
            let ended = start_one(&app, cell, budget, &cancel).await;
            if ended.is_ok() {
                tracing::debug!(service = &*cell.name, "started");
                started[at].send_replace(true);
            } else {
                cancel.cancel();
            }
            ended
        });
    }
    let mut outcome = Ok(());
    while let Some(ended) = starting.join_next().await {
        let ended = ended.unwrap_or_else(|_lost| {
            cancel.cancel();
            Err(StartFailure::Cancelled)
        });
        // What was merely called off is never the first failure.
        if let (Ok(()) | Err(StartFailure::Cancelled), Err(trouble)) = (&outcome, ended) {
            outcome = Err(trouble);
        }
    }
    outcome
}

async fn start_one(
    app: &AppState,
    cell: &ServiceCell,
    budget: Budget,
    cancel: &CancellationToken,
) -> Result<(), StartFailure> {
    if cancel.is_cancelled() {
        return Err(StartFailure::Cancelled);
    }
    cell.state(|state| state.begun = true);
    let hook = Hook { app, cell, budget, cancel };
    let wired = hook.run("new", owned_by(&cell.scope, (cell.create)(&cell.scope))).await?;
    attach(cell, "new", wired.listeners)?;
    if let Some(on_start) = wired.on_start {
        hook.run("on_start", on_start).await?;
    }
    cell.slot.fill(wired.instance);
    cell.state(|state| {
        state.on_stop = wired.on_stop;
        state.health = wired.health;
        state.running = true;
    });
    attach(cell, "on_start", wired.background)
}

/// Gives the scope what the service owns in the poll that makes it: a `new` that
/// ends long after it was given up is still released.
fn owned_by(scope: &Scope, created: BoxFuture<Result<Wired>>) -> BoxFuture<Result<Wired>> {
    let scope = scope.clone();
    Box::pin(async move {
        let mut wired = created.await?;
        scope.stack().push_below(std::mem::take(&mut wired.owned));
        Ok(wired)
    })
}

/// Attaches listeners and spawns tasks; fails if the scope has ended already.
fn attach(cell: &ServiceCell, step: &'static str, parts: Vec<Attach>) -> Result<(), StartFailure> {
    parts.into_iter().try_for_each(|part| part(&cell.scope)).map_err(|stopped| {
        StartFailure::Failed { service: Arc::clone(&cell.name), step, error: stopped.into() }
    })
}

/// Runs the hooks of one service.
struct Hook<'a> {
    app: &'a AppState,
    cell: &'a ServiceCell,
    budget: Budget,
    cancel: &'a CancellationToken,
}

impl Hook<'_> {
    async fn run<T: Send + 'static>(
        &self,
        name: &'static str,
        hook: BoxFuture<Result<T>>,
    ) -> Result<T, StartFailure> {
        let service = Arc::clone(&self.cell.name);
        let limit = self.budget.limit(self.app.limits.start_hook);
        let hook = Box::pin(inside(self.cell.scope.bus().clone(), hook));
        let began = Instant::now();
        let end = step(&self.app.context.runtime, hook, limit, self.cancel).await;
        if let StepEnd::Leaked = end {
            let (ended, error) = end.ended();
            let leaked = Step { name: name.into(), ended, error, took: began.elapsed() };
            self.cell.state(|state| state.leaked = Some(leaked));
        }
        match end {
            StepEnd::Done(value) => Ok(value),
            StepEnd::Failed(error) => Err(StartFailure::Failed { service, step: name, error }),
            StepEnd::Panicked(text) => {
                let error = Error::msg(panicked(&text));
                Err(StartFailure::Failed { service, step: name, error })
            }
            StepEnd::Leaked if self.cancel.is_cancelled() => Err(StartFailure::Cancelled),
            StepEnd::TimedOut | StepEnd::Leaked => {
                Err(StartFailure::TimedOut { service, step: name, limit })
            }
            StepEnd::Cancelled => Err(StartFailure::Cancelled),
            StepEnd::RuntimeEnded => Err(StartFailure::RuntimeEnded),
        }
    }
}
