//! [`StopReport`]: what ended how, and how long it took.

use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::service::{Health, StopReason};

/// How an app stopped. Cloning costs a counter.
///
/// [`Display`](fmt::Display) is for a log: a line for each service and each bad step.
///
/// ```
/// # use sprag::prelude::*;
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let hub = Hub::start().await?;
/// # let report = hub.stop().await;
/// println!("{report}"); // `Hub` stopped in 1.2ms, because it was asked to …
/// assert!(report.is_clean());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct StopReport {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    app: Arc<str>,
    reason: StopReason,
    services: Vec<ServiceReport>,
    took: Duration,
}

impl StopReport {
    pub(crate) fn new(
        app: Arc<str>,
        reason: StopReason,
        services: Vec<ServiceReport>,
        took: Duration,
    ) -> Self {
        Self { inner: Arc::new(Inner { app, reason, services, took }) }
    }

    /// Why it stopped.
    ///
    /// The first one, where there were several.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # use sprag::StopReason;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let report = hub.stop().await;
    /// assert!(matches!(report.reason(), StopReason::Asked));
    /// # Ok(())
    /// # }
    /// ```
    pub fn reason(&self) -> &StopReason {
        &self.inner.reason
    }

    /// The services that had been started, in the order in which they had stopped.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let report = hub.stop().await;
    /// assert_eq!(report.services().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn services(&self) -> &[ServiceReport] {
        &self.inner.services
    }

    /// The service called `name`, as `app!` writes it.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let report = hub.stop().await;
    /// assert!(report.service("Player").is_some());
    /// assert!(report.service("Mailer").is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn service(&self, name: &str) -> Option<&ServiceReport> {
        self.services().iter().find(|service| service.name() == name)
    }

    /// How long the stop took.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let report = hub.stop().await;
    /// assert!(report.took() < Duration::from_secs(25));
    /// # Ok(())
    /// # }
    /// ```
    pub fn took(&self) -> Duration {
        self.inner.took
    }

    /// Whether every step ended by itself or, for tasks, when it was aborted.
    ///
    /// An error, a panic, a hook that took too long and a leak are not clean.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let report = hub.stop().await;
    /// assert!(report.is_clean(), "{report}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_clean(&self) -> bool {
        self.services().iter().all(|service| service.ended() <= Ended::Aborted)
    }

    /// Success if the stop was asked for, by whomever, and was clean.
    ///
    /// What `run` gives the process.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let report = hub.stop().await;
    /// assert_eq!(report.exit_code(), std::process::ExitCode::SUCCESS);
    /// # Ok(())
    /// # }
    /// ```
    pub fn exit_code(&self) -> ExitCode {
        let asked = matches!(
            self.reason(),
            StopReason::Asked
                | StopReason::Dropped
                | StopReason::Shutdown { .. }
                | StopReason::Signal(_)
        );
        if asked && self.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl fmt::Display for StopReport {
    /// One line for the app, one for each service, one for each step that did not
    /// end as it should.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { app, reason, services, took } = &*self.inner;
        write!(f, "`{app}` stopped in {took:.1?}, because {reason}")?;
        services.iter().try_for_each(|service| write!(f, "\n{service}"))
    }
}

/// How one service stopped.
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct Player;
/// # #[service]
/// # impl Player { fn new() -> Self { Self } }
/// # app! { pub Hub { Player } }
/// # use sprag::Ended;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let hub = Hub::start().await?;
/// # let report = hub.stop().await;
/// let player = &report.services()[0];
/// assert_eq!((player.name(), player.ended()), ("Player", Ended::Joined));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ServiceReport {
    pub(crate) name: Arc<str>,
    pub(crate) steps: Vec<Step>,
    pub(crate) took: Duration,
}

impl ServiceReport {
    /// The service, as `app!` writes it.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let report = hub.stop().await;
    /// assert_eq!(report.services()[0].name(), "Player");
    /// # Ok(())
    /// # }
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it ended: as the worst of its steps.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     fn on_stop(&self) -> sprag::Result<()> { Err(sprag::Error::msg("no screen")) }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # use sprag::Ended;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let report = hub.stop().await;
    /// // Its `on_stop` returned an error.
    /// assert_eq!(report.services()[0].ended(), Ended::Failed);
    /// # Ok(())
    /// # }
    /// ```
    pub fn ended(&self) -> Ended {
        self.steps.iter().map(Step::ended).max().unwrap_or(Ended::Joined)
    }

    /// What was done, in order: `on_stop`, the tasks by name, and those releases
    /// that did not end as they should. Before them, the `new` or `on_start` that was
    /// given up and blocks a thread still, if there was one.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     fn on_stop(&self) -> sprag::Result<()> { Err(sprag::Error::msg("no screen")) }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # use sprag::Ended;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let report = hub.stop().await;
    /// let steps = report.services()[0].steps();
    /// assert_eq!(steps[0].name(), "on_stop");
    /// # Ok(())
    /// # }
    /// ```
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The first step called `name`.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     fn on_stop(&self) -> sprag::Result<()> { Err(sprag::Error::msg("no screen")) }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # use sprag::Ended;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let report = hub.stop().await;
    /// let on_stop = report.services()[0].step("on_stop").expect("it has one");
    /// assert_eq!(on_stop.error(), Some("no screen"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name() == name)
    }

    /// How long its stop took.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let report = hub.stop().await;
    /// assert!(report.services()[0].took() <= report.took());
    /// # Ok(())
    /// # }
    /// ```
    pub fn took(&self) -> Duration {
        self.took
    }
}

impl fmt::Display for ServiceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  `{}` {} in {:.1?}", self.name, self.ended(), self.took)?;
        let bad = self.steps.iter().filter(|step| step.ended > Ended::Joined);
        bad.into_iter().try_for_each(|step| write!(f, "\n    {step}"))
    }
}

/// One step of a service's stop.
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct Player;
/// # #[service]
/// # impl Player {
/// #     fn new() -> Self { Self }
/// #     fn on_stop(&self) -> sprag::Result<()> { Err(sprag::Error::msg("no screen")) }
/// # }
/// # app! { pub Hub { Player } }
/// # use sprag::Ended;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let hub = Hub::start().await?;
/// # let report = hub.stop().await;
/// for step in report.services().iter().flat_map(|service| service.steps()) {
///     println!("{step}"); // on_stop failed in 0.1ms: no screen
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Step {
    pub(crate) name: String,
    pub(crate) ended: Ended,
    pub(crate) error: Option<String>,
    pub(crate) took: Duration,
}

impl Step {
    /// `new`, `on_start`, `unsubscribe`, `on_stop`, `release`, or the task's name.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     fn on_stop(&self) -> sprag::Result<()> { Err(sprag::Error::msg("no screen")) }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let report = Hub::start().await?.stop().await;
    /// let step = &report.services()[0].steps()[0];
    /// assert_eq!(step.name(), "on_stop");
    /// # Ok(())
    /// # }
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it ended.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     fn on_stop(&self) -> sprag::Result<()> { Err(sprag::Error::msg("no screen")) }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # use sprag::Ended;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let report = Hub::start().await?.stop().await;
    /// let step = &report.services()[0].steps()[0];
    /// assert_eq!(step.ended(), Ended::Failed);
    /// # Ok(())
    /// # }
    /// ```
    pub fn ended(&self) -> Ended {
        self.ended
    }

    /// What it failed or panicked with.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     fn on_stop(&self) -> sprag::Result<()> { Err(sprag::Error::msg("no screen")) }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let report = Hub::start().await?.stop().await;
    /// let step = &report.services()[0].steps()[0];
    /// assert_eq!(step.error(), Some("no screen"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// How long it took.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     fn on_stop(&self) -> sprag::Result<()> { Err(sprag::Error::msg("no screen")) }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let report = Hub::start().await?.stop().await;
    /// let step = &report.services()[0].steps()[0];
    /// assert!(step.took() <= report.took());
    /// # Ok(())
    /// # }
    /// ```
    pub fn took(&self) -> Duration {
        self.took
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} in {:.1?}", self.name, self.ended, self.took)?;
        self.error.as_ref().map_or(Ok(()), |error| write!(f, ": {error}"))
    }
}

/// How something ended. Worse is greater.
///
/// The report of a stop is clean where nothing is worse than `Aborted`.
///
/// ```
/// # use sprag::Ended;
/// assert!(Ended::Leaked > Ended::TimedOut && Ended::Aborted > Ended::Joined);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Ended {
    /// By itself.
    Joined,
    /// It did not end by itself within the grace, and was aborted; or the runtime
    /// that it ran on ended.
    Aborted,
    /// With an error.
    Failed,
    /// With a panic.
    Panicked,
    /// It was a hook that took too long, and was aborted.
    TimedOut,
    /// It took too long and could not be aborted: it blocks a thread still.
    Leaked,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Joined => "joined",
            Self::Aborted => "aborted",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed out",
            Self::Leaked => "leaked",
        })
    }
}

/// How an app and its services are.
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct Player;
/// # #[service]
/// # impl Player {
/// #     fn new() -> Self { Self }
/// #     #[health]
/// #     fn health(&self) -> Health { Health::degraded("no screen") }
/// # }
/// # app! { pub Hub { Player } }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let hub = Hub::start().await?;
/// # let health = hub.health().await;
/// for (service, health) in health.services() {
///     println!("{service} is {health}");
/// }
/// assert!(!health.status().is_healthy());
/// # hub.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppHealth {
    pub(crate) services: Vec<(Arc<str>, Health)>,
}

impl AppHealth {
    /// As the worst of its services, which the reason names.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     #[health]
    /// #     fn health(&self) -> Health { Health::degraded("no screen") }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let health = hub.health().await;
    /// assert_eq!(health.status(), Health::Degraded("`Player`: no screen".into()));
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn status(&self) -> Health {
        let worst =
            self.services.iter().reduce(|a, b| if severity(b) > severity(a) { b } else { a });
        match worst {
            Some((name, Health::Degraded(why))) => Health::Degraded(format!("`{name}`: {why}")),
            Some((name, Health::Unhealthy(why))) => Health::Unhealthy(format!("`{name}`: {why}")),
            Some((_, Health::Healthy)) | None => Health::Healthy,
        }
    }

    /// Each service and how it is, in the order of `app!`. Services without a
    /// `#[health]` hook are healthy while they run.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     #[health]
    /// #     fn health(&self) -> Health { Health::degraded("no screen") }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let health = hub.health().await;
    /// assert!(health.services().all(|(_, health)| *health < Health::unhealthy("")));
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn services(&self) -> impl Iterator<Item = (&str, &Health)> {
        self.services.iter().map(|(name, health)| (&**name, health))
    }

    /// How the service called `name` is.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     #[health]
    /// #     fn health(&self) -> Health { Health::degraded("no screen") }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// # let health = hub.health().await;
    /// assert_eq!(health.service("Player").and_then(Health::reason), Some("no screen"));
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
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
