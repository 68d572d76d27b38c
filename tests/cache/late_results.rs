//! C2: the results of computations that an invalidation overtook.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use sprag::cache::ManualClock;
use sprag::prelude::*;
use test_support::within;

use crate::support::*;

#[test]
fn c2_a_late_result_goes_to_its_waiters_and_is_never_stored() {
    within(LIMIT, || {
        let drives = lone::<u32>();
        let (send, receive) = tokio::sync::oneshot::channel();
        let mut leader = pin!(drives.get_or_compute_async(|| async { receive.await.unwrap() }));
        assert!(poll(leader.as_mut()).is_pending());
        let mut waits = pin!(drives.get_or_compute_async(|| async { unreachable!() }));
        assert!(poll(waits.as_mut()).is_pending());

        drives.invalidate();
        assert_eq!(drives.get_or_compute(|| 2), 2, "who comes later computes anew");
        send.send(1).unwrap();

        assert_eq!(poll(leader.as_mut()), Poll::Ready(1));
        assert_eq!(poll(waits.as_mut()), Poll::Ready(1));
        assert_eq!(drives.get(), Some(2));
    });
}

#[test]
fn c2_a_value_set_during_a_computation_stays() {
    let drives = lone::<u32>();
    let computed = drives.get_or_compute(|| {
        drives.set(7);
        1
    });
    assert_eq!((computed, drives.get()), (1, Some(7)));
}

#[test]
fn c2_a_value_that_expires_during_a_computation_does_not_let_the_late_result_in() {
    let clock = ManualClock::new();
    let drives = cache::<u32>(&Bus::new(), "drives").clock(clock.clone()).build().unwrap();
    let computed = drives.get_or_compute(|| {
        drives.set_with_ttl(7, Duration::from_secs(1));
        clock.advance(Duration::from_secs(2));
        1
    });
    assert_eq!((computed, drives.get()), (1, None));
}

#[test]
fn c2_no_interleaving_stores_a_value_read_before_an_invalidation() {
    within(LIMIT, || {
        let source = AtomicU64::new(0);
        let derived = lone::<u64>();
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !stop.load(Ordering::SeqCst) {
                        derived.get_or_compute(|| source.load(Ordering::SeqCst));
                    }
                });
            }
            let _stops = StopWhenDropped(&stop);
            for version in 1..3_000 {
                source.store(version, Ordering::SeqCst);
                derived.invalidate();
                let seen = derived.get_or_compute(|| source.load(Ordering::SeqCst));
                assert_eq!(seen, version, "read after the invalidation returned");
            }
        });
    });
}
