//! [`Crew`]: the services of one app while it lives, and what is known of them.

use std::sync::{Arc, OnceLock};

use tokio::runtime::Handle as Runtime;
use tokio::sync::watch;

use super::limits::Limits;
use super::report::{Step, StopReport};
use crate::error::Result;
use crate::service::{BoxFuture, HealthCheck, Link, Scope, Slot, StopReason, Wired};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, Ordering};

/// All that the supervisor and the app's face share.
pub(crate) struct Crew {
    pub(crate) link: Arc<Link>,
    pub(crate) limits: Limits,
    pub(crate) members: Vec<Member>,
    /// Which members each member starts after and stops before.
    pub(crate) after: Vec<Vec<usize>>,
    pub(crate) ready: AtomicBool,
    /// `Some` once stopped.
    pub(crate) report: watch::Sender<Option<StopReport>>,
    /// The supervisor's own runtime, with the clock that nobody pauses.
    pub(crate) supervisor: OnceLock<Runtime>,
}

/// One service of a crew.
pub(crate) struct Member {
    pub(crate) name: Arc<str>,
    pub(crate) slot: Arc<Slot>,
    pub(crate) scope: Scope,
    pub(crate) create: Create,
    /// No user code runs under this lock.
    state: Mutex<State>,
}

/// Makes the service; once for each start of it.
pub(crate) type Create = Box<dyn Fn(&Scope) -> BoxFuture<Result<Wired>> + Send + Sync>;

#[derive(Default)]
pub(crate) struct State {
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

impl Member {
    pub(crate) fn new(name: &str, slot: Arc<Slot>, scope: Scope, create: Create) -> Self {
        Self { name: name.into(), slot, scope, create, state: Mutex::default() }
    }

    /// Reads or changes what is known of the service. `f` runs under the lock.
    pub(crate) fn state<U>(&self, f: impl FnOnce(&mut State) -> U) -> U {
        f(&mut self.state.lock())
    }
}

impl Crew {
    pub(crate) fn new(
        link: Arc<Link>,
        limits: Limits,
        members: Vec<Member>,
        after: Vec<Vec<usize>>,
    ) -> Self {
        Self {
            link,
            limits,
            members,
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
        // The sender is this crew's own, so there always is one.
        report.unwrap_or_else(|| self.empty_report(StopReason::RuntimeEnded))
    }

    /// A report that knows no service.
    pub(crate) fn empty_report(&self, reason: StopReason) -> StopReport {
        let app = Arc::clone(&self.link.name);
        StopReport::new(app, reason, Vec::new(), std::time::Duration::ZERO)
    }
}
