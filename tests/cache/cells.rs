//! I2, C5: caches and cells that wait for each other.

use std::sync::mpsc::channel;
use std::thread;

use sprag::error::CacheError;
use sprag::prelude::*;
use test_support::within;

use crate::support::*;

/// Calls `query` inside an `update` of a store, while another thread computes the value of
/// a cache from that store.
fn while_another_computes<R: Send + 'static>(
    query: impl FnOnce(&Cache<u32>, &Store<u32>) -> R + Send + 'static,
) -> (R, u32) {
    within(LIMIT, || {
        let (drives, visits) = (lone::<u32>(), create_store("visits", 5_u32));
        let (inside, is_inside) = channel();
        let (proceed, may_proceed) = channel();
        let leader = thread::spawn({
            let (drives, visits) = (drives.clone(), visits.clone());
            move || {
                drives.get_or_compute(|| {
                    inside.send(()).unwrap();
                    may_proceed.recv().unwrap();
                    visits.read(|visits| *visits)
                })
            }
        });
        is_inside.recv().unwrap();
        let result = query(&drives, &visits);
        proceed.send(()).unwrap();
        (result, leader.join().unwrap())
    })
}

#[test]
fn c5_a_caller_inside_an_update_does_not_wait_for_another() {
    let (refused, computed) = while_another_computes(|drives, visits| {
        let mut refused = None;
        visits.update(|_| refused = drives.try_get_or_compute(|| Ok::<_, Unplugged>(1)).err());
        refused
    });

    let Some(CacheError::InsideUpdate { cache }) = refused else { panic!("{refused:?}") };
    assert_eq!((&*cache, computed), ("drives", 5));
}

#[test]
fn c5_a_caller_who_takes_no_error_panics_inside_an_update() {
    let (outcome, computed) = while_another_computes(|drives, visits| {
        let update = || visits.update(|visits| *visits = drives.get_or_compute(|| 1));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(update));
        (panic_text(outcome), visits.read(|visits| *visits))
    });

    assert!(outcome.0.contains("`drives` is being computed by another caller"), "{}", outcome.0);
    assert_eq!((outcome.1, computed), (5, 5), "the update is taken back");
}

#[test]
fn c5_a_hit_and_a_miss_inside_an_update_need_no_other_caller() {
    let (drives, visits) = (lone::<u32>(), create_store("visits", 5_u32));

    visits.update(|visits| *visits = drives.get_or_compute(|| 7));
    visits.update(|visits| *visits += drives.get_or_compute(|| unreachable!("a hit")));

    assert_eq!(visits.read(|visits| *visits), 14);
}
