//! [`Clock`]: what caches tell the time by.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::sync::atomic::{AtomicU64, Ordering};

/// A monotonic clock, for a cache whose time is not the machine's.
///
/// [`ManualClock`] is the one for tests.
///
/// [`coarse`](Self::coarse) is called at every hit, perhaps by many threads at once, and
/// must not block.
///
/// ```
/// use sprag::cache::Clock;
/// use std::time::{Duration, Instant};
///
/// /// Runs ten times as fast as the machine's.
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
    /// The time since some fixed moment. It never goes back.
    fn now(&self) -> Duration;

    /// The same, cheaper to read, and late by a few milliseconds at most. A cache
    /// reads it at every hit and asks [`now`](Self::now) only near a deadline.
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

/// A clock that stands still until it is advanced.
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
    state: Arc<ManualState>,
}

#[derive(Debug, Default)]
struct ManualState {
    nanos: AtomicU64,
    lag: AtomicU64,
}

impl ManualClock {
    /// A clock that shows zero.
    ///
    /// ```
    /// # use sprag::cache::{Clock, ManualClock};
    /// # use std::time::Duration;
    /// assert_eq!(ManualClock::new().now(), Duration::ZERO);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the clock on.
    ///
    /// ```
    /// # use sprag::cache::{Clock, ManualClock};
    /// # use std::time::Duration;
    /// let clock = ManualClock::new();
    /// clock.advance(Duration::from_secs(300));
    /// assert_eq!(clock.clone().now(), Duration::from_secs(300));
    /// ```
    pub fn advance(&self, time: Duration) {
        self.state.nanos.fetch_add(nanos(time), Ordering::SeqCst);
    }

    /// Makes the coarse reading late by `lag` from now on.
    ///
    /// As the machine's own coarse clock is.
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
        self.state.lag.store(nanos(lag), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.state.nanos.load(Ordering::SeqCst))
    }

    fn coarse(&self) -> Duration {
        self.now().saturating_sub(Duration::from_nanos(self.state.lag.load(Ordering::SeqCst)))
    }
}

/// A deadline that never comes.
pub(super) const NEVER: u64 = u64::MAX;

/// How near a deadline the precise clock decides.
const NEAR: Duration = Duration::from_millis(100);

/// The same in ticks of the machine's coarse clock.
const NEAR_TICKS: u64 = coarsetime::Duration::from_millis(NEAR.as_millis() as u64).as_ticks();

/// A cache's clock, in a unit of its own: ticks of the machine's coarse clock, so
/// that a hit converts nothing, or a replaced clock's nanoseconds.
pub(super) enum Timer {
    System,
    Replaced(Arc<dyn Clock>),
}

impl Timer {
    /// When what is written now expires; a `ttl` of zero, or past the clock's end,
    /// is [`NEVER`].
    pub(super) fn deadline(&self, ttl: Duration) -> u64 {
        if ttl.is_zero() {
            return NEVER;
        }
        let ttl = match self {
            Self::System => ticks(ttl),
            Self::Replaced(_) => nanos(ttl),
        };
        self.now().saturating_add(ttl)
    }

    /// Whether `deadline` is yet to come.
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

/// One moment on both clocks of the machine, so that they can be compared.
struct Origin {
    precise: Instant,
    ticks: u64,
}

fn origin() -> &'static Origin {
    static ORIGIN: OnceLock<Origin> = OnceLock::new();
    ORIGIN.get_or_init(|| Origin { precise: Instant::now(), ticks: coarse_ticks() })
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// [`NEVER`] past the clock's end.
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
