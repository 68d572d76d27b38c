//! Building, destroying, leaking.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sprag::bus::Topic;
use sprag::error::{BusError, CacheBuildError};
use sprag::prelude::*;

use crate::support::*;

#[test]
fn senseless_settings_are_an_error_of_build() {
    let bus = Bus::new();
    let error = cache::<u32>(&bus, "").build().unwrap_err();
    assert_eq!(error, CacheBuildError::EmptyName);
    let error = cache::<u32>(&bus, "drives").ttl(Duration::MAX).build().unwrap_err();
    assert_eq!(error, CacheBuildError::TtlTooLong { ttl: Duration::MAX });
    cache::<u32>(&bus, "drives").ttl(Duration::from_secs(99 * 365 * 86_400)).build().unwrap();

    let drives = cache::<u32>(&bus, "drives").build().unwrap();
    let error = cache::<String>(&bus, "drives").build().unwrap_err();
    assert_eq!(
        error,
        CacheBuildError::Bus(BusError::NameTaken { name: "drives:invalidated".into() })
    );
    cache::<u32>(&Bus::new(), "drives").build().expect("another bus, another name");
    drop(drives);
    cache::<u32>(&bus, "drives").build().expect("the name is free again");
}

#[test]
fn the_global_bus_is_the_default() {
    let drives = create_cache::<u32>("global drives").build().unwrap();
    let told = Arc::new(AtomicUsize::new(0));
    let _listening = Bus::global().on_topic(&drives.invalidated(), {
        let told = told.clone();
        move |_| {
            told.fetch_add(1, Ordering::SeqCst);
        }
    });
    drives.invalidate();
    assert_eq!(told.load(Ordering::SeqCst), 1);
}

#[test]
fn a_released_cache_lets_go_and_stays_usable() {
    let bus = Bus::new();
    let top = cache::<u32>(&bus, "top").build().unwrap();
    let drives = cache::<u32>(&bus, "drives")
        .depends_on::<MountChanged>()
        .depends_on_cache(&top)
        .build()
        .unwrap();
    let held = Arc::new(());
    let captured = held.clone();
    drives.on_invalidate(move |_| drop(captured.clone())).detach();
    drives.set(1);

    let computed = drives.get_or_compute(|| {
        unreachable!("there is a value");
    });
    assert_eq!(computed, 1);
    drives.release();
    drives.release();

    assert_eq!(drives.get(), None);
    assert_eq!(bus.listener_count::<MountChanged>(), 0);
    assert_eq!(Arc::strong_count(&held), 1);
    assert_eq!(drives.get_or_compute(|| 2), 2);
    assert_eq!(drives.get(), None, "nothing is kept");
    drives.set(3);
    assert_eq!(drives.get(), None);
    cache::<u32>(&bus, "drives").build().expect("its name is free, for who starts again");
    top.invalidate();
}

#[test]
fn a_computation_that_outlasts_the_release_is_not_kept() {
    let drives = lone::<u32>();
    let computed = drives.get_or_compute(|| {
        drives.release();
        1
    });
    assert_eq!((computed, drives.get()), (1, None));
}

#[test]
fn dropping_the_last_handle_leaves_nothing_behind() {
    let bus = Bus::new();
    let value = Arc::new(());
    for _ in 0..100 {
        let drives = cache::<Arc<()>>(&bus, "drives").depends_on::<MountChanged>().build().unwrap();
        let categories = cache::<u32>(&bus, "categories")
            .depends_on_cache(&drives)
            .depends_on_topic(&drives.invalidated())
            .build()
            .unwrap();
        drives.set(value.clone());
        drop(drives);
        drop(categories);
    }
    assert_eq!(Arc::strong_count(&value), 1);
    assert_eq!(bus.listener_count::<MountChanged>(), 0);
    assert_eq!(bus.topic_listener_count(&Topic::<Invalidated>::new("drives:invalidated")), 0);
}

#[test]
fn a_name_is_free_when_the_last_handle_went_although_a_wave_is_under_way() {
    let bus = Bus::new();
    let drives = cache::<u32>(&bus, "drives").build().unwrap();
    let categories = cache::<u32>(&bus, "categories").depends_on_cache(&drives).build().unwrap();
    let (held, built) = (Mutex::new(Some(categories)), Arc::new(Mutex::new(None)));
    let _told = drives.on_invalidate({
        let (bus, built) = (bus.clone(), built.clone());
        move |_| {
            // The wave has reached the cache and notifies its listeners next.
            drop(held.lock().unwrap().take());
            *built.lock().unwrap() = Some(cache::<u32>(&bus, "categories").build());
        }
    });

    drives.invalidate();

    let built = built.lock().unwrap().take().unwrap();
    assert_eq!(built.unwrap().name(), "categories");
}

#[test]
fn the_last_handle_may_go_inside_its_own_listener_and_computation() {
    let bus = Bus::new();
    let drives = cache::<u32>(&bus, "drives").depends_on::<MountChanged>().build().unwrap();
    let held = Arc::new(Mutex::new(Some(drives.clone())));
    let _listening = bus.on_topic(&drives.invalidated(), {
        let held = held.clone();
        move |_| drop(held.lock().unwrap().take())
    });
    drop(drives);
    bus.emit(MountChanged);
    assert!(held.lock().unwrap().is_none());
    bus.emit(MountChanged);
}
