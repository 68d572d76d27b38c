//! [`PausedClock`]: keeps a paused tokio clock from running ahead while its runtime waits
//! for the supervisor.
//!
//! A paused clock advances to the next timer whenever its runtime is idle, and a runtime
//! that waits for another thread counts as idle. The clock does not advance while a
//! blocking job runs. Such a job therefore runs from the beginning to the end of a start, a
//! health check or a stop, with pauses while a hook or a task of the user's is awaited,
//! since these may sleep.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use tokio::runtime::{Handle as Runtime, RuntimeFlavor};

use crate::isolate::quietly;
use crate::sync::Mutex;

/// Decides when the clock of one runtime may advance.
pub(crate) struct PausedClock {
    /// `None` for a runtime whose clock cannot be paused.
    runtime: Option<Runtime>,
    state: Mutex<ClockState>,
}

#[derive(Default)]
struct ClockState {
    /// How many callers wait for the supervisor.
    waiting: usize,
    /// How many hooks the supervisor waits for.
    hooks: usize,
    /// Ends the blocking job when it is dropped.
    job: Option<Sender<()>>,
}

impl PausedClock {
    pub(crate) fn new(runtime: &Runtime) -> Arc<Self> {
        let one_thread = runtime.runtime_flavor() == RuntimeFlavor::CurrentThread;
        let runtime = one_thread.then(|| runtime.clone());
        Arc::new(Self { runtime, state: Mutex::default() })
    }

    /// Marks that a caller waits for the supervisor, until the guard is dropped.
    pub(crate) fn waiting(self: &Arc<Self>) -> ClockWait {
        self.change(|state| state.waiting += 1);
        ClockWait(Arc::clone(self))
    }

    /// Marks that the supervisor waits for a hook, until the guard is dropped on the hook's
    /// thread.
    pub(crate) fn hook(self: &Arc<Self>) -> InHook {
        self.change(|state| state.hooks += 1);
        InHook(Arc::clone(self))
    }

    fn change(&self, f: impl FnOnce(&mut ClockState)) {
        let Some(runtime) = &self.runtime else { return };
        let mut state = self.state.lock();
        f(&mut state);
        if state.waiting == 0 || state.hooks > 0 {
            state.job = None;
        } else if state.job.is_none() {
            let (end, ended) = channel();
            state.job = Some(end);
            // Panics if the system cannot create a thread.
            quietly(|| drop(runtime.spawn_blocking(move || ended.recv())));
        }
    }
}

/// See [`PausedClock::waiting`].
pub(crate) struct ClockWait(Arc<PausedClock>);

impl Drop for ClockWait {
    fn drop(&mut self) {
        self.0.change(|state| state.waiting -= 1);
    }
}

/// See [`PausedClock::hook`].
pub(crate) struct InHook(Arc<PausedClock>);

impl Drop for InHook {
    fn drop(&mut self) {
        self.0.change(|state| state.hooks -= 1);
    }
}
