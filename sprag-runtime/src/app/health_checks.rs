//! Runs the health checks of an app's services. Each service has at most one check at a
//! time; later callers join it.

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
use crate::service::{BoxFuture, Health, HealthCheck, HookSite, Scope};
use crate::task::{Guarded, GuardedEnd, panicked};

/// The name of the hook in spans and reports.
const HOOK: &str = "health";

/// The health of every service. The checks run at the same time.
pub(crate) async fn check_all(app: &Arc<AppState>) -> AppHealth {
    let _waiting = app.context.clock.waiting();
    let mut answers = vec![not_running(); app.services.len()];
    if let Some(supervisor) = app.supervisor.get() {
        let mut checks = JoinSet::new();
        for at in 0..app.services.len() {
            let app = Arc::clone(app);
            checks.spawn_on(async move { (at, check_one(&app, at).await) }, supervisor);
        }
        // A check is lost only if the supervisor has ended; no service runs then.
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
    let (mut failures, mut queues) = (scope.counters().with_tasks(), scope.queues().depths());
    let mut running = scope.running_calls().all();
    for (name, found) in checked_children(&scope).await {
        health = health.worse(found.status());
        for service in found.services {
            failures.extend(service.failures.into_iter().map(|own| own.of_child(&name)));
            queues.extend(service.queues.into_iter().map(|own| own.of_child(&name)));
            running.extend(service.running.into_iter().map(|own| own.of_child(&name)));
        }
    }
    let restarts = cell.state(|state| state.restarted);
    ServiceHealth { name: Arc::clone(&cell.name), health, failures, queues, running, restarts }
}

/// The health of one service; `None` if it is not running.
async fn check_one(app: &Arc<AppState>, at: usize) -> Option<Health> {
    let (sender, answer) = watch::channel(None);
    let check = app.services[at].state(|state| {
        if !state.running {
            return None;
        }
        if let Some(failed) = state.scope.counters().unhealthy() {
            return Some(Err(Health::Unhealthy(failed)));
        }
        let check = HealthCheck::of(state.health.clone(), state.scope.resources());
        let Some(check) = check else { return Some(Err(Health::Healthy)) };
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
    let (limit, scope) = (app.limits.stop_hook, app.services[at].scope());
    let (mut end, abort) = begin(&app, scope.site(HOOK), check);
    match timeout(limit, &mut end).await {
        Ok(None) => drop(answer.send_replace(Some(not_running()))),
        Ok(Some(Ok(health))) => drop(answer.send_replace(Some(health))),
        Ok(Some(Err(text))) => {
            answer.send_replace(Some(failed(&scope, &panicked(&text))));
        }
        Err(_) => {
            answer.send_replace(Some(failed(&scope, &format!("took longer than {limit:?}"))));
            abort.inspect(tokio::task::AbortHandle::abort);
            drop(end.await);
        }
    }
    app.services[at].state(|state| state.check = None);
}

fn not_running() -> Health {
    Health::unhealthy("it is not running")
}

/// Counts a check that did not answer as a failure.
fn failed(scope: &Scope, how: &str) -> Health {
    scope.counters().failed(&HOOK.into(), how);
    Health::Unhealthy(format!("its health check {how}"))
}

/// The result of a check: the health, or the text of a panic; `None` if the runtime has
/// ended.
type CheckEnd = Option<Result<Health, String>>;

/// Begins a check; returns its result and the handle that aborts it.
fn begin(
    app: &AppState,
    site: HookSite,
    check: HealthCheck,
) -> (BoxFuture<CheckEnd>, Option<tokio::task::AbortHandle>) {
    let context = &app.context;
    match check {
        HealthCheck::Blocking(check) => {
            let returned = on_thread(context, move || site.call(|| check()));
            (Box::pin(async move { returned.await.ok() }), None)
        }
        HealthCheck::Async(check) => {
            // The hook's future is made on the app's runtime as well.
            let call = Guarded::new(async move { check().await });
            let (call, clock) = (site.run(call), Arc::clone(&context.clock));
            let task = context.runtime.spawn(async move { clock.hook().run(call).await });
            let abort = task.abort_handle();
            let end = async move {
                Some(match task.await.ok()? {
                    GuardedEnd::Value(health) => Ok(health),
                    GuardedEnd::Failed(failure) => Ok(Health::Unhealthy(failure.text)),
                    GuardedEnd::Panicked(text) => Err(text),
                })
            };
            (Box::pin(end), Some(abort))
        }
    }
}

/// Waits until the running check has returned, for at most `limit`.
pub(crate) async fn end_check(cell: &ServiceCell, limit: Duration) -> Option<Step> {
    let began = Instant::now();
    let mut running = cell.state(|state| state.check.clone())?;
    let returned = async { while running.answer.changed().await.is_ok() {} };
    let late = timeout(limit, returned).await.is_err();
    late.then(|| Step::new(HOOK, Ended::Leaked, None, began.elapsed()))
}
