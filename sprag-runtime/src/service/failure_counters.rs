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
        let mut hooks = self.hooks.lock();
        for HookFailures { hook, failed, lost, last_error } in earlier {
            let sum = hooks.entry(hook.clone().into()).or_insert_with(|| HookFailures::new(hook));
            sum.failed += failed;
            sum.lost += lost;
            sum.last_error = last_error.clone().or_else(|| sum.last_error.take());
        }
    }

    /// Counts an event for `hook` that was lost.
    pub(crate) fn lost(&self, hook: &TaskName) {
        change(&self.hooks, hook, |failures| failures.lost += 1);
    }

    /// The hooks that failed or lost an event, by name.
    pub(crate) fn all(&self) -> Vec<HookFailures> {
        self.hooks.lock().values().cloned().collect()
    }

    /// The hooks that failed or lost an event, by name, and the tasks that failed.
    pub(crate) fn with_tasks(&self) -> Vec<HookFailures> {
        let tasks: Vec<_> = self.tasks.lock().values().cloned().collect();
        self.all().into_iter().chain(tasks).collect()
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
