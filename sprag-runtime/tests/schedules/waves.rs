//! Waves of invalidation, from caches, events and models.

use shuttle::thread;
use sprag_runtime::{Bus, Event, Model, create_cache, create_keyed_cache, create_model};

use crate::explored::{self, Log, Truth, cache, dependent, join, spawn};

const SCHEDULES: usize = 2_000;

/// Explores [`SCHEDULES`] of `scenario`.
fn explore(scenario: impl Fn() + Send + Sync + Clone + 'static) {
    explored::explore(SCHEDULES, scenario);
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

struct Ping;

impl Event for Ping {
    const NAME: &'static str = "ping";
}

fn writer(model: &Model<u64>, writes: u64) -> impl FnOnce() + Send + 'static {
    let model = model.clone();
    move || (0..writes).for_each(|_| model.update(|n| *n += 1))
}

#[test]
fn c8_after_an_event_no_cache_has_an_older_value() {
    explore(|| {
        let (bus, truth) = (Bus::new(), Truth::default());
        let first = create_cache::<u64>("first").bus(&bus).depends_on::<Ping>().build().unwrap();
        let second = dependent(&bus, "second", &first);
        let read = {
            let truth = truth.clone();
            move || second.get_or_compute(|| first.get_or_compute(|| truth.read()))
        };
        let (reader, after) = (read.clone(), read.clone());
        let emitter = move || {
            let changed = truth.change();
            bus.emit(Ping);
            assert_eq!(after(), changed);
        };

        join([spawn(move || _ = reader()), spawn(emitter)]);

        assert_eq!(read(), 1);
    });
}

#[test]
fn c8_a_listener_finds_the_other_caches_of_its_wave_cleared() {
    explore(|| {
        let (bus, model) = (Bus::new(), create_model("model", 0u64));
        let on_model =
            |name| create_cache::<u64>(name).bus(&bus).depends_on_path(&model, |n: &u64| *n);
        let (first, second) =
            (on_model("first").build().unwrap(), on_model("second").build().unwrap());
        let (source, log) = (model.clone(), Log::default());
        let read = move || second.get_or_compute(|| *source.snapshot());
        assert_eq!(read(), 0);
        let (inside, shown) = (read.clone(), log.clone());
        let _guard = first.on_invalidate(move |_| shown.push(inside()));

        join([spawn(writer(&model, 1)), spawn(writer(&model, 1))]);
        model.flush();

        let seen = log.take();
        assert!(matches!(seen[..], [1 | 2, 2]), "one wave for each commit: {seen:?}");
        assert_eq!(read(), 2);
    });
}

#[test]
fn c8_a_cache_that_is_built_beside_a_wave_misses_nothing() {
    explore(|| {
        let (bus, truth) = (Bus::new(), Truth::default());
        let upstream = cache(&bus, "upstream");
        upstream.set(0);
        let builder = {
            let (bus, upstream, truth) = (bus.clone(), upstream.clone(), truth.clone());
            move || {
                let top = dependent(&bus, "top", &upstream);
                top.get_or_compute(|| upstream.get_or_compute(|| truth.read()));
                top
            }
        };
        let writer = {
            let upstream = upstream.clone();
            move || upstream.set(truth.change())
        };
        let (building, writing) = (thread::spawn(builder), spawn(writer));
        let top = building.join().unwrap();
        join([writing]);

        assert_eq!(top.get_or_compute(|| upstream.get().unwrap()), 1);
    });
}

#[test]
fn c8_an_entry_is_emptied_by_the_write_of_its_place() {
    explore(|| {
        let model = create_model("model", 0u64);
        let sizes = create_keyed_cache::<u64, u64>("sizes").bus(&Bus::new());
        let sizes = sizes.entry_depends_on_path(&model, |_: &u64| |n: &u64| *n).build().unwrap();
        let source = model.clone();
        let read = move || sizes.get_or_compute(&1, || *source.snapshot());
        let reader = read.clone();

        join([spawn(move || _ = reader()), spawn(writer(&model, 2))]);
        model.flush();

        assert_eq!(read(), 2);
    });
}
