//! Cuts feedback loops: listeners that emit the event that calls them.
//!
//! Two limits, since a loop has two shapes. A chain nests ever deeper. Two listeners
//! that both emit double the calls at each level and would need 2^256 calls to reach
//! that depth, so the emits that re-enter a dispatcher are counted as well. A listener
//! that emits many events of another kind re-enters nothing and is not limited.
//!
//! Listeners that fan out meet a limit thousands of times in one loop. The first panic
//! names the loop; the others end their listener without a further message.

use std::cell::Cell;
use std::fmt;
use std::panic::resume_unwind;

use crate::isolate::Reported;
use crate::sync::thread_local;

/// How many dispatches may be nested on one thread.
const MOST_NESTED: usize = 256;

/// How many dispatches of one outermost emit may enter a dispatcher that is running on
/// this thread already.
const MOST_REENTERED: u32 = 10_000;

thread_local! {
    static RUNNING: Running = const { Running::new() };
}

/// The dispatchers that run on this thread, outermost first. Has no destructor, so that
/// the destructors of other thread locals can emit.
struct Running {
    depth: Cell<usize>,
    dispatchers: [Cell<usize>; MOST_NESTED],
    /// How many dispatches have re-entered since the outermost one began.
    reentered: Cell<u32>,
    /// Whether a loop has been reported since the outermost dispatch began.
    is_reported: Cell<bool>,
}

impl Running {
    const fn new() -> Self {
        Self {
            depth: Cell::new(0),
            dispatchers: [const { Cell::new(0) }; MOST_NESTED],
            reentered: Cell::new(0),
            is_reported: Cell::new(false),
        }
    }

    #[inline]
    fn enter(&self, dispatcher: usize, name: &str) {
        let depth = self.depth.get();
        if depth == 0 {
            self.reentered.set(0);
            self.is_reported.set(false);
        } else {
            self.check(depth, dispatcher, name);
        }
        self.dispatchers[depth].set(dispatcher);
        self.depth.set(depth + 1);
    }

    fn check(&self, depth: usize, dispatcher: usize, name: &str) {
        if depth == MOST_NESTED {
            self.cut(format_args!("emitting `{name}` is more than {MOST_NESTED} emits deep"));
        }
        let running = &self.dispatchers[..depth];
        if running.iter().any(|other| other.get() == dispatcher) {
            let reentered = self.reentered.get();
            if reentered == MOST_REENTERED {
                self.cut(format_args!(
                    "one emit has caused more than {MOST_REENTERED} emits from inside \
                     themselves, the last of them `{name}`",
                ));
            }
            self.reentered.set(reentered + 1);
        }
    }

    #[cold]
    fn cut(&self, what: fmt::Arguments<'_>) -> ! {
        if self.is_reported.replace(true) {
            resume_unwind(Box::new(Reported));
        }
        panic!("{what}; its listeners emit the event that calls them");
    }
}

/// One dispatch on this thread, until the guard is dropped.
pub(super) struct Dispatching;

impl Dispatching {
    /// Enters `dispatcher`, given by its address.
    ///
    /// # Panics
    ///
    /// In a feedback loop.
    #[inline]
    pub(super) fn enter(dispatcher: usize, name: &str) -> Self {
        RUNNING.with(|running| running.enter(dispatcher, name));
        Self
    }
}

impl Drop for Dispatching {
    fn drop(&mut self) {
        RUNNING.with(|running| running.depth.set(running.depth.get() - 1));
    }
}
