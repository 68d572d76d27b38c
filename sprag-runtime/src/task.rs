//! Owned tasks: the only place that spawns users' futures.
//!
//! A [`Tasks`] registers every running task and removes it when the task ends, so that a
//! million finished tasks leave nothing behind. Once it is closed, the earlier tasks are
//! joined and later ones are refused, with no task in between. This module does not know
//! services.

mod guarded;

use std::any::Any;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Weak};

use tokio::runtime::Handle as Runtime;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::sync::Mutex;

pub(crate) use guarded::{Guarded, GuardedEnd, TaskFailure, Verdict, panicked, text_of};

/// The tasks of one owner.
pub(crate) struct Tasks {
    runtime: Runtime,
    /// Cancelled when the tasks must end.
    token: CancellationToken,
    /// No user code runs under this lock; tasks are spawned outside it.
    registry: Mutex<TaskRegistry>,
    /// Notified whenever the last task has ended.
    idle: Notify,
}

#[derive(Default)]
struct TaskRegistry {
    closed: bool,
    aborting: bool,
    next: u64,
    live: HashMap<u64, LiveTask>,
    /// How tasks ended: before the closing, only those that failed; after it, all.
    ended: HashMap<(TaskName, Verdict), Ending>,
    /// Kept until no task runs.
    until_idle: Option<Box<dyn Any + Send>>,
}

struct LiveTask {
    name: TaskName,
    /// `None` between the registration and the spawn.
    abort: Option<AbortHandle>,
    /// Whether the user aborted the task, which is then not reported.
    dismissed: bool,
}

/// How several tasks of one name ended that ended alike.
#[derive(Clone)]
pub(crate) struct Ending {
    pub(crate) name: TaskName,
    pub(crate) verdict: Verdict,
    /// The error of the first of them.
    pub(crate) error: Option<String>,
    pub(crate) count: usize,
    /// The key of the first of them, for the order.
    first: u64,
}

/// The name of a task in reports.
pub(crate) type TaskName = Cow<'static, str>;

/// The error of a spawn after the tasks were closed.
pub(crate) struct TasksClosed;

impl Tasks {
    pub(crate) fn new(runtime: Runtime) -> Self {
        Self {
            runtime,
            token: CancellationToken::new(),
            registry: Mutex::default(),
            idle: Notify::new(),
        }
    }

    pub(crate) fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Runs `future` as a task. `failed` is called in the task when the task panics or
    /// returns an error before the tasks are closed.
    pub(crate) fn spawn<F>(
        self: &Arc<Self>,
        name: impl Into<TaskName>,
        future: F,
        failed: impl FnOnce(&TaskName, TaskFailure) + Send + 'static,
    ) -> Result<Task, TasksClosed>
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let key = self.enter(name.into())?;
        let registration = TaskRegistration { tasks: Arc::clone(self), key };
        let guarded = Guarded::new(future);
        // If the runtime has ended, it drops the task here, which removes the registration;
        // no lock may be held.
        let join = self.runtime.spawn(async move {
            let (verdict, failure) = guarded.await.split();
            registration.leave(verdict, failure, failed);
        });
        let abort = join.abort_handle();
        let mut registry = self.registry.lock();
        let aborting = registry.aborting;
        if let Some(live) = registry.live.get_mut(&key) {
            live.abort = Some(abort.clone());
            drop(registry);
            if aborting {
                abort.abort();
            }
        }
        Ok(Task { abort, tasks: Arc::downgrade(self), key })
    }

    /// Registers a call on another thread that a task of this set awaits, until the result is
    /// dropped. The end of the call is not reported, and `abort` has no effect on the call.
    ///
    /// The set may be closed, since the task that awaits the call has not ended.
    pub(crate) fn register(self: &Arc<Self>, name: TaskName) -> TaskRegistration {
        let key = self.registry.lock().enter(LiveTask { name, abort: None, dismissed: true });
        TaskRegistration { tasks: Arc::clone(self), key }
    }

    /// Refuses new tasks and cancels the running ones.
    pub(crate) fn close(&self) {
        self.registry.lock().closed = true;
        self.token.cancel();
    }

    /// Waits until no task runs; forever, if a task does not end.
    pub(crate) async fn joined(&self) {
        loop {
            let notified = self.idle.notified();
            if self.registry.lock().live.is_empty() {
                return;
            }
            notified.await;
        }
    }

    /// Aborts every task at its next suspension point.
    pub(crate) fn abort(&self) {
        let handles: Vec<AbortHandle> = {
            let mut registry = self.registry.lock();
            registry.aborting = true;
            registry.live.values().filter_map(|live| live.abort.clone()).collect()
        };
        handles.iter().for_each(AbortHandle::abort);
    }

    /// If a task runs, makes a value and keeps it until no task runs; the last task drops
    /// the value, on its own thread. `make` runs under the lock.
    pub(crate) fn keep_until_idle<V: Send + 'static>(&self, make: impl FnOnce() -> V) {
        let mut registry = self.registry.lock();
        if !registry.live.is_empty() {
            registry.until_idle = Some(Box::new(make()));
        }
    }

    /// How the tasks ended, in the order in which the first of each kind was spawned; and
    /// the names of the running ones, each with their number.
    pub(crate) fn settle(&self) -> (Vec<Ending>, BTreeMap<TaskName, usize>) {
        let mut registry = self.registry.lock();
        let mut ended: Vec<Ending> = registry.ended.drain().map(|(_, ending)| ending).collect();
        ended.sort_by_key(|ending| ending.first);
        let mut running = BTreeMap::new();
        for live in registry.live.values() {
            *running.entry(live.name.clone()).or_default() += 1;
        }
        (ended, running)
    }

    fn enter(&self, name: TaskName) -> Result<u64, TasksClosed> {
        let mut registry = self.registry.lock();
        if registry.closed {
            return Err(TasksClosed);
        }
        Ok(registry.enter(LiveTask { name, abort: None, dismissed: false }))
    }

    /// Removes the task `key`; returns its name, and whether the tasks were closed.
    fn forget(&self, key: u64, verdict: Verdict, error: Option<&str>) -> Option<(TaskName, bool)> {
        let mut registry = self.registry.lock();
        let live = registry.live.remove(&key)?;
        let closed = registry.closed;
        let failed = matches!(verdict, Verdict::Failed | Verdict::Panicked);
        let dismissed = live.dismissed && verdict == Verdict::Aborted;
        if (closed || failed) && !dismissed {
            registry.note(key, &live.name, verdict, error);
        }
        let mut kept = None;
        if registry.live.is_empty() {
            registry.live.shrink_to(64);
            kept = registry.until_idle.take();
            self.idle.notify_waiters();
        }
        drop(registry);
        drop(kept);
        Some((live.name, closed))
    }

    /// Keeps the abort of the task `key` out of the report.
    fn dismiss(&self, key: u64) {
        if let Some(live) = self.registry.lock().live.get_mut(&key) {
            live.dismissed = true;
        }
    }
}

impl TaskRegistry {
    fn enter(&mut self, live: LiveTask) -> u64 {
        let key = self.next;
        self.next += 1;
        self.live.insert(key, live);
        key
    }

    fn note(&mut self, key: u64, name: &TaskName, verdict: Verdict, error: Option<&str>) {
        let ending = self.ended.entry((name.clone(), verdict)).or_insert_with(|| {
            let error = error.map(str::to_owned);
            Ending { name: name.clone(), verdict, error, count: 0, first: key }
        });
        ending.count += 1;
    }
}

/// The registration of a task; dropping it removes the task.
pub(crate) struct TaskRegistration {
    tasks: Arc<Tasks>,
    key: u64,
}

impl TaskRegistration {
    fn leave(
        self,
        verdict: Verdict,
        failure: Option<TaskFailure>,
        failed: impl FnOnce(&TaskName, TaskFailure) + Send + 'static,
    ) {
        let error = failure.as_ref().map(|failure| failure.text.as_str());
        let left = self.tasks.forget(self.key, verdict, error);
        if let (Some((name, false)), Some(failure)) = (left, failure) {
            failed(&name, failure);
        }
    }
}

impl Drop for TaskRegistration {
    fn drop(&mut self) {
        self.tasks.forget(self.key, Verdict::Aborted, None);
    }
}

/// A task that a scope owns. Dropping this does not affect the task.
///
/// ```
/// # use sprag::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let scope = Scope::new("player");
/// let task = scope.spawn(std::future::pending::<()>())?;
/// task.abort();
/// while !task.is_finished() {
///     tokio::task::yield_now().await;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Task {
    abort: AbortHandle,
    tasks: Weak<Tasks>,
    key: u64,
}

impl Task {
    /// Aborts the task at its next suspension point; without effect once the task has
    /// ended.
    ///
    /// Returns at once. A task that blocks its thread keeps running. An aborted task does
    /// not count as a failure of the service, and is not in the report of the stop.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// let task = scope.spawn(std::future::pending::<()>())?;
    /// task.abort();
    /// # Ok(())
    /// # }
    /// ```
    pub fn abort(&self) {
        if let Some(tasks) = self.tasks.upgrade() {
            tasks.dismiss(self.key);
        }
        self.abort.abort();
    }

    /// Whether the task has ended, in any way.
    ///
    /// Takes a lock for a lookup.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// let task = scope.spawn(std::future::pending::<()>())?;
    /// assert!(!task.is_finished());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_finished(&self) -> bool {
        self.tasks.upgrade().is_none_or(|tasks| !tasks.registry.lock().live.contains_key(&self.key))
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("finished", &self.is_finished()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn s5_a_finished_task_leaves_nothing_in_the_registry() {
        let tasks = Arc::new(Tasks::new(Runtime::current()));
        for n in 0..10_000_u32 {
            let end = async move {
                assert!(!n.is_multiple_of(100), "some panic");
                Ok(())
            };
            assert!(tasks.spawn("task", end, |_, _| ()).is_ok());
        }
        tasks.joined().await;

        let registry = tasks.registry.lock();
        // One entry for all tasks that panicked alike.
        assert_eq!((registry.live.len(), registry.ended.len()), (0, 1));
        assert!(registry.live.capacity() < 200, "{}", registry.live.capacity());
    }

    #[tokio::test]
    async fn s1_a_value_is_kept_until_the_last_task_has_ended() {
        let tasks = Arc::new(Tasks::new(Runtime::current()));
        tasks.keep_until_idle(|| panic!("no task runs"));
        let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
        let end = async move {
            let _ended = receiver.await;
            Ok(())
        };
        assert!(tasks.spawn("task", end, |_, _| ()).is_ok());
        let kept = Arc::new(());
        tasks.keep_until_idle(|| Arc::clone(&kept));
        assert_eq!(Arc::strong_count(&kept), 2);
        drop(sender);
        tasks.joined().await;
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    #[tokio::test]
    async fn s5_the_tasks_that_still_run_are_counted_by_name() {
        let tasks = Arc::new(Tasks::new(Runtime::current()));
        for name in ["poll", "read", "poll", "poll"] {
            assert!(tasks.spawn(name, std::future::pending(), |_, _| ()).is_ok());
        }
        let (ended, running) = tasks.settle();
        assert!(ended.is_empty());
        assert_eq!(running, BTreeMap::from([("poll".into(), 3), ("read".into(), 1)]));

        tasks.close();
        tasks.abort();
        tasks.joined().await;
        let (ended, running) = tasks.settle();
        let ended: Vec<_> = ended.iter().map(|end| (&*end.name, end.verdict, end.count)).collect();
        assert_eq!(ended, [("poll", Verdict::Aborted, 3), ("read", Verdict::Aborted, 1)]);
        assert!(running.is_empty());
    }
}
