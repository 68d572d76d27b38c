//! [`AppHealth`]: the health of an app and of each of its services.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::service::{Health, HookFailures, QueueDepth, RunningHook};

/// A call that has been running for this long is a line of its own.
const LONG: Duration = Duration::from_secs(1);

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

/// The health of one service, its failures and its queues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceHealth {
    pub(crate) name: Arc<str>,
    pub(crate) health: Health,
    pub(crate) failures: Vec<HookFailures>,
    pub(crate) queues: Vec<QueueDepth>,
    pub(crate) running: Vec<RunningHook>,
    pub(crate) restarts: u64,
}

impl AppHealth {
    /// The health of the worst service. Its reason begins with the service's name.
    pub fn status(&self) -> Health {
        let worst = self
            .services
            .iter()
            .reduce(|a, b| if b.health.severity() > a.health.severity() { b } else { a });
        let Some(ServiceHealth { name, health, .. }) = worst else { return Health::Healthy };
        match health {
            Health::Degraded(why) => Health::Degraded(format!("`{name}`: {why}")),
            Health::Unhealthy(why) => Health::Unhealthy(format!("`{name}`: {why}")),
            Health::Healthy => Health::Healthy,
        }
    }

    /// Each service and its health, in the order of `app!`. A service without a
    /// `#[health]` hook is healthy while it runs and its resources are healthy.
    pub fn services(&self) -> impl Iterator<Item = (&str, &Health)> {
        self.services.iter().map(|service| (&*service.name, &service.health))
    }

    /// The health of the service `name`.
    pub fn service(&self, name: &str) -> Option<&Health> {
        self.services().find_map(|(service, health)| (service == name).then_some(health))
    }

    /// The hooks of the service `name` that failed, or lost an event, since the service
    /// started. Such failures alone do not change the service's health.
    pub fn failures(&self, name: &str) -> &[HookFailures] {
        self.find(name).map_or(&[], |service| &service.failures)
    }

    /// How many jobs of each worker of the service `name` wait and run, including those of
    /// its children.
    pub fn queues(&self, name: &str) -> &[QueueDepth] {
        self.find(name).map_or(&[], |service| &service.queues)
    }

    /// The hooks of the service `name` whose calls have not returned, including those of its
    /// children: intervals, watches, listeners and workers, and how long each has been
    /// running.
    ///
    /// A call that hangs changes neither the health nor the counters, since no call has a
    /// limit of its own: a job may take hours. `tokio::time::timeout` in the method makes
    /// such a call a failure, and the next call follows. A call that blocks its thread
    /// cannot be ended.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::time::Duration;
    /// # pub struct Mounts { seen: Store<usize> }
    /// #[service(own(seen))]
    /// impl Mounts {
    ///     fn new() -> Self {
    ///         Self { seen: create_store("seen", 0) }
    ///     }
    ///
    ///     #[watch(poll = "5s", into = seen)]
    ///     async fn mounts(&self) -> usize {
    ///         std::future::pending().await // a file system that does not answer
    ///     }
    /// }
    ///
    /// app! { Hub { Mounts } }
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread()
    /// #     .enable_all().start_paused(true).build().unwrap();
    /// # runtime.block_on(async {
    /// # let hub = Hub::start().await.unwrap();
    /// tokio::time::sleep(Duration::from_secs(60)).await;
    /// let health = hub.health().await;
    /// let hanging = &health.running("Mounts")[0];
    /// assert_eq!(hanging.to_string(), "mounts has been running for 60.0 s");
    /// # hub.stop().await;
    /// # });
    /// ```
    pub fn running(&self, name: &str) -> &[RunningHook] {
        self.find(name).map_or(&[], |service| &service.running)
    }

    /// How often the service `name` has restarted, because it or a service that it depends on
    /// failed.
    pub fn restarts(&self, name: &str) -> u64 {
        self.find(name).map_or(0, |service| service.restarts)
    }

    fn find(&self, name: &str) -> Option<&ServiceHealth> {
        self.services.iter().find(|service| *service.name == *name)
    }
}

impl fmt::Display for AppHealth {
    /// Writes one line for each service, and one for each hook that failed, each worker,
    /// and each hook with a call that has been running for a second or longer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.services.iter();
        lines.try_for_each(|ServiceHealth { name, health, failures, queues, running, restarts }| {
            writeln!(f, "`{name}` is {health}")?;
            if *restarts > 0 {
                writeln!(f, "  restarted {restarts} times")?;
            }
            failures.iter().try_for_each(|hook| writeln!(f, "  {hook}"))?;
            queues.iter().try_for_each(|queue| writeln!(f, "  {queue}"))?;
            let mut long = running.iter().filter(|hook| hook.longest() >= LONG);
            long.try_for_each(|hook| writeln!(f, "  {hook}"))
        })
    }
}

#[cfg(test)]
#[cfg(feature = "test")]
mod tests {
    use tokio::time::{advance, sleep};

    use super::*;
    use crate::service::Scope;

    fn service(name: &str, health: Health, running: Vec<RunningHook>) -> ServiceHealth {
        let (failures, queues) = (Vec::new(), Vec::new());
        ServiceHealth { name: name.into(), health, failures, queues, running, restarts: 0 }
    }

    #[tokio::test(start_paused = true)]
    async fn s9_the_health_of_an_app_is_the_first_of_the_worst_and_names_what_hangs() {
        let scope = Scope::new("player");
        for hook in ["old", "new"] {
            let calls = scope.calls(hook.into());
            tokio::spawn(async move { calls.count(std::future::pending()).await });
            sleep(Duration::from_millis(500)).await;
        }
        let running = scope.running_calls().all();
        let services = vec![
            service("db", Health::Healthy, Vec::new()),
            service("player", Health::degraded("no screen"), running),
            service("lights", Health::degraded("no power"), Vec::new()),
        ];
        let mut health = AppHealth { services };
        assert_eq!(health.status(), Health::degraded("`player`: no screen"));
        let text = health.to_string();
        assert!(text.contains("old has been running for 1.0 s"), "{text}");
        assert!(!text.contains("new has") && !text.contains("restarted"), "{text}");

        health.services[0].health = Health::unhealthy("no disk");
        health.services[0].restarts = 2;
        assert_eq!(health.status(), Health::unhealthy("`db`: no disk"));
        assert!(health.to_string().contains("restarted 2 times"));
        advance(Duration::from_secs(1)).await;
    }
}
