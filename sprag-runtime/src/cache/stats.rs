//! [`CacheStats`], and the counters behind it, for which no two threads contend.

use std::cell::Cell;

use thread_local::ThreadLocal;

use crate::sync::atomic::{AtomicU64, Ordering};

/// The counts of a cache since it was built.
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
    /// Reads that found no value, or an expired one.
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
    /// For all threads that end.
    last_reads: Reads,
    pub(super) computations: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) panics: AtomicU64,
    pub(super) invalidations: AtomicU64,
}

/// Alone on its cache lines, so that the count of one thread does not slow another's.
#[repr(align(128))]
#[derive(Default)]
struct Reads {
    hits: AtomicU64,
    misses: AtomicU64,
}

/// The outcome of a read.
#[derive(Clone, Copy)]
pub(super) enum ReadOutcome {
    Hit,
    Miss,
}

impl ReadOutcome {
    #[inline]
    pub(super) fn of<V>(found: Option<&V>) -> Self {
        if found.is_some() { Self::Hit } else { Self::Miss }
    }
}

impl Reads {
    #[inline]
    fn counter(&self, outcome: ReadOutcome) -> &AtomicU64 {
        match outcome {
            ReadOutcome::Hit => &self.hits,
            ReadOutcome::Miss => &self.misses,
        }
    }
}

impl Counters {
    #[inline]
    pub(super) fn count_read(&self, outcome: ReadOutcome) {
        if ThreadPhase::now() != ThreadPhase::Counts {
            return self.count_first_or_last(outcome);
        }
        let counter = self.reads.get_or_default().counter(outcome);
        // No other thread writes to the counter, so a load and a store do for an addition.
        counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Counts the first read of a thread, and the reads of a thread whose locals are gone.
    #[cold]
    fn count_first_or_last(&self, outcome: ReadOutcome) {
        if ThreadPhase::now() == ThreadPhase::Ends {
            return count(self.last_reads.counter(outcome));
        }
        let counter = self.reads.get_or_default().counter(outcome);
        counter.fetch_add(1, Ordering::Relaxed);
        ThreadPhase::begin();
    }

    pub(super) fn stats(&self) -> CacheStats {
        let reads = || self.reads.iter().chain([&self.last_reads]);
        let count = |reads: &Reads, outcome| reads.counter(outcome).load(Ordering::Relaxed);
        let sum = |outcome| reads().map(|reads| count(reads, outcome)).sum();
        CacheStats {
            hits: sum(ReadOutcome::Hit),
            misses: sum(ReadOutcome::Miss),
            computations: self.computations.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            panics: self.panics.load(Ordering::Relaxed),
            invalidations: self.invalidations.load(Ordering::Relaxed),
        }
    }
}

/// Adds one.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Whether this thread may use [`ThreadLocal`], which panics once the thread has destroyed
/// the local that holds the thread's number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ThreadPhase {
    /// The thread has not counted yet.
    New,
    Counts,
    /// The thread destroys its locals.
    Ends,
}

// The machine's threads, whose numbers `ThreadLocal` uses, also under a schedule explorer.
std::thread_local! {
    /// Has no destructor, so it exists to the end.
    static PHASE: Cell<ThreadPhase> = const { Cell::new(ThreadPhase::New) };
    static LAST: Last = const { Last };
}

impl ThreadPhase {
    #[inline]
    fn now() -> Self {
        PHASE.with(Cell::get)
    }

    /// Called after the thread's first use of a [`ThreadLocal`]: a thread destroys its
    /// locals last first, and so `LAST` before the number.
    fn begin() {
        PHASE.with(|phase| phase.set(Self::Counts));
        LAST.with(|_| ());
    }
}

/// Notes that the thread destroys its locals.
struct Last;

impl Drop for Last {
    fn drop(&mut self) {
        PHASE.with(|phase| phase.set(ThreadPhase::Ends));
    }
}
