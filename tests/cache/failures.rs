//! C4: panics and errors.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;

use sprag::error::CacheError;
use sprag::prelude::*;
use test_support::within;

use crate::support::*;

#[test]
fn c4_a_panicking_computation_hands_over_and_poisons_nothing() {
    within(LIMIT, || {
        let drives = lone::<u32>();
        let (send, receive) = tokio::sync::oneshot::channel::<()>();
        let mut leader = Box::pin(drives.get_or_compute_async(|| async {
            receive.await.unwrap();
            panic!("disk on fire")
        }));
        assert!(poll(leader.as_mut()).is_pending());
        let mut waits = pin!(drives.get_or_compute_async(|| async { 2 }));
        assert!(poll(waits.as_mut()).is_pending());
        let mut waits_too = pin!(drives.get_or_compute_async(|| async { unreachable!() }));
        assert!(poll(waits_too.as_mut()).is_pending());

        send.send(()).unwrap();
        let outcome = catch_unwind(AssertUnwindSafe(|| poll(leader.as_mut())));
        assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"disk on fire"));

        assert_eq!(poll(waits.as_mut()), Poll::Ready(2));
        assert_eq!(poll(waits_too.as_mut()), Poll::Ready(2));
        assert_eq!(drives.get(), Some(2));
        assert_eq!((drives.stats().panics, drives.stats().computations), (1, 2));
    });
}

#[test]
fn c4_of_many_blocked_callers_each_panics_for_itself_until_one_succeeds() {
    within(LIMIT, || {
        const CALLERS: usize = 32;
        let drives = lone::<usize>();
        let attempts = AtomicUsize::new(0);
        let start = Barrier::new(CALLERS);
        let outcomes: Vec<_> = thread::scope(|scope| {
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        drives.get_or_compute(|| match attempts.fetch_add(1, Ordering::SeqCst) {
                            attempt if attempt < CALLERS / 2 => panic!("attempt {attempt}"),
                            attempt => attempt,
                        })
                    })
                })
                .collect();
            callers.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        let values: Vec<_> = outcomes.into_iter().filter_map(Result::ok).collect();
        assert_eq!(values, [CALLERS / 2; CALLERS / 2]);
        assert_eq!(drives.stats().panics, CALLERS as u64 / 2);
    });
}

#[test]
fn c4_an_error_reaches_all_who_wait_once_and_is_not_stored() {
    let drives = lone::<u32>();
    let (send, receive) = tokio::sync::oneshot::channel::<()>();
    let mut leader = pin!(drives.try_get_or_compute_async(|| async {
        receive.await.unwrap();
        Err(Unplugged)
    }));
    assert!(poll(leader.as_mut()).is_pending());
    let mut others: Vec<_> = (0..3)
        .map(|_| Box::pin(drives.try_get_or_compute_async(|| async { Ok::<_, Unplugged>(9) })))
        .collect();
    assert!(others.iter_mut().all(|other| poll(other.as_mut()).is_pending()));
    let mut cannot_fail = pin!(drives.get_or_compute_async(|| async { 5 }));
    assert!(poll(cannot_fail.as_mut()).is_pending());

    send.send(()).unwrap();
    let is_unplugged = |outcome: Poll<Result<u32, CacheError>>| matches!(outcome, Poll::Ready(Err(error)) if error.failure::<Unplugged>().is_some());
    assert!(is_unplugged(poll(leader.as_mut())));
    assert!(is_unplugged(poll(others[0].as_mut())));
    let mut late = pin!(drives.try_get_or_compute_async(|| async { Ok::<_, Unplugged>(5) }));
    assert_eq!(drives.get(), None, "an error is not stored");
    assert!(matches!(poll(late.as_mut()), Poll::Ready(Ok(5))), "who comes later computes");
    assert!(is_unplugged(poll(others[1].as_mut())), "also when a value came in between");
    assert_eq!(poll(cannot_fail.as_mut()), Poll::Ready(5));
    assert_eq!(drives.stats().failures, 1);
}

#[test]
fn c4_who_cannot_take_an_error_takes_over() {
    let drives = lone::<u32>();
    let (send, receive) = tokio::sync::oneshot::channel::<()>();
    let mut leader = pin!(drives.try_get_or_compute_async(|| async {
        receive.await.unwrap();
        Err("no such drive")
    }));
    assert!(poll(leader.as_mut()).is_pending());
    let mut cannot_fail = pin!(drives.get_or_compute_async(|| async { 5 }));
    assert!(poll(cannot_fail.as_mut()).is_pending());
    send.send(()).unwrap();
    assert!(matches!(poll(leader.as_mut()), Poll::Ready(Err(CacheError::Failed { .. }))));
    assert_eq!(poll(cannot_fail.as_mut()), Poll::Ready(5));
}

#[test]
fn c4_an_error_keeps_its_source_and_names_the_cache() {
    let drives = lone::<u32>();
    let error = drives.try_get_or_compute(|| Err(Unplugged)).unwrap_err();
    assert_eq!(error.to_string(), "computing `drives` failed");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "unplugged");
    assert_eq!(drives.try_get_or_compute(|| Ok::<_, Unplugged>(1)).unwrap(), 1);
}

#[test]
fn values_may_panic_when_they_are_dropped_or_cloned() {
    within(LIMIT, || {
        struct Grenade;
        impl Drop for Grenade {
            fn drop(&mut self) {
                panic!("boom");
            }
        }
        impl Clone for Grenade {
            fn clone(&self) -> Self {
                panic!("no copies");
            }
        }
        let bus = Bus::new();
        let grenades = cache::<Grenade>(&bus, "grenades").build().unwrap();
        let dependent =
            cache::<u32>(&bus, "dependent").depends_on_cache(&grenades).build().unwrap();

        grenades.set(Grenade);
        assert!(catch_unwind(AssertUnwindSafe(|| grenades.get())).is_err());
        grenades.set(Grenade);
        dependent.set(1);
        grenades.invalidate();
        assert_eq!(dependent.get(), None, "a wave goes on");
        assert!(catch_unwind(AssertUnwindSafe(|| grenades.get_or_compute(|| Grenade))).is_err());
        assert!(grenades.read(|_| ()).is_some(), "it was computed, and could not be cloned");
        grenades.invalidate();
    });
}
