//! [`Findings`]: what was done, and what should not have happened.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use self::deadline::Deadline;

/// The counters. Those from [`Counter::Lost`] on count faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    Rounds,
    Writes,
    Transactions,
    Reads,
    Deliveries,
    Subscriptions,
    Changesets,
    CacheReads,
    Events,
    Starts,
    Restarts,
    Frames,
    Connections,
    Entries,
    Lives,
    Kills,
    Lost,
    Torn,
    Doubled,
    OutOfOrder,
    Stale,
    Unreleased,
    Unclean,
}

/// The counters in the order of their names.
const COUNTERS: &[(Counter, &str)] = &[
    (Counter::Rounds, "rounds"),
    (Counter::Writes, "writes"),
    (Counter::Transactions, "transactions"),
    (Counter::Reads, "snapshots read"),
    (Counter::Deliveries, "deliveries"),
    (Counter::Subscriptions, "subscriptions made and dropped"),
    (Counter::Changesets, "changesets applied to a replica"),
    (Counter::CacheReads, "reads of caches"),
    (Counter::Events, "events"),
    (Counter::Starts, "apps started and stopped"),
    (Counter::Restarts, "services restarted"),
    (Counter::Frames, "frames read by browsers"),
    (Counter::Connections, "connections made and dropped"),
    (Counter::Entries, "writes in a log"),
    (Counter::Lives, "lives of a log"),
    (Counter::Kills, "processes with a log killed"),
    (Counter::Lost, "lost"),
    (Counter::Torn, "torn"),
    (Counter::Doubled, "doubled"),
    (Counter::OutOfOrder, "out of order"),
    (Counter::Stale, "stale"),
    (Counter::Unreleased, "not released"),
    (Counter::Unclean, "stops that were not clean"),
];

/// Shared by all threads of the load.
#[derive(Debug)]
pub(crate) struct Findings {
    began: Instant,
    round: Deadline,
    counts: [AtomicU64; COUNTERS.len()],
}

impl Findings {
    pub(crate) fn new() -> Self {
        let began = Instant::now();
        Self { began, round: Deadline::new(began), counts: Default::default() }
    }

    /// Begins a round that is over at `end`.
    pub(crate) fn begin(&self, end: Instant) {
        self.round.set(end);
    }

    /// Whether the threads of the round have to end.
    pub(crate) fn is_over(&self) -> bool {
        self.round.has_passed()
    }

    pub(crate) fn add(&self, counter: Counter, count: u64) {
        self.counts[counter as usize].fetch_add(count, Ordering::Relaxed);
    }

    /// Counts the fault, unless what is promised `holds`.
    pub(crate) fn expect(&self, holds: bool, fault: Counter) {
        if !holds {
            self.add(fault, 1);
        }
    }

    /// Compares one more of a sequence that rises by one with the last one.
    pub(crate) fn follows(&self, last: u64, next: u64) {
        match next.checked_sub(last) {
            Some(1) => {}
            Some(0) => self.add(Counter::Doubled, 1),
            Some(more) => self.add(Counter::Lost, more - 1),
            None => self.add(Counter::OutOfOrder, 1),
        }
    }

    pub(crate) fn faults(&self) -> u64 {
        COUNTERS
            .iter()
            .filter(|(counter, _)| *counter as usize >= Counter::Lost as usize)
            .map(|(counter, _)| self.count(*counter))
            .sum()
    }

    /// All counters, and how many of each there were in a second.
    pub(crate) fn table(&self) -> String {
        let seconds = self.began.elapsed().as_secs_f64();
        let row = |&(counter, name): &(Counter, &str)| {
            let count = self.count(counter);
            format!("{name:<34}{count:>16}{:>14.0}/s\n", count as f64 / seconds)
        };
        COUNTERS.iter().map(row).collect()
    }

    fn count(&self, counter: Counter) -> u64 {
        self.counts[counter as usize].load(Ordering::Relaxed)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (writes, deliveries) = (self.count(Counter::Writes), self.count(Counter::Deliveries));
        let elapsed = Duration::from_secs(self.began.elapsed().as_secs());
        let faults = self.faults();
        write!(f, "{elapsed:?}: {writes} writes, {deliveries} deliveries, {faults} faults")
    }
}

mod deadline {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, Instant};

    /// A point in time that many threads look at.
    #[derive(Debug)]
    pub(super) struct Deadline {
        origin: Instant,
        micros: AtomicU64,
    }

    impl Deadline {
        pub(super) fn new(origin: Instant) -> Self {
            Self { origin, micros: AtomicU64::new(0) }
        }

        pub(super) fn set(&self, at: Instant) {
            let micros = (at - self.origin).as_micros();
            self.micros.store(micros.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
        }

        pub(super) fn has_passed(&self) -> bool {
            self.origin.elapsed() >= Duration::from_micros(self.micros.load(Ordering::Relaxed))
        }
    }
}
