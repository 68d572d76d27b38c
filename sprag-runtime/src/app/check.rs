//! Runs the health checks of an app's services: at most one of each service at a time,
//! which later callers join.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::family::children_of;
use super::health::{AppHealth, ServiceHealth};
use super::report::{Ended, Step};
use super::shared::{AppState, RunningCheck, ServiceCell};
use super::thread::on_thread;
use crate::bus::inside;
use crate::service::{BoxFuture, Health, HealthCheck, Scope};
use crate::task::{Guarded, GuardedEnd};

/// The health of every service. The checks run at the same time.
pub(crate) async fn check_all(app: &Arc<AppState>) -> AppHealth {
    let _waiting = app.context.clock.waiting();
    let mut answers = vec![Health::unhealthy("it is not running"); app.services.len()];
    if let Some(supervisor) = app.supervisor.get() {
        let mut checks = JoinSet::new();
        for at in 0..app.services.len() {
            let app = Arc::clone(app);
            checks.spawn_on(async move { (at, check_one(&app, at).await) }, supervisor);
        }
        // A check is lost only if the supervisor has ended: then no service runs.
        while let Some(answer) = checks.join_next().await {
            if let Ok((at, Some(health))) = answer {
                answers[at] = health;
            }
        }
    }
    let mut services = Vec::new();
    for (cell, health) in app.services.iter().zip(answers) {
        services.push(with_children(cell, health).await);
    }
    AppHealth { services }
}

/// The health of each child of a scope, checked at the same time.
///
/// Boxed, since the check of a child checks its children.
fn checked_children(scope: &Scope) -> BoxFuture<Vec<(Arc<str>, AppHealth)>> {
    let mut checks = JoinSet::new();
    for child in children_of(scope) {
        if let Some(supervisor) = child.supervisor.get().cloned() {
            let name = Arc::clone(&child.context.name);
            checks.spawn_on(async move { (name, check_all(&child).await) }, &supervisor);
        }
    }
    Box::pin(async move {
        let mut found = Vec::new();
        while let Some(checked) = checks.join_next().await {
            found.extend(checked);
        }
        found
    })
}

/// A service of `health`, with the worst health of its children, if that is worse.
async fn with_children(cell: &ServiceCell, mut health: Health) -> ServiceHealth {
    let scope = cell.scope();
    let mut failures = scope.counters().all();
    for (name, found) in checked_children(&scope).await {
        let worst = found.status();
        if worst.severity() > health.severity() {
            health = worst;
        }
        let own = found.services.into_iter().flat_map(|service| service.failures);
        failures.extend(own.map(|own| own.of_child(&name)));
    }
    let queues = scope.queues().depths();
    ServiceHealth { name: Arc::clone(&cell.name), health, failures, queues }
}

/// The health of one service; `None` if it does not run.
async fn check_one(app: &Arc<AppState>, at: usize) -> Option<Health> {
    let (sender, answer) = watch::channel(None);
    let check = app.services[at].state(|state| {
        if !state.running {
            return None;
        }
        if let Some(failed) = state.scope.counters().failed_task() {
            return Some(Err(Health::Unhealthy(failed)));
        }
        let Some(check) = state.health.clone() else { return Some(Err(Health::Healthy)) };
        if let Some(running) = &state.check {
            return Some(Ok((None, running.clone())));
        }
        let running = RunningCheck { answer };
        state.check = Some(running.clone());
        Some(Ok((Some(check), running)))
    })?;
    let (check, mut running) = match check {
        Ok(check) => check,
        Err(known) => return Some(known),
    };
    if let Some(check) = check {
        tokio::spawn(run_check(Arc::clone(app), at, check, sender));
    }
    let answer = running.answer.wait_for(Option::is_some).await;
    answer.ok().and_then(|answer| answer.clone())
}

/// Runs one check. The check counts as running until its code has returned, however long
/// that takes.
async fn run_check(
    app: Arc<AppState>,
    at: usize,
    check: HealthCheck,
    answer: watch::Sender<Option<Health>>,
) {
    let limit = app.limits.stop_hook;
    let (mut end, abort) = begin(&app, check);
    match timeout(limit, &mut end).await {
        Ok(health) => drop(answer.send_replace(health.or_else(not_running))),
        Err(_) => {
            let late = format!("its health check took longer than {limit:?}");
            answer.send_replace(Some(Health::Unhealthy(late)));
            abort.inspect(tokio::task::AbortHandle::abort);
            drop(end.await);
        }
    }
    app.services[at].state(|state| state.check = None);
}

fn not_running() -> Option<Health> {
    Some(Health::unhealthy("it is not running"))
}

/// Begins a check: its end, `None` if the runtime has ended, and the way to abort it.
fn begin(
    app: &AppState,
    check: HealthCheck,
) -> (BoxFuture<Option<Health>>, Option<tokio::task::AbortHandle>) {
    let context = &app.context;
    match check {
        HealthCheck::Blocking(check) => {
            let returned = on_thread(context, move || check());
            let end = async move { Some(returned.await.ok()?.unwrap_or_else(|p| panicked(&p))) };
            (Box::pin(end), None)
        }
        HealthCheck::Async(check) => {
            // The hook's future is made on the app's runtime as well.
            let call = Guarded::new(async move { check().await });
            let (call, clock) = (inside(context.bus.clone(), call), Arc::clone(&context.clock));
            let task = context.runtime.spawn(async move {
                let in_hook = clock.hook();
                let end = call.await;
                drop(in_hook);
                end
            });
            let abort = task.abort_handle();
            let end = async move {
                Some(match task.await.ok()? {
                    GuardedEnd::Value(health) => health,
                    GuardedEnd::Failed(failure) => Health::Unhealthy(failure.text),
                    GuardedEnd::Panicked(text) => panicked(&text),
                })
            };
            (Box::pin(end), Some(abort))
        }
    }
}

fn panicked(text: &str) -> Health {
    Health::Unhealthy(format!("its health check panicked: {text}"))
}

/// Waits until the check that runs has returned, for at most `limit`.
pub(crate) async fn end_check(cell: &ServiceCell, limit: Duration) -> Option<Step> {
    let began = Instant::now();
    let mut running = cell.state(|state| state.check.clone())?;
    let returned = async { while running.answer.changed().await.is_ok() {} };
    let late = timeout(limit, returned).await.is_err();
    late.then(|| Step::new("health", Ended::Leaked, None, began.elapsed()))
}
