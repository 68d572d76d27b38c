//! [`AppState`]: the services of one app while it lives, and what is known of them.

use std::sync::{Arc, OnceLock};

use tokio::runtime::Handle as Runtime;
use tokio::sync::watch;

use super::limits::Limits;
use super::report::{Step, StopReport};
use crate::error::Result;
use crate::service::{AppContext, BoxFuture, HealthCheck, Scope, ServiceSlot, StopReason, Wired};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, Ordering};

/// All that the supervisor and the app's face share.
pub(crate) struct AppState {
    pub(crate) context: Arc<AppContext>,
    pub(crate) limits: Limits,
    pub(crate) services: Vec<ServiceCell>,
    /// Which services each cell starts after and stops before.
    pub(crate) after: Vec<Vec<usize>>,
    pub(crate) ready: AtomicBool,
    /// `Some` once stopped.
    pub(crate) report: watch::Sender<Option<StopReport>>,
    /// The supervisor's own runtime, with the clock that nobody pauses.
    pub(crate) supervisor: OnceLock<Runtime>,
}

/// One service of a app.
pub(crate) struct ServiceCell {
    pub(crate) name: Arc<str>,
    pub(crate) slot: Arc<ServiceSlot>,
    pub(crate) scope: Scope,
    pub(crate) create: Factory,
    /// No user code runs under this lock.
    state: Mutex<Lifecycle>,
}

/// Makes the service; once for each start of it.
pub(crate) type Factory = Box<dyn Fn(&Scope) -> BoxFuture<Result<Wired>> + Send + Sync>;

#[derive(Default)]
pub(crate) struct Lifecycle {
    /// Whether its start was begun, so that there may be something to release.
    pub(crate) begun: bool,
    pub(crate) running: bool,
    /// The hook of its start that was given up and blocks a thread still, if one
    /// does.
    pub(crate) leaked: Option<Step>,
    /// There once it has started.
    pub(crate) on_stop: Option<BoxFuture<Result<()>>>,
    pub(crate) health: Option<HealthCheck>,
}

impl ServiceCell {
    pub(crate) fn new(name: &str, slot: Arc<ServiceSlot>, scope: Scope, create: Factory) -> Self {
        Self { name: name.into(), slot, scope, create, state: Mutex::default() }
    }

    /// Reads or changes what is known of the service. `f` runs under the lock.
    pub(crate) fn state<U>(&self, f: impl FnOnce(&mut Lifecycle) -> U) -> U {
        f(&mut self.state.lock())
    }
}

impl AppState {
    pub(crate) fn new(
        context: Arc<AppContext>,
        limits: Limits,
        services: Vec<ServiceCell>,
        after: Vec<Vec<usize>>,
    ) -> Self {
        Self {
            context,
            limits,
            services,
            after,
            ready: AtomicBool::new(false),
            report: watch::Sender::new(None),
            supervisor: OnceLock::new(),
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    pub(crate) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Release);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.report.borrow().is_some()
    }

    /// Tells every waiter, present and future.
    pub(crate) fn publish(&self, report: StopReport) {
        self.set_ready(false);
        self.report.send_replace(Some(report));
    }

    /// Waits until the app has stopped.
    pub(crate) async fn stopped(&self) -> StopReport {
        let mut reports = self.report.subscribe();
        let report = reports.wait_for(Option::is_some).await.ok().and_then(|report| report.clone());
        // The sender is this app's own, so there always is one.
        report.unwrap_or_else(|| self.empty_report(StopReason::RuntimeEnded))
    }

    /// A report that knows no service.
    pub(crate) fn empty_report(&self, reason: StopReason) -> StopReport {
        let app = Arc::clone(&self.context.name);
        StopReport::new(app, reason, Vec::new(), std::time::Duration::ZERO)
    }
}
