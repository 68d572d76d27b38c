//! [`CacheStats`], and counting that no two threads contend for.

use thread_local::ThreadLocal;

use crate::sync::atomic::{AtomicU64, Ordering};

/// What a cache did since it was built.
///
/// ```
/// # use sprag::prelude::*;
/// # let drives = create_cache::<u32>("drives").build()?;
/// drives.get_or_compute(|| 3);
/// drives.invalidate();
/// assert_eq!((drives.stats().computations, drives.stats().invalidations), (1, 1));
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStats {
    /// Reads that found a value.
    pub hits: u64,
    /// Reads that found none, or an expired one.
    pub misses: u64,
    /// Computations that were started.
    pub computations: u64,
    /// Computations that returned an error.
    pub failures: u64,
    /// Computations that panicked.
    pub panics: u64,
    /// How often the cache, or an entry of it, was invalidated.
    pub invalidations: u64,
}

#[derive(Default)]
pub(super) struct Counters {
    /// One for each thread, which alone writes to it.
    reads: ThreadLocal<Reads>,
    pub(super) computations: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) panics: AtomicU64,
    pub(super) invalidations: AtomicU64,
}

/// Alone on its cache lines, so that one thread's count does not slow another's.
#[repr(align(128))]
#[derive(Default)]
struct Reads {
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Counters {
    #[inline]
    pub(super) fn read(&self, hit: bool) {
        let reads = self.reads.get_or_default();
        let count = if hit { &reads.hits } else { &reads.misses };
        // No other thread writes to it, so a load and a store do for an addition.
        count.store(count.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    pub(super) fn stats(&self) -> CacheStats {
        let sum = |of: fn(&Reads) -> &AtomicU64| {
            self.reads.iter().map(|reads| of(reads).load(Ordering::Relaxed)).sum()
        };
        CacheStats {
            hits: sum(|reads| &reads.hits),
            misses: sum(|reads| &reads.misses),
            computations: self.computations.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            panics: self.panics.load(Ordering::Relaxed),
            invalidations: self.invalidations.load(Ordering::Relaxed),
        }
    }
}

/// One more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
