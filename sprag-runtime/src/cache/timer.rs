//! [`Timer`]: a cache's clock as ticks, so that a hit compares two numbers.
//!
//! The unit is the tick of the machine's coarse clock, so that a hit converts nothing,
//! or the nanosecond of a clock that replaces the machine's.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::clock::{Clock, nanos};

/// A deadline that never passes.
pub(super) const NEVER: u64 = u64::MAX;

/// A deadline that has always passed.
pub(super) const PAST: u64 = 0;

/// The precise clock decides within this time before a deadline.
const NEAR: Duration = Duration::from_millis(100);

/// [`NEAR`] in ticks of the machine's coarse clock.
const NEAR_TICKS: u64 = coarsetime::Duration::from_millis(NEAR.as_millis() as u64).as_ticks();

pub(super) enum Timer {
    System,
    Replaced(Arc<dyn Clock>),
}

impl Timer {
    /// Returns the moment `time` after `moment`; [`NEVER`] past the clock's end.
    pub(super) fn after(&self, moment: u64, time: Duration) -> u64 {
        let time = match self {
            Self::System => ticks(time),
            Self::Replaced(_) => nanos(time),
        };
        moment.saturating_add(time)
    }

    /// Returns whether `deadline` is still ahead.
    #[inline]
    pub(super) fn is_before(&self, deadline: u64) -> bool {
        if deadline == NEVER {
            return true;
        }
        let soon = match self {
            Self::System => coarse_ticks().saturating_add(NEAR_TICKS),
            Self::Replaced(clock) => nanos(clock.coarse()).saturating_add(nanos(NEAR)),
        };
        soon < deadline || self.now() < deadline
    }

    /// Reads the precise clock.
    pub(super) fn now(&self) -> u64 {
        match self {
            Self::System => origin().ticks.saturating_add(ticks(origin().precise.elapsed())),
            Self::Replaced(clock) => nanos(clock.now()),
        }
    }
}

#[inline]
fn coarse_ticks() -> u64 {
    coarsetime::Instant::now_without_cache_update().as_ticks()
}

/// One moment on both clocks of the machine, which makes them comparable.
struct ClockOrigin {
    precise: Instant,
    ticks: u64,
}

fn origin() -> &'static ClockOrigin {
    static ORIGIN: OnceLock<ClockOrigin> = OnceLock::new();
    ORIGIN.get_or_init(|| ClockOrigin { precise: Instant::now(), ticks: coarse_ticks() })
}

/// Converts to ticks; [`NEVER`] past the clock's end.
fn ticks(time: Duration) -> u64 {
    if time.as_secs() >= u64::from(u32::MAX) {
        return NEVER;
    }
    coarsetime::Duration::from(time).as_ticks()
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Replaced(_) => "Replaced",
        })
    }
}
