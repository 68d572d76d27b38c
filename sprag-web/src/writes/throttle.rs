//! [`Throttle`]: limits the rate of one user's writes.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use lru::LruCache;
use parking_lot::Mutex;

/// How many users are remembered.
const USERS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// The burst, in seconds of writes.
const BURST: f64 = 5.0;

/// A bucket of writes for each user, which fills as time passes.
pub(crate) struct Throttle(Mutex<LruCache<Arc<str>, Bucket>>);

#[derive(Clone, Copy)]
struct Bucket {
    writes: f64,
    at: Instant,
}

impl Throttle {
    /// Whether `user` may make `writes` writes now, at a rate of `rate` per second.
    pub(crate) fn admits(&self, user: &Arc<str>, writes: usize, rate: u32, now: Instant) -> bool {
        let (rate, writes) = (f64::from(rate), writes as f64);
        let full = Bucket { writes: rate * BURST, at: now };
        let mut buckets = self.0.lock();
        let bucket = buckets.get_or_insert_mut(Arc::clone(user), || full);
        let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * rate;
        *bucket = Bucket { writes: (bucket.writes + gained).min(full.writes), at: now };
        let admits = bucket.writes >= writes.min(full.writes);
        if admits {
            bucket.writes -= writes;
        }
        admits
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(USERS)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn w8_a_flood_is_refused_and_a_patient_user_goes_on() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        assert!((0..50).all(|_| throttle.admits(&a, 1, 10, start)));
        assert!(!throttle.admits(&a, 1, 10, start));
        assert!(throttle.admits(&b, 1, 10, start), "one user does not stop another");
        let later = start + Duration::from_millis(150);
        assert!(throttle.admits(&a, 1, 10, later));
        assert!(!throttle.admits(&a, 1, 10, later));
    }
}
