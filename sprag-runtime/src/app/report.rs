//! [`StopReport`]: how every part of an app ended, and how long each took.

use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::service::StopReason;

/// How an app stopped. Cloning costs a counter.
///
/// [`Display`](fmt::Display) writes a line for the app, a line for each service and a
/// line for each step that did not finish.
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// use sprag::app::StopReason;
///
/// let report = Hub::start().await?.stop().await;
/// println!("{report}"); // `Hub` stopped in 1.2ms, because it was asked to …
/// assert!(report.is_clean(), "{report}");
/// assert!(matches!(report.reason(), StopReason::Asked));
/// assert_eq!(report.services().len(), 1);
/// assert!(report.service("Player").expect("it is in the app").took() <= report.took());
/// assert_eq!(report.exit_code(), std::process::ExitCode::SUCCESS);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct StopReport {
    data: Arc<ReportData>,
}

#[derive(Debug)]
struct ReportData {
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
        Self { data: Arc::new(ReportData { app, reason, services, took }) }
    }

    /// Why the app stopped: the first reason, if there were several.
    pub fn reason(&self) -> &StopReason {
        &self.data.reason
    }

    /// The services whose start had begun, in the order in which they stopped.
    pub fn services(&self) -> &[ServiceReport] {
        &self.data.services
    }

    /// The service `name`, as `app!` writes it.
    pub fn service(&self, name: &str) -> Option<&ServiceReport> {
        self.services().iter().find(|service| service.name() == name)
    }

    /// How long the stop took.
    pub fn took(&self) -> Duration {
        self.data.took
    }

    /// Whether every step finished by itself or, for tasks, was aborted.
    ///
    /// An error, a panic, a hook that took too long and a leak are not clean.
    pub fn is_clean(&self) -> bool {
        self.services().iter().all(|service| service.ended() <= Ended::Aborted)
    }

    /// `SUCCESS` if the stop was requested (by anyone) and is clean, else `FAILURE`.
    ///
    /// `run` returns this.
    pub fn exit_code(&self) -> ExitCode {
        let requested = matches!(
            self.reason(),
            StopReason::Asked
                | StopReason::Dropped
                | StopReason::Shutdown { .. }
                | StopReason::Signal(_)
        );
        if requested && self.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl fmt::Display for StopReport {
    /// One line for the app, one for each service, one for each step that did not
    /// finish.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReportData { app, reason, services, took } = &*self.data;
        write!(f, "`{app}` stopped in {took:.1?}, because {reason}")?;
        services.iter().try_for_each(|service| write!(f, "\n{service}"))
    }
}

/// How one service stopped.
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// use sprag::app::Ended;
///
/// let report = Hub::start().await?.stop().await;
/// let player = &report.services()[0];
/// assert_eq!((player.name(), player.ended()), ("Player", Ended::Finished));
/// assert_eq!(player.steps()[0].name(), "on_stop");
/// assert_eq!(player.step("on_stop").expect("it has one").error(), None);
/// assert!(player.took() <= report.took());
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
    /// The service's name, as `app!` writes it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the service ended: like the worst of its steps.
    pub fn ended(&self) -> Ended {
        self.steps.iter().map(Step::ended).max().unwrap_or(Ended::Finished)
    }

    /// The steps in order: `on_stop`, the tasks by name, and the releases that did not
    /// finish. A `new` or `on_start` that timed out and still blocks a thread comes
    /// before them.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The first step with this name.
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name() == name)
    }

    /// How long the service's stop took.
    pub fn took(&self) -> Duration {
        self.took
    }
}

impl fmt::Display for ServiceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  `{}` {} in {:.1?}", self.name, self.ended(), self.took)?;
        let mut unfinished = self.steps.iter().filter(|step| step.ended > Ended::Finished);
        unfinished.try_for_each(|step| write!(f, "\n    {step}"))
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
/// # use sprag::app::Ended;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let report = Hub::start().await?.stop().await;
/// let step = &report.services()[0].steps()[0];
/// println!("{step}"); // on_stop failed in 0.1ms: no screen
/// assert_eq!((step.name(), step.ended()), ("on_stop", Ended::Failed));
/// assert_eq!(step.error(), Some("no screen"));
/// assert!(step.took() <= report.took());
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
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the step ended.
    pub fn ended(&self) -> Ended {
        self.ended
    }

    /// The error or the panic message that the step ended with.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// How long the step took.
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

/// How a step ended. Worse is greater.
///
/// A report is clean if no step is worse than `Aborted`.
///
/// ```
/// # use sprag::app::Ended;
/// assert!(Ended::Leaked > Ended::TimedOut && Ended::Aborted > Ended::Finished);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Ended {
    /// The step finished by itself.
    Finished,
    /// The step did not finish within the grace and was aborted, or its runtime
    /// ended.
    Aborted,
    /// The step returned an error.
    Failed,
    /// The step panicked.
    Panicked,
    /// The step was a hook that took too long, and was aborted.
    TimedOut,
    /// The step took too long and could not be aborted: it still blocks a thread.
    Leaked,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finished => "finished",
            Self::Aborted => "aborted",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed out",
            Self::Leaked => "leaked",
        })
    }
}
