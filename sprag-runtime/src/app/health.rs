//! [`AppHealth`]: the health of an app and of each of its services.

use std::sync::Arc;

use crate::service::Health;

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
/// # hub.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppHealth {
    pub(crate) services: Vec<(Arc<str>, Health)>,
}

impl AppHealth {
    /// The health of the worst service. Its reason begins with the service's name.
    pub fn status(&self) -> Health {
        let worst =
            self.services.iter().reduce(|a, b| if severity(b) > severity(a) { b } else { a });
        match worst {
            Some((name, Health::Degraded(why))) => Health::Degraded(format!("`{name}`: {why}")),
            Some((name, Health::Unhealthy(why))) => Health::Unhealthy(format!("`{name}`: {why}")),
            Some((_, Health::Healthy)) | None => Health::Healthy,
        }
    }

    /// Each service and its health, in the order of `app!`. A service without a
    /// `#[health]` hook is healthy while it runs.
    pub fn services(&self) -> impl Iterator<Item = (&str, &Health)> {
        self.services.iter().map(|(name, health)| (&**name, health))
    }

    /// The health of the service `name`.
    pub fn service(&self, name: &str) -> Option<&Health> {
        self.services().find_map(|(service, health)| (service == name).then_some(health))
    }
}

/// The rank of a health, whatever its reason.
fn severity((_, health): &(Arc<str>, Health)) -> u8 {
    match health {
        Health::Healthy => 0,
        Health::Degraded(_) => 1,
        Health::Unhealthy(_) => 2,
    }
}
