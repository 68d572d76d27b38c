//! C9: values that are refreshed while they are still served, and times to live that a
//! computation or chance decides.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::mpsc::channel;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use sprag::cache::ManualClock;
use sprag::error::{CacheBuildError, CacheError};
use sprag::prelude::*;
use test_support::within;

use crate::support::*;

const STALE: Duration = Duration::from_secs(30);

fn stale(clock: &ManualClock) -> Cache<u32> {
    let drives = cache::<u32>(&Bus::new(), "drives").ttl(TTL).stale_while_revalidate(STALE);
    drives.clock(clock.clone()).build().unwrap()
}

#[test]
fn c9_an_expired_value_is_served_while_one_caller_computes() {
    within(LIMIT, || {
        let clock = ManualClock::new();
        let drives = stale(&clock);
        drives.set(1);
        clock.advance(TTL);

        let (inside, is_inside) = channel();
        let (proceed, may_proceed) = channel();
        let leader = thread::spawn({
            let drives = drives.clone();
            move || {
                drives.get_or_compute(|| {
                    inside.send(()).unwrap();
                    may_proceed.recv().unwrap();
                    2
                })
            }
        });
        is_inside.recv().unwrap();
        assert_eq!(drives.get_or_compute(|| unreachable!("another caller computes")), 1);
        assert_eq!(
            (drives.get(), drives.read(|v| *v), drives.load().map(|v| *v)),
            (Some(1), Some(1), Some(1))
        );
        proceed.send(()).unwrap();

        assert_eq!(leader.join().unwrap(), 2);
        assert_eq!(drives.get_or_compute(|| unreachable!("refreshed")), 2);
        assert_eq!(drives.stats().computations, 1);
    });
}

#[test]
fn c9_after_the_stale_time_callers_wait_for_the_refresh_that_is_under_way() {
    within(LIMIT, || {
        let clock = ManualClock::new();
        let drives = stale(&clock);
        drives.set(1);
        clock.advance(TTL);
        let mut leader = pin!(drives.get_or_compute_async(|| {
            let mut polled = false;
            std::future::poll_fn(move |_| {
                if std::mem::replace(&mut polled, true) { Poll::Ready(2) } else { Poll::Pending }
            })
        }));
        assert!(poll(leader.as_mut()).is_pending());
        clock.advance(STALE);
        assert_eq!(drives.get(), None);
        let mut waiter = pin!(drives.get_or_compute_async(async || unreachable!("one flight")));
        assert!(poll(waiter.as_mut()).is_pending());

        assert_eq!(poll(leader.as_mut()), Poll::Ready(2));
        assert_eq!(poll(waiter.as_mut()), Poll::Ready(2));
        assert_eq!(drives.get(), Some(2));
    });
}

#[test]
fn c9_c2_an_invalidation_during_a_refresh_wins() {
    let clock = ManualClock::new();
    let drives = stale(&clock);
    for overtake in [Cache::invalidate, |drives: &Cache<u32>| drives.set(9)] {
        drives.set(1);
        clock.advance(TTL);
        let late = drives.get_or_compute(|| {
            overtake(&drives);
            2
        });
        assert_eq!(late, 2);
        assert_ne!(drives.get(), Some(2), "a late result is never stored");
    }
    assert_eq!(drives.get(), Some(9));
}

#[test]
fn c9_c4_a_failed_refresh_leaves_the_value_and_the_next_caller_computes() {
    let clock = ManualClock::new();
    let drives = stale(&clock);
    drives.set(1);
    clock.advance(TTL);

    let failed = drives.try_get_or_compute(|| Err(Unplugged));
    assert!(matches!(failed, Err(CacheError::Failed { .. })));
    assert!(catch_unwind(AssertUnwindSafe(|| drives.get_or_compute(|| panic!("no")))).is_err());
    {
        let mut dropped = pin!(drives.get_or_compute_async(std::future::pending));
        assert!(poll(dropped.as_mut()).is_pending());
        assert_eq!(drives.get_or_compute(|| unreachable!("a task computes")), 1);
    }
    assert_eq!(drives.get(), Some(1));
    assert_eq!(drives.get_or_compute(|| 2), 2);
}

#[test]
fn c9_c5_a_refresh_that_queries_its_own_cache_gets_the_present_value() {
    let clock = ManualClock::new();
    let drives = stale(&clock);
    drives.set(1);
    clock.advance(TTL);

    assert_eq!(drives.get_or_compute(|| drives.get_or_compute(|| unreachable!()) + 1), 2);
}

#[test]
fn c9_a_value_is_refreshed_ahead_of_its_expiry() {
    let clock = ManualClock::new();
    let drives = cache::<u32>(&Bus::new(), "drives").ttl(TTL).refresh_ahead(STALE);
    let drives = drives.clock(clock.clone()).build().unwrap();
    drives.set(1);

    clock.advance(TTL - STALE - Duration::from_nanos(1));
    assert_eq!(drives.get_or_compute(|| unreachable!("not due")), 1);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(drives.get_or_compute(|| 2), 2);
    clock.advance(TTL - Duration::from_nanos(1));
    assert_eq!(drives.get(), Some(2), "it lives from its computation on");
    clock.advance(Duration::from_nanos(1));
    assert_eq!(drives.get(), None);
}

#[test]
fn c9_entries_are_refreshed_ahead_each_of_its_own_expiry() {
    let (clock, second) = (ManualClock::new(), Duration::from_secs(1));
    let sizes = create_keyed_cache::<u32, u32>("sizes").bus(&Bus::new()).ttl(TTL);
    let sizes = sizes.refresh_ahead(STALE).clock(clock.clone()).build().unwrap();
    sizes.set(1, 10);
    clock.advance(second);
    sizes.set(2, 20);

    clock.advance(TTL - STALE - second - Duration::from_nanos(1));
    assert_eq!(sizes.get_or_compute(&1, || unreachable!("not due")), 10);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(sizes.get(&1), Some(10), "it is served until its refresh");
    assert_eq!(sizes.get_or_compute(&1, || 11), 11);
    assert_eq!(sizes.get_or_compute(&2, || unreachable!("not due")), 20);
    clock.advance(second);
    assert_eq!(sizes.get_or_compute(&2, || 21), 21);
    clock.advance(TTL - second);
    assert_eq!((sizes.get(&1), sizes.get(&2)), (None, Some(21)), "each from its refresh on");
}

#[test]
fn c9_entries_are_refreshed_each_for_itself() {
    within(LIMIT, || {
        let clock = ManualClock::new();
        let sizes = create_keyed_cache::<u32, u32>("sizes").bus(&Bus::new()).ttl(TTL);
        let sizes = sizes.stale_while_revalidate(STALE).clock(clock.clone()).build().unwrap();
        sizes.set(1, 10);
        sizes.set(2, 20);
        clock.advance(TTL);

        let mut leader = pin!(sizes.get_or_compute_async(&1, || {
            let mut polled = false;
            std::future::poll_fn(move |_| {
                if std::mem::replace(&mut polled, true) { Poll::Ready(11) } else { Poll::Pending }
            })
        }));
        assert!(poll(leader.as_mut()).is_pending());
        assert_eq!(sizes.get_or_compute(&1, || unreachable!("a task computes")), 10);
        assert_eq!(sizes.get_or_compute(&2, || 21), 21);
        clock.advance(STALE);
        assert_eq!(sizes.get(&1), None);
        let mut waiter = pin!(sizes.get_or_compute_async(&1, async || unreachable!("one flight")));
        assert!(poll(waiter.as_mut()).is_pending());
        assert_eq!(poll(leader.as_mut()), Poll::Ready(11));
        assert_eq!(poll(waiter.as_mut()), Poll::Ready(11));
        assert_eq!(sizes.get(&1), Some(11));

        clock.advance(TTL);
        let late = sizes.get_or_compute(&1, || {
            sizes.invalidate(&1);
            12
        });
        assert_eq!((late, sizes.get(&1)), (12, None));
    });
}

#[test]
fn c3_a_computation_says_how_long_its_value_lives() {
    let clock = ManualClock::new();
    let token = cache::<u32>(&Bus::new(), "token").ttl(TTL).clock(clock.clone()).build().unwrap();
    let second = Duration::from_secs(1);

    let mut expected = 0;
    let mut round = |compute: &dyn Fn(u32) -> u32| {
        expected += 1;
        assert_eq!(compute(expected), expected);
        assert_eq!(token.get(), Some(expected));
        clock.advance(second);
        assert_eq!(token.get(), None);
    };
    round(&|n| token.get_or_compute_with_ttl(|| (n, second)));
    round(&|n| token.try_get_or_compute_with_ttl(|| Ok::<_, Unplugged>((n, second))).unwrap());
    round(&|n| at_once(token.get_or_compute_with_ttl_async(async || (n, second))));
    round(&|n| {
        let compute = async || Ok::<_, Unplugged>((n, second));
        at_once(token.try_get_or_compute_with_ttl_async(compute)).unwrap()
    });

    token.get_or_compute_with_ttl(|| (7, Duration::ZERO));
    clock.advance(Duration::MAX);
    assert_eq!(token.get(), Some(7), "zero means no expiry");
}

#[test]
fn c3_the_computation_of_an_entry_says_how_long_its_value_lives() {
    let clock = ManualClock::new();
    let pages = create_keyed_cache::<u32, u32>("pages").bus(&Bus::new()).clock(clock.clone());
    let pages = pages.build().unwrap();
    let seconds = Duration::from_secs;

    pages.get_or_compute_with_ttl(&1, || (1, seconds(1)));
    pages.try_get_or_compute_with_ttl(&2, || Ok::<_, Unplugged>((2, seconds(2)))).unwrap();
    at_once(pages.get_or_compute_with_ttl_async(&3, async || (3, seconds(3))));
    let compute = async || Ok::<_, Unplugged>((4, seconds(4)));
    at_once(pages.try_get_or_compute_with_ttl_async(&4, compute)).unwrap();

    for second in 1..=4 {
        assert_eq!(pages.get(&second), Some(second));
        clock.advance(seconds(1));
        assert_eq!(pages.get(&second), None);
    }
}

/// A hundred values that live for 100 s less up to a half; `left` counts those that are there.
fn expiries_are_spread(clock: &ManualClock, left: impl Fn() -> usize) {
    let seconds = Duration::from_secs;
    clock.advance(seconds(50) - Duration::from_nanos(1));
    assert_eq!(left(), 100, "at most half of the time is taken");
    let mut counts = BTreeSet::new();
    for _ in 0..50 {
        counts.insert(left());
        clock.advance(seconds(1));
    }
    clock.advance(Duration::from_nanos(1));
    assert_eq!(left(), 0, "no value outlives its `ttl`");
    assert!(counts.len() > 10, "{counts:?}");
}

#[test]
fn c9_jitter_spreads_the_expiries_of_entries_and_lengthens_none() {
    let clock = ManualClock::new();
    let sizes = create_keyed_cache::<u32, ()>("sizes").bus(&Bus::new()).jitter(0.5);
    let sizes = sizes.ttl(Duration::from_secs(100)).clock(clock.clone()).build().unwrap();
    (0..100).for_each(|key| sizes.set(key, ()));

    expiries_are_spread(&clock, || (0..100).filter(|key| sizes.get(key).is_some()).count());
}

#[test]
fn c9_jitter_spreads_the_expiries_of_caches_and_lengthens_none() {
    let clock = ManualClock::new();
    let build = |n: u32| {
        let sizes = cache::<u32>(&Bus::new(), &format!("size {n}")).jitter(0.5);
        sizes.ttl(Duration::from_secs(100)).clock(clock.clone()).build().unwrap()
    };
    let sizes: Vec<_> = (0..100).map(build).collect();
    sizes.iter().for_each(|size| _ = size.get_or_compute(|| 7));

    expiries_are_spread(&clock, || sizes.iter().filter(|size| size.get().is_some()).count());
}

#[test]
fn c9_a_jitter_is_a_share() {
    for share in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        let refused = cache::<u32>(&Bus::new(), "drives").jitter(share).build().unwrap_err();
        assert!(matches!(refused, CacheBuildError::Jitter { .. }), "{refused}");
    }
    assert!(cache::<u32>(&Bus::new(), "drives").jitter(1.0).ttl(TTL).build().is_ok());
}
