//! [`RunningCalls`]: the calls of a service's hooks that have not returned.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::time::Instant;

use crate::sync::Mutex;
use crate::task::TaskName;

/// The calls of one scope's hooks that run at present.
pub(crate) struct RunningCalls {
    /// The clock of this runtime measures the calls, which tests can pause.
    runtime: Runtime,
    /// No user code runs under this lock.
    calls: Mutex<Calls>,
}

/// The calls by their number, the oldest first.
#[derive(Default)]
struct Calls {
    begun: u64,
    running: BTreeMap<u64, (TaskName, Instant)>,
}

impl RunningCalls {
    pub(super) fn new(runtime: Runtime) -> Arc<Self> {
        Arc::new(Self { runtime, calls: Mutex::default() })
    }

    /// Begins a call of `hook`, which runs until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>, hook: TaskName) -> RunningCall {
        let began = self.now();
        let mut calls = self.calls.lock();
        let number = calls.begun;
        calls.begun += 1;
        calls.running.insert(number, (hook, began));
        RunningCall { calls: Arc::clone(self), number }
    }

    /// The hooks with a call that runs, by name.
    pub(crate) fn all(&self) -> Vec<RunningHook> {
        let now = self.now();
        let mut hooks = BTreeMap::<TaskName, RunningHook>::new();
        for (hook, began) in self.calls.lock().running.values() {
            let running = hooks.entry(hook.clone()).or_insert_with(|| RunningHook {
                hook: hook.to_string(),
                calls: 0,
                longest: now.saturating_duration_since(*began),
            });
            running.calls += 1;
        }
        hooks.into_values().collect()
    }

    fn now(&self) -> Instant {
        let _clock = self.runtime.enter();
        Instant::now()
    }
}

/// A call of a hook, which ends when this is dropped, even by a panic.
pub(super) struct RunningCall {
    calls: Arc<RunningCalls>,
    number: u64,
}

impl Drop for RunningCall {
    fn drop(&mut self) {
        let ended = self.calls.calls.lock().running.remove(&self.number);
        drop(ended);
    }
}

/// The calls of one hook that have not returned: of an interval, a watch, a listener, a
/// worker, or of the function that reads the output of a process.
///
/// [`AppHealth::running`](crate::app::AppHealth::running) lists them, with an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningHook {
    hook: String,
    calls: usize,
    longest: Duration,
}

impl RunningHook {
    /// These calls, as those of the child `child`.
    pub(crate) fn of_child(self, child: &str) -> Self {
        Self { hook: format!("{child}: {}", self.hook), ..self }
    }

    /// The hook's name.
    pub fn hook(&self) -> &str {
        &self.hook
    }

    /// How many calls run at present.
    pub fn calls(&self) -> usize {
        self.calls
    }

    /// How long the oldest of these calls has been running, on the clock of the app's
    /// runtime.
    pub fn longest(&self) -> Duration {
        self.longest
    }
}

impl fmt::Display for RunningHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hook, calls, longest } = self;
        let seconds = longest.as_secs_f64();
        match calls {
            1 => write!(f, "{hook} has been running for {seconds:.1} s"),
            _ => write!(f, "{hook} runs {calls} times, the oldest for {seconds:.1} s"),
        }
    }
}

#[cfg(test)]
#[cfg(feature = "test")]
mod tests {
    use tokio::runtime::Builder;
    use tokio::time::advance;

    use super::*;

    #[test]
    fn s9_the_calls_of_a_hook_are_counted_and_the_oldest_is_measured() {
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime");
        let (calls, second) = (RunningCalls::new(runtime.handle().clone()), Duration::from_secs(1));
        let of = |hook: &str, calls, longest| RunningHook { hook: hook.into(), calls, longest };
        let first = calls.begin("poll".into());
        runtime.block_on(advance(second));
        let others = ["poll", "done"].map(|hook| calls.begin(hook.into()));

        let all = calls.all();
        assert_eq!(all, [of("done", 1, Duration::ZERO), of("poll", 2, second)]);
        assert_eq!(all[1].to_string(), "poll runs 2 times, the oldest for 1.0 s");
        assert_eq!((all[1].hook(), all[1].calls(), all[1].longest()), ("poll", 2, second));
        drop(first);
        assert_eq!(calls.all()[1], of("poll", 1, Duration::ZERO));
        assert_eq!(calls.all()[1].to_string(), "poll has been running for 0.0 s");
        drop(others);
        assert_eq!(calls.all(), []);
    }
}
