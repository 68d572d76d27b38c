//! [`HookCounters`]: how often the hooks of one service failed while it ran.

use std::collections::BTreeMap;
use std::fmt;

use crate::sync::Mutex;
use crate::task::TaskName;

/// The failures of one service's hooks.
#[derive(Default)]
pub(crate) struct HookCounters {
    /// No user code runs under this lock.
    hooks: Mutex<Failures>,
    /// The tasks that failed, which are steps in the report of a stop.
    tasks: Mutex<Failures>,
    /// Why the service is unhealthy, independent of its health check.
    unhealthy: Mutex<Option<String>>,
    /// The first error that the service gave as its own failure, and their number.
    given_up: Mutex<Option<(String, usize)>>,
}

type Failures = BTreeMap<TaskName, HookFailures>;

impl HookCounters {
    /// Counts a call of `hook` that failed with `error`.
    pub(crate) fn failed(&self, hook: &TaskName, error: &str) {
        change(&self.hooks, hook, |failures| failures.add(error));
    }

    /// Counts a task that failed while the app goes on.
    pub(crate) fn task_failed(&self, task: &TaskName, error: &str) {
        change(&self.tasks, task, |failures| failures.add(error));
        self.set_unhealthy(format!("task `{task}` failed: {error}"));
    }

    /// Records `error` as a failure of the service itself, which is a step of its report.
    pub(crate) fn gave_up(&self, error: &str) {
        self.set_unhealthy(error.to_owned());
        let mut given_up = self.given_up.lock();
        given_up.get_or_insert_with(|| (error.to_owned(), 0)).1 += 1;
    }

    /// The first error that the service gave as its own failure, and their number.
    pub(crate) fn take_given_up(&self) -> Option<(String, usize)> {
        self.given_up.lock().take()
    }

    /// Marks the service as unhealthy from now on, because of `why`.
    pub(crate) fn set_unhealthy(&self, why: String) {
        *self.unhealthy.lock() = Some(why);
    }

    /// Why the service is unhealthy, independent of its health check.
    pub(crate) fn unhealthy(&self) -> Option<String> {
        self.unhealthy.lock().clone()
    }

    /// Adds the failures of an earlier life of the service.
    pub(crate) fn take_over(&self, earlier: &[HookFailures]) {
        add(&mut self.hooks.lock(), earlier);
    }

    /// Counts an event for `hook` that was lost.
    pub(crate) fn lost(&self, hook: &TaskName) {
        change(&self.hooks, hook, |failures| failures.lost += 1);
    }

    /// The hooks that failed or lost an event, by name.
    pub(crate) fn all(&self) -> Vec<HookFailures> {
        self.hooks.lock().values().cloned().collect()
    }

    /// The hooks that failed or lost an event, and the tasks that failed, by name.
    pub(crate) fn with_tasks(&self) -> Vec<HookFailures> {
        let tasks: Vec<_> = self.tasks.lock().values().cloned().collect();
        let mut all = self.hooks.lock().clone();
        add(&mut all, &tasks);
        all.into_values().collect()
    }
}

/// Adds `later` to `failures`, so that each hook is listed once.
fn add(failures: &mut Failures, later: &[HookFailures]) {
    for HookFailures { hook, failed, lost, last_error } in later {
        let sum = failures.entry(hook.clone().into()).or_insert_with(|| HookFailures::new(hook));
        sum.failed += failed;
        sum.lost += lost;
        sum.last_error = last_error.clone().or_else(|| sum.last_error.take());
    }
}

fn change(failures: &Mutex<Failures>, hook: &TaskName, f: impl FnOnce(&mut HookFailures)) {
    let mut failures = failures.lock();
    f(failures.entry(hook.clone()).or_insert_with(|| HookFailures::new(hook)));
}

/// How often one hook of a service failed, or lost an event, while the service ran.
///
/// [`AppHealth::failures`] and [`ServiceReport::failures`] list them.
///
/// [`AppHealth::failures`]: crate::app::AppHealth::failures
/// [`ServiceReport::failures`]: crate::app::ServiceReport::failures
///
/// ```
/// # use sprag::{prelude::*, start_with};
/// # pub struct Player;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # #[derive(Event)]
/// # struct TrackEnded;
/// #[service]
/// impl Player {
///     fn new() -> Self { Self }
///
///     #[listen]
///     fn next(&self, _event: &TrackEnded) -> sprag::Result<()> {
///         Err(sprag::Error::msg("the list is empty"))
///     }
/// }
///
/// # let (scope, service) = (Scope::new("player"), Player::new());
/// # let bus = scope.bus().clone();
/// # let player = start_with(scope, service).await?;
/// bus.emit(TrackEnded);
/// let report = player.stop().await;
/// let next = &report.services()[0].failures()[0];
/// assert_eq!((next.hook(), next.failed(), next.lost()), ("next", 1, 0));
/// assert_eq!(next.last_error(), Some("the list is empty"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookFailures {
    hook: String,
    failed: u64,
    lost: u64,
    last_error: Option<String>,
}

impl HookFailures {
    fn new(hook: &str) -> Self {
        Self { hook: hook.to_owned(), failed: 0, lost: 0, last_error: None }
    }

    fn add(&mut self, error: &str) {
        self.failed += 1;
        self.last_error = Some(error.to_owned());
    }

    /// These failures, as those of the child `child`.
    pub(crate) fn of_child(self, child: &str) -> Self {
        Self { hook: format!("{child}: {}", self.hook), ..self }
    }

    /// `count` failures of a step of a stop.
    pub(crate) fn of_step(step: &str, count: usize, error: String) -> Self {
        let failed = u64::try_from(count).unwrap_or(u64::MAX);
        Self { hook: step.to_owned(), failed, lost: 0, last_error: Some(error) }
    }

    /// The hook's name.
    pub fn hook(&self) -> &str {
        &self.hook
    }

    /// How many calls returned an error or panicked.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// How many events the full queue of an async listener dropped.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// The error or the panic message of the last call that failed.
    pub fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }
}

impl fmt::Display for HookFailures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hook)?;
        if self.failed > 0 {
            write!(f, " failed {} times", self.failed)?;
        }
        if self.lost > 0 {
            write!(f, " lost {} events", self.lost)?;
        }
        self.last_error.as_ref().map_or(Ok(()), |error| write!(f, ", the last time with: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{HookCounters, HookFailures};

    fn texts(failures: &[HookFailures]) -> Vec<String> {
        failures.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn s9_failures_are_counted_by_hook_with_their_last_error() {
        let counters = HookCounters::default();
        counters.failed(&"next".into(), "first");
        counters.failed(&"next".into(), "second");
        counters.lost(&"next".into());
        counters.lost(&"load".into());
        counters.lost(&"load".into());
        assert_eq!(
            texts(&counters.all()),
            ["load lost 2 events", "next failed 2 times lost 1 events, the last time with: second"]
        );
        let [load, next] = &counters.all()[..] else { panic!("two hooks") };
        assert_eq!(
            (load.hook(), load.failed(), load.lost(), load.last_error()),
            ("load", 0, 2, None)
        );
        assert_eq!((next.failed(), next.lost(), next.last_error()), (2, 1, Some("second")));
        assert_eq!(next.clone().of_child("child").hook(), "child: next");
        assert_eq!(counters.unhealthy(), None, "a hook that fails is not the service's failure");
    }

    #[test]
    fn s8_the_failures_of_an_earlier_life_are_added() {
        let (earlier, later) = (HookCounters::default(), HookCounters::default());
        earlier.failed(&"next".into(), "then");
        earlier.failed(&"load".into(), "then");
        earlier.lost(&"next".into());
        later.failed(&"load".into(), "now");
        later.lost(&"next".into());
        later.take_over(&earlier.all());
        assert_eq!(
            texts(&later.all()),
            [
                "load failed 2 times, the last time with: then",
                "next failed 1 times lost 2 events, the last time with: then",
            ]
        );
    }

    #[test]
    fn s9_a_task_that_failed_is_counted_apart_and_makes_the_service_unhealthy() {
        let counters = HookCounters::default();
        counters.failed(&"poll".into(), "a hook");
        counters.task_failed(&"poll".into(), "a task");
        counters.task_failed(&"watch".into(), "another");
        assert_eq!(texts(&counters.all()), ["poll failed 1 times, the last time with: a hook"]);
        assert_eq!(
            texts(&counters.with_tasks()),
            [
                "poll failed 2 times, the last time with: a task",
                "watch failed 1 times, the last time with: another",
            ]
        );
        assert_eq!(counters.unhealthy().as_deref(), Some("task `watch` failed: another"));
    }

    #[test]
    fn s9_a_service_that_gives_up_names_its_first_error() {
        let counters = HookCounters::default();
        assert_eq!(counters.take_given_up(), None);
        counters.gave_up("first");
        counters.gave_up("second");
        assert_eq!(counters.unhealthy().as_deref(), Some("second"));
        assert_eq!(counters.take_given_up(), Some(("first".to_owned(), 2)));
        assert_eq!(counters.take_given_up(), None);
    }
}
