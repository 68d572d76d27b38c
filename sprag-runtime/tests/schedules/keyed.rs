//! Keyed caches: the same contract for each key.

use sprag_runtime::{Bus, KeyedCache, create_keyed_cache};

use crate::explored::{self, Truth, join, spawn};

const SCHEDULES: usize = 2_000;

/// Explores [`SCHEDULES`] of `scenario`.
fn explore(scenario: impl Fn() + Send + Sync + Clone + 'static) {
    explored::explore(SCHEDULES, scenario);
}

fn keyed(bus: &Bus) -> KeyedCache<u64, u64> {
    create_keyed_cache("sizes").bus(bus).capacity(4).build().unwrap()
}

#[test]
fn c9_no_entry_keeps_a_late_result() {
    for is_whole in [true, false] {
        explore(move || {
            let (sizes, truth) = (keyed(&Bus::new()), Truth::default());
            let reader = || {
                let (sizes, truth) = (sizes.clone(), truth.clone());
                move || _ = sizes.get_or_compute(&1, || truth.read())
            };
            let writer = {
                let (sizes, truth) = (sizes.clone(), truth.clone());
                move || {
                    truth.change();
                    if is_whole { sizes.invalidate_all() } else { sizes.invalidate(&1) }
                }
            };

            join([spawn(reader()), spawn(writer), spawn(reader())]);

            assert_eq!(sizes.get_or_compute(&1, || truth.read()), 1);
        });
    }
}

#[test]
fn c9_c1_one_computation_of_a_key_serves_all_callers() {
    explore(|| {
        let (sizes, computed) = (keyed(&Bus::new()), Truth::default());
        let caller = |key| {
            let (sizes, computed) = (sizes.clone(), computed.clone());
            move || {
                let value = sizes.get_or_compute(&key, || {
                    shuttle::thread::yield_now();
                    computed.change();
                    key * 10
                });
                assert_eq!(value, key * 10);
            }
        };

        join([spawn(caller(1)), spawn(caller(1)), spawn(caller(2))]);

        assert_eq!(computed.read(), 2);
    });
}

#[test]
fn c9_c7_a_set_wins_over_a_result_that_comes_later() {
    explore(|| {
        let (sizes, truth) = (keyed(&Bus::new()), Truth::default());
        let reader = || {
            let (sizes, truth) = (sizes.clone(), truth.clone());
            move || _ = sizes.get_or_compute(&1, || truth.read())
        };
        let writer = {
            let (sizes, truth) = (sizes.clone(), truth.clone());
            move || sizes.set(1, truth.change())
        };

        join([spawn(reader()), spawn(writer), spawn(reader())]);

        assert_eq!(sizes.get(&1), Some(1));
    });
}

#[test]
fn c9_a_key_that_is_set_again_is_never_missing() {
    explore(|| {
        let sizes = keyed(&Bus::new());
        sizes.set(1, 0);
        let writer = {
            let sizes = sizes.clone();
            move || (1..3).for_each(|n| sizes.set(1, n))
        };
        let reader = {
            let sizes = sizes.clone();
            move || {
                let seen = [sizes.get(&1).unwrap(), sizes.get(&1).unwrap()];
                assert!(seen.is_sorted(), "{seen:?}");
            }
        };

        join([spawn(writer), spawn(reader)]);
    });
}
