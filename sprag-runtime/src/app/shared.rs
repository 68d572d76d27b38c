//! [`AppState`]: the services of one app, and their states.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::budget::Budget;
use super::graph::ServiceOrder;
use super::hangup::{self, Emit, HangupWatched};
use super::limits::Limits;
use super::log::log;
use super::report::{ServiceReport, Step, StopReport};
use super::signals::{self, Watched};
use super::start_report::ServiceStart;
use crate::error::Result;
use crate::isolate::isolated;
use crate::service::{
    AppContext, BoxFuture, Health, HealthCheck, OnceHook, Scope, ServiceSlot, StopReason, Wired,
};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, Ordering};

/// How many services of one app are stopped on threads at the same time.
const STOP_THREADS: usize = 64;

/// The state that the supervisor and the app's face share.
pub(crate) struct AppState {
    pub(crate) context: Arc<AppContext>,
    pub(crate) limits: Limits,
    pub(crate) services: Vec<ServiceCell>,
    /// Which services each service starts after and stops before, and which it depends on.
    pub(crate) order: ServiceOrder,
    /// The services that each service starts before and stops after.
    pub(crate) before: Vec<Vec<usize>>,
    /// Shared by an app and the children of its services.
    pub(crate) stop_threads: Arc<Semaphore>,
    /// The time that the parent's stop leaves to this child's.
    stop_budget: OnceLock<Budget>,
    ready: AtomicBool,
    /// The registration for signals; `None` if they do not stop the app.
    signals: Mutex<Option<Watched>>,
    /// The registration for SIGHUP; `None` if it emits no event.
    hangup: Mutex<Option<HangupWatched>>,
    /// `Some` once the app has stopped.
    report: watch::Sender<Option<StopReport>>,
    /// Whether a waiter has received the report.
    #[cfg(feature = "test")]
    report_was_read: Arc<AtomicBool>,
    /// The supervisor's own runtime, whose clock no test pauses.
    pub(crate) supervisor: OnceLock<Runtime>,
    /// Set for an app, but not for children, which are counted with their parent.
    #[cfg(feature = "metrics")]
    pub(super) measured: OnceLock<crate::measured::Registered>,
}

/// One service of an app.
pub(crate) struct ServiceCell {
    pub(crate) name: Arc<str>,
    pub(crate) slot: Arc<ServiceSlot>,
    pub(crate) create: Factory,
    /// No user code runs under this lock.
    state: Mutex<Lifecycle>,
}

/// Makes the service; called once for each start of the service.
pub(crate) type Factory = Box<dyn Fn(&Scope) -> BoxFuture<Result<Wired>> + Send + Sync>;

/// The state of a service.
pub(crate) struct Lifecycle {
    pub(crate) scope: Scope,
    /// Whether the start has begun, so that there can be something to release.
    pub(crate) begun: bool,
    /// Whether the service has ever started.
    pub(crate) started: bool,
    /// Whether the service has started and is not stopping.
    pub(crate) running: bool,
    pub(crate) stopping: bool,
    /// How the start went; `Some` once the service has started.
    pub(crate) start: Option<ServiceStart>,
    /// The steps of the start that did not finish.
    pub(crate) start_steps: Vec<Step>,
    /// `Some` once the service has started.
    pub(crate) on_stop: Option<OnceHook>,
    pub(crate) on_stopped: Option<OnceHook>,
    pub(crate) health: Option<HealthCheck>,
    /// How many lives the service has had after the first one.
    pub(crate) restarted: u64,
    /// When the service restarted, within the period of its rule.
    pub(crate) restarts: Vec<Instant>,
    /// The running health check.
    pub(crate) check: Option<RunningCheck>,
    /// `Some` once the service has stopped.
    pub(crate) report: Option<ServiceReport>,
}

/// A running health check.
#[derive(Clone)]
pub(crate) struct RunningCheck {
    /// `Some` once the check has answered or taken too long; closed once the check's code
    /// has returned.
    pub(crate) answer: watch::Receiver<Option<Health>>,
}

impl Lifecycle {
    pub(crate) fn of(&self) -> ServiceState {
        match self {
            Self { report: Some(_), .. } => ServiceState::Stopped,
            Self { stopping: true, .. } => ServiceState::Stopping,
            Self { running: true, .. } => ServiceState::Running,
            Self { begun: true, .. } => ServiceState::Starting,
            _ => ServiceState::Waiting,
        }
    }
}

/// The state of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceState {
    /// The service has not begun to start: it waits for the services that it depends on.
    Waiting,
    /// The service starts, or restarts after a failure.
    Starting,
    /// The service has started.
    Running,
    /// The service stops.
    Stopping,
    /// The service has stopped.
    Stopped,
}

impl ServiceCell {
    pub(crate) fn new(name: &str, slot: Arc<ServiceSlot>, scope: Scope, create: Factory) -> Self {
        slot.share_queues(scope.queues());
        let state = Lifecycle {
            scope,
            begun: false,
            started: false,
            running: false,
            stopping: false,
            start: None,
            start_steps: Vec::new(),
            on_stop: None,
            on_stopped: None,
            health: None,
            restarted: 0,
            restarts: Vec::new(),
            check: None,
            report: None,
        };
        Self { name: name.into(), slot, create, state: Mutex::new(state) }
    }

    /// Reads or changes the state of the service. `f` runs under the lock.
    pub(crate) fn state<U>(&self, f: impl FnOnce(&mut Lifecycle) -> U) -> U {
        f(&mut self.state.lock())
    }

    /// Prepares another life of the service, which has stopped. Unfinished steps of the
    /// stop count as failures of the earlier life.
    pub(crate) fn renew(&self) {
        let scope = self.scope().next_life();
        let earlier = self.state(|state| {
            (state.running, state.started, state.stopping) = (false, false, false);
            state.restarted += 1;
            // The old scope may be the last owner of users' values, so it is returned.
            let old = std::mem::replace(&mut state.scope, scope.clone());
            (state.report.take(), old)
        });
        if let (Some(report), _) = &earlier {
            scope.counters().take_over(&report.all_failures());
        }
        isolated(&"the drop of a scope", || drop(earlier));
    }

    /// The scope of the service.
    pub(crate) fn scope(&self) -> Scope {
        self.state(|state| state.scope.clone())
    }
}

impl AppState {
    pub(crate) fn new(
        context: Arc<AppContext>,
        limits: Limits,
        services: Vec<ServiceCell>,
        order: ServiceOrder,
    ) -> Self {
        let mut before = vec![Vec::new(); order.after.len()];
        for (later, earlier) in order.after.iter().enumerate() {
            earlier.iter().for_each(|&earlier| before[earlier].push(later));
        }
        Self {
            context,
            limits,
            services,
            order,
            before,
            stop_threads: Arc::new(Semaphore::new(STOP_THREADS)),
            stop_budget: OnceLock::new(),
            ready: AtomicBool::new(false),
            signals: Mutex::default(),
            hangup: Mutex::default(),
            report: watch::Sender::new(None),
            #[cfg(feature = "test")]
            report_was_read: Arc::default(),
            supervisor: OnceLock::new(),
            #[cfg(feature = "metrics")]
            measured: OnceLock::new(),
        }
    }

    /// The state of a child: one service on the supervisor of `parent`.
    pub(crate) fn child(parent: &Self, limits: Limits, service: ServiceCell) -> Self {
        let context = Arc::clone(service.scope().context());
        let child = Self::new(context, limits, vec![service], ServiceOrder::single());
        let stop_threads = Arc::clone(&parent.stop_threads);
        Self { stop_threads, supervisor: parent.supervisor.clone(), ..child }
    }

    /// Limits the stop to the time that the parent's stop has left.
    pub(crate) fn stop_within(&self, budget: Budget) {
        let _first = self.stop_budget.set(budget).is_ok();
    }

    /// How much time a stop has that begins now.
    pub(crate) fn budget_of_stop(&self) -> Budget {
        let own = Budget::new(self.limits.stop_total, self.limits.floor);
        self.stop_budget.get().map_or(own, |parents| own.within(parents))
    }

    /// An app can have many children, so their lives are logged at a lower level.
    pub(crate) fn log_started(&self) {
        let (name, is_child) = (Arc::clone(&self.context.name), self.context.is_child());
        log(move || match is_child {
            true => tracing::debug!(child = &*name, "started"),
            false => tracing::info!(app = &*name, "started"),
        });
    }

    pub(crate) fn log_stopping(&self, reason: &StopReason) {
        let (name, is_child) = (Arc::clone(&self.context.name), self.context.is_child());
        let why = reason.clone();
        log(move || match is_child {
            true => tracing::debug!(child = &*name, "stopping, because {why}"),
            false => tracing::info!(app = &*name, "stopping, because {why}"),
        });
    }

    /// Calls the checks of the services' resources.
    pub(crate) fn is_ready(&self) -> bool {
        let resources =
            |cell: &ServiceCell| cell.state(|state| Arc::clone(state.scope.resources()));
        let mut owned = self.services.iter().map(resources);
        self.ready.load(Ordering::Acquire) && owned.all(|owned| owned.worst().is_healthy())
    }

    pub(crate) fn mark_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    pub(crate) fn mark_unready(&self) {
        self.ready.store(false, Ordering::Release);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.report.borrow().is_some()
    }

    /// Signals stop the app until its report is published.
    pub(crate) fn watch_signals(&self) -> io::Result<()> {
        let watched = signals::watch(&self.context)?;
        *self.signals.lock() = Some(watched);
        Ok(())
    }

    /// A SIGHUP emits the app's event until its report is published.
    pub(crate) fn watch_hangup(&self, emit: Emit) -> io::Result<()> {
        let watched = hangup::watch(&self.context, emit)?;
        *self.hangup.lock() = Some(watched);
        Ok(())
    }

    /// Publishes the report to every waiter, present and future. From then on signals do
    /// not count this app as running: the next one ends the process.
    pub(crate) fn publish(&self, report: StopReport) {
        self.mark_unready();
        let watched = (self.signals.lock().take(), self.hangup.lock().take());
        drop(watched);
        // From now on no request stops the clock.
        self.context.request_stop(report.reason().clone());
        let waiting = self.context.take_request();
        isolated(&"a waker", || self.report.send_replace(Some(report)));
        drop(waiting);
    }

    /// Waits until the app has stopped.
    pub(crate) async fn stopped(&self) -> StopReport {
        let mut reports = self.report.subscribe();
        let report = reports.wait_for(Option::is_some).await.ok().and_then(|report| report.clone());
        #[cfg(feature = "test")]
        self.report_was_read.store(true, Ordering::Release);
        // The sender is in `self`, so the channel is open and the report comes.
        report.unwrap_or_else(|| self.report_of(StopReason::SupervisorFailed, Duration::ZERO))
    }

    /// The channel of the report, which outlives this.
    #[cfg(feature = "test")]
    pub(crate) fn reports(&self) -> watch::Receiver<Option<StopReport>> {
        self.report.subscribe()
    }

    /// Whether a waiter has received the report, which outlives this.
    #[cfg(feature = "test")]
    pub(crate) fn report_was_read(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.report_was_read)
    }

    /// The report of every service whose start had begun, with the stops so far.
    pub(crate) fn report_of(&self, reason: StopReason, took: Duration) -> StopReport {
        let report = |cell: &ServiceCell| {
            let (begun, report) = cell.state(|state| (state.begun, state.report.clone()));
            report.or_else(|| begun.then(|| ServiceReport::not_stopped(&cell.name)))
        };
        let mut services: Vec<ServiceReport> = self.services.iter().filter_map(report).collect();
        services.sort_by_key(|service| service.stopped);
        StopReport::new(Arc::clone(&self.context.name), reason, services, took)
    }

    /// The state of each service.
    pub(crate) fn states(&self) -> Vec<(Arc<str>, ServiceState)> {
        let state = |cell: &ServiceCell| (Arc::clone(&cell.name), cell.state(|state| state.of()));
        self.services.iter().map(state).collect()
    }

    /// How the running services started.
    pub(crate) fn starts(&self) -> Vec<ServiceStart> {
        self.services.iter().filter_map(|cell| cell.state(|state| state.start.clone())).collect()
    }

    /// Whether each service is `at` or depends on it, directly or indirectly.
    pub(crate) fn with_dependents(&self, at: usize) -> Vec<bool> {
        let mut set = vec![false; self.services.len()];
        let mut next = vec![at];
        while let Some(at) = next.pop() {
            if !std::mem::replace(&mut set[at], true) {
                let depends = |&other: &usize| self.order.depends_on[other].contains(&at);
                next.extend((0..set.len()).filter(depends));
            }
        }
        set
    }

    /// The services that have not started.
    pub(crate) fn not_started(&self) -> Vec<Arc<str>> {
        let waiting = self.services.iter().filter(|cell| cell.state(|state| !state.started));
        waiting.map(|cell| Arc::clone(&cell.name)).collect()
    }
}
