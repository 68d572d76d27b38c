//! Starts an app: each service after its dependencies, independent services at the same
//! time. The first failure ends the start.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::log::log;
use super::report::{Ended, Step};
use super::shared::{AppState, ServiceCell};
use super::start_report::ServiceStart;
use super::step::{StepEnd, Who, hook_step, step};
use crate::error::{Error, Result};
use crate::service::{Attachment, BoxFuture, OnceHook, Scope, StopReason, Wired};
use crate::task::panicked;

/// Why a start failed.
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
    /// The limit of the whole start was exceeded.
    TotalSpent,
    /// Cancelled: another service had failed, or a stop of the app was requested.
    Cancelled,
    /// A stop of the app was requested, or its runtime ended.
    Interrupted(StopReason),
    RuntimeEnded,
}

/// Starts all services. The first failure cancels `cancel`, and the caller can do so as
/// well.
pub(crate) async fn start_all(
    app: &Arc<AppState>,
    cancel: &CancellationToken,
) -> Result<(), StartFailure> {
    start_set(app, &vec![true; app.services.len()], cancel).await
}

/// Starts the services of `set`; the others run already or are not needed.
pub(crate) async fn start_set(
    app: &Arc<AppState>,
    set: &[bool],
    cancel: &CancellationToken,
) -> Result<(), StartFailure> {
    let order = OrderedStart {
        app: Arc::clone(app),
        started: set.iter().map(|&starts| watch::Sender::new(!starts)).collect(),
        budget: Budget::new(app.limits.start_total, Duration::ZERO),
        cancel: cancel.clone(),
    };
    let mut starting = JoinSet::new();
    for at in (0..set.len()).filter(|&at| set[at]) {
        starting.spawn(order.clone().start(at));
    }
    first_failure(starting, cancel).await
}

/// Waits for all starts. A start that was only cancelled is never the first failure.
async fn first_failure(
    mut starting: JoinSet<Result<(), StartFailure>>,
    cancel: &CancellationToken,
) -> Result<(), StartFailure> {
    let mut outcome = Ok(());
    while let Some(ended) = starting.join_next().await {
        let ended = ended.unwrap_or_else(|_lost| {
            cancel.cancel();
            Err(StartFailure::Cancelled)
        });
        if let (Ok(()) | Err(StartFailure::Cancelled), Err(failure)) = (&outcome, ended) {
            outcome = Err(failure);
        }
    }
    outcome
}

/// A start of several services, each after its dependencies.
#[derive(Clone)]
struct OrderedStart {
    app: Arc<AppState>,
    /// `true` for each service that runs.
    started: Arc<[watch::Sender<bool>]>,
    budget: Budget,
    cancel: CancellationToken,
}

impl OrderedStart {
    /// Starts one service after its dependencies; a failure cancels the other starts.
    async fn start(self, at: usize) -> Result<(), StartFailure> {
        let began = Instant::now();
        let waited_for = self.turn(at).await?;
        let (waited, starts) = (began.elapsed(), Instant::now());
        let ended = start_one(&self.app, at, self.budget, &self.cancel).await;
        if ended.is_ok() {
            let service = Arc::clone(&self.app.services[at].name);
            let start = ServiceStart { service, waited, waited_for, took: starts.elapsed() };
            self.note(at, start);
        } else {
            self.cancel.cancel();
        }
        ended
    }

    /// Waits for the dependencies of `at`, and returns the last one that was not ready.
    async fn turn(&self, at: usize) -> Result<Option<Arc<str>>, StartFailure> {
        let mut waited_for = None;
        for &earlier in &self.app.order.after[at] {
            let mut started = self.started[earlier].subscribe();
            if !*started.borrow() {
                waited_for = Some(Arc::clone(&self.app.services[earlier].name));
            }
            let waiting = self.cancel.run_until_cancelled(started.wait_for(|started| *started));
            let waited = waiting.await.ok_or(StartFailure::Cancelled)?;
            waited.map_err(|_gone| StartFailure::Cancelled)?;
        }
        Ok(waited_for)
    }

    fn note(&self, at: usize, start: ServiceStart) {
        let name = Arc::clone(&start.service);
        self.app.services[at].state(|state| state.start = Some(start));
        log(move || tracing::debug!(service = &*name, "started"));
        self.started[at].send_replace(true);
    }
}

pub(crate) async fn start_one(
    app: &Arc<AppState>,
    at: usize,
    budget: Budget,
    cancel: &CancellationToken,
) -> Result<(), StartFailure> {
    if cancel.is_cancelled() {
        return Err(StartFailure::Cancelled);
    }
    let cell = &app.services[at];
    cell.state(|state| state.begun = true);
    let hook = StartHooks { app, cell, budget, cancel };
    let wired = hook.run_new(create(app, at)).await?;
    let wired = wired.map_err(|failed| hook.part_failed(failed))?;
    if let Some(on_start) = wired.on_start {
        hook.on_start(on_start).await?;
    }
    cell.slot.fill(wired.instance);
    let scope = cell.state(|state| {
        state.on_stop = wired.on_stop;
        state.on_stopped = wired.on_stopped;
        state.health = wired.health;
        (state.started, state.running) = (true, true);
        state.scope.clone()
    });
    // Attached here and not in a task, so that a service whose task requests a stop at once
    // has started. No user code runs, since each part calls its hook in the task that it
    // spawns.
    attach(&scope, wired.background).map_err(|failed| hook.part_failed(failed))
}

/// A part of a service that could not be attached.
struct AttachFailed {
    name: &'static str,
    error: Error,
}

/// Calls `new` and attaches the listeners.
///
/// The poll that makes the resources of the service also adds them to the scope, so a `new`
/// that ends long after its deadline is still released.
fn create(app: &Arc<AppState>, at: usize) -> BoxFuture<Result<Result<Wired, AttachFailed>>> {
    let app = Arc::clone(app);
    Box::pin(async move {
        let scope = app.services[at].scope();
        let mut wired = (app.services[at].create)(&scope).await?;
        scope.stack().push_below(std::mem::take(&mut wired.owned));
        let listeners = std::mem::take(&mut wired.listeners);
        Ok(attach(&scope, listeners).map(|()| wired))
    })
}

/// Attaches listeners, tasks and intervals.
fn attach(scope: &Scope, parts: Vec<Attachment>) -> Result<(), AttachFailed> {
    parts.into_iter().try_for_each(|Attachment { name, attach }| {
        attach(scope).map_err(|error| AttachFailed { name, error })
    })
}

/// Runs the hooks of one service.
struct StartHooks<'a> {
    app: &'a AppState,
    cell: &'a ServiceCell,
    budget: Budget,
    cancel: &'a CancellationToken,
}

impl StartHooks<'_> {
    async fn run_new<T: Send + 'static>(
        &self,
        new: BoxFuture<Result<T>>,
    ) -> Result<T, StartFailure> {
        let (began, limit) = (Instant::now(), self.limit());
        let end = step(self.app, self.who("new"), new, limit, self.cancel).await;
        self.result("new", end, limit, began.elapsed())
    }

    async fn on_start(&self, hook: OnceHook) -> Result<(), StartFailure> {
        let (began, limit) = (Instant::now(), self.limit());
        let end = hook_step(self.app, self.who("on_start"), hook, limit, self.cancel).await;
        self.result("on_start", end, limit, began.elapsed())
    }

    fn limit(&self) -> Duration {
        self.budget.limit(self.app.limits.start_hook)
    }

    fn who(&self, hook: &'static str) -> Who {
        Who { service: Arc::clone(&self.cell.name), hook }
    }

    fn result<T>(
        &self,
        name: &'static str,
        end: StepEnd<T>,
        limit: Duration,
        took: Duration,
    ) -> Result<T, StartFailure> {
        let is_last = limit < self.app.limits.start_hook;
        self.note(name, &end, took);
        match end {
            StepEnd::Done(value) => Ok(value),
            StepEnd::Failed(failure) => {
                Err(self.failed(AttachFailed { name, error: failure.error }))
            }
            StepEnd::Panicked(text) => {
                Err(self.failed(AttachFailed { name, error: Error::msg(panicked(&text)) }))
            }
            StepEnd::Leaked if self.cancel.is_cancelled() => Err(StartFailure::Cancelled),
            StepEnd::TimedOut | StepEnd::Leaked if is_last => Err(StartFailure::TotalSpent),
            StepEnd::TimedOut | StepEnd::Leaked => {
                let service = Arc::clone(&self.cell.name);
                Err(StartFailure::TimedOut { service, step: name, limit })
            }
            StepEnd::Cancelled => Err(StartFailure::Cancelled),
            StepEnd::RuntimeEnded => Err(StartFailure::RuntimeEnded),
        }
    }

    /// Keeps an unfinished step for the report. A hook that was cancelled in time is left
    /// out.
    fn note<T>(&self, name: &'static str, end: &StepEnd<T>, took: Duration) {
        if let StepEnd::Done(_) | StepEnd::Cancelled = end {
            return;
        }
        let (ended, error) = end.ended();
        self.cell.state(|state| state.start_steps.push(Step::new(name, ended, error, took)));
    }

    /// Like [`failed`](Self::failed), for a part that is not a step of its own.
    fn part_failed(&self, failed: AttachFailed) -> StartFailure {
        let (name, error) = (failed.name, Some(failed.error.text()));
        let step = Step::new(name, Ended::Failed, error, Duration::ZERO);
        self.cell.state(|state| state.start_steps.push(step));
        self.failed(failed)
    }

    fn failed(&self, AttachFailed { name: step, error }: AttachFailed) -> StartFailure {
        StartFailure::Failed { service: Arc::clone(&self.cell.name), step, error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::graph::ServiceOrder;
    use crate::app::limits::Limits;
    use crate::bus::Bus;
    use crate::service::{AppContext, ServiceSlot};

    #[tokio::test]
    async fn s4_a_step_that_takes_too_long_names_the_limit_that_it_has_reached() {
        let context = AppContext::new("slow", tokio::runtime::Handle::current(), Bus::new());
        let scope = Scope::in_context("db", Arc::clone(&context));
        let create: crate::app::shared::Factory =
            Box::new(|_| Box::pin(async { Err(Error::msg("no disk")) }));
        let cell = ServiceCell::new("db", Arc::new(ServiceSlot::new("db")), scope, create);
        let (limits, cancel) = (Limits::new(), CancellationToken::new());
        let own = limits.start_hook;
        let app = AppState::new(context, limits, vec![cell], ServiceOrder::single());
        let budget = Budget::new(app.limits.start_total, Duration::ZERO);
        let hooks = StartHooks { app: &app, cell: &app.services[0], budget, cancel: &cancel };
        let failure = |end: StepEnd<()>, limit| {
            let failure = hooks.result("on_start", end, limit, limit);
            failure.expect_err("the step has not ended")
        };

        for end in [StepEnd::TimedOut, StepEnd::Leaked] {
            let StartFailure::TimedOut { service, step, limit } = failure(end, own) else {
                panic!("its own limit")
            };
            assert_eq!((&*service, step, limit), ("db", "on_start", own));
        }
        for end in [StepEnd::TimedOut, StepEnd::Leaked] {
            assert!(matches!(failure(end, own / 2), StartFailure::TotalSpent));
        }
        cancel.cancel();
        assert!(matches!(failure(StepEnd::Leaked, own), StartFailure::Cancelled));
        assert!(matches!(failure(StepEnd::TimedOut, own), StartFailure::TimedOut { .. }));
    }
}
