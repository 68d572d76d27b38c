//! [`PausedClock`]: keeps a paused tokio clock from running ahead while its runtime waits
//! for the supervisor.
//!
//! A paused clock advances to the next timer whenever its runtime is idle, and a runtime
//! that waits for another thread counts as idle. The clock does not advance while a
//! blocking job runs. Such a job therefore runs from the beginning to the end of a start, a
//! health check or a stop, with pauses while a hook or a task of the user's is awaited,
//! since these may sleep. A hook that itself waits for the supervisor, for the start of a
//! child for example, does not sleep during that time.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use tokio::runtime::{Handle as Runtime, RuntimeFlavor};

use crate::isolate::quietly;
use crate::sync::{Mutex, thread_local};

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
    /// The hooks that the supervisor waits for, by number, with the number of waits for the
    /// supervisor in each.
    hooks: BTreeMap<u64, usize>,
    /// The number of the next hook.
    next: u64,
    /// Ends the blocking job when it is dropped.
    job: Option<Sender<()>>,
}

thread_local! {
    /// The address of the clock and the number of the hook that this thread polls.
    static POLLED: Cell<Option<(usize, u64)>> = const { Cell::new(None) };
}

impl PausedClock {
    pub(crate) fn new(runtime: &Runtime) -> Arc<Self> {
        let one_thread = runtime.runtime_flavor() == RuntimeFlavor::CurrentThread;
        let runtime = one_thread.then(|| runtime.clone());
        Arc::new(Self { runtime, state: Mutex::default() })
    }

    /// Marks that a caller waits for the supervisor, until the guard is dropped.
    pub(crate) fn waiting(self: &Arc<Self>) -> ClockWait {
        let polled = POLLED.get().filter(|(clock, _)| *clock == self.address());
        let hook = polled.map(|(_, hook)| hook);
        self.change(|state| {
            state.waiting += 1;
            state.hook_waits(hook, |waits| waits + 1);
        });
        ClockWait { clock: Arc::clone(self), hook }
    }

    /// Marks that the supervisor waits for a hook, until the guard is dropped on the hook's
    /// thread.
    pub(crate) fn hook(self: &Arc<Self>) -> InHook {
        let mut number = 0;
        self.change(|state| {
            number = state.next;
            state.next += 1;
            state.hooks.insert(number, 0);
        });
        InHook { clock: Arc::clone(self), number }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn change(&self, f: impl FnOnce(&mut ClockState)) {
        let Some(runtime) = &self.runtime else { return };
        let mut state = self.state.lock();
        f(&mut state);
        let may_sleep = state.hooks.values().any(|waits| *waits == 0);
        if state.waiting == 0 || may_sleep {
            state.job = None;
        } else if state.job.is_none() {
            let (end, ended) = channel();
            state.job = Some(end);
            // Panics if the system cannot create a thread.
            quietly(|| drop(runtime.spawn_blocking(move || ended.recv())));
        }
    }
}

impl ClockState {
    /// Changes the number of waits in `hook`, unless the hook has ended.
    fn hook_waits(&mut self, hook: Option<u64>, f: impl FnOnce(usize) -> usize) {
        if let Some(waits) = hook.and_then(|hook| self.hooks.get_mut(&hook)) {
            *waits = f(*waits);
        }
    }
}

/// See [`PausedClock::waiting`].
pub(crate) struct ClockWait {
    clock: Arc<PausedClock>,
    /// The hook that waits.
    hook: Option<u64>,
}

impl Drop for ClockWait {
    fn drop(&mut self) {
        self.clock.change(|state| {
            state.waiting -= 1;
            state.hook_waits(self.hook, |waits| waits - 1);
        });
    }
}

/// See [`PausedClock::hook`].
pub(crate) struct InHook {
    clock: Arc<PausedClock>,
    number: u64,
}

impl InHook {
    /// Awaits the hook, and attributes to the hook the waits that its polls begin.
    pub(crate) async fn run<F: Future>(self, hook: F) -> F::Output {
        let (mut hook, polled) = (Box::pin(hook), (self.clock.address(), self.number));
        std::future::poll_fn(move |cx| {
            let _outer = Polled(POLLED.replace(Some(polled)));
            hook.as_mut().poll(cx)
        })
        .await
    }
}

impl Drop for InHook {
    fn drop(&mut self) {
        self.clock.change(|state| _ = state.hooks.remove(&self.number));
    }
}

/// Restores the earlier value of `POLLED`, even when the poll panics.
struct Polled(Option<(usize, u64)>);

impl Drop for Polled {
    fn drop(&mut self) {
        POLLED.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn s9_a_hook_waits_for_the_supervisor_of_its_own_app_alone() {
        let [own, other] = [(); 2].map(|()| PausedClock::new(&Runtime::current()));
        let _other_hook = other.hook();
        let waits = |clock: &PausedClock| clock.state.lock().hooks[&0];
        own.hook()
            .run(async {
                let _waiting = [own.waiting(), other.waiting()];
                assert_eq!([waits(&own), waits(&other)], [1, 0]);
            })
            .await;
        assert!(own.state.lock().hooks.is_empty() && waits(&other) == 0);
    }

    #[tokio::test]
    async fn s9_a_hook_waits_itself_again_once_an_inner_one_has_ended() {
        let clock = PausedClock::new(&Runtime::current());
        let (outer, inner) = (clock.hook(), clock.hook());
        outer
            .run(async {
                inner.run(async {}).await;
                let _waiting = clock.waiting();
                assert_eq!(clock.state.lock().hooks[&0], 1);
            })
            .await;
    }
}
