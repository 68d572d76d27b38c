//! Caches of one value: one flight, late results, leaders that do not come back.

use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use sprag_runtime::{Bus, Cache, ManualClock, create_cache};

use crate::explored::{self, Truth, cache, join, spawn};

const SCHEDULES: usize = 2_000;

/// Explores [`SCHEDULES`] of `scenario`.
fn explore(scenario: impl Fn() + Send + Sync + Clone + 'static) {
    explored::explore(SCHEDULES, scenario);
}

/// A caller whose computation reads the truth.
fn reads(drives: &Cache<u64>, truth: &Truth) -> impl FnOnce() + Send + 'static {
    let (drives, truth) = (drives.clone(), truth.clone());
    move || _ = drives.get_or_compute(|| truth.read())
}

/// Changes the truth, and then invalidates.
fn invalidates(drives: &Cache<u64>, truth: &Truth) -> impl FnOnce() + Send + 'static {
    let (drives, truth) = (drives.clone(), truth.clone());
    move || {
        truth.change();
        drives.invalidate();
    }
}

/// A caller that gets 7, computed by itself or by another.
fn computes_seven(drives: &Cache<u64>) -> impl FnOnce() + Send + 'static {
    let drives = drives.clone();
    move || assert_eq!(drives.get_or_compute(|| 7), 7)
}

#[test]
fn c1_one_computation_serves_all_callers() {
    explore(|| {
        let drives = cache(&Bus::new(), "drives");
        let caller = |n| {
            let drives = drives.clone();
            move || _ = drives.get_or_compute(|| n)
        };

        join([spawn(caller(1)), spawn(caller(2)), spawn(caller(3))]);

        assert_eq!(drives.stats().computations, 1);
    });
}

#[test]
fn c2_a_late_result_is_never_stored() {
    explore(|| {
        let (drives, truth) = (cache(&Bus::new(), "drives"), Truth::default());
        let reader = || reads(&drives, &truth);
        let writer = invalidates(&drives, &truth);

        join([spawn(reader()), spawn(writer), spawn(reader())]);

        assert_eq!(drives.get_or_compute(|| truth.read()), 1);
    });
}

#[test]
fn c4_a_waiting_caller_takes_over_from_one_that_panics() {
    explore(|| {
        let drives = cache(&Bus::new(), "drives");
        let panics = {
            let drives = drives.clone();
            move || {
                let compute = || drives.get_or_compute(|| std::panic::resume_unwind(Box::new(())));
                let _ = catch_unwind(AssertUnwindSafe(compute));
            }
        };
        let computes = || computes_seven(&drives);

        join([spawn(panics), spawn(computes()), spawn(computes())]);
    });
}

#[test]
fn c9_a_refresh_is_one_computation_and_an_invalidation_wins() {
    explore(|| {
        let (clock, truth) = (ManualClock::new(), Truth::default());
        let drives = create_cache::<u64>("drives").bus(&Bus::new()).clock(clock.clone());
        let drives = drives.ttl(Duration::from_secs(60));
        let drives = drives.stale_while_revalidate(Duration::from_secs(60)).build().unwrap();
        drives.set(0);
        clock.advance(Duration::from_secs(60));
        let reader = || reads(&drives, &truth);
        let writer = invalidates(&drives, &truth);

        join([spawn(reader()), spawn(reader()), spawn(writer)]);

        assert_eq!(drives.get_or_compute(|| truth.read()), 1);
    });
}

#[test]
fn c5_a_leader_that_is_dropped_hands_over() {
    explore(|| {
        let drives = cache(&Bus::new(), "drives");
        let dropped = {
            let drives = drives.clone();
            move || {
                let mut flight = pin!(drives.get_or_compute_async(pending));
                _ = flight.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            }
        };
        let computes = || computes_seven(&drives);

        join([spawn(dropped), spawn(computes()), spawn(computes())]);

        assert_eq!(drives.get(), Some(7));
    });
}

#[test]
fn c5_a_waiter_that_is_dropped_takes_nobodys_turn() {
    explore(|| {
        let drives = cache(&Bus::new(), "drives");
        let leads = {
            let drives = drives.clone();
            move || {
                let mut flight = pin!(drives.get_or_compute_async(pending));
                let once = poll_fn(|cx| {
                    _ = flight.as_mut().poll(cx);
                    Poll::Ready(())
                });
                shuttle::future::block_on(once);
                shuttle::thread::yield_now();
            }
        };
        let computes = computes_seven(&drives);

        join([spawn(leads.clone()), spawn(leads), spawn(computes)]);

        assert_eq!(drives.get(), Some(7));
    });
}

#[test]
fn c7_a_set_wins_over_a_result_that_comes_later() {
    explore(|| {
        let (drives, truth) = (cache(&Bus::new(), "drives"), Truth::default());
        let reader = || reads(&drives, &truth);
        let writer = {
            let (drives, truth) = (drives.clone(), truth.clone());
            move || drives.set(truth.change())
        };

        join([spawn(reader()), spawn(writer), spawn(reader())]);

        assert_eq!(drives.get(), Some(1));
    });
}
