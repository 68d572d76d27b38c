//! Owned tasks: the only place that spawns users' futures.
//!
//! A [`Tasks`] knows every task that still runs and forgets it when it ends, so
//! that a million finished tasks leave nothing behind. It can be closed: whatever
//! is spawned before is joined, whatever comes after is refused, and nothing slips
//! between. It knows nothing of services.

mod guarded;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Weak};

use tokio::runtime::Handle as Runtime;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::sync::Mutex;

pub(crate) use guarded::{End, Guarded, Verdict, panicked, text_of};

/// The tasks of one owner.
pub(crate) struct Tasks {
    runtime: Runtime,
    /// Cancelled when the tasks are asked to end.
    token: CancellationToken,
    /// No user code runs under this lock; tasks are spawned outside it.
    registry: Mutex<Registry>,
    /// Notified whenever the last task has left.
    idle: Notify,
}

#[derive(Default)]
struct Registry {
    closed: bool,
    aborting: bool,
    next: u64,
    live: HashMap<u64, Live>,
    /// How tasks ended; kept only once closed.
    ended: Vec<Ending>,
}

struct Live {
    name: TaskName,
    /// `None` between the registration and the spawn.
    abort: Option<AbortHandle>,
}

/// How a task ended after its owner was closed.
pub(crate) struct Ending {
    pub(crate) name: TaskName,
    pub(crate) verdict: Verdict,
    pub(crate) error: Option<String>,
}

/// What a task is called in reports.
pub(crate) type TaskName = Cow<'static, str>;

/// The tasks were closed.
pub(crate) struct Closed;

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

    /// Runs `future` as a task. `failed` is called in it, unless it was closed
    /// before, when it panicked or answered with an error.
    pub(crate) fn spawn<F>(
        self: &Arc<Self>,
        name: impl Into<TaskName>,
        future: F,
        failed: impl FnOnce(&str, Error) + Send + 'static,
    ) -> Result<Task, Closed>
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let key = self.enter(name.into())?;
        let registration = Registration { tasks: Arc::clone(self), key };
        let guarded = Guarded::new(future);
        // Should the runtime have ended, the task is dropped here and leaves by
        // its registration; that is why no lock is held.
        let join = self.runtime.spawn(async move {
            let (verdict, error) = guarded.await.split();
            registration.leave(verdict, error, failed);
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

    /// Refuses new tasks and asks those that run to end.
    pub(crate) fn close(&self) {
        self.registry.lock().closed = true;
        self.token.cancel();
    }

    /// Waits until no task runs. Forever, if one does not end.
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

    /// How the tasks ended that ran when they were closed, and the names of those
    /// that still run.
    pub(crate) fn settle(&self) -> (Vec<Ending>, Vec<TaskName>) {
        let mut registry = self.registry.lock();
        let running = registry.live.values().map(|live| live.name.clone()).collect();
        (std::mem::take(&mut registry.ended), running)
    }

    fn enter(&self, name: TaskName) -> Result<u64, Closed> {
        let mut registry = self.registry.lock();
        if registry.closed {
            return Err(Closed);
        }
        let key = registry.next;
        registry.next += 1;
        registry.live.insert(key, Live { name, abort: None });
        Ok(key)
    }

    /// Forgets the task `key`; answers its name, and whether its end was only noted,
    /// since the tasks were closed.
    fn forget(
        &self,
        key: u64,
        verdict: Verdict,
        error: Option<String>,
    ) -> Option<(TaskName, bool)> {
        let mut registry = self.registry.lock();
        let live = registry.live.remove(&key)?;
        if registry.closed {
            registry.ended.push(Ending { name: live.name.clone(), verdict, error });
        }
        if registry.live.is_empty() {
            registry.live.shrink_to(64);
            self.idle.notify_waiters();
        }
        Some((live.name, registry.closed))
    }
}

/// A task's place in the registry; leaving is what dropping it does.
struct Registration {
    tasks: Arc<Tasks>,
    key: u64,
}

impl Registration {
    fn leave(
        self,
        verdict: Verdict,
        error: Option<Error>,
        failed: impl FnOnce(&str, Error) + Send + 'static,
    ) {
        let left = self.tasks.forget(self.key, verdict, error.as_ref().map(Error::text));
        if let (Some((name, false)), Some(error)) = (left, error) {
            failed(&name, error);
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.tasks.forget(self.key, Verdict::Aborted, None);
    }
}

/// A task that a scope owns. Dropping this does nothing to the task.
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
    /// Ends the task at its next suspension point. Does nothing once it has ended.
    ///
    /// Returns at once. One that blocks its thread goes on. No failure of the service.
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
        self.abort.abort();
    }

    /// Whether the task has ended, in whatever way.
    ///
    /// Takes a lock for a look-up.
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
        assert_eq!((registry.live.len(), registry.ended.len()), (0, 0));
        assert!(registry.live.capacity() < 200, "{}", registry.live.capacity());
    }
}
