//! [`Scope`]: the tasks, listeners and resources of a service, which end with the service.

mod listening;
mod tasks;

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Handle as Runtime;
use tokio_util::sync::CancellationToken;

use super::children::Children;
use super::context::{AppContext, StopReason};
use super::failure_counters::HookCounters;
use super::failure_policy::OnFailure;
use super::hook_calls::HookCalls;
use super::hook_site::HookSite;
use super::listener_queue::Backlog;
use super::listeners::Listeners;
use super::resource_checks::ResourceChecks;
use super::running_calls::RunningCalls;
use super::stack::{Release, Stack};
use super::worker::JobQueues;
use crate::bus::Bus;
use crate::error::Stopped;
use crate::resource::Resource;
use crate::sync::Mutex;
use crate::task::{TaskName, Tasks};

pub(super) use tasks::ZERO_PERIOD;

/// The life of one service. Everything that is created through a scope ends when the
/// service stops.
///
/// `new` and the hooks take a `&Scope`. Cloning increments a counter; a clone does not keep
/// the service running.
///
/// When a service stops, its listeners are unsubscribed and the events that wait for async
/// listeners are delivered. Then `on_stop` runs. The tasks are cancelled, joined and, after
/// the grace, aborted; then `on_stopped` runs. At the end the scope releases its resources,
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
    resources: Arc<ResourceChecks>,
    listeners: Listeners,
    children: Children,
    counters: Arc<HookCounters>,
    running: Arc<RunningCalls>,
    /// The rule for tasks that fail.
    on_failure: Mutex<OnFailure>,
}

impl Scope {
    /// Creates a scope with a bus of its own, for a service without an app. Pass it to the
    /// service's `new`, then to [`start_with`](crate::app::start_with).
    ///
    /// If the scope is never started, its resources are released when its last clone is
    /// dropped.
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
            resources: Arc::default(),
            listeners: Listeners::new(),
            children: Children::default(),
            counters: Arc::default(),
            running: RunningCalls::new(context.runtime.clone()),
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
    /// A scope that was created with [`new`](Self::new) has a bus of its own.
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

    /// Releases `resource` when the service stops. After the stop, releases it at once.
    ///
    /// The release runs on a thread that may block, for as long as a stop hook may take. A
    /// panic of a release is reported and does not prevent the other releases.
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
        self.data.resources.add(resource.health_check());
        self.push(Box::new(move || resource.release()));
    }

    /// Keeps `value` until the service stops, and then drops it. After the stop, drops it
    /// at once.
    ///
    /// Like [`own`](Self::own), for a value without a release of its own.
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

    /// Calls `f` when the service stops. After the stop, calls it at once.
    ///
    /// Like [`own`](Self::own), with a function.
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

    /// The context in which the calls of one hook run.
    pub(crate) fn site(&self, hook: impl Into<TaskName>) -> HookSite {
        HookSite::new(self.bus(), &self.data.name, hook)
    }

    /// The calls of one hook: those that fail are counted, and those that run are known.
    pub(crate) fn calls(&self, hook: TaskName) -> HookCalls {
        let ScopeData { name, counters, running, .. } = &*self.data;
        HookCalls::new(name, hook, counters, running)
    }

    /// Stops the whole app, and returns at once.
    ///
    /// The first reason of a stop is kept; later calls do nothing. Do not await the stop
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

    /// Waits until the service's tasks are cancelled; returns at once if they are already.
    ///
    /// A task that selects on this ends gracefully; a task that does not is aborted after
    /// the grace.
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

    /// Runs `future` to its end and returns its value. When the service's tasks are
    /// cancelled first, drops `future` unfinished and returns `None`.
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

    /// Whether both scopes belong to the same life of the same service.
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

    /// How well the resources of this scope work.
    pub(crate) fn resources(&self) -> &Arc<ResourceChecks> {
        &self.data.resources
    }

    /// The calls of this scope's hooks that have not returned.
    pub(crate) fn running_calls(&self) -> &RunningCalls {
        &self.data.running
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("service", &self.data.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn s5_what_waits_until_the_tasks_are_cancelled_ends_then() {
        let scope = Scope::new("player");
        assert_eq!(scope.until_cancelled(async { 42 }).await, Some(42));
        assert!(!scope.is_cancelled());
        scope.tasks().close();
        scope.cancelled().await;
        assert!(scope.is_cancelled());
        assert_eq!(scope.until_cancelled(pending::<u8>()).await, None);
    }
}
