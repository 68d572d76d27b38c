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
            StopReason::Shutdown { code, .. } if well || *code != 0 => ExitCode::from(*code),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    const MILLISECOND: Duration = Duration::from_millis(1);

    fn step(name: &'static str, ended: Ended, error: Option<&str>) -> Step {
        Step::new(name, ended, error.map(str::to_owned), MILLISECOND)
    }

    fn service(name: &str, steps: Vec<Step>) -> ServiceReport {
        let mut report = ServiceReport::not_stopped(&name.into());
        report.steps = steps;
        report.took = 2 * MILLISECOND;
        report
    }

    fn report(reason: StopReason, services: Vec<ServiceReport>) -> StopReport {
        StopReport::new("hub".into(), reason, services, 3 * MILLISECOND)
    }

    fn failures() -> Vec<HookFailures> {
        vec![HookFailures::of_step("next", 2, "empty".into())]
    }

    #[test]
    fn s5_the_text_of_a_report_has_a_line_for_each_loss() {
        let well = || vec![step("on_stop", Ended::Finished, None)];
        let mut player = service("player", well());
        player.steps.extend([
            step("poll", Ended::Aborted, None).times(2),
            step("queue", Ended::Lost, Some("full")).times(3),
            step("release", Ended::Panicked, Some("no screen")),
        ]);
        player.failures = failures();
        let (quiet, late) = (
            service("quiet", well()),
            service("late", vec![step("on_stop", Ended::TimedOut, None)]),
        );
        let failed = ServiceReport { failures: failures(), ..service("failed", well()) };
        player.children = vec![quiet, late, failed];
        let text = report(StopReason::Dropped, vec![player, service("screen", well())]).to_string();
        let lines = [
            "`hub` stopped in 3.0ms, because the app was dropped",
            "  `player` timed out in 2.0ms",
            "    poll aborted × 2 in 1.0ms",
            "    queue lost 3 in 1.0ms: full",
            "    release panicked in 1.0ms: no screen",
            "    while it ran, next failed 2 times, the last time with: empty",
            "  `late` timed out in 2.0ms",
            "    on_stop timed out in 1.0ms",
            "  `failed` finished in 2.0ms",
            "    while it ran, next failed 2 times, the last time with: empty",
            "  `screen` finished in 2.0ms",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    }

    #[test]
    fn s5_a_service_ends_as_the_worst_of_its_steps_and_children() {
        let mut player = service("player", vec![]);
        assert_eq!(player.ended(), Ended::Finished);
        player.steps = vec![step("a", Ended::Failed, None), step("b", Ended::Lost, None)];
        assert_eq!(player.ended(), Ended::Failed);
        player.children = vec![service("child", vec![step("a", Ended::Leaked, None)])];
        assert_eq!(player.ended(), Ended::Leaked);
        let names = |report: &ServiceReport| {
            report.children().iter().map(|c| c.name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(&player), ["child"]);
        let found = player.step("b").map(|step| (step.name(), step.count(), step.took()));
        assert_eq!(found, Some(("b", 1, MILLISECOND)));
        assert_eq!((player.took(), player.step("c").is_none()), (2 * MILLISECOND, true));
    }

    #[test]
    fn s5_unfinished_steps_are_failures_of_a_service() {
        let mut player = service(
            "player",
            vec![
                step("on_stop", Ended::Finished, None),
                step("poll", Ended::Aborted, None).times(2),
                step("release", Ended::Failed, Some("no screen")),
            ],
        );
        player.failures = failures();
        let all: Vec<_> = player.all_failures().iter().map(ToString::to_string).collect();
        assert_eq!(
            all,
            [
                "next failed 2 times, the last time with: empty",
                "poll failed 2 times, the last time with: aborted",
                "release failed 1 times, the last time with: no screen",
            ]
        );
    }

    #[test]
    fn s5_a_service_that_was_not_stopped_says_so() {
        let text = ServiceReport::not_stopped(&"player".into()).to_string();
        let step = "    stop skipped in 0.0ns: the supervisor failed; the service was not stopped";
        assert_eq!(text.lines().collect::<Vec<_>>(), ["  `player` skipped in 0.0ns", step]);
    }

    /// Whether a report of this reason is clean, and its exit code.
    fn verdict(reason: StopReason, services: Vec<ServiceReport>) -> (bool, ExitCode) {
        let report = report(reason, services);
        (report.is_clean(), report.exit_code())
    }

    #[test]
    fn s5_a_report_is_clean_and_successful_if_the_stop_was_requested_and_all_finished() {
        let shutdown = |code| StopReason::Shutdown { service: "player".into(), code };
        let failed =
            || StopReason::Failed { service: "player".into(), error: Error::msg("x").into() };
        let well = || vec![service("player", vec![step("on_stop", Ended::Finished, None)])];
        let aborted = || vec![service("player", vec![step("poll", Ended::Aborted, None)])];
        for (reason, code) in [
            (StopReason::Requested, 0),
            (StopReason::Dropped, 0),
            (StopReason::Signal("SIGTERM"), 0),
            (shutdown(0), 0),
            (shutdown(1), 1),
            (shutdown(7), 7),
        ] {
            let ill = code.max(1).into();
            assert_eq!(verdict(reason.clone(), well()), (true, code.into()), "{reason}");
            assert_eq!(verdict(reason.clone(), aborted()), (false, ill), "{reason}");
        }
        for (reason, is_clean) in [
            (StopReason::ParentStopped, true),
            (StopReason::NotStarted, true),
            (StopReason::RuntimeEnded, false),
            (StopReason::SupervisorFailed, false),
            (failed(), false),
        ] {
            assert_eq!(verdict(reason.clone(), well()), (is_clean, ExitCode::FAILURE), "{reason}");
        }
    }

    #[test]
    fn s5_a_hook_that_failed_makes_a_report_unclean_and_not_unsuccessful() {
        let mut parent = service("parent", vec![]);
        parent.children = vec![ServiceReport { failures: failures(), ..service("child", vec![]) }];
        let own = ServiceReport { failures: failures(), ..service("player", vec![]) };
        for services in [vec![own], vec![parent]] {
            assert_eq!(verdict(StopReason::Requested, services), (false, ExitCode::SUCCESS));
        }
    }

    #[test]
    fn the_end_of_a_step_has_a_name() {
        let ends = [
            Ended::Finished,
            Ended::Aborted,
            Ended::Skipped,
            Ended::Lost,
            Ended::Failed,
            Ended::Panicked,
            Ended::TimedOut,
            Ended::Leaked,
        ];
        assert!(ends.is_sorted(), "a worse end is greater");
        let names = ends.map(|end| end.to_string());
        assert_eq!(
            names.join(", "),
            "finished, aborted, skipped, lost, failed, panicked, timed out, leaked"
        );
    }
}
