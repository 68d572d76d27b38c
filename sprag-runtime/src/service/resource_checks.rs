//! [`ResourceChecks`]: how well the resources of one life of a service work.

use std::sync::Arc;

use crate::health::{Health, ResourceCheck};
use crate::isolate::isolated;
use crate::sync::Mutex;

/// The checks of the resources that have one, in the order in which they were owned.
#[derive(Default)]
pub(crate) struct ResourceChecks {
    /// Checks are called outside this lock.
    checks: Mutex<Vec<Arc<ResourceCheck>>>,
}

impl ResourceChecks {
    /// Adds the check of a resource; `None` is a resource without one.
    pub(super) fn add(&self, check: Option<ResourceCheck>) {
        if let Some(check) = check {
            self.checks.lock().push(Arc::new(check));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.checks.lock().is_empty()
    }

    /// The health of the worst resource; of several equally bad ones, that of the first.
    pub(crate) fn worst(&self) -> Health {
        let checks = self.checks.lock().clone();
        let found = checks.iter().map(|check| {
            let health = isolated(&"the check of a resource", || check());
            health.unwrap_or_else(|| Health::unhealthy("the check of a resource panicked"))
        });
        found.fold(Health::Healthy, Health::worse)
    }
}
