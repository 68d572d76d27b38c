//! [`StopReport`]: what ended how, and how long it took.

use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::service::{Health, StopReason};

/// How an app stopped. Cloning costs a counter.
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
    pub fn reason(&self) -> &StopReason {
        &self.inner.reason
    }

    /// The services that had been started, in the order in which they had stopped.
    pub fn services(&self) -> &[ServiceReport] {
        &self.inner.services
    }

    /// The service called `name`, as `app!` writes it.
    pub fn service(&self, name: &str) -> Option<&ServiceReport> {
        self.services().iter().find(|service| service.name() == name)
    }

    /// How long the stop took.
    pub fn took(&self) -> Duration {
        self.inner.took
    }

    /// Whether every step ended by itself or, for tasks, when it was aborted.
    pub fn is_clean(&self) -> bool {
        self.services().iter().all(|service| service.ended() <= Ended::Aborted)
    }

    /// Success if the stop was asked for, by whomever, and was clean.
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
#[derive(Clone, Debug)]
pub struct ServiceReport {
    pub(crate) name: Arc<str>,
    pub(crate) steps: Vec<Step>,
    pub(crate) took: Duration,
}

impl ServiceReport {
    /// The service, as `app!` writes it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it ended: as the worst of its steps.
    pub fn ended(&self) -> Ended {
        self.steps.iter().map(Step::ended).max().unwrap_or(Ended::Joined)
    }

    /// What was done, in order: `on_stop`, the tasks by name, and those releases
    /// that did not end as they should. Before them, the `new` or `on_start` that was
    /// given up and blocks a thread still, if there was one.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The first step called `name`.
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name() == name)
    }

    /// How long its stop took.
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

    /// How it ended.
    pub fn ended(&self) -> Ended {
        self.ended
    }

    /// What it failed or panicked with.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// How long it took.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppHealth {
    pub(crate) services: Vec<(Arc<str>, Health)>,
}

impl AppHealth {
    /// As the worst of its services, which the reason names.
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
    pub fn services(&self) -> impl Iterator<Item = (&str, &Health)> {
        self.services.iter().map(|(name, health)| (&**name, health))
    }

    /// How the service called `name` is.
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
