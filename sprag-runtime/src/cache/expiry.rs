//! [`Lifetime`]: when a value is refreshed and when it expires; and the [`LifetimePolicy`]
//! of a cache, which determines the lifetime of its values.

use std::time::Duration;

use super::timer::{NEVER, PAST, Timer};
use crate::error::CacheBuildError;
use crate::sync::atomic::{AtomicU64, Ordering};

/// The longest time to live: a hundred years. More is most likely a mistake of units.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// The builder's options about the lifetime of values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LifetimePolicy {
    /// Zero means that values do not expire.
    pub(super) ttl: Duration,
    /// The share of the time to live that chance may take away, from 0 to 1.
    pub(super) jitter: f64,
    /// How long an expired value is served while another one is computed.
    pub(super) stale: Duration,
    /// How long before its expiry a value is computed again.
    pub(super) ahead: Duration,
    /// How long after the start of its computation a value outlives an invalidation.
    pub(super) throttle: Duration,
}

impl LifetimePolicy {
    pub(super) fn check(&self) -> Result<(), CacheBuildError> {
        if self.ttl > LONGEST {
            return Err(CacheBuildError::TtlTooLong { ttl: self.ttl });
        }
        if !(0.0..=1.0).contains(&self.jitter) {
            return Err(CacheBuildError::Jitter { jitter: self.jitter.to_string() });
        }
        Ok(())
    }

    /// Returns the lifetime of a value that is written now and lives for `ttl`.
    pub(super) fn lifetime(&self, timer: &Timer, ttl: Duration) -> Lifetime {
        if ttl.is_zero() {
            return Lifetime::ENDLESS;
        }
        let now = timer.now();
        let ttl = self.jittered(ttl);
        Lifetime {
            refresh_at: timer.after(now, ttl.saturating_sub(self.ahead)),
            deadline: timer.after(now, ttl.saturating_add(self.stale)),
        }
    }

    fn jittered(&self, ttl: Duration) -> Duration {
        if self.jitter == 0.0 { ttl } else { ttl.mul_f64(1.0 - self.jitter * fastrand::f64()) }
    }
}

impl Lifetime {
    /// Ends at `moment` at the latest.
    pub(super) fn until(self, moment: u64) -> Self {
        Self { refresh_at: self.refresh_at.min(moment), deadline: self.deadline.min(moment) }
    }
}

/// A [`Lifetime`] that an invalidation may shorten while threads read it.
#[derive(Debug)]
pub(super) struct SharedLifetime {
    refresh_at: AtomicU64,
    deadline: AtomicU64,
}

impl SharedLifetime {
    #[inline]
    pub(super) fn refresh_at(&self) -> u64 {
        self.refresh_at.load(Ordering::Acquire)
    }

    #[inline]
    pub(super) fn deadline(&self) -> u64 {
        self.deadline.load(Ordering::Acquire)
    }

    /// Ends at `moment` at the latest.
    pub(super) fn shorten(&self, moment: u64) {
        self.refresh_at.fetch_min(moment, Ordering::AcqRel);
        self.deadline.fetch_min(moment, Ordering::AcqRel);
    }
}

impl From<Lifetime> for SharedLifetime {
    fn from(lifetime: Lifetime) -> Self {
        let Lifetime { refresh_at, deadline } = lifetime;
        Self { refresh_at: AtomicU64::new(refresh_at), deadline: AtomicU64::new(deadline) }
    }
}

/// Two moments of the cache's [`Timer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lifetime {
    /// From here on `get_or_compute` computes another value. Callers get this one until the
    /// other one exists or `deadline` has passed.
    pub(super) refresh_at: u64,
    /// From here on no caller gets the value.
    pub(super) deadline: u64,
}

impl Lifetime {
    /// The lifetime of a value that does not expire.
    pub(super) const ENDLESS: Self = Self { refresh_at: NEVER, deadline: NEVER };

    /// The lifetime of a value that only the callers of its computation get.
    pub(super) const OVER: Self = Self { refresh_at: PAST, deadline: PAST };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c3_a_time_to_live_of_a_hundred_years_is_the_longest() {
        let check = |ttl| LifetimePolicy { ttl, ..LifetimePolicy::default() }.check();
        assert_eq!(check(LONGEST), Ok(()));
        let ttl = LONGEST + Duration::from_nanos(1);
        assert_eq!(check(ttl), Err(CacheBuildError::TtlTooLong { ttl }));
    }
}
