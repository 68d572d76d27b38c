//! The bus: listeners that come and go while others emit.

use sprag_runtime::{Bus, Event, Topic};

use crate::explored::{self, Log, Truth, join, spawn};

const SCHEDULES: usize = 2_000;

/// Explores [`SCHEDULES`] of `scenario`.
fn explore(scenario: impl Fn() + Send + Sync + Clone + 'static) {
    explored::explore(SCHEDULES, scenario);
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
#[test]
fn a_listener_observes_the_events_of_an_emitter_in_order() {
    explore(|| {
        let (bus, topic, log) = (Bus::new(), Topic::<Ping>::new("pings"), Log::default());
        let (counted, shown) = (Truth::default(), log.clone());
        let _all = bus.on_topic(&topic, move |_| shown.push(counted.change()));
        let leaving = bus.on_topic(&topic, |_| shuttle::thread::yield_now());
        let emitter = {
            let (bus, topic) = (bus.clone(), topic.clone());
            move || (0..3).for_each(|_| bus.emit_topic(&topic, Ping))
        };

        join([spawn(emitter), spawn(move || drop(leaving))]);

        assert_eq!((log.take(), bus.topic_listener_count(&topic)), (vec![1, 2, 3], 1));
    });
}

#[test]
fn what_a_listener_captured_goes_with_its_guard() {
    explore(|| {
        let (bus, log) = (Bus::new(), Log::default());
        let shown = log.clone();
        let guard = bus.on::<Ping>(move |_| shown.push(1));
        let emitter = {
            let bus = bus.clone();
            move || (0..2).for_each(|_| bus.emit(Ping))
        };

        join([spawn(emitter), spawn(move || drop(guard))]);

        let calls = log.take().len();
        bus.emit(Ping);
        assert!(calls <= 2 && log.take().is_empty());
        assert!(log.is_alone(), "no list of listeners has the closure");
    });
}

#[test]
fn a_listener_that_comes_while_another_leaves_stays() {
    explore(|| {
        let (bus, log) = (Bus::new(), Log::default());
        let leaving = bus.on::<Ping>(|_| ());
        let comes = {
            let (bus, shown) = (bus.clone(), log.clone());
            move || bus.on::<Ping>(move |_| shown.push(1)).detach()
        };

        join([spawn(comes), spawn(move || drop(leaving))]);
        bus.emit(Ping);

        assert_eq!((log.take(), bus.listener_count::<Ping>()), (vec![1], 1));
    });
}
