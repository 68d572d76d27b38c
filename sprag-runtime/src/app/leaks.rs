//! The apps and scopes that a test has started, and the parts of them that still run at its
//! end.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use tokio::sync::watch;

use super::family::children_of;
use super::report::StopReport;
use super::shared::{AppState, ServiceState};
use crate::service::StopReason;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::thread_local;

thread_local! {
    /// The list of the test that runs on this thread; `None` outside of tests.
    static STARTED: RefCell<Option<Vec<Started>>> = const { RefCell::new(None) };
}

/// An app, or a service without an app, that a test has started.
pub(super) struct Started {
    app: Weak<AppState>,
    /// Refers to the report alone, so that the app can be dropped.
    report: watch::Receiver<Option<StopReport>>,
    was_read: Arc<AtomicBool>,
}

/// Begins to record what this thread starts.
pub(super) fn begin() {
    STARTED.with(|started| started.replace(Some(Vec::new())));
}

/// Records an app, if a test runs on this thread.
pub(super) fn note(app: &Arc<AppState>) {
    STARTED.with_borrow_mut(|started| {
        if let Some(started) = started {
            started.push(Started::new(app));
        }
    });
}

/// Takes the records since the last call.
pub(super) fn take() -> Vec<Started> {
    STARTED.with_borrow_mut(|started| started.as_mut().map(std::mem::take)).unwrap_or_default()
}

impl Started {
    pub(super) fn new(app: &Arc<AppState>) -> Self {
        let (report, was_read) = (app.reports(), app.report_was_read());
        Self { app: Arc::downgrade(app), report, was_read }
    }

    /// The names of the services and children that run and that nothing stops.
    pub(super) fn left_running(&self) -> Vec<String> {
        let running = |app: &Arc<AppState>| !app.is_stopped() && !app.context.is_stop_requested();
        let mut names = Vec::new();
        if let Some(app) = self.app.upgrade().filter(running) {
            name_services(&app, "service", &mut names);
        }
        names
    }

    /// Whether the test has the report of the stop, and can check the report itself.
    pub(super) fn was_read(&self) -> bool {
        self.was_read.load(Ordering::Acquire)
    }

    /// Stops what runs, and returns the report of the stop.
    pub(super) async fn stopped(mut self) -> Option<StopReport> {
        if let Some(app) = self.app.upgrade() {
            app.context.request_stop(StopReason::Dropped);
        }
        self.report.wait_for(Option::is_some).await.ok().and_then(|report| report.clone())
    }
}

fn name_services(app: &AppState, kind: &str, names: &mut Vec<String>) {
    for cell in &app.services {
        if !matches!(cell.state(|state| state.of()), ServiceState::Stopped) {
            names.push(format!("{kind} `{}`", cell.name));
        }
        let mut children = children_of(&cell.scope());
        children.sort_by(|one, other| one.context.name.cmp(&other.context.name));
        children.iter().for_each(|child| name_services(child, "child", names));
    }
}
