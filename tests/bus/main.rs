//! Bus and events: section 5 of the design.

mod feedback;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use sprag::{Bus, Event, Resource, Subscription, bus::Topic};
use test_support::within;

/// The deadline of a test that could hang.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, PartialEq)]
struct Mounted(u32);

impl Event for Mounted {
    const NAME: &'static str = "storage:mounted";
}

#[derive(Debug)]
struct Unmounted;

impl Event for Unmounted {
    const NAME: &'static str = "storage:unmounted";
}

/// A log that listeners write to.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn topics_of_one_name_are_equal() {
    let topic = Topic::<Mounted>::new("upstairs:mounted");
    assert_eq!(topic, Topic::new("upstairs:mounted"));
    assert_ne!(topic, Topic::new("downstairs:mounted"));
    assert_eq!(topic.to_string(), "upstairs:mounted");
}

#[test]
fn listeners_are_called_in_order_of_subscription_before_emit_returns() {
    let (bus, log) = (Bus::new(), Log::default());
    let subscriptions: Vec<Subscription> = (0..600)
        .map(|n| {
            let log = log.clone();
            bus.on(move |event: &Mounted| log.add(format!("{n}:{}", event.0)))
        })
        .collect();

    bus.emit(Mounted(7));

    assert_eq!(log.take(), (0..600).map(|n| format!("{n}:7")).collect::<Vec<_>>());
    drop(subscriptions);
    bus.emit(Mounted(8));
    assert!(log.take().is_empty());
}

#[test]
fn events_reach_their_own_type_only() {
    let (bus, log) = (Bus::new(), Log::default());
    let _mounted = bus.on::<Mounted>({
        let log = log.clone();
        move |_| log.add("mounted")
    });

    bus.emit(Unmounted);
    assert!(log.take().is_empty());
    bus.emit(Mounted(1));
    assert_eq!(log.take(), ["mounted"]);
    assert_eq!((bus.listener_count::<Mounted>(), bus.listener_count::<Unmounted>()), (1, 0));
}

#[test]
fn a_topic_is_an_instances_own() {
    let (bus, log) = (Bus::new(), Log::default());
    let (left, right) = (Topic::<Mounted>::new("left:mounted"), Topic::new("right:mounted"));
    let on_left = bus.on_topic(&left, {
        let log = log.clone();
        move |event| log.add(format!("left {}", event.0))
    });

    bus.emit_topic(&left, Mounted(1));
    bus.emit_topic(&right, Mounted(2));
    bus.emit(Mounted(3));

    assert_eq!(log.take(), ["left 1"]);
    assert_eq!(bus.topic_listener_count(&left), 1);
    drop(on_left);
    assert_eq!(bus.topic_listener_count(&left), 0);
}

#[test]
fn a_panicking_listener_is_counted_and_the_others_run() {
    struct PanicsWhenDropped;
    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            if !thread::panicking() {
                panic!("dropped");
            }
        }
    }
    let (bus, log) = (Bus::new(), Log::default());
    let capture = PanicsWhenDropped;
    let bad = bus.on(move |_: &Mounted| {
        let _ = &capture;
        std::panic::panic_any(PanicsWhenDropped);
    });
    let _good = bus.on({
        let log = log.clone();
        move |event: &Mounted| log.add(event.0.to_string())
    });

    bus.emit(Mounted(1));
    drop(bad);
    bus.emit(Mounted(2));

    assert_eq!(log.take(), ["1", "2"]);
    assert_eq!(bus.panics(), 1);
}

#[test]
fn a_listener_may_subscribe_unsubscribe_and_emit() {
    within(LIMIT, || {
        let (bus, log) = (Bus::new(), Log::default());
        let later: Arc<Mutex<Vec<Subscription>>> = Arc::default();
        let victim: Arc<Mutex<Option<Subscription>>> = Arc::default();
        let _first = bus.on({
            let (bus, log, later, victim) =
                (bus.clone(), log.clone(), later.clone(), victim.clone());
            move |event: &Mounted| {
                log.add(format!("first {}", event.0));
                let log = log.clone();
                let newcomer =
                    bus.on(move |event: &Mounted| log.add(format!("newcomer {}", event.0)));
                later.lock().unwrap().push(newcomer);
                drop(victim.lock().unwrap().take());
                bus.emit(Unmounted);
            }
        });
        *victim.lock().unwrap() = Some(bus.on({
            let log = log.clone();
            move |_: &Mounted| log.add("victim")
        }));
        let _inner = bus.on({
            let log = log.clone();
            move |_: &Unmounted| log.add("unmounted")
        });

        bus.emit(Mounted(1));
        assert_eq!(
            log.take(),
            ["first 1", "unmounted"],
            "neither the newcomer nor the victim is told"
        );
        bus.emit(Mounted(2));
        assert_eq!(log.take(), ["first 2", "unmounted", "newcomer 2"]);
    });
}

#[test]
fn once_is_once_however_many_threads_emit() {
    within(LIMIT, || {
        let bus = Bus::new();
        let calls = Arc::new(AtomicUsize::new(0));
        for _ in 0..200 {
            let counted = calls.clone();
            bus.once(move |_: &Mounted| {
                counted.fetch_add(1, Ordering::SeqCst);
            })
            .detach();
            let start = Barrier::new(4);
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        start.wait();
                        bus.emit(Mounted(1));
                    });
                }
            });
        }
        assert_eq!(calls.load(Ordering::SeqCst), 200);
        assert_eq!(bus.listener_count::<Mounted>(), 0);
    });
}

#[test]
fn a_once_that_emits_its_own_event_is_not_called_again() {
    let (bus, log) = (Bus::new(), Log::default());
    bus.once({
        let (bus, log) = (bus.clone(), log.clone());
        move |event: &Mounted| {
            log.add(event.0.to_string());
            bus.emit(Mounted(event.0 + 1));
        }
    })
    .detach();
    bus.emit(Mounted(1));
    assert_eq!(log.take(), ["1"]);
}

#[test]
fn a_dropped_subscription_is_not_called_once_its_drop_returned() {
    within(LIMIT, || {
        let bus = Bus::new();
        let stop = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while stop.load(Ordering::Relaxed) == 0 {
                        bus.emit(Mounted(0));
                    }
                });
            }
            for _ in 0..2_000 {
                let calls = Arc::new(AtomicUsize::new(0));
                let counted = calls.clone();
                let subscription = bus.on(move |_: &Mounted| {
                    counted.fetch_add(1, Ordering::SeqCst);
                });
                drop(subscription);
                let at_drop = calls.load(Ordering::SeqCst);
                // A callback that the emitter took before the drop still holds a reference; wait for
                // it.
                while Arc::strong_count(&calls) > 1 {
                    thread::yield_now();
                }
                assert!(calls.load(Ordering::SeqCst) <= at_drop + 2, "one call a thread at most");
            }
            stop.store(1, Ordering::Relaxed);
        });
    });
}

#[test]
fn captures_of_a_listener_are_dropped_outside_the_lock() {
    within(LIMIT, || {
        struct TouchesTheBus(Bus, Arc<AtomicUsize>);
        impl Drop for TouchesTheBus {
            fn drop(&mut self) {
                drop(self.0.on(|_: &Mounted| {}));
                self.0.emit(Unmounted);
                self.1.fetch_add(1, Ordering::SeqCst);
            }
        }
        let bus = Bus::new();
        let dropped = Arc::new(AtomicUsize::new(0));
        let topic = Topic::<Mounted>::new("left:mounted");
        let capture = TouchesTheBus(bus.clone(), dropped.clone());
        let typed = bus.on(move |_: &Mounted| {
            let _ = &capture;
        });
        let capture = TouchesTheBus(bus.clone(), dropped.clone());
        let topical = bus.on_topic(&topic, move |_| {
            let _ = &capture;
        });

        drop(typed);
        drop(topical);
        assert_eq!(dropped.load(Ordering::SeqCst), 2);
    });
}

#[test]
fn many_listeners_come_and_go_in_any_order() {
    let bus = Bus::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let mut kept: Vec<Subscription> = (0..3_000)
        .map(|_| {
            let calls = calls.clone();
            bus.on(move |_: &Mounted| {
                calls.fetch_add(1, Ordering::Relaxed);
            })
        })
        .collect();
    for step in [7, 5, 3, 2] {
        let mut n = 0;
        kept.retain(|_| {
            n += 1;
            n % step != 0
        });
        assert_eq!(bus.listener_count::<Mounted>(), kept.len());
        calls.store(0, Ordering::Relaxed);
        bus.emit(Mounted(0));
        assert_eq!(calls.load(Ordering::Relaxed), kept.len());
    }
}

#[test]
fn a_subscription_that_ends_twice_takes_no_other_with_it() {
    let (bus, log, topic) = (Bus::new(), Log::default(), Topic::<Mounted>::new("left:mounted"));
    let (first, second) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(None)));
    let subscription = bus.on_topic(&topic, {
        let (bus, log, topic) = (bus.clone(), log.clone(), topic.clone());
        let (first, second) = (first.clone(), second.clone());
        move |_| {
            let ended: Subscription = first.lock().unwrap().take().unwrap();
            ended.release();
            // The emitter still holds the old listeners.
            let log = log.clone();
            let next = bus.on_topic(&topic, move |event| log.add(event.0.to_string()));
            second.lock().unwrap().replace(next);
            drop(ended);
        }
    });
    first.lock().unwrap().replace(subscription);

    bus.emit_topic(&topic, Mounted(1));
    bus.emit_topic(&topic, Mounted(2));

    assert_eq!(log.take(), ["2"]);
    assert_eq!(bus.topic_listener_count(&topic), 1);
}

#[test]
fn a_subscription_may_outlive_its_bus() {
    let bus = Bus::new();
    let alive = Arc::new(());
    let captured = alive.clone();
    let subscription = bus.on(move |_: &Mounted| {
        let _ = &captured;
    });
    drop(bus);
    assert_eq!(Arc::strong_count(&alive), 1, "the bus drops its listeners");
    drop(subscription);
}

#[test]
fn the_global_bus_is_one() {
    assert!(Bus::global().is_same(&Bus::global().clone()));
    assert!(!Bus::global().is_same(&Bus::default()));
}

#[test]
fn emitting_while_unwinding_works() {
    struct EmitsWhenDropped(Bus);
    impl Drop for EmitsWhenDropped {
        fn drop(&mut self) {
            self.0.emit(Mounted(1));
        }
    }
    let (bus, log) = (Bus::new(), Log::default());
    let _listening = bus.on({
        let log = log.clone();
        move |event: &Mounted| log.add(event.0.to_string())
    });
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let _emits = EmitsWhenDropped(bus.clone());
        panic!("unwinding");
    }));
    assert!(outcome.is_err());
    assert_eq!(log.take(), ["1"]);
}

#[cfg(feature = "service")]
mod streams {
    use super::*;
    use futures_util::StreamExt;
    use sprag::error::Lagged;

    #[tokio::test]
    async fn a_stream_has_every_event_in_order_and_ends_with_the_bus() {
        let bus = Bus::new();
        let mut events = bus.stream::<Mounted>();
        for n in 0..10 {
            bus.emit(Mounted(n));
        }
        drop(bus);
        for n in 0..10 {
            assert_eq!(events.next().await, Some(Ok(Mounted(n))));
        }
        assert_eq!(events.next().await, None);
    }

    #[tokio::test]
    async fn a_slow_reader_learns_how_many_it_lost() {
        let bus = Bus::new();
        let mut events = bus.stream::<Mounted>();
        for n in 0..1_034 {
            bus.emit(Mounted(n));
        }
        assert_eq!(events.next().await, Some(Err(Lagged(10))));
        assert_eq!(events.next().await, Some(Ok(Mounted(10))));
    }

    #[tokio::test]
    async fn a_waiting_reader_is_woken() {
        let bus = Bus::new();
        let mut events = bus.stream::<Mounted>();
        let reader = tokio::spawn(async move { events.next().await });
        tokio::task::yield_now().await;
        bus.emit(Mounted(5));
        assert_eq!(reader.await.unwrap(), Some(Ok(Mounted(5))));
        assert_eq!(bus.listener_count::<Mounted>(), 0, "dropping the stream unsubscribes");
    }
}
