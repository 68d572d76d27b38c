//! [`Clock`]: the time source of caches, and [`ManualClock`] for tests.

use std::sync::Arc;
use std::time::Duration;

use crate::sync::atomic::{AtomicU64, Ordering};

/// A monotonic clock that replaces the machine's clock in a cache.
///
/// [`ManualClock`] is the clock for tests.
///
/// A cache calls [`coarse`](Self::coarse) at every hit, possibly from many threads at
/// once; it must not block.
///
/// ```
/// use sprag::cache::Clock;
/// use std::time::{Duration, Instant};
///
/// /// Runs ten times as fast as the machine's clock.
/// struct Fast {
///     start: Instant,
/// }
///
/// impl Clock for Fast {
///     fn now(&self) -> Duration {
///         self.start.elapsed() * 10
///     }
/// }
///
/// let clock = Fast { start: Instant::now() };
/// assert!(clock.coarse() <= clock.now());
/// ```
pub trait Clock: Send + Sync + 'static {
    /// Returns the time since some fixed moment. The result never decreases.
    fn now(&self) -> Duration;

    /// Like [`now`](Self::now), but cheaper to read, and late by at most a few
    /// milliseconds. A cache reads `coarse` at every hit, and `now` only near a deadline.
    fn coarse(&self) -> Duration {
        self.now()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Duration {
        (**self).now()
    }

    fn coarse(&self) -> Duration {
        (**self).coarse()
    }
}

/// A clock that moves only when [`advance`](Self::advance) is called.
///
/// Clones are the same clock.
///
/// ```
/// # use std::time::Duration;
/// use sprag::{cache::ManualClock, prelude::*};
///
/// let clock = ManualClock::new();
/// let drives = create_cache::<u32>("drives")
///     .clock(clock.clone())
///     .ttl(Duration::from_secs(300))
///     .build()?;
///
/// drives.set(3);
/// clock.advance(Duration::from_secs(300));
/// assert_eq!(drives.get(), None);
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ManualClock {
    readings: Arc<Readings>,
}

/// Both in nanoseconds.
#[derive(Debug, Default)]
struct Readings {
    now: AtomicU64,
    lag: AtomicU64,
}

impl ManualClock {
    /// Creates a clock that shows zero.
    ///
    /// ```
    /// # use sprag::cache::{Clock, ManualClock};
    /// # use std::time::Duration;
    /// assert_eq!(ManualClock::new().now(), Duration::ZERO);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the clock on by `time`, to its end (584 years) at most.
    ///
    /// ```
    /// # use sprag::cache::{Clock, ManualClock};
    /// # use std::time::Duration;
    /// let clock = ManualClock::new();
    /// clock.advance(Duration::from_secs(300));
    /// assert_eq!(clock.clone().now(), Duration::from_secs(300));
    /// ```
    pub fn advance(&self, time: Duration) {
        let advanced = |now: u64| Some(now.saturating_add(nanos(time)));
        let _ = self.readings.now.fetch_update(Ordering::SeqCst, Ordering::SeqCst, advanced);
    }

    /// Makes the coarse reading late by `lag` from now on, like the machine's coarse
    /// clock.
    ///
    /// ```
    /// # use sprag::cache::{Clock, ManualClock};
    /// # use std::time::Duration;
    /// let clock = ManualClock::new();
    /// clock.advance(Duration::from_secs(300));
    /// clock.set_lag(Duration::from_millis(4));
    /// assert_eq!(clock.now() - clock.coarse(), Duration::from_millis(4));
    /// ```
    pub fn set_lag(&self, lag: Duration) {
        self.readings.lag.store(nanos(lag), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.readings.now.load(Ordering::SeqCst))
    }

    fn coarse(&self) -> Duration {
        self.now().saturating_sub(Duration::from_nanos(self.readings.lag.load(Ordering::SeqCst)))
    }
}

/// Converts to nanoseconds, which saturate.
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c3_a_clock_without_a_coarse_reading_reads_the_precise_one() {
        struct StandingClock;

        impl Clock for StandingClock {
            fn now(&self) -> Duration {
                Duration::from_secs(3)
            }
        }

        assert_eq!(Arc::new(StandingClock).coarse(), Duration::from_secs(3));
    }
}
