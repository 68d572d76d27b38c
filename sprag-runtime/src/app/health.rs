//! [`AppHealth`]: the health of an app and of each of its services.

use std::fmt;
use std::sync::Arc;

use crate::service::{Health, HookFailures};

/// The name of a service, its health, and its hooks that failed.
pub(crate) type ServiceHealth = (Arc<str>, Health, Vec<HookFailures>);

/// The health of an app and of each of its services.
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # use sprag::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let hub = Hub::start().await?;
/// let health = hub.health().await;
/// for (service, health) in health.services() {
///     println!("{service} is {health}"); // Player is degraded: no screen
/// }
/// assert_eq!(health.status(), Health::Degraded("`Player`: no screen".into()));
/// assert_eq!(health.service("Player").and_then(Health::reason), Some("no screen"));
/// assert!(health.failures("Player").is_empty());
/// # hub.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppHealth {
    pub(crate) services: Vec<ServiceHealth>,
}

impl AppHealth {
    /// The health of the worst service. Its reason begins with the service's name.
    pub fn status(&self) -> Health {
        let worst =
            self.services.iter().reduce(|a, b| if b.1.severity() > a.1.severity() { b } else { a });
        match worst {
            Some((name, Health::Degraded(why), _)) => Health::Degraded(format!("`{name}`: {why}")),
            Some((name, Health::Unhealthy(why), _)) => {
                Health::Unhealthy(format!("`{name}`: {why}"))
            }
            Some((_, Health::Healthy, _)) | None => Health::Healthy,
        }
    }

    /// Each service and its health, in the order of `app!`. A service without a
    /// `#[health]` hook is healthy while it runs.
    pub fn services(&self) -> impl Iterator<Item = (&str, &Health)> {
        self.services.iter().map(|(name, health, _)| (&**name, health))
    }

    /// The health of the service `name`.
    pub fn service(&self, name: &str) -> Option<&Health> {
        self.services().find_map(|(service, health)| (service == name).then_some(health))
    }

    /// The hooks of the service `name` that failed, or lost an event, since the service
    /// started. They do not change the service's health by themselves.
    pub fn failures(&self, name: &str) -> &[HookFailures] {
        let service = self.services.iter().find(|(service, ..)| **service == *name);
        service.map_or(&[], |(_, _, failures)| failures)
    }
}

impl fmt::Display for AppHealth {
    /// One line for each service, one for each hook that failed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.services.iter();
        lines.try_for_each(|(name, health, failures)| {
            writeln!(f, "`{name}` is {health}")?;
            failures.iter().try_for_each(|hook| writeln!(f, "  {hook}"))
        })
    }
}
