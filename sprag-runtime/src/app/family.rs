//! The children of a service, as its stop and its health check need them.

use std::sync::Arc;

use super::budget::Budget;
use super::report::ServiceReport;
use super::shared::AppState;
use crate::service::{ErasedChild, Scope, StopReason};

/// The state of the app, or of the child, that `scope` belongs to.
pub(super) fn state_of(scope: &Scope) -> Option<Arc<AppState>> {
    scope.context().app()?.downcast().ok()
}

/// The children of a scope that have not stopped.
pub(super) fn children_of(scope: &Scope) -> Vec<Arc<AppState>> {
    states(scope.child_list().all())
}

fn states(children: Vec<ErasedChild>) -> Vec<Arc<AppState>> {
    children.into_iter().filter_map(|child| child.downcast().ok()).collect()
}

/// Refuses new children and stops the existing ones, all at the same time.
pub(super) async fn stop_children(scope: &Scope, budget: Budget) -> Vec<ServiceReport> {
    let children = states(scope.child_list().close());
    for child in &children {
        child.stop_within(budget);
        child.context.request_stop(StopReason::ParentStopped);
    }
    let mut reports = Vec::new();
    for child in children {
        let report = child.stopped().await;
        reports.extend(report.services().iter().cloned());
    }
    reports.sort_by_key(|report| report.stopped);
    reports
}
