//! Stops an app: each service after those that depend on it, independent ones at
//! the same time, to the end, whatever fails on the way.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::release::{release, unsubscribe};
use super::report::{Ended, ServiceReport, Step, StopReport};
use super::shared::{AppState, ServiceCell};
use super::step::{ABORT, step};
use crate::service::{BoxFuture, StopReason};
use crate::task::{TaskName, Verdict};

/// Stops every service whose start was begun.
pub(crate) async fn stop_all(app: &Arc<AppState>, reason: StopReason) -> StopReport {
    app.set_ready(false);
    tracing::info!(app = &*app.context.name, "stopping, because {reason}");
    let began = Instant::now();
    let budget = Budget::new(app.limits.stop_total, app.limits.floor);
    let stopped: Arc<[watch::Sender<bool>]> =
        app.services.iter().map(|_| watch::Sender::new(false)).collect();
    let mut stopping = JoinSet::new();
    for at in 0..app.services.len() {
        let (app, stopped) = (Arc::clone(app), Arc::clone(&stopped));
        stopping.spawn(async move {
            for later in (0..app.services.len()).filter(|&later| app.after[later].contains(&at)) {
                // Fails only if the sender is gone, and the senders are all here.
                let _gone = stopped[later].subscribe().wait_for(|stopped| *stopped).await.is_err();
            }
            // Sent by its drop, so that nobody waits for it in vain.
            let _stopped = Stopped(&stopped[at]);
            let cell = &app.services[at];
            let begun = cell.state(|state| state.begun);
            if begun { Some(stop_one(&app, cell, budget).await) } else { None }
        });
    }
    let mut services = Vec::new();
    while let Some(ended) = stopping.join_next().await {
        services.extend(ended.ok().flatten());
    }
    StopReport::new(Arc::clone(&app.context.name), reason, services, began.elapsed())
}

struct Stopped<'a>(&'a watch::Sender<bool>);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

async fn stop_one(app: &AppState, cell: &ServiceCell, budget: Budget) -> ServiceReport {
    let (began, limit) = (Instant::now(), app.limits.stop_hook);
    let (leaked, on_stop) = cell.state(|state| {
        state.running = false;
        (state.leaked.take(), state.on_stop.take())
    });
    let mut steps = Vec::from_iter(leaked);
    steps.extend(unsubscribe(&cell.scope, limit, budget).await);
    if let Some(on_stop) = on_stop {
        steps.push(run_on_stop(app, on_stop, budget).await);
    }
    steps.extend(end_tasks(app, cell, budget).await);
    drop(cell.slot.clear());
    drop(cell.state(|state| state.health.take()));
    steps.extend(release(&cell.scope, limit, budget).await);
    for step in steps.iter().filter(|step| step.ended > Ended::Aborted) {
        tracing::warn!(service = &*cell.name, "stop: {step}");
    }
    ServiceReport { name: Arc::clone(&cell.name), steps, took: began.elapsed() }
}

async fn run_on_stop(
    app: &AppState,
    on_stop: BoxFuture<crate::error::Result<()>>,
    budget: Budget,
) -> Step {
    let began = Instant::now();
    let limit = budget.limit(app.limits.stop_hook);
    let end = step(&app.context.runtime, on_stop, limit, &CancellationToken::new()).await;
    let (ended, error) = end.ended();
    Step { name: "on_stop".into(), ended, error, took: began.elapsed() }
}

/// Asks the tasks to end, waits for the grace, aborts, waits a little more.
async fn end_tasks(app: &AppState, cell: &ServiceCell, budget: Budget) -> Vec<Step> {
    let (began, tasks) = (Instant::now(), cell.scope.tasks());
    tasks.close();
    if timeout(budget.limit(app.limits.grace), tasks.joined()).await.is_err() {
        tasks.abort();
        // Those that do not notice show up as running below.
        let _late = timeout(budget.limit(ABORT), tasks.joined()).await.is_err();
    }
    let took = began.elapsed();
    let (ended, running) = tasks.settle();
    let step = |name: TaskName, ended, error| Step { name: name.into_owned(), ended, error, took };
    let ended = ended.into_iter().map(|end| step(end.name, Ended::from(end.verdict), end.error));
    let leaked = running.into_iter().map(|name| step(name, Ended::Leaked, None));
    ended.chain(leaked).collect()
}

impl From<Verdict> for Ended {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Finished => Self::Finished,
            Verdict::Failed => Self::Failed,
            Verdict::Panicked => Self::Panicked,
            Verdict::Aborted => Self::Aborted,
        }
    }
}
