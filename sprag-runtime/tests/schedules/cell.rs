//! The cell: commits, subscribers and the delivery.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use shuttle::thread;
use sprag_runtime::{Model, Store, Subscription, create_model, create_store};

use crate::explored::{self, Log};

const SCHEDULES: usize = 10_000;

/// Explores [`SCHEDULES`] of `scenario`.
fn explore(scenario: impl Fn() + Send + Sync + Clone + 'static) {
    explored::explore(SCHEDULES, scenario);
}

fn writer(store: &Store<u64>, writes: u64) -> thread::JoinHandle<()> {
    let store = store.clone();
    thread::spawn(move || (0..writes).for_each(|_| store.update(|n| *n += 1)))
}

fn logging(store: &Store<u64>, log: &Log) -> Subscription {
    let log = log.clone();
    store.subscribe(move |n, _| {
        thread::yield_now();
        log.push(**n);
    })
}

#[test]
fn i3_two_writers_and_a_subscriber_all_in_order() {
    explore(|| {
        let (store, log) = (create_store("store", 0), Log::default());
        let _guard = logging(&store, &log);
        let writers = [writer(&store, 2), writer(&store, 2)];

        writers.into_iter().for_each(|writer| writer.join().unwrap());
        store.flush();

        assert_eq!(log.take(), [1, 2, 3, 4]);
    });
}

#[test]
fn i4_a_role_that_is_handed_over_loses_nothing() {
    explore(|| {
        let (store, log) = (create_store("store", 0), Log::default());
        let _guard = logging(&store, &log);
        let writers = [writer(&store, 4), writer(&store, 4), writer(&store, 4)];

        writers.into_iter().for_each(|writer| writer.join().unwrap());
        store.flush();

        assert_eq!(log.take(), (1..=12).collect::<Vec<_>>());
    });
}

#[test]
fn i3_after_the_drop_of_a_guard_at_most_one_call_is_still_running() {
    explore(|| {
        let store = create_store("store", 0);
        let (dropped, late) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (is_dropped, count) = (Arc::clone(&dropped), Arc::clone(&late));
        let guard = store.subscribe(move |_, _| {
            thread::yield_now();
            count.fetch_add(u64::from(is_dropped.load(Ordering::SeqCst)), Ordering::SeqCst);
        });
        let writers = [writer(&store, 3), writer(&store, 1)];

        drop(guard);
        dropped.store(true, Ordering::SeqCst);
        writers.into_iter().for_each(|writer| writer.join().unwrap());

        assert!(late.load(Ordering::SeqCst) <= 1);
    });
}

#[test]
fn i3_subscribe_now_leaves_no_gap_and_shows_nothing_twice() {
    explore(|| {
        let (store, log) = (create_store("store", 0), Log::default());
        let other = Log::default();
        let _steady = logging(&store, &other);
        let writers = [writer(&store, 2), writer(&store, 2)];
        let shown = log.clone();
        let _guard = store.subscribe_now(move |n, _| shown.push(**n));

        writers.into_iter().for_each(|writer| writer.join().unwrap());
        store.flush();

        let seen = log.take();
        assert_eq!(seen, (seen[0]..=4).collect::<Vec<_>>());
        assert_eq!(other.take(), [1, 2, 3, 4]);
    });
}

#[test]
fn i3_a_subscriber_that_comes_while_others_go_is_told() {
    explore(|| {
        let store = create_store("store", 0);
        let churn = {
            let store = store.clone();
            thread::spawn(move || (0..2).for_each(|_| drop(store.subscribe(|_, _| {}))))
        };
        let writing = writer(&store, 1);
        let log = Log::default();
        let guard = logging(&store, &log);
        let since = *store.snapshot();

        churn.join().unwrap();
        writing.join().unwrap();
        store.update(|n| *n += 1);
        store.flush();

        let seen = log.take();
        assert!(seen == [1, 2] || (since == 1 && seen == [2]), "{seen:?}");
        drop(guard);
        store.update(|n| *n += 1);
        assert!(log.take().is_empty());
    });
}

#[test]
fn i8_destroy_during_a_delivery_drops_every_subscriber() {
    explore(|| {
        let (store, log) = (create_store("store", 0), Log::default());
        logging(&store, &log).detach();
        let writers = [writer(&store, 2), writer(&store, 2)];

        store.destroy();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        store.flush();

        let seen = log.take();
        assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>());
        assert!(log.is_alone(), "the subscriber is gone");
        assert_eq!(store.version(), 4);
    });
}

#[test]
fn i6_a_closure_selector_shows_each_new_result_once() {
    explore(|| {
        let model: Model<u64> = create_model("model", 0);
        let log = Log::default();
        let write = |_| {
            let model = model.clone();
            thread::spawn(move || (0..2).for_each(|_| model.update(|n| *n += 1)))
        };
        let writers = [0, 1].map(write);
        let shown = log.clone();
        let _guard = model.subscribe_now(|n: &u64| n / 2, move |n, _| shown.push(*n));

        writers.into_iter().for_each(|writer| writer.join().unwrap());
        model.flush();

        let seen = log.take();
        assert_eq!(seen, (seen[0]..=2).collect::<Vec<_>>());
    });
}

#[test]
fn i4_flush_waits_for_what_others_deliver() {
    explore(|| {
        let (store, log) = (create_store("store", 0), Log::default());
        let _guard = logging(&store, &log);
        let other = writer(&store, 3);

        let before = store.version();
        store.flush();
        let seen = log.take().len() as u64;

        assert!(seen >= before, "{seen} of {before}");
        other.join().unwrap();
    });
}

#[test]
fn i2_what_an_update_sets_off_elsewhere_is_delivered_after_it() {
    explore(|| {
        let (outer, inner) = (create_store("outer", 0u64), create_store("inner", 0u64));
        let (log, back) = (Log::default(), outer.clone());
        let shown = log.clone();
        let _guard = inner.subscribe(move |n, _| {
            back.update(|n| *n += 1);
            shown.push(**n);
        });
        let nested = {
            let (outer, inner) = (outer.clone(), inner.clone());
            thread::spawn(move || {
                outer.update(|_| {
                    inner.update(|n| *n += 1);
                    inner.update(|n| *n += 1);
                });
            })
        };
        let other = writer(&inner, 2);

        nested.join().unwrap();
        other.join().unwrap();
        inner.flush();

        assert_eq!(log.take(), [1, 2, 3, 4]);
        assert_eq!(*outer.snapshot(), 4);
    });
}

#[test]
fn i3_commits_that_touch_one_stay_in_order_with_those_that_touch_several() {
    explore(|| {
        let (store, log) = (create_store("store", 0), Log::default());
        let _guard = logging(&store, &log);
        let writers = [writer(&store, 2), writer(&store, 2)];

        // While the stream lives, commits notify two selections and are enqueued.
        let stream = store.watch();
        store.update(|n| *n += 1);
        drop(stream);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        store.flush();

        assert_eq!(log.take(), [1, 2, 3, 4, 5]);
    });
}

#[test]
fn i8_what_a_subscriber_captured_goes_with_it_however_its_place_is_written() {
    explore(|| {
        let (store, log) = (create_store("store", 0), Log::default());
        let _steady = logging(&store, &Log::default());
        let guard = logging(&store, &log);
        let writers = [writer(&store, 2), writer(&store, 1)];

        drop(guard);
        writers.into_iter().for_each(|writer| writer.join().unwrap());

        assert!(log.is_alone(), "no audience is left that has it");
    });
}

#[test]
fn i4_flush_waits_for_a_commit_that_is_delivered_at_once() {
    explore(|| {
        let (store, log) = (create_store("store", 0), Log::default());
        let _guard = logging(&store, &log);
        let other = writer(&store, 1);

        let seen = store.version();
        let flushing = {
            let store = store.clone();
            thread::spawn(move || store.flush())
        };
        store.flush();
        assert!(log.take().len() as u64 >= seen);

        flushing.join().unwrap();
        other.join().unwrap();
    });
}
