//! The clock of a sample that one thread runs: the processor time of that thread.
//!
//! On a quiet machine, processor time equals elapsed time. On a busy one, processor time
//! leaves out the other processes, which would dominate the elapsed time.

/// A moment of this thread's processor time.
#[derive(Clone, Copy, Debug)]
pub struct ThreadClock(Moment);

#[cfg(unix)]
mod moment {
    use std::time::Duration;

    use nix::time::{ClockId, clock_gettime};

    /// Since the thread began.
    pub(super) type Moment = Duration;

    pub(super) fn now() -> Moment {
        let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
        time.expect("the system counts its threads' time").into()
    }

    pub(super) fn elapsed(start: Moment) -> Duration {
        now() - start
    }
}

#[cfg(not(unix))]
mod moment {
    use std::time::{Duration, Instant};

    /// The elapsed time, on systems without a clock per thread.
    pub(super) type Moment = Instant;

    pub(super) fn now() -> Moment {
        Instant::now()
    }

    pub(super) fn elapsed(start: Moment) -> Duration {
        start.elapsed()
    }
}

use self::moment::Moment;

impl ThreadClock {
    /// Now.
    pub fn now() -> Self {
        Self(moment::now())
    }

    /// The processor time of this thread since then.
    pub fn elapsed(self) -> std::time::Duration {
        moment::elapsed(self.0)
    }
}
