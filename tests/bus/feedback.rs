//! I4: listeners that emit the event that calls them, in each shape of a loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sprag::{Bus, bus::Topic};
use test_support::within;

use crate::{LIMIT, Mounted, Unmounted};

#[test]
fn a_feedback_loop_is_cut_and_the_bus_still_works() {
    within(LIMIT, || {
        let bus = Bus::new();
        let calls = Arc::new(AtomicUsize::new(0));
        let _loops = bus.on({
            let (bus, calls) = (bus.clone(), calls.clone());
            move |event: &Mounted| {
                calls.fetch_add(1, Ordering::SeqCst);
                bus.emit(Mounted(event.0));
            }
        });

        bus.emit(Mounted(1));
        assert_eq!(calls.load(Ordering::SeqCst), 256);
        assert_eq!(bus.panics(), 1);
        bus.emit(Mounted(1));
        assert_eq!(calls.load(Ordering::SeqCst), 512);
    });
}

#[test]
fn i4_a_feedback_loop_that_fans_out_is_cut() {
    let calls = within(LIMIT, || {
        let (bus, calls) = (Bus::new(), Arc::new(AtomicUsize::new(0)));
        for _ in 0..2 {
            let (weak, calls) = (bus.clone(), calls.clone());
            let emit_again = move |_: &Mounted| {
                calls.fetch_add(1, Ordering::SeqCst);
                weak.emit(Mounted(1));
            };
            bus.on(emit_again).detach();
        }
        bus.emit(Mounted(0));
        assert!(bus.panics() > 0);
        calls.load(Ordering::SeqCst)
    });

    assert!((10_000..30_000).contains(&calls), "{calls}");
}

#[test]
fn i4_a_feedback_loop_that_fans_out_over_two_topics_is_cut() {
    let calls = within(LIMIT, || {
        let (bus, calls) = (Bus::new(), Arc::new(AtomicUsize::new(0)));
        let topics = ["left:mounted", "right:mounted"].map(Topic::<Mounted>::new);
        for (own, other) in [(&topics[0], &topics[1]), (&topics[1], &topics[0])] {
            let (emitter, other, calls) = (bus.clone(), other.clone(), calls.clone());
            let emit_twice = move |_: &Mounted| {
                calls.fetch_add(1, Ordering::SeqCst);
                (0..2).for_each(|n| emitter.emit_topic(&other, Mounted(n)));
            };
            bus.on_topic(own, emit_twice).detach();
        }
        bus.emit_topic(&topics[0], Mounted(0));
        assert!(bus.panics() > 0);
        calls.load(Ordering::SeqCst)
    });

    assert!((10_000..30_000).contains(&calls), "{calls}");
}

#[test]
fn i4_many_events_of_another_kind_are_not_a_feedback_loop() {
    let (bus, calls) = (Bus::new(), Arc::new(AtomicUsize::new(0)));
    let _rows = bus.on::<Unmounted>({
        let calls = calls.clone();
        move |_| _ = calls.fetch_add(1, Ordering::SeqCst)
    });
    let emitter = bus.clone();
    let _import = bus.on::<Mounted>(move |_| (0..150_000).for_each(|_| emitter.emit(Unmounted)));

    bus.emit(Mounted(0));

    assert_eq!((calls.load(Ordering::SeqCst), bus.panics()), (150_000, 0));
}
