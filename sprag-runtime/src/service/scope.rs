//! [`Scope`]: what a service makes at run time, and what ends with it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::children::Children;
use super::context::{AppContext, ServiceFailure, StopReason};
use super::counters::HookCounters;
use super::hook_site::HookSite;
use super::listeners::Listeners;
use super::on_failure::{Action, OnFailure};
use super::outcome::Outcome;
use super::queue::{Backlog, EventQueue};
use super::stack::{Release, Stack};
use super::worker::JobQueues;
use crate::bus::{Bus, Event};
use crate::error::{Error, Stopped};
use crate::isolate::{message, quietly};
use crate::resource::Resource;
use crate::sync::Mutex;
#[cfg(unix)]
use crate::task::text_of;
use crate::task::{Guarded, GuardedEnd, Task, TaskFailure, TaskName, Tasks, panicked};

/// The life of one service: everything that is made through a scope ends when the
/// service stops.
///
/// `new` and the hooks take a `&Scope`. Cloning costs a counter; a clone does not keep the
/// service running.
///
/// When a service stops, its listeners are unsubscribed and the events that wait for async
/// listeners are delivered. Then `on_stop` runs. The tasks are cancelled, joined and, after
/// the grace, aborted; then `on_stopped` runs. At the end the scope releases what it owns,
/// youngest first.
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct Player { volume: Store<u8> }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// #[service]
/// impl Player {
///     fn new(scope: &Scope) -> Self {
///         let volume = create_store("volume", 3_u8);
///         scope.own(volume.clone()); // released at the stop
///         Self { volume }
///     }
///
///     fn on_start(&self, scope: &Scope) -> sprag::Result<()> {
///         let volume = self.volume.clone();
///         scope.spawn(async move { println!("plays at {}", volume.get()) })?;
///         Ok(())
///     }
/// }
/// # let scope = Scope::new("player");
/// # let player = Player::new(&scope);
/// # sprag::start_with(scope, player).await?.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Scope {
    data: Arc<ScopeData>,
}

struct ScopeData {
    name: Arc<str>,
    context: Arc<AppContext>,
    tasks: Arc<Tasks>,
    /// The tasks of the async listeners, which end before `on_stop`.
    deliveries: Arc<Tasks>,
    backlogs: Mutex<Vec<(TaskName, Arc<dyn Backlog>)>>,
    /// The tasks of the workers, which end after `on_stop`.
    workers: Arc<Tasks>,
    /// Shared by all lives of the service.
    queues: Arc<JobQueues>,
    stack: Stack,
    listeners: Listeners,
    children: Children,
    counters: Arc<HookCounters>,
    /// What the app does when a task fails.
    on_failure: Mutex<OnFailure>,
}

impl Scope {
    /// A scope with a bus of its own, for a service without an app: give it to the
    /// service's `new`, then to [`start_with`](crate::app::start_with).
    ///
    /// If it is never started with, what it owns is released when its last clone
    /// is dropped.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let scope = Scope::new("player");
    /// scope.cleanup(|| println!("released"));
    /// drop(scope); // prints, since no service was started with it
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(name: &str) -> Self {
        Self::in_context(name, AppContext::new(name, Runtime::current(), Bus::new()))
    }

    pub(crate) fn in_context(name: &str, context: Arc<AppContext>) -> Self {
        Self::with_queues(name.into(), context, Arc::default())
    }

    /// The scope of the service's next life.
    pub(crate) fn next_life(&self) -> Self {
        let (context, queues) = (Arc::clone(&self.data.context), Arc::clone(&self.data.queues));
        queues.resume();
        let next = Self::with_queues(Arc::clone(&self.data.name), context, queues);
        next.set_on_failure(self.on_failure());
        next
    }

    fn with_queues(name: Arc<str>, context: Arc<AppContext>, queues: Arc<JobQueues>) -> Self {
        let tasks = || Arc::new(Tasks::new(context.runtime.clone()));
        let data = ScopeData {
            name,
            tasks: tasks(),
            deliveries: tasks(),
            backlogs: Mutex::default(),
            workers: tasks(),
            queues,
            stack: Stack::default(),
            listeners: Listeners::new(),
            children: Children::default(),
            counters: Arc::default(),
            on_failure: Mutex::default(),
            context,
        };
        Self { data: Arc::new(data) }
    }

    /// The service's name.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// assert_eq!(scope.name(), "player");
    /// # Ok(())
    /// # }
    /// ```
    pub fn name(&self) -> &str {
        &self.data.name
    }

    /// The app's bus.
    ///
    /// Or, for a scope of [`new`](Self::new), one of its own.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// assert!(!scope.bus().is_same(Bus::global()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn bus(&self) -> &Bus {
        &self.data.context.bus
    }

    /// Releases `resource` when the service stops. After that, at once.
    ///
    /// On a thread that may block, for as long as a stop hook may. A panic there is
    /// reported and keeps nothing else from its release.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// let visits = create_store("visits", 0_u64);
    /// scope.own(visits.clone()); // released last
    /// scope.own(visits.subscribe(|now, _| println!("{now} visits")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn own(&self, resource: impl Resource) {
        self.push(Box::new(move || resource.release()));
    }

    /// Keeps `value` and drops it when the service stops. After that, at once.
    ///
    /// As [`own`](Self::own), for what has nothing to release but its memory.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// let (sender, receiver) = std::sync::mpsc::channel::<u64>();
    /// scope.adopt(sender);
    /// drop(scope); // never started with, so this releases
    /// assert!(receiver.recv().is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn adopt(&self, value: impl Send + 'static) {
        self.push(Box::new(move || drop(value)));
    }

    /// Calls `f` when the service stops. After that, at once.
    ///
    /// As [`own`](Self::own), with a function.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// scope.cleanup(move || sender.send("released").unwrap());
    /// drop(scope); // never started with, so this releases
    /// assert_eq!(receiver.recv(), Ok("released"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn cleanup(&self, f: impl FnOnce() + Send + 'static) {
        self.push(Box::new(f));
    }

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
    /// `future` may return nothing or a `Result` of nothing. It runs on the app's runtime; its
    /// panic is caught. [`cancelled`](Self::cancelled) tells it when to end.
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

    /// Like [`spawn_named`](Self::spawn_named), with what the app does when the task
    /// fails, whatever the service's own rule says.
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

    /// A task or a job failed, and with it the service.
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

    /// Calls `f` every `period`, the first time after one period, and awaits what
    /// it returns; calls never overlap, and one that comes late delays the next.
    ///
    /// An error or a panic of a call is reported through `tracing` and the next
    /// call comes all the same. Time is the runtime's: tests can pause it.
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
                // The first call is further away than the clock reaches.
                return token.cancelled().await;
            };
            let mut ticker = tokio::time::interval_at(first, period);
            ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while token.run_until_cancelled(ticker.tick()).await.is_some() {
                calls.count(async { f().await.__outcome() }).await;
            }
        })
    }

    /// Calls `f` once, after `delay`, and awaits what it returns, unless the
    /// service stops before. It fails like a task. Time is the runtime's.
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

    /// Calls `f` with every `E` on the app's bus, in the emitter's thread, until
    /// the service stops. Its errors are reported through `tracing`.
    ///
    /// # Errors
    ///
    /// [`Stopped`] once the service has begun to stop.
    ///
    /// As [`Bus::on`](crate::Bus::on), but the subscription is the scope's.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Event)]
    /// # struct MountChanged { mounts: usize }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// scope.listen(|event: &MountChanged| println!("{} mounts", event.mounts))?;
    /// scope.bus().emit(MountChanged { mounts: 3 }); // prints
    /// # Ok(())
    /// # }
    /// ```
    pub fn listen<E, F, O>(&self, f: F) -> Result<(), Stopped>
    where
        E: Event,
        F: Fn(&E) -> O + Send + Sync + 'static,
        O: Outcome<()>,
    {
        self.listen_named("listen", f)
    }

    pub(crate) fn listen_named<E, F, O>(
        &self,
        name: impl Into<TaskName>,
        f: F,
    ) -> Result<(), Stopped>
    where
        E: Event,
        F: Fn(&E) -> O + Send + Sync + 'static,
        O: Outcome<()>,
    {
        let name = name.into();
        let (site, calls) = (self.site(name.clone()), self.calls(name));
        let call = move |event: &E| {
            site.call(|| calls.count_now(|| f(event).__outcome()));
        };
        self.data.listeners.attach(self.bus(), call).map_err(|_closed| self.stopped())
    }

    /// Runs `deliver`, which passes the events of `queue` to an async listener.
    pub(crate) fn deliver<E: Send + 'static>(
        &self,
        name: &'static str,
        queue: Arc<EventQueue<E>>,
        deliver: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Stopped> {
        self.data.backlogs.lock().push((name.into(), queue));
        let deliver = self.site(name).run(async move {
            deliver.await;
            Ok(())
        });
        let delivered = self.data.deliveries.spawn(name, deliver, |_, _| ());
        delivered.map(drop).map_err(|_closed| self.stopped())
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

    /// What surrounds the calls of one hook.
    pub(crate) fn site(&self, hook: impl Into<TaskName>) -> HookSite {
        HookSite::new(self.bus(), &self.data.name, hook)
    }

    /// Counts the calls of one hook that fail.
    pub(crate) fn calls(&self, hook: TaskName) -> HookCalls {
        let (service, counters) = (Arc::clone(&self.data.name), Arc::clone(&self.data.counters));
        HookCalls { service, hook, counters }
    }

    /// Asks the whole app to stop, and returns at once.
    ///
    /// The first reason of a stop stays; later calls do nothing. Do not await the stop
    /// inside a hook: the stop waits for the hook, until the hook's deadline.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::{app::StopReason, start_with};
    /// # pub struct Player { scope: Scope }
    /// # #[service]
    /// # impl Player {
    /// #     fn new(scope: &Scope) -> Self { Self { scope: scope.clone() } }
    /// #     pub fn off(&self) { self.scope.shutdown(); }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// # let player = Player::new(&scope);
    /// # let player = start_with(scope, player).await?;
    /// player.get()?.off();
    /// let report = player.stopped().await;
    /// assert!(matches!(report.reason(), StopReason::Shutdown { .. }));
    /// # Ok(())
    /// # }
    /// ```
    pub fn shutdown(&self) {
        let service = Arc::clone(&self.data.name);
        self.data.context.root().request_stop(StopReason::Shutdown { service, code: 0 });
    }

    /// Waits until the service's tasks are cancelled.
    ///
    /// A task that selects on this ends gracefully; one that does not is aborted
    /// after the grace.
    ///
    /// Returns at once if they have been.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// # let inner = scope.clone();
    /// scope.spawn(async move {
    ///     inner.cancelled().await;
    ///     println!("goes to bed");
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cancelled(&self) {
        self.token().cancelled().await;
    }

    /// Whether the service's tasks are cancelled.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// assert!(!scope.is_cancelled());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_cancelled(&self) -> bool {
        self.token().is_cancelled()
    }

    /// Runs `future` to its end and returns its value, or returns `None` as soon as the
    /// service's tasks are cancelled. `future` is then dropped unfinished.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// let answer = scope.until_cancelled(async { 42 }).await;
    /// assert_eq!(answer, Some(42));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn until_cancelled<F: Future>(&self, future: F) -> Option<F::Output> {
        self.token().run_until_cancelled(future).await
    }

    pub(crate) fn token(&self) -> &CancellationToken {
        self.data.tasks.token()
    }

    fn push(&self, entry: Release) {
        self.data.stack.push(entry);
    }

    pub(crate) fn stopped(&self) -> Stopped {
        Stopped { service: Arc::clone(&self.data.name) }
    }
}

/// The app's side of a scope.
impl Scope {
    pub(crate) fn context(&self) -> &Arc<AppContext> {
        &self.data.context
    }

    pub(crate) fn tasks(&self) -> &Arc<Tasks> {
        &self.data.tasks
    }

    pub(crate) fn deliveries(&self) -> &Arc<Tasks> {
        &self.data.deliveries
    }

    pub(crate) fn workers(&self) -> &Arc<Tasks> {
        &self.data.workers
    }

    pub(crate) fn queues(&self) -> &Arc<JobQueues> {
        &self.data.queues
    }

    pub(crate) fn listeners(&self) -> &Listeners {
        &self.data.listeners
    }

    pub(crate) fn child_list(&self) -> &Children {
        &self.data.children
    }

    pub(crate) fn stack(&self) -> &Stack {
        &self.data.stack
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.data.name)
    }

    /// Whether both are the scope of one life of one service.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.data, &other.data)
    }

    pub(crate) fn on_failure(&self) -> OnFailure {
        *self.data.on_failure.lock()
    }

    pub(crate) fn set_on_failure(&self, on_failure: OnFailure) {
        *self.data.on_failure.lock() = on_failure;
    }

    pub(crate) fn counters(&self) -> &HookCounters {
        &self.data.counters
    }

    /// Whether events wait for an async listener, or one is being handled.
    pub(crate) fn has_backlog(&self) -> bool {
        self.data.backlogs.lock().iter().any(|(_, backlog)| backlog.is_waiting())
    }

    /// Delivers nothing any more, and returns how many events of which listener were not
    /// delivered. It drops the events, so it runs where users' code may.
    pub(crate) fn abandon_events(&self) -> Vec<(TaskName, usize)> {
        let backlogs = std::mem::take(&mut *self.data.backlogs.lock());
        let lost = backlogs.into_iter().map(|(name, backlog)| (name, backlog.abandon()));
        lost.filter(|(_, lost)| *lost > 0).collect()
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("service", &self.data.name).finish_non_exhaustive()
    }
}

pub(crate) const ZERO_PERIOD: &str = "an interval needs a period longer than zero";

/// The calls of one hook: an error or a panic of one is counted and reported, and the
/// next call comes all the same.
pub(crate) struct HookCalls {
    service: Arc<str>,
    hook: TaskName,
    counters: Arc<HookCounters>,
}

impl HookCalls {
    /// Awaits one call.
    pub(crate) async fn count(&self, call: impl Future<Output = Result<(), Error>>) {
        if let (_, Some(failure)) = Guarded::new(call).await.split() {
            self.failed(&failure.text);
        }
    }

    /// Awaits one call, and returns its value unless it failed.
    pub(crate) async fn value<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Option<T> {
        match Guarded::new(call).await {
            GuardedEnd::Value(value) => return Some(value),
            GuardedEnd::Failed(failure) => self.failed(&failure.text),
            GuardedEnd::Panicked(text) => self.failed(&panicked(&text)),
        }
        None
    }

    /// Makes one call that cannot fail but panic.
    #[cfg(unix)]
    pub(crate) fn call(&self, call: impl FnOnce()) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(call)) {
            self.failed(&panicked(&text_of(payload)));
        }
    }

    /// Makes one call and resumes its panic: the bus catches and counts it.
    fn count_now(&self, call: impl FnOnce() -> Result<(), Error>) {
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.failed(&error.text()),
            Err(payload) => {
                self.counters.failed(&self.hook, &panicked(message(&payload)));
                resume_unwind(payload);
            }
        }
    }

    /// An event was lost.
    pub(crate) fn lost(&self) {
        self.counters.lost(&self.hook);
    }

    pub(crate) fn failed(&self, error: &str) {
        self.counters.failed(&self.hook, error);
        let (service, hook) = (&*self.service, &*self.hook);
        quietly(|| tracing::error!(service, hook, error, "a call failed"));
    }
}
