//! Caches and the bus under a schedule explorer, as `schedules.rs` does it for the cell:
//!
//! ```text
//! RUSTFLAGS="--cfg sprag_shuttle" cargo test -p sprag-runtime --no-default-features --test cache_schedules
//! ```
#![cfg(sprag_shuttle)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
// Not points at which the explorer switches.
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use shuttle::thread;
use sprag_runtime::{Bus, Cache, Event, KeyedCache, ManualClock, create_cache, create_keyed_cache};

const SCHEDULES: usize = 2_000;

/// Half of the schedules at random, half with few switches at bad moments.
fn explore(scenario: impl Fn() + Send + Sync + Clone + 'static) {
    shuttle::check_random(scenario.clone(), SCHEDULES / 2);
    shuttle::check_pct(scenario, SCHEDULES / 2, 3);
}

/// The inputs of the computed values.
#[derive(Clone, Default)]
struct Truth(Arc<AtomicU64>);

impl Truth {
    fn change(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn read(&self) -> u64 {
        let value = self.0.load(Ordering::SeqCst);
        thread::yield_now();
        value
    }
}

fn cache(bus: &Bus, name: &str) -> Cache<u64> {
    create_cache(name).bus(bus).build().unwrap()
}

fn dependent(bus: &Bus, name: &str, upstream: &Cache<u64>) -> Cache<u64> {
    create_cache(name).bus(bus).depends_on_cache(upstream).build().unwrap()
}

fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(f)
}

fn join(threads: impl IntoIterator<Item = thread::JoinHandle<()>>) {
    threads.into_iter().for_each(|thread| thread.join().unwrap());
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
        let reader = || {
            let (drives, truth) = (drives.clone(), truth.clone());
            move || _ = drives.get_or_compute(|| truth.read())
        };
        let writer = {
            let (drives, truth) = (drives.clone(), truth.clone());
            move || {
                truth.change();
                drives.invalidate();
            }
        };

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
        let computes = || {
            let drives = drives.clone();
            move || assert_eq!(drives.get_or_compute(|| 7), 7)
        };

        join([spawn(panics), spawn(computes()), spawn(computes())]);
    });
}

#[test]
fn c8_no_dependent_keeps_what_was_computed_from_an_older_value() {
    for is_set in [true, false] {
        explore(move || {
            let (bus, truth) = (Bus::new(), Truth::default());
            let upstream = cache(&bus, "upstream");
            let middle = dependent(&bus, "middle", &upstream);
            let top = dependent(&bus, "top", &middle);
            let read = {
                let (upstream, truth) = (upstream.clone(), truth.clone());
                move || {
                    let upstream = || upstream.get_or_compute(|| truth.read());
                    top.get_or_compute(|| middle.get_or_compute(upstream))
                }
            };
            assert_eq!(read(), 0);
            let reader = read.clone();
            let writer = {
                let truth = truth.clone();
                move || {
                    let n = truth.change();
                    if is_set { upstream.set(n) } else { upstream.invalidate() }
                }
            };

            join([spawn(move || _ = reader()), spawn(writer)]);

            assert_eq!(read(), 1);
        });
    }
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
        let reader = || {
            let (drives, truth) = (drives.clone(), truth.clone());
            move || _ = drives.get_or_compute(|| truth.read())
        };
        let writer = {
            let (drives, truth) = (drives.clone(), truth.clone());
            move || {
                truth.change();
                drives.invalidate();
            }
        };

        join([spawn(reader()), spawn(reader()), spawn(writer)]);

        assert_eq!(drives.get_or_compute(|| truth.read()), 1);
    });
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

struct Ping;

impl Event for Ping {
    const NAME: &'static str = "ping";
}

#[test]
fn a_once_is_called_once_however_many_emit() {
    explore(|| {
        let (bus, calls) = (Bus::new(), Truth::default());
        let counting = calls.clone();
        let _once = bus.once::<Ping>(move |_| _ = counting.change());
        let emitter = || {
            let bus = bus.clone();
            move || bus.emit(Ping)
        };

        join([spawn(emitter()), spawn(emitter())]);

        assert_eq!((calls.read(), bus.listener_count::<Ping>()), (1, 0));
    });
}

#[test]
fn a_listener_hears_every_event_while_others_come_and_go() {
    explore(|| {
        let (bus, calls) = (Bus::new(), Truth::default());
        let counting = calls.clone();
        let _listening = bus.on::<Ping>(move |_| _ = counting.change());
        let passing = {
            let bus = bus.clone();
            move || (0..2).for_each(|_| drop(bus.on::<Ping>(|_| ())))
        };
        let emitter = || {
            let bus = bus.clone();
            move || bus.emit(Ping)
        };

        join([spawn(emitter()), spawn(passing), spawn(emitter())]);

        assert_eq!((calls.read(), bus.listener_count::<Ping>()), (2, 1));
    });
}
