//! The lives of children: services that start and stop while their parent runs. A child is
//! an app of one service; its supervisor is a task on the thread of its parent's
//! supervisor.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::child_error::ChildError;
use super::family::state_of;
use super::limits::Limits;
use super::report::{Ended, ServiceReport, StopReport};
use super::shared::{AppState, ServiceCell};
use super::stop::stop_all;
use super::supervisor::{Answer, LifeObserver, SupervisorHandle, run_lifecycle, weak};
use crate::error::Result;
use crate::service::{
    Action, ErasedChild, NotAdded, OnFailure, Scope, ServiceFailure, ServiceSlot, StopReason,
};
use crate::task::Guarded;

/// The name under which a service counts its children that failed.
const CHILD: &str = "child";

/// A child before its start.
pub(super) struct NewChild {
    pub(super) parent: Scope,
    /// Its own name, without the parent's.
    pub(super) name: Arc<str>,
    pub(super) create: super::shared::Factory,
    pub(super) limits: Option<Limits>,
    pub(super) on_failure: OnFailure,
}

impl NewChild {
    /// Starts the child on the supervisor of its parent. Dropping the future rolls back.
    pub(super) async fn start(
        self,
        slot: &Arc<ServiceSlot>,
        path: Arc<str>,
    ) -> Result<SupervisorHandle, ChildError> {
        let (parent, name) = (self.parent.clone(), Arc::clone(&self.name));
        let app = Arc::new(self.state(slot, path)?);
        let _waiting = app.context.clock.waiting();
        app.context.set_app(weak(&app));
        let erased: ErasedChild = Arc::<AppState>::clone(&app);
        parent.child_list().add(Arc::clone(&name), erased).map_err(|why| match why {
            NotAdded::Closed => ChildError::Stopped { source: parent.stopped() },
            NotAdded::NameTaken => ChildError::NameTaken { child: Arc::clone(&app.context.name) },
        })?;
        let (answer, answered) = oneshot::channel();
        let life = Life { app: Arc::clone(&app), parent: parent.clone(), name };
        if let Some(supervisor) = app.supervisor.get() {
            supervisor.spawn(life.run(answer));
        }
        let started =
            answered.await.map_err(|_| ChildError::Stopped { source: parent.stopped() })?;
        started.map_err(|source| ChildError::Start { source })
    }

    fn state(self, slot: &Arc<ServiceSlot>, path: Arc<str>) -> Result<AppState, ChildError> {
        let not_running = || ChildError::NotRunning { parent: self.parent.shared_name() };
        let parent = state_of(&self.parent).ok_or_else(not_running)?;
        parent.supervisor.get().ok_or_else(not_running)?;
        let context = self.parent.context().child(Arc::clone(&path));
        let scope = Scope::in_context(&path, context);
        scope.set_on_failure(self.on_failure);
        let cell = ServiceCell::new(&path, Arc::clone(slot), scope, self.create);
        Ok(AppState::child(&parent, self.limits.unwrap_or(parent.limits), cell))
    }
}

/// The life of one child. Its drop frees the child's name and notifies all waiters, even if
/// the supervisor's runtime ends first.
struct Life {
    app: Arc<AppState>,
    parent: Scope,
    name: Arc<str>,
}

impl Life {
    async fn run(self, answer: Answer) {
        let this = &self;
        let life = async {
            run_lifecycle(&this.app, answer, this).await;
            Ok(())
        };
        if Guarded::new(life).await.split().1.is_some() {
            // Only a bug in sprag leads here.
            let report = stop_all(&self.app, StopReason::SupervisorFailed).await;
            self.app.publish(report);
        }
    }

    /// Frees the name, unless another child has it already.
    fn free_name(&self) {
        self.parent.child_list().remove(&self.name, &self.erased());
    }

    /// The message of the child's failed task. The task's own thread made the text, since
    /// the `Display` of an error is users' code.
    fn failed_task(&self) -> Option<String> {
        self.app.services[0].scope().counters().unhealthy()
    }

    fn erased(&self) -> ErasedChild {
        Arc::<AppState>::clone(&self.app)
    }

    /// Passes a failure that the child does not handle itself to its parent, whose rule
    /// decides as for a task.
    fn escalate(&self, reason: &StopReason) {
        let StopReason::Failed { service, error } = reason else { return };
        if self.app.services[0].scope().on_failure() == OnFailure::stop_alone() {
            return;
        }
        let (context, error) = (self.parent.context(), Arc::clone(error));
        match self.parent.on_failure().action {
            Action::StopApp | Action::StopAlone => {
                context.request_stop(StopReason::Failed { service: Arc::clone(service), error });
            }
            action @ Action::Restart { .. } => {
                context.report_failure(ServiceFailure {
                    scope: self.parent.clone(),
                    action,
                    error,
                });
            }
            Action::Report => {
                let why = self.failed_task().unwrap_or_else(|| "it failed to restart".to_owned());
                self.parent.counters().set_unhealthy(format!("child `{}`: {why}", self.name));
            }
        }
    }

    /// Counts an unclean end, unless the parent's own report or the error of the start
    /// contains it.
    fn note(&self, report: &StopReport) {
        let by_parent = matches!(report.reason(), StopReason::ParentStopped);
        let has_started = self.app.services[0].state(|state| state.started);
        if by_parent || !has_started || report.is_clean() {
            return;
        }
        let step = || report.services().iter().find_map(what_failed);
        let why = self.failed_task().or_else(step).unwrap_or_else(|| "it failed".to_owned());
        self.parent.counters().failed(&CHILD.into(), &format!("{}: {why}", self.name));
    }
}

/// The first step, or the first hook, of a child that did not stop cleanly.
fn what_failed(service: &ServiceReport) -> Option<String> {
    let step = service.steps().iter().find(|step| step.ended() > Ended::Finished);
    let failure = || service.failures().first().map(ToString::to_string);
    let child = || service.children().iter().find_map(what_failed);
    step.map(ToString::to_string).or_else(failure).or_else(child)
}

impl Drop for Life {
    fn drop(&mut self) {
        if !self.app.is_stopped() {
            let reason = StopReason::SupervisorFailed;
            self.app.publish(self.app.report_of(reason, std::time::Duration::ZERO));
        }
        self.free_name();
    }
}

impl LifeObserver for Life {
    fn stops(&self, reason: &StopReason) {
        self.escalate(reason);
    }

    /// Frees the name before the report is published, so that the reader of the report can
    /// use the name again.
    fn stopped(&self, report: &StopReport) {
        self.note(report);
        self.free_name();
    }
}

impl ChildError {
    /// The error for the parameters of `new` that were not found.
    pub(super) fn missing(child: &Arc<str>, types: &[&'static str]) -> Option<Self> {
        let types: Vec<String> = types.iter().map(|ty| format!("`{ty}`")).collect();
        let error = || Self::Missing { child: Arc::clone(child), types: types.join(", ") };
        (!types.is_empty()).then(error)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::runtime::Handle as Runtime;

    use super::*;
    use crate::app::Step;
    use crate::app::graph::ServiceOrder;
    use crate::bus::Bus;
    use crate::error::Error;
    use crate::service::{AppContext, HookFailures};

    fn service(ended: &[Ended]) -> ServiceReport {
        let step = |ended: &Ended| Step::new("on_stop", *ended, None, Duration::ZERO);
        let steps = ended.iter().map(step).collect();
        ServiceReport { steps, ..ServiceReport::not_stopped(&"child".into()) }
    }

    #[test]
    fn s10_the_first_loss_of_a_child_is_the_reason_that_its_parent_counts() {
        let failures = || vec![HookFailures::of_step("next", 1, "empty".into())];
        let well = service(&[Ended::Finished]);
        assert_eq!(what_failed(&well), None);
        let step = service(&[Ended::Finished, Ended::Aborted, Ended::Leaked]);
        let step = ServiceReport { failures: failures(), ..step };
        assert_eq!(what_failed(&step).as_deref(), Some("on_stop aborted in 0.0ns"));
        let hook = ServiceReport { failures: failures(), ..service(&[Ended::Finished]) };
        let of_hook = Some("next failed 1 times, the last time with: empty");
        assert_eq!(what_failed(&hook).as_deref(), of_hook);
        let parent = ServiceReport { children: vec![well, hook, step], ..service(&[]) };
        assert_eq!(what_failed(&parent).as_deref(), of_hook);
    }

    #[tokio::test]
    async fn s10_a_child_whose_life_is_dropped_frees_its_name_and_has_a_report() {
        let parent =
            Scope::in_context("rooms", AppContext::new("rooms", Runtime::current(), Bus::new()));
        let scope = Scope::in_context("rooms/attic", parent.context().child("rooms/attic".into()));
        let slot = Arc::new(ServiceSlot::new("rooms/attic"));
        let context = Arc::clone(scope.context());
        let create: crate::app::shared::Factory =
            Box::new(|_| Box::pin(async { Err(Error::msg("no attic")) }));
        let cell = ServiceCell::new("rooms/attic", slot, scope, create);
        let order = ServiceOrder::single();
        let app = Arc::new(AppState::new(context, Limits::new(), vec![cell], order));
        let name: Arc<str> = "attic".into();
        let add = || parent.child_list().add(Arc::clone(&name), Arc::<AppState>::clone(&app));
        assert!(add().is_ok() && add().is_err());

        let life = Life { app: Arc::clone(&app), parent: parent.clone(), name: Arc::clone(&name) };
        drop(life);

        let report = app.stopped().await;
        assert!(matches!(report.reason(), StopReason::SupervisorFailed), "{report}");
        assert!(add().is_ok(), "the name is free");
    }
}
