//! [`StopReport`]: how every part of an app ended, and how long each took.

use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::service::{HookFailures, StopReason};
use crate::task::TaskName;

/// How an app stopped. Cloning costs a counter.
///
/// [`Display`](fmt::Display) writes a line for the app, a line for each service and a
/// line for each step that did not finish and each hook that failed.
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// use sprag::app::StopReason;
///
/// let report = Hub::start().await?.stop().await;
/// println!("{report}"); // `Hub` stopped in 1.2ms, because `stop` was called …
/// assert!(report.is_clean(), "{report}");
/// assert!(matches!(report.reason(), StopReason::Requested));
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

    /// Whether every step of every service finished, no hook failed or lost an event while
    /// the app ran, and no failure was the reason of the stop.
    ///
    /// Each of these makes a stop unclean: an error, a panic, an event that was not
    /// delivered, a job that was not done, a task that had to be aborted, a hook that took
    /// too long or never ran, a leak.
    pub fn is_clean(&self) -> bool {
        let failed = matches!(
            self.reason(),
            StopReason::Failed { .. } | StopReason::RuntimeEnded | StopReason::SupervisorFailed
        );
        !failed && self.is_finished() && !self.services().iter().any(ServiceReport::has_failures)
    }

    /// Whether every step of every service finished.
    fn is_finished(&self) -> bool {
        self.services().iter().all(|service| service.ended() == Ended::Finished)
    }

    /// `SUCCESS` if the stop was requested (by anyone) and every step finished, otherwise
    /// `FAILURE`; or the code of [`Scope::shutdown_with`]. Hooks that failed while the app
    /// ran do not count, since the app continued.
    ///
    /// `run` returns this.
    ///
    /// [`Scope::shutdown_with`]: crate::service::Scope::shutdown_with
    pub fn exit_code(&self) -> ExitCode {
        let requested = matches!(
            self.reason(),
            StopReason::Requested
                | StopReason::Dropped
                | StopReason::Shutdown { .. }
                | StopReason::Signal(_)
        );
        let well = requested && self.is_finished();
        match self.reason() {
            StopReason::Shutdown { code, .. } if well || *code > 1 => ExitCode::from(*code),
            _ if well => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for StopReport {
    /// Writes one line for the app, one for each service, and one for each step that did
    /// not finish and each hook that failed.
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
    /// The children that stopped with the service.
    pub(crate) children: Vec<ServiceReport>,
    pub(crate) failures: Vec<HookFailures>,
    pub(crate) took: Duration,
    /// When the service had stopped, measured from the beginning of the app's stop; `None`
    /// if it was not stopped.
    pub(crate) stopped: Option<Duration>,
}

impl ServiceReport {
    /// The report of a service that was not stopped, because the supervisor failed.
    pub(crate) fn not_stopped(name: &Arc<str>) -> Self {
        let error = Some("the supervisor failed; the service was not stopped".to_owned());
        let steps = vec![Step::new("stop", Ended::Skipped, error, Duration::ZERO)];
        Self {
            name: Arc::clone(name),
            steps,
            children: Vec::new(),
            failures: Vec::new(),
            took: Duration::ZERO,
            stopped: None,
        }
    }

    /// The failures of the hooks, with the unfinished steps as failures.
    pub(crate) fn all_failures(&self) -> Vec<HookFailures> {
        let unfinished = self.steps.iter().filter(|step| step.ended > Ended::Finished);
        let failures = unfinished.map(|step| {
            let error = step.error.clone().unwrap_or_else(|| step.ended.to_string());
            HookFailures::of_step(&step.name, step.count, error)
        });
        self.failures.iter().cloned().chain(failures).collect()
    }

    /// The service's name, as `app!` writes it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the service ended: the worst of its steps and of its children.
    pub fn ended(&self) -> Ended {
        let children = self.children.iter().map(Self::ended);
        self.steps.iter().map(Step::ended).chain(children).max().unwrap_or(Ended::Finished)
    }

    /// The steps in order: `on_stop`, the tasks by name, `on_stopped`.
    ///
    /// Other steps are listed only if they did not finish. Before `on_stop`: `new`,
    /// `on_start`, `unsubscribe`, `listen` (a call in flight) and the async listeners by
    /// name. After `on_stop`: the workers by name. Before `on_stopped`: `health`. At the
    /// end: each `release`. Tasks of one name that ended alike are one step.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The first step with this name.
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name() == name)
    }

    /// The children that stopped with the service, in the order in which they stopped.
    /// Those that had stopped before and were not clean are counted in
    /// [`failures`](Self::failures), under `child`.
    pub fn children(&self) -> &[Self] {
        &self.children
    }

    /// Whether a hook of the service or of a child failed while it ran.
    fn has_failures(&self) -> bool {
        !self.failures.is_empty() || self.children.iter().any(Self::has_failures)
    }

    /// The hooks that failed, or lost an event, while the service ran.
    pub fn failures(&self) -> &[HookFailures] {
        &self.failures
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
        unfinished.try_for_each(|step| write!(f, "\n    {step}"))?;
        self.failures.iter().try_for_each(|hook| write!(f, "\n    while it ran, {hook}"))?;
        let unclean = |child: &&Self| child.ended() > Ended::Finished || child.has_failures();
        self.children.iter().filter(unclean).try_for_each(|child| write!(f, "\n{child}"))
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
    pub(crate) name: TaskName,
    pub(crate) ended: Ended,
    pub(crate) error: Option<String>,
    pub(crate) took: Duration,
    pub(crate) count: usize,
}

impl Step {
    pub(crate) fn new(
        name: impl Into<TaskName>,
        ended: Ended,
        error: Option<String>,
        took: Duration,
    ) -> Self {
        Self { name: name.into(), ended, error, took, count: 1 }
    }

    /// The step of `count` things that ended alike.
    pub(crate) fn times(mut self, count: usize) -> Self {
        self.count = count;
        self
    }

    /// The name of the hook or the task, or `unsubscribe`, `listen`, `release`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the step ended.
    pub fn ended(&self) -> Ended {
        self.ended
    }

    /// How many tasks of this name ended alike, or how many events or jobs were lost; 1 for
    /// other steps.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The error or the panic message that the step ended with; with several, the first
    /// one.
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
        f.write_str(&self.name)?;
        match (self.ended, self.count) {
            (Ended::Lost, count) => write!(f, " lost {count} in {:.1?}", self.took)?,
            (ended, 1) => write!(f, " {ended} in {:.1?}", self.took)?,
            (ended, count) => write!(f, " {ended} × {count} in {:.1?}", self.took)?,
        }
        self.error.as_ref().map_or(Ok(()), |error| write!(f, ": {error}"))
    }
}

/// How a step ended. A worse end is greater.
///
/// A report is clean if every step is `Finished`.
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
    /// The step is a task that did not end within the grace, and was aborted.
    Aborted,
    /// The step never ran to its end, because the async runtime or the supervisor ended.
    Skipped,
    /// The step is an async listener that did not handle its waiting events within the
    /// grace, or a worker that did not finish its jobs. These events or jobs are lost.
    Lost,
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
            Self::Skipped => "skipped",
            Self::Lost => "lost",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed out",
            Self::Leaked => "leaked",
        })
    }
}
