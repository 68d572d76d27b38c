//! [`Scope`]: what a service makes at run time, and what ends with it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::context::{AppContext, StopReason};
use super::outcome::Outcome;
use super::stack::{Release, Stack};
use crate::bus::{Bus, Event, inside};
use crate::error::Stopped;
use crate::resource::Resource;
use crate::subscription::Subscription;
use crate::sync::Mutex;
use crate::task::{Guarded, Task, TaskName, Tasks};

/// The life of one service: whatever is made through it ends when the service
/// stops.
///
/// Hooks and `new` take a `&Scope`. Cloning costs a counter; a clone that is kept
/// does not keep the service running.
///
/// When a service stops, its listeners go first, then its `on_stop` runs, then its
/// tasks are asked to end, joined and, after the grace, aborted; last, what it owns
/// is released, youngest first.
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
    stack: Stack,
    /// `None` once unsubscribed. Subscriptions are dropped outside this lock.
    listeners: Mutex<Option<Vec<Subscription>>>,
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
        let tasks = Arc::new(Tasks::new(context.runtime.clone()));
        let listeners = Mutex::new(Some(Vec::new()));
        let data =
            ScopeData { name: name.into(), context, tasks, stack: Stack::default(), listeners };
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
    /// When it panics or returns an error, the service fails, and with it the app.
    /// A task that ends well before the stop is forgotten.
    ///
    /// # Errors
    ///
    /// [`Stopped`] once the service's tasks have been asked to end; the future is
    /// dropped unpolled.
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
    /// As there.
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
        let context = Arc::clone(&self.data.context);
        let service = Arc::clone(&self.data.name);
        let failed = move |task: &str, error: crate::error::Error| {
            tracing::error!(service = &*service, task, error = error.text(), "a task failed");
            context.request_stop(StopReason::Failed { service, error: Arc::new(error) });
        };
        let future = inside(self.bus().clone(), async move { future.await.__outcome() });
        self.data.tasks.spawn(name, future, failed).map_err(|_closed| self.stopped())
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
        assert!(!period.is_zero(), "an interval needs a period longer than zero");
        let name = name.into();
        let (token, service) = (self.token().clone(), Arc::clone(&self.data.name));
        self.spawn_named(name.clone(), async move {
            let mut ticker = tokio::time::interval_at(Instant::now() + period, period);
            ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while token.run_until_cancelled(ticker.tick()).await.is_some() {
                reported(&service, &name, async { f().await.__outcome() }).await;
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
        let service = Arc::clone(&self.data.name);
        let subscription = self.bus().on::<E>(move |event| {
            if let Err(error) = f(event).__outcome() {
                let error = error.text();
                tracing::error!(service = &*service, event = E::NAME, error, "a listener failed");
            }
        });
        match self.data.listeners.lock().as_mut() {
            Some(listeners) => {
                listeners.push(subscription);
                Ok(())
            }
            None => Err(self.stopped()),
        }
    }

    /// Asks the whole app to stop, and returns at once.
    ///
    /// The first of all reasons stands; later calls do nothing. Waiting for the stop inside a
    /// hook would wait for the hook itself.
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
        self.data.context.request_stop(StopReason::Shutdown { service });
    }

    /// Waits until the service's tasks are asked to end.
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

    /// Whether the service's tasks have been asked to end.
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

    /// Runs `future` until it is done, or until the service's tasks are asked to
    /// end, which answers `None`.
    ///
    /// `future` is dropped where it is then.
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

    fn token(&self) -> &CancellationToken {
        self.data.tasks.token()
    }

    fn push(&self, entry: Release) {
        self.data.stack.push(entry);
    }

    fn stopped(&self) -> Stopped {
        Stopped { service: Arc::clone(&self.data.name) }
    }
}

/// What only whoever runs the service does.
impl Scope {
    pub(crate) fn context(&self) -> &Arc<AppContext> {
        &self.data.context
    }

    pub(crate) fn tasks(&self) -> &Arc<Tasks> {
        &self.data.tasks
    }

    pub(crate) fn stack(&self) -> &Stack {
        &self.data.stack
    }

    /// Ends all subscriptions and refuses new ones.
    pub(crate) fn unsubscribe(&self) {
        let listeners = self.data.listeners.lock().take();
        drop(listeners);
    }
}

/// Awaits one call of many: its error or panic is reported, and that is all.
pub(super) async fn reported(
    service: &str,
    name: &str,
    call: impl Future<Output = crate::error::Result<()>>,
) {
    if let (_, Some(error)) = Guarded::new(call).await.split() {
        tracing::error!(service, hook = name, error = error.text(), "a call failed");
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("service", &self.data.name).finish_non_exhaustive()
    }
}
