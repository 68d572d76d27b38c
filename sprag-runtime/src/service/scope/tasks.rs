//! The tasks of a scope: spawned tasks, intervals, timeouts and workers.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};

use super::Scope;
use crate::error::{Error, Stopped};
use crate::isolate::quietly;
use crate::service::context::{ServiceFailure, StopReason};
use crate::service::failure_policy::{Action, OnFailure};
use crate::service::outcome::Outcome;
use crate::task::{Task, TaskFailure, TaskName};

pub(in crate::service) const ZERO_PERIOD: &str = "an interval needs a period longer than zero";

impl Scope {
    /// Runs `future` as a task of this service.
    ///
    /// When the task panics or returns an error, the service fails, and with it the app,
    /// unless an [`OnFailure`] says otherwise. A task that ends without an error before the
    /// stop leaves nothing behind.
    ///
    /// # Errors
    ///
    /// [`Stopped`] once the service's tasks are cancelled; the future is dropped
    /// unpolled.
    ///
    /// `future` may return nothing or a `Result` of nothing. It runs on the app's runtime,
    /// and its panic is caught. Await [`cancelled`](Self::cancelled) in it to end in time.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// let inner = scope.clone();
    /// let task = scope.spawn(async move {
    ///     while let Some(()) = inner.until_cancelled(tokio::task::yield_now()).await {
    ///         println!("works");
    ///         break;
    ///     }
    /// })?;
    /// # task.abort();
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn<F>(&self, future: F) -> Result<Task, Stopped>
    where
        F: Future<Output: Outcome<()>> + Send + 'static,
    {
        self.spawn_named("task", future)
    }

    /// Like [`spawn`](Self::spawn), with the name that reports give the task.
    ///
    /// # Errors
    ///
    /// [`Stopped`], as for [`spawn`](Self::spawn).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// scope.spawn_named("follow", async { println!("follows") })?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn_named<F>(&self, name: impl Into<TaskName>, future: F) -> Result<Task, Stopped>
    where
        F: Future<Output: Outcome<()>> + Send + 'static,
    {
        self.spawn_task(name.into(), None, future)
    }

    /// Like [`spawn_named`](Self::spawn_named), with a rule for the task's failure that
    /// replaces the service's own rule.
    ///
    /// # Errors
    ///
    /// [`Stopped`], as for [`spawn`](Self::spawn).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::service::OnFailure;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// let prefetch = async { Err::<(), _>("no network") };
    /// scope.spawn_with("prefetch", OnFailure::report(), prefetch)?; // the app goes on
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn_with<F>(
        &self,
        name: impl Into<TaskName>,
        on_failure: OnFailure,
        future: F,
    ) -> Result<Task, Stopped>
    where
        F: Future<Output: Outcome<()>> + Send + 'static,
    {
        self.spawn_task(name.into(), Some(on_failure), future)
    }

    fn spawn_task<F>(
        &self,
        name: TaskName,
        on_failure: Option<OnFailure>,
        future: F,
    ) -> Result<Task, Stopped>
    where
        F: Future<Output: Outcome<()>> + Send + 'static,
    {
        let scope = self.clone();
        let failed = move |task: &TaskName, failure| scope.task_failed(task, failure, on_failure);
        let future = self.site(name.clone()).run(async move { future.await.__outcome() });
        self.data.tasks.spawn(name, future, failed).map_err(|_closed| self.stopped())
    }

    fn task_failed(&self, task: &TaskName, failure: TaskFailure, on_failure: Option<OnFailure>) {
        let rule = on_failure.unwrap_or_else(|| self.on_failure());
        self.part_failed(task, &failure.text, Arc::new(failure.error), rule);
        let (service, error) = (&*self.data.name, failure.text);
        quietly(|| tracing::error!(service, %task, error, "a task failed"));
    }

    /// Reports a task or a job that failed, and with it the service.
    pub(crate) fn part_failed(
        &self,
        part: &TaskName,
        text: &str,
        error: Arc<Error>,
        rule: OnFailure,
    ) {
        let service = Arc::clone(&self.data.name);
        self.data.counters.task_failed(part, text);
        match rule.action {
            Action::StopApp | Action::StopAlone => {
                self.data.context.request_stop(StopReason::Failed { service, error });
            }
            action @ Action::Restart { .. } => {
                let failure = ServiceFailure { scope: self.clone(), action, error };
                self.data.context.report_failure(failure);
            }
            Action::Report => {}
        }
    }

    /// Calls `f` every `period`, the first time after one period, and awaits the returned
    /// future. Calls never overlap; a late call delays the next one.
    ///
    /// An error or a panic of a call is reported through `tracing`, and the next call is
    /// made nonetheless. Time is the runtime's, so tests can pause it.
    ///
    /// # Errors
    ///
    /// [`Stopped`], as for [`spawn`](Self::spawn).
    ///
    /// # Panics
    ///
    /// If `period` is zero.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// scope.interval(Duration::from_secs(60), || async { println!("a minute has passed") })?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn interval<F, Fut>(&self, period: Duration, f: F) -> Result<Task, Stopped>
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        self.interval_named("interval", period, f)
    }

    pub(crate) fn interval_named<F, Fut>(
        &self,
        name: impl Into<TaskName>,
        period: Duration,
        mut f: F,
    ) -> Result<Task, Stopped>
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        assert!(!period.is_zero(), "{ZERO_PERIOD}");
        let name = name.into();
        let (token, calls) = (self.token().clone(), self.calls(name.clone()));
        self.spawn_named(name, async move {
            let Some(first) = Instant::now().checked_add(period) else {
                // The first call is later than the clock can represent.
                return token.cancelled().await;
            };
            let mut ticker = tokio::time::interval_at(first, period);
            ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while token.run_until_cancelled(ticker.tick()).await.is_some() {
                calls.count(async { f().await.__outcome() }).await;
            }
        })
    }

    /// Calls `f` once, after `delay`, and awaits the returned future, unless the service
    /// stops before. Its failure is that of a task. Time is the runtime's.
    ///
    /// # Errors
    ///
    /// [`Stopped`], as for [`spawn`](Self::spawn).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// scope.timeout(Duration::from_secs(5), || async { println!("five seconds have passed") })?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn timeout<F, Fut>(&self, delay: Duration, f: F) -> Result<Task, Stopped>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        let token = self.token().clone();
        self.spawn_named("timeout", async move {
            match token.run_until_cancelled(tokio::time::sleep(delay)).await {
                Some(()) => f().await.__outcome(),
                None => Ok(()),
            }
        })
    }

    /// Runs `work`, which handles the jobs of a queue.
    pub(crate) fn spawn_worker(
        &self,
        name: &'static str,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Stopped> {
        let work = self.site(name).run(async move {
            work.await;
            Ok(())
        });
        let spawned = self.data.workers.spawn(name, work, |_, _| ());
        spawned.map(drop).map_err(|_closed| self.stopped())
    }
}
