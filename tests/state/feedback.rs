//! I4: feedback loops over several models, over a bus and by one callback that writes twice are
//! cut; the write that is refused says so, and later writes start anew.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use sprag::bus::Topic;
use sprag::prelude::*;
use test_support::within;

use crate::domain::*;

/// The most commits of a loop that is cut after 10,000 writes in callbacks.
const MOST: u64 = 30_000;

/// Calls `write`. If it panics, logs the message and panics on.
fn noting(refusals: &Log<String>, write: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(write)) {
        refusals.push(panic.downcast_ref::<String>().cloned().unwrap_or_default());
        resume_unwind(panic);
    }
}

#[test]
fn i4_a_feedback_loop_is_cut_by_refusing_the_write() {
    within(LIMIT, || {
        let (ping, pong) = (create_model("ping", 0u64), create_model("pong", 0u64));
        let (to_pong, to_ping) = (pong.downgrade(), ping.downgrade());
        let _there = ping.subscribe(
            |n: &u64| *n,
            move |n, _| {
                to_pong.upgrade().unwrap().replace(*n);
            },
        );
        let _back = pong.subscribe(
            |n: &u64| *n,
            move |n, _| {
                to_ping.upgrade().unwrap().replace(n + 1);
            },
        );

        ping.replace(1);

        assert_eq!(ping.panics() + pong.panics(), 1, "the refused write panicked in its callback");
        assert_eq!((*ping.snapshot(), *pong.snapshot()), (501, 500));
        ping.replace(7_000);
        assert_eq!(ping.panics() + pong.panics(), 2, "a later write starts anew");
    });
}

/// Two subscribers of `from`, which both write `to`, so that the writes double each time.
fn fan_out(from: &Model<u64>, to: &Model<u64>, refusals: &Log<String>) {
    for more in [1, 2] {
        let (to, refusals) = (to.downgrade(), refusals.clone());
        let write_twice_as_much = move |n: &u64, _: &Change<'_, Model<u64>>| {
            let next = n.wrapping_mul(2).wrapping_add(more);
            noting(&refusals, || drop(to.upgrade().unwrap().replace(next)));
        };
        from.subscribe(|n: &u64| *n, write_twice_as_much).detach();
    }
}

#[test]
fn i4_a_loop_that_fans_out_over_two_models_is_cut() {
    within(LIMIT, || {
        let (ping, pong) = (create_model("ping", 0_u64), create_model("pong", 0_u64));
        let refusals = Log::default();
        fan_out(&ping, &pong, &refusals);
        fan_out(&pong, &ping, &refusals);

        for _ in 0..2 {
            let before = ping.version() + pong.version();
            ping.replace(1);

            let commits = ping.version() + pong.version() - before;
            assert!((10_000..MOST).contains(&commits), "{commits} commits");
            let told = refusals.take();
            let refused = |text: &String| text.contains("one write has caused more than 10000");
            assert!(!told.is_empty() && told.iter().all(refused), "{:?}", told.first());
        }
        ping.flush();
        pong.flush();
    });
}

#[test]
fn i4_a_subscriber_that_writes_twice_is_cut() {
    within(LIMIT, || {
        let (tv, refusals) = (tv(), Log::default());
        let log = refusals.clone();
        let position = Tv::PATHS.playback.position;
        let _twice = tv.subscribe(position, move |n, change| {
            for more in [1, 2] {
                let next = n.wrapping_mul(2).wrapping_add(more);
                noting(&log, || _ = change.model().set(position, next));
            }
        });

        tv.set(position, 1);

        assert!((10_000..MOST).contains(&tv.version()), "{} commits", tv.version());
        assert_eq!(tv.panics(), refusals.take().len() as u64, "each refused write is counted");
        tv.flush();
    });
}

#[test]
fn i4_a_store_that_its_own_event_writes_is_cut() {
    within(LIMIT, || {
        let (bus, visits, refusals) = (Bus::new(), create_store("visits", 0_u64), Log::default());
        visits.emit_events(&bus).unwrap();
        let (own, log) = (visits.downgrade(), refusals.clone());
        let _counting = bus.on_topic(&visits.changed(), move |_| {
            noting(&log, || own.upgrade().unwrap().update(|visits| *visits += 1));
        });

        for round in 1..=2 {
            visits.replace(0);

            assert_eq!(*visits.snapshot(), 1_000, "as deep as writes may be");
            assert_eq!((bus.panics(), visits.panics()), (round, 0));
            let [refused] = &refusals.take()[..] else { panic!("one write is refused") };
            assert!(refused.contains("`visits` was refused: it is more than 1000"), "{refused}");
        }
    });
}

#[test]
fn i4_a_store_that_its_own_event_writes_twice_is_cut() {
    within(LIMIT, || {
        let (bus, visits) = (Bus::new(), create_store("visits", 0_u64));
        visits.emit_events(&bus).unwrap();
        for _ in 0..2 {
            let own = visits.downgrade();
            let count = move |_: &Changed<u64>| own.upgrade().unwrap().update(|n| *n += 1);
            bus.on_topic(&visits.changed(), count).detach();
        }

        visits.replace(0);

        assert!((10_000..MOST).contains(&visits.version()), "{} commits", visits.version());
        assert!(bus.panics() > 0);
        visits.flush();
    });
}

struct Ping;

impl Event for Ping {
    const NAME: &'static str = "ping";
}

/// The write is delivered after the round of its callback, and the event at once.
#[test]
fn i4_a_model_and_an_event_that_cause_each_other_are_cut() {
    within(LIMIT, || {
        let (bus, point, topic) = (Bus::new(), create_model("point", 0_u64), Topic::new("a:ping"));
        let (own, pings) = (point.downgrade(), topic.clone());
        let _writing = bus.on_topic(&pings, move |_: &Ping| {
            own.upgrade().unwrap().update(|n| *n += 1);
        });
        let emitter = bus.clone();
        point.subscribe(|n: &u64| *n, move |_, _| emitter.emit_topic(&topic, Ping)).detach();

        bus.emit_topic(&pings, Ping);

        assert!(*point.snapshot() <= 1_001, "{} writes", point.snapshot());
        assert_eq!(bus.panics() + point.panics(), 1);
    });
}

#[test]
fn i4_a_callback_goes_on_writing_when_the_callbacks_that_it_causes_are_cut() {
    const WRITES: u64 = 10_100;
    within(LIMIT, || {
        let [first, second, third] =
            ["first", "second", "third"].map(|name| create_model(name, 0_u64));
        let (to_second, to_third) = (second.downgrade(), third.downgrade());
        let _many = first.subscribe(
            |n: &u64| *n,
            move |_, _| (1..=WRITES).for_each(|n| _ = to_second.upgrade().unwrap().replace(n)),
        );
        let _each =
            second.subscribe(|n: &u64| *n, move |n, _| _ = to_third.upgrade().unwrap().replace(*n));

        let _end = third.subscribe(|n: &u64| *n, |_, _| ());

        first.replace(1);

        assert_eq!((first.panics(), *second.snapshot()), (0, WRITES));
        assert_eq!((third.version(), second.panics()), (10_000, WRITES - 10_000));
    });
}
