//! Stops an app: each service after its dependents, independent services at the same time,
//! and all of them, whatever fails on the way.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::family::stop_children;
use super::health_checks::end_check;
use super::log::log;
use super::release::release;
use super::report::{Ended, ServiceReport, Step, StopReport};
use super::shared::{AppState, ServiceCell};
use super::step::{ABORT, Who, hook_step};
use super::thread::{in_time, on_thread};
use crate::error::Result;
use crate::service::{Leftover, OnceHook, Scope, StopReason};
use crate::task::{TaskName, Tasks, Verdict};

/// Stops every service whose start has begun and that has not stopped yet.
pub(crate) async fn stop_all(app: &Arc<AppState>, reason: StopReason) -> StopReport {
    app.mark_unready();
    app.log_stopping(&reason);
    let began = Instant::now();
    stop_set(app, &vec![true; app.services.len()]).await;
    app.report_of(reason, began.elapsed())
}

/// Stops the services of `set`, which no service outside of the set needs.
pub(crate) async fn stop_set(app: &Arc<AppState>, set: &[bool]) {
    let began = Instant::now();
    let budget = app.budget_of_stop();
    let stopped: Arc<[watch::Sender<bool>]> =
        set.iter().map(|&stops| watch::Sender::new(!stops)).collect();
    let mut stopping = JoinSet::new();
    for at in (0..set.len()).filter(|&at| set[at]) {
        let (app, stopped) = (Arc::clone(app), Arc::clone(&stopped));
        stopping.spawn(async move {
            for &later in &app.before[at] {
                // Fails only if the sender is gone; all senders are in this function.
                let _gone = stopped[later].subscribe().wait_for(|stopped| *stopped).await.is_err();
            }
            // Sends when it is dropped, so that no service waits forever.
            let _stopped = StoppedGuard(&stopped[at]);
            stop_cell(&app, &app.services[at], budget, began).await;
        });
    }
    // A service whose task was lost is reported as not stopped.
    while stopping.join_next().await.is_some() {}
}

struct StoppedGuard<'a>(&'a watch::Sender<bool>);

impl Drop for StoppedGuard<'_> {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

/// Stops a service unless it has stopped, and keeps its report.
async fn stop_cell(app: &Arc<AppState>, cell: &ServiceCell, budget: Budget, stop: Instant) {
    let (begun, stopped) = cell.state(|state| (state.begun, state.report.is_some()));
    if stopped {
        return close_queues(app, cell, budget).await;
    }
    if !begun {
        return;
    }
    let mut report = stop_one(app, cell, budget).await;
    report.stopped = Some(stop.elapsed());
    for step in report.steps.iter().filter(|step| step.ended > Ended::Finished) {
        let (name, step) = (Arc::clone(&cell.name), step.clone());
        log(move || tracing::warn!(service = &*name, "stop: {step}"));
    }
    cell.state(|state| state.report = Some(report));
}

/// Closes the queues of a service that stopped for a restart that never came.
async fn close_queues(app: &Arc<AppState>, cell: &ServiceCell, budget: Budget) {
    let scope = cell.scope();
    scope.queues().resume();
    let stop = ServiceStop { app, scope: &scope, budget, limit: app.limits.stop_hook };
    let lost = stop.close_queues().await;
    cell.state(|state| {
        if let Some(report) = &mut state.report {
            report.steps.extend(lost);
        }
    });
}

/// Stops a service, in the order of S5.
pub(crate) async fn stop_one(
    app: &Arc<AppState>,
    cell: &ServiceCell,
    budget: Budget,
) -> ServiceReport {
    let (began, limit) = (Instant::now(), app.limits.stop_hook);
    let (scope, mut steps, on_stop, on_stopped) = cell.state(|state| {
        (state.running, state.stopping) = (false, true);
        let steps = std::mem::take(&mut state.start_steps);
        (state.scope.clone(), steps, state.on_stop.take(), state.on_stopped.take())
    });
    let stop = ServiceStop { app, scope: &scope, budget, limit };
    steps.extend(stop.unsubscribe().await);
    steps.extend(stop.deliver().await);
    let children = stop_children(&scope, budget).await;
    steps.extend(stop.hook("on_stop", on_stop).await);
    steps.extend(stop.finish_jobs().await);
    steps.extend(stop.end_tasks().await);
    steps.extend(end_check(cell, budget.limit(limit)).await);
    steps.extend(stop.hook("on_stopped", on_stopped).await);
    drop(cell.slot.clear());
    drop(cell.state(|state| state.health.take()));
    let thread = app.stop_threads.acquire().await;
    steps.extend(release(&scope, limit, budget).await);
    drop(thread);
    steps.extend(given_up(&scope));
    let failures = scope.counters().all();
    let (name, took) = (Arc::clone(&cell.name), began.elapsed());
    ServiceReport { name, steps, children, failures, took, stopped: None }
}

/// The failure that the service gave itself, before or during its stop.
fn given_up(scope: &Scope) -> Option<Step> {
    let (error, count) = scope.counters().take_given_up()?;
    Some(Step::new("fail", Ended::Failed, Some(error), Duration::ZERO).times(count))
}

/// The stop of one service.
struct ServiceStop<'a> {
    app: &'a Arc<AppState>,
    scope: &'a Scope,
    budget: Budget,
    limit: Duration,
}

impl ServiceStop<'_> {
    /// Ends the subscriptions, waits for the calls in flight, and drops the closures, which
    /// are users' code.
    async fn unsubscribe(&self) -> Vec<Step> {
        let (began, listeners) = (Instant::now(), self.scope.listeners());
        if listeners.is_idle() {
            drop(listeners.unsubscribe());
            return Vec::new();
        }
        let mut steps = Vec::new();
        let _thread = self.app.stop_threads.acquire().await;
        let scope = self.scope.clone();
        let callbacks = self.blocking(move || scope.listeners().unsubscribe()).await;
        if timeout(self.budget.limit(self.limit), listeners.returned()).await.is_err() {
            steps.push(Step::new("listen", Ended::Leaked, None, began.elapsed()));
        }
        let cleared = match callbacks {
            Ok(callbacks) => {
                let clear = move || callbacks.into_iter().for_each(|callback| callback.clear());
                self.blocking(clear).await
            }
            Err(failed) => Err(failed),
        };
        steps.extend(
            cleared
                .err()
                .map(|(ended, error)| Step::new("unsubscribe", ended, error, began.elapsed())),
        );
        steps
    }

    /// Calls `f` on a thread, for as long as a hook may take.
    async fn blocking<T: Send + 'static>(
        &self,
        f: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, (Ended, Option<String>)> {
        let returned = on_thread(&self.app.context, f);
        match in_time(self.budget.limit(self.limit), returned).await {
            Some(Ok(Ok(value))) => Ok(value),
            Some(Ok(Err(text))) => Err((Ended::Panicked, Some(text))),
            Some(Err(_)) => Err((Ended::Skipped, Some("the async runtime ended".into()))),
            None => Err((Ended::Leaked, None)),
        }
    }

    /// Waits, for the grace, until the async listeners have handled their waiting events.
    async fn deliver(&self) -> Vec<Step> {
        let (began, grace, tasks) =
            (Instant::now(), self.app.limits.grace, self.scope.deliveries());
        self.join(tasks, grace).await;
        let took = began.elapsed();
        let mut steps = Vec::new();
        if self.scope.has_backlog() {
            let scope = self.scope.clone();
            let lost = self.blocking(move || scope.abandon_events()).await.unwrap_or_default();
            steps.extend(lost.into_iter().map(|(name, lost)| {
                let error = format!("they were not handled within {grace:?}");
                Step::new(name, Ended::Lost, Some(error), took).times(lost)
            }));
        }
        let (_, running) = tasks.settle();
        steps.extend(
            running
                .into_iter()
                .map(|(name, count)| Step::new(name, Ended::Leaked, None, took).times(count)),
        );
        steps
    }

    async fn hook(&self, name: &'static str, hook: Option<OnceHook>) -> Option<Step> {
        let (began, limit) = (Instant::now(), self.budget.limit(self.limit));
        let who = Who { service: self.scope.shared_name(), hook: name };
        let never = CancellationToken::new();
        let end = hook_step(self.app, who, hook?.with_text(), limit, &never).await;
        let (ended, error) = end.ended();
        Some(Step::new(name, ended, error, began.elapsed()))
    }

    /// Waits, for the grace, until the workers have done the jobs that must still be done.
    async fn finish_jobs(&self) -> Vec<Step> {
        let (grace, workers) = (self.app.limits.grace, self.scope.workers());
        self.scope.queues().close();
        self.join(workers, grace).await;
        self.close_queues().await
    }

    /// Counts the jobs that were not done, and refuses later ones.
    async fn close_queues(&self) -> Vec<Step> {
        if self.scope.queues().is_empty() {
            return Vec::new();
        }
        let (began, queues) = (Instant::now(), Arc::clone(self.scope.queues()));
        let left = self.blocking(move || queues.abandon()).await;
        let took = began.elapsed();
        let steps = |Leftover { name, lost, leaked }: Leftover| {
            let error = Some("the jobs were not done when the service stopped".to_owned());
            let lost = (lost > 0).then(|| Step::new(name, Ended::Lost, error, took).times(lost));
            let leaked =
                (leaked > 0).then(|| Step::new(name, Ended::Leaked, None, took).times(leaked));
            [lost, leaked].into_iter().flatten()
        };
        match left {
            Ok(left) => left.into_iter().flat_map(steps).collect(),
            Err((ended, error)) => vec![Step::new("worker", ended, error, took)],
        }
    }

    /// Cancels the tasks, waits for the grace, and aborts those that still run.
    async fn end_tasks(&self) -> Vec<Step> {
        let (began, grace, tasks) = (Instant::now(), self.app.limits.grace, self.scope.tasks());
        self.join(tasks, grace).await;
        let took = began.elapsed();
        let (ended, running) = tasks.settle();
        let ended = ended.into_iter().map(|ending| {
            let aborted = ending.verdict == Verdict::Aborted;
            let ignored = || format!("it did not end within {grace:?} after `scope.cancelled()`");
            let error = ending.error.or_else(|| aborted.then(ignored));
            Step::new(ending.name, ending.verdict.into(), error, took).times(ending.count)
        });
        let leaked = |(name, count): (TaskName, usize)| {
            Step::new(name, Ended::Leaked, None, took).times(count)
        };
        ended.chain(running.into_iter().map(leaked)).collect()
    }

    /// Closes the tasks and waits until they have ended: for the grace, and for a short
    /// time after the abort. Tasks that ignore the abort are reported as running.
    async fn join(&self, tasks: &Tasks, grace: Duration) {
        tasks.close();
        tasks.keep_until_idle(|| self.app.context.clock.hook());
        if timeout(self.budget.limit(grace), tasks.joined()).await.is_err() {
            tasks.abort();
            let _late = timeout(self.budget.limit(ABORT), tasks.joined()).await.is_err();
        }
    }
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
