//! The numbers of an app's services.

use std::sync::{Arc, Weak};

use super::family::children_of;
use super::shared::{AppState, ServiceCell, ServiceState};
use crate::measured::{Measured, register};
use crate::service::RunningHook;

impl Measured for AppState {
    fn measure(&self) {
        self.services.iter().for_each(|cell| measure(&self.context.name, cell));
    }
}

impl AppState {
    /// Passes the metrics of the services to a recorder, as long as the app exists.
    pub(super) fn measure_from_now_on(self: &Arc<Self>) {
        let app: Weak<dyn Measured> = Arc::<Self>::downgrade(self);
        let _first = self.measured.set(register(app)).is_ok();
    }
}

fn measure(app: &str, cell: &ServiceCell) {
    let labels = || [("app", app.to_owned()), ("service", cell.name.to_string())];
    let with = |name, value: &str| {
        let [app, service] = labels();
        [app, service, (name, value.to_owned())]
    };
    let (state, restarts) = cell.state(|state| (state.of(), state.restarted));
    let running = u8::from(state == ServiceState::Running);
    let scope = cell.scope();
    ::metrics::gauge!("sprag_service_running", &labels()).set(running);
    ::metrics::counter!("sprag_restarts_total", &labels()).absolute(restarts);
    let children = children_of(&scope).len();
    ::metrics::gauge!("sprag_children", &labels()).set(children as f64);
    let longest = scope.running_calls().all().iter().map(RunningHook::longest).max();
    let longest = longest.unwrap_or_default().as_secs_f64();
    ::metrics::gauge!("sprag_longest_call_seconds", &labels()).set(longest);
    for hook in scope.counters().with_tasks() {
        let labels = || with("hook", hook.hook());
        ::metrics::counter!("sprag_hook_failures_total", &labels()).absolute(hook.failed());
        ::metrics::counter!("sprag_events_lost_total", &labels()).absolute(hook.lost());
    }
    for (hook, waiting) in scope.backlogs() {
        ::metrics::gauge!("sprag_events_waiting", &with("hook", &hook)).set(waiting as f64);
    }
    for queue in scope.queues().depths() {
        let labels = || with("worker", queue.worker());
        ::metrics::gauge!("sprag_jobs_waiting", &labels()).set(queue.waiting() as f64);
        ::metrics::gauge!("sprag_jobs_running", &labels()).set(queue.running() as f64);
    }
}
