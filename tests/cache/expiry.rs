//! C3: times to live.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sprag::cache::{Clock, ManualClock};
use sprag::prelude::*;

use crate::support::*;

#[test]
fn c3_a_value_lives_until_its_deadline() {
    let clock = ManualClock::new();
    let build = |ttl| cache::<u32>(&Bus::new(), "drives").clock(clock.clone()).ttl(ttl).build();
    let (timed, forever) = (build(TTL).unwrap(), build(Duration::ZERO).unwrap());
    assert_eq!((timed.get_or_compute(|| 1), forever.get_or_compute(|| 1)), (1, 1));

    clock.advance(TTL - Duration::from_nanos(1));
    assert_eq!((timed.get(), forever.get()), (Some(1), Some(1)));
    clock.advance(Duration::from_nanos(1));
    assert_eq!((timed.get(), forever.get()), (None, Some(1)));
    assert_eq!(timed.get_or_compute(|| 2), 2);

    timed.set_with_ttl(3, Duration::from_secs(1));
    forever.set_with_ttl(3, Duration::from_secs(1));
    clock.advance(Duration::from_secs(1));
    assert_eq!((timed.get(), forever.get()), (None, None), "each write may have its own");
    timed.set_with_ttl(4, Duration::ZERO);
    clock.advance(100 * TTL);
    assert_eq!(timed.get(), Some(4));
}

#[test]
fn c3_a_manual_clock_never_goes_back() {
    let clock = ManualClock::new();
    clock.advance(Duration::MAX);
    let end = clock.now();
    clock.advance(Duration::from_nanos(1));
    assert!(end > Duration::from_secs(3_600) && clock.now() == end);
}

#[test]
fn c3_near_the_deadline_the_precise_clock_decides() {
    let clock = ManualClock::new();
    clock.set_lag(Duration::from_millis(10));
    let bus = Bus::new();
    let drives = cache::<u32>(&bus, "drives").clock(clock.clone()).ttl(TTL).build().unwrap();
    drives.set(1);
    clock.advance(TTL - Duration::from_millis(1));
    assert_eq!(drives.get(), Some(1));
    clock.advance(Duration::from_millis(1));
    assert_eq!(drives.get(), None, "the coarse clock is late, and is not asked");
}

#[test]
fn c3_far_from_the_deadline_the_precise_clock_is_not_read() {
    #[derive(Default)]
    struct Counting {
        time: ManualClock,
        precise: AtomicUsize,
    }
    impl Clock for Counting {
        fn now(&self) -> Duration {
            self.precise.fetch_add(1, Ordering::SeqCst);
            self.time.now()
        }
        fn coarse(&self) -> Duration {
            self.time.coarse()
        }
    }
    let clock = Arc::new(Counting::default());
    let bus = Bus::new();
    let drives = cache::<u32>(&bus, "drives").clock(clock.clone()).ttl(TTL).build().unwrap();
    drives.set(1);
    let at_set = clock.precise.load(Ordering::SeqCst);
    clock.time.advance(TTL - Duration::from_millis(101));
    (0..100).for_each(|_| assert_eq!(drives.get(), Some(1)));
    assert_eq!(clock.precise.load(Ordering::SeqCst), at_set);
    clock.time.advance(Duration::from_millis(1));
    assert_eq!(drives.get(), Some(1));
    assert_eq!(clock.precise.load(Ordering::SeqCst), at_set + 1);

    // A coarse clock that does not move: a hit may be late by its lag, not more.
    clock.time.set_lag(Duration::from_secs(1));
    clock.time.advance(Duration::from_millis(500));
    assert_eq!(drives.get(), Some(1));
    clock.time.advance(Duration::from_millis(500));
    assert_eq!(drives.get(), None);
}

#[test]
fn c3_the_machines_clock_runs() {
    // Longer than the time near a deadline, in which the coarse clock does not count.
    let ttl = Duration::from_millis(101);
    let drives = cache::<u32>(&Bus::new(), "drives").ttl(ttl).build().unwrap();
    drives.set(1);
    let since = Instant::now();
    while drives.get().is_some() {
        assert!(since.elapsed() < Duration::from_secs(20), "it never expires");
        thread::yield_now();
    }
    assert!(since.elapsed() >= ttl - Duration::from_millis(1));
}
