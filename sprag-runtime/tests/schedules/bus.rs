//! I3, I8: the bus, whose listeners come and go while others emit.

use shuttle::thread;
use sprag_runtime::{Bus, Event, Topic};

use crate::explored::{self, Log, Truth, join, spawn};

const SCHEDULES: usize = 2_000;

/// Explores [`SCHEDULES`] of `scenario`.
fn explore(scenario: impl Fn() + Send + Sync + Clone + 'static) {
    explored::explore(SCHEDULES, scenario);
}

/// An event of an emitter, and its number.
struct Ping(u64, u64);

impl Event for Ping {
    const NAME: &'static str = "ping";
}

/// Emits the events from 1 to `events` of the emitter `own`.
fn emitter(bus: &Bus, own: u64, events: u64) -> impl FnOnce() + Send + 'static {
    let bus = bus.clone();
    move || (1..=events).for_each(|number| bus.emit(Ping(own, number)))
}

/// A listener that writes down what it hears.
fn noting(log: &Log<(u64, u64)>) -> impl Fn(&Ping) + Send + Sync + 'static {
    let log = log.clone();
    move |ping| {
        thread::yield_now();
        log.push((ping.0, ping.1));
    }
}

/// The numbers that a listener heard of the emitter `own`.
fn of(own: u64, heard: &[(u64, u64)]) -> Vec<u64> {
    heard.iter().filter(|(emitter, _)| *emitter == own).map(|(_, number)| *number).collect()
}

#[test]
fn i3_a_once_is_called_once_however_many_emit() {
    explore(|| {
        let (bus, calls) = (Bus::new(), Truth::default());
        let counting = calls.clone();
        let _once = bus.once::<Ping>(move |_| _ = counting.change());

        join([spawn(emitter(&bus, 1, 1)), spawn(emitter(&bus, 2, 1))]);

        assert_eq!((calls.read(), bus.listener_count::<Ping>()), (1, 0));
    });
}

#[test]
fn i3_a_listener_hears_each_event_once_in_order_while_others_come_and_go() {
    explore(|| {
        let (bus, log) = (Bus::new(), Log::default());
        let _listening = bus.on(noting(&log));
        let passing = {
            let bus = bus.clone();
            move || (0..2).for_each(|_| drop(bus.on::<Ping>(|_| ())))
        };

        join([spawn(emitter(&bus, 1, 2)), spawn(passing), spawn(emitter(&bus, 2, 2))]);

        let heard = log.take();
        assert_eq!((of(1, &heard), of(2, &heard)), (vec![1, 2], vec![1, 2]), "{heard:?}");
        assert_eq!(bus.listener_count::<Ping>(), 1);
    });
}

#[test]
fn i3_a_listener_of_a_topic_hears_each_event_while_the_other_leaves() {
    explore(|| {
        let (bus, topic, log) = (Bus::new(), Topic::<Ping>::new("pings"), Log::default());
        let _all = bus.on_topic(&topic, noting(&log));
        let leaving = bus.on_topic(&topic, |_| thread::yield_now());
        let emitter = {
            let (bus, topic) = (bus.clone(), topic.clone());
            move || (1..4).for_each(|number| bus.emit_topic(&topic, Ping(1, number)))
        };

        join([spawn(emitter), spawn(move || drop(leaving))]);

        assert_eq!(of(1, &log.take()), [1, 2, 3]);
        assert_eq!(bus.topic_listener_count(&topic), 1);
    });
}

#[test]
fn i3_i8_after_the_drop_of_its_guard_a_listener_hears_nothing_and_has_nothing() {
    explore(|| {
        let (bus, log) = (Bus::new(), Log::default());
        let guard = bus.on(noting(&log));

        join([spawn(emitter(&bus, 1, 2)), spawn(move || drop(guard))]);

        let heard = of(1, &log.take());
        bus.emit(Ping(1, 3));
        assert!([&[][..], &[1], &[1, 2]].contains(&&heard[..]), "{heard:?}");
        assert!(log.take().is_empty());
        assert!(log.is_alone(), "no list of listeners has the closure");
    });
}

#[test]
fn i3_a_listener_that_comes_while_another_leaves_stays() {
    explore(|| {
        let (bus, log) = (Bus::new(), Log::default());
        let leaving = bus.on::<Ping>(|_| ());
        let comes = {
            let (bus, listener) = (bus.clone(), noting(&log));
            move || bus.on(listener).detach()
        };

        join([spawn(comes), spawn(move || drop(leaving))]);
        bus.emit(Ping(1, 1));

        assert_eq!((log.take(), bus.listener_count::<Ping>()), (vec![(1, 1)], 1));
    });
}

#[test]
fn i3_a_listener_that_comes_while_the_last_of_a_topic_leaves_stays() {
    explore(|| {
        let (bus, topic, log) = (Bus::new(), Topic::<Ping>::new("pings"), Log::default());
        let leaving = bus.on_topic(&topic, |_| ());
        let comes = {
            let (bus, topic, listener) = (bus.clone(), topic.clone(), noting(&log));
            move || bus.on_topic(&topic, listener).detach()
        };

        join([spawn(comes), spawn(move || drop(leaving))]);
        bus.emit_topic(&topic, Ping(1, 1));

        assert_eq!((log.take(), bus.topic_listener_count(&topic)), (vec![(1, 1)], 1));
    });
}
