//! C7: invalidation notifies.

use std::sync::Arc;

use sprag::prelude::*;

use crate::support::*;

#[test]
fn c7_invalidate_clears_then_notifies_listeners_then_the_bus() {
    let (bus, log) = (Bus::new(), Log::default());
    let drives = cache::<u32>(&bus, "drives").build().unwrap();
    let _own = drives.on_invalidate({
        let (drives, log) = (drives.clone(), log.clone());
        move |event| log.add(format!("own {} {:?}", event.name, drives.get()))
    });
    let _bus = bus.on_topic(&drives.invalidated(), {
        let (drives, log) = (drives.clone(), log.clone());
        move |event| log.add(format!("bus {} {:?}", event.name, drives.get()))
    });
    assert_eq!(drives.invalidated().name(), "drives:invalidated");

    drives.set(1);
    assert_eq!(log.take(), ["bus drives Some(1)"], "one event for the topic");
    drives.invalidate();
    assert_eq!(log.take(), ["own drives None", "bus drives None"]);
    drives.invalidate();
    assert_eq!(log.take().len(), 2, "also when there was nothing to clear");
}

#[test]
fn c7_a_listener_may_panic_compute_and_invalidate() {
    let bus = Bus::new();
    let [a, b] = ["a", "b"].map(|name| cache::<u32>(&bus, name).build().unwrap());
    let _panics = a.on_invalidate(|_| panic!("listener"));
    let _computes = a.on_invalidate({
        let (a, b) = (a.clone(), b.clone());
        move |_| {
            a.get_or_compute(|| 5);
            b.invalidate();
        }
    });
    b.set(1);
    a.invalidate();
    assert_eq!((a.get(), b.get()), (Some(5), None));
}

#[test]
fn c7_listeners_go_with_the_cache() {
    let drives = lone::<u32>();
    let alive = Arc::new(());
    let captured = alive.clone();
    drives.on_invalidate(move |_| drop(captured.clone())).detach();
    drop(drives);
    assert_eq!(Arc::strong_count(&alive), 1);
}
