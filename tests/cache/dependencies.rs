//! C8: dependencies and waves.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use sprag::bus::Topic;
use sprag::error::CacheBuildError;
use sprag::prelude::*;
use test_support::within;

use crate::support::*;

#[test]
fn c8_an_event_invalidates_its_dependents() {
    let bus = Bus::new();
    let drives = cache::<u32>(&bus, "drives").depends_on::<MountChanged>().build().unwrap();
    drives.set(1);
    bus.emit(MountChanged);
    assert_eq!(drives.get(), None);
    assert_eq!(drives.stats().invalidations, 1);
}

#[test]
fn c8_in_a_diamond_each_is_invalidated_once_and_all_before_any_notification() {
    let (bus, log) = (Bus::new(), Log::default());
    let left = cache::<u32>(&bus, "left").depends_on::<MountChanged>().build().unwrap();
    let right = cache::<u32>(&bus, "right").depends_on::<MountChanged>().build().unwrap();
    let bottom = cache::<u32>(&bus, "bottom")
        .depends_on_cache(&left)
        .depends_on_cache(&right)
        .depends_on_topic(&left.invalidated())
        .depends_on::<MountChanged>()
        .build()
        .unwrap();
    let all = [left, right, bottom];
    let _subscriptions = all.each_ref().map(|cache| {
        let (log, all) = (log.clone(), all.each_ref().map(Cache::clone));
        cache.on_invalidate(move |event| {
            let filled = all.iter().filter(|cache| cache.get().is_some()).count();
            log.add(format!("{} {filled}", event.name));
        })
    });

    all.iter().for_each(|cache| cache.set(1));
    let before = all.each_ref().map(|cache| cache.stats().invalidations);
    log.take();
    all[0].set(1);
    all[1].set(1);
    all[2].set(1);
    log.take();
    let [l, r, b] = all.each_ref().map(|cache| cache.stats().invalidations);
    assert_eq!([l, r], [before[0], before[1]]);
    bus.emit(MountChanged);

    assert_eq!(log.take(), ["left 0", "right 0", "bottom 0"]);
    let after = all.each_ref().map(|cache| cache.stats().invalidations);
    assert_eq!(after, [l + 1, r + 1, b + 1]);
}

#[test]
fn c8_a_diamond_of_names_is_one_wave_too_in_any_order_of_building() {
    let (bus, log) = (Bus::new(), Log::default());
    let topic = |name: &str| Topic::<Invalidated>::new(format!("{name}:invalidated"));
    let bottom = cache::<u32>(&bus, "bottom")
        .depends_on_topic(&topic("left"))
        .depends_on_topic(&topic("right"))
        .build()
        .unwrap();
    let left = cache::<u32>(&bus, "left").depends_on_topic(&topic("top")).build().unwrap();
    let right = cache::<u32>(&bus, "right").depends_on_topic(&topic("top")).build().unwrap();
    let top = cache::<u32>(&bus, "top").build().unwrap();
    let _subscriptions = [&bottom, &left, &right, &top].map(|cache| {
        let log = log.clone();
        cache.on_invalidate(move |event| log.add(&*event.name))
    });

    top.invalidate();
    assert_eq!(log.take(), ["top", "left", "right", "bottom"]);
    bus.emit_topic(&topic("left"), Invalidated::new("left"));
    assert_eq!(log.take(), ["bottom"], "an event that the cache did not emit counts as well");
}

#[test]
fn c8_setting_a_cache_invalidates_its_dependents() {
    let bus = Bus::new();
    let drives = cache::<u32>(&bus, "drives").build().unwrap();
    let categories = cache::<u32>(&bus, "categories").depends_on_cache(&drives).build().unwrap();
    categories.set(1);
    drives.set(2);
    assert_eq!((drives.get(), categories.get()), (Some(2), None));
}

#[test]
fn c8_a_cycle_by_name_is_an_error_that_prints_the_path() {
    let bus = Bus::new();
    let topic = |name: &str| Topic::<Invalidated>::new(format!("{name}:invalidated"));
    let build =
        |name: &str, on: &str| cache::<u32>(&bus, name).depends_on_topic(&topic(on)).build();
    let a = build("a", "c").unwrap();
    let _b = build("b", "a").unwrap();
    let error = build("c", "b").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`depends_on` makes a cycle: c -> b -> a -> c; remove one of these dependencies"
    );
    let error = build("self", "self").unwrap_err();
    assert!(error.to_string().contains("self -> self"));

    let by_handle = cache::<u32>(&bus, "c").depends_on_cache(&a).build();
    assert!(matches!(by_handle, Err(CacheBuildError::Cycle { path }) if path == ["c", "a", "c"]));
    drop(a);
    build("c", "b").expect("the name is free again, and so is the way");
}

#[test]
fn c8_names_on_different_buses_are_different_caches() {
    let (here, there) = (Bus::new(), Bus::new());
    let topic = |name: &str| Topic::<Invalidated>::new(format!("{name}:invalidated"));
    let a = cache::<u32>(&here, "a").depends_on_topic(&topic("b")).build().unwrap();
    let b = cache::<u32>(&there, "b").depends_on_topic(&topic("a")).build().unwrap();
    a.set(1);
    b.set(2);
    a.invalidate();
    assert_eq!((a.get(), b.get()), (None, Some(2)));
}

#[test]
fn c8_a_cache_never_keeps_a_value_computed_from_an_older_one() {
    within(LIMIT, || {
        let bus = Bus::new();
        let source = AtomicU64::new(0);
        let top = cache::<u64>(&bus, "top").depends_on::<MountChanged>().build().unwrap();
        let left = cache::<u64>(&bus, "left").depends_on_cache(&top).build().unwrap();
        let right = cache::<u64>(&bus, "right").depends_on_cache(&top).build().unwrap();
        let bottom = cache::<u64>(&bus, "bottom")
            .depends_on_cache(&left)
            .depends_on_cache(&right)
            .build()
            .unwrap();
        let read_top = || top.get_or_compute(|| source.load(Ordering::SeqCst));
        let read_left = || left.get_or_compute(read_top);
        let read_right = || right.get_or_compute(read_top);
        let read = || bottom.get_or_compute(|| read_left().min(read_right()));
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !stop.load(Ordering::SeqCst) {
                        read();
                    }
                });
            }
            let _stops = StopWhenDropped(&stop);
            for version in 1..1_500 {
                source.store(version, Ordering::SeqCst);
                bus.emit(MountChanged);
                assert_eq!(read(), version);
            }
        });
    });
}

#[test]
fn c8_waves_run_beside_each_other_and_beside_builds() {
    within(LIMIT, || {
        let bus = Bus::new();
        let top = cache::<u32>(&bus, "top").depends_on::<MountChanged>().build().unwrap();
        thread::scope(|scope| {
            for thread in 0..4 {
                let (bus, top) = (&bus, &top);
                scope.spawn(move || {
                    for n in 0..300 {
                        let name = format!("{thread}:{n}");
                        let below = cache::<u32>(bus, &name)
                            .depends_on_cache(top)
                            .depends_on::<MountChanged>()
                            .build()
                            .unwrap();
                        below.set(1);
                        match n % 2 {
                            0 => top.invalidate(),
                            _ => bus.emit(MountChanged),
                        }
                        assert_eq!(below.get(), None);
                    }
                });
            }
        });
        assert_eq!(bus.listener_count::<MountChanged>(), 1);
    });
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tv {
    url: Option<String>,
    position: u64,
}

#[test]
fn c8_a_place_of_a_model_invalidates() {
    let tv = create_model("tv", Tv::default());
    let poster =
        cache::<u32>(&Bus::new(), "poster").depends_on_path(&tv, Tv::PATHS.url).build().unwrap();

    poster.set(1);
    tv.set(Tv::PATHS.position, 5);
    assert_eq!(poster.get(), Some(1), "another place changed");
    tv.set(Tv::PATHS.url, Some("/media/movie.mp4".into()));
    assert_eq!(poster.get(), None);
    let weak = tv.downgrade();
    drop(tv);
    assert!(weak.upgrade().is_none(), "the cache does not keep the model");
}

#[test]
fn c8_one_commit_is_one_wave_however_many_places_it_changes() {
    let bus = Bus::new();
    let tv = create_model("tv", Tv::default());
    let seen_by_subscriber = Arc::new(Mutex::new(Vec::new()));
    let late: Arc<OnceLock<Cache<u32>>> = Arc::default();
    let (seen, cache_of) = (seen_by_subscriber.clone(), late.clone());
    let _before = tv.subscribe(Tv::PATHS.url, move |_, _| {
        seen.lock().unwrap().push(cache_of.get().unwrap().get());
    });
    let poster = cache::<u32>(&bus, "poster").depends_on_path(&tv, Tv::PATHS.url).build().unwrap();
    let chapter =
        cache::<u32>(&bus, "chapter").depends_on_path(&tv, Tv::PATHS.position).build().unwrap();
    let page = cache::<u32>(&bus, "page")
        .depends_on_cache(&poster)
        .depends_on_cache(&chapter)
        .depends_on_path(&tv, Tv::PATHS.url)
        .build()
        .unwrap();
    late.set(page.clone()).unwrap();
    for cache in [&poster, &chapter, &page] {
        cache.set(1);
    }
    let start = page.stats().invalidations;

    tv.patch(TvPatch::new().url(Some("/a".into())).position(9));

    assert!([&poster, &chapter, &page].iter().all(|cache| cache.get().is_none()));
    assert_eq!(page.stats().invalidations - start, 1, "once in a diamond");
    assert_eq!(*seen_by_subscriber.lock().unwrap(), [None], "it comes before the subscribers");
}

#[test]
fn c8_a_long_chain_needs_no_stack() {
    let bus = Bus::new();
    let mut chain = vec![cache::<u32>(&bus, "0").build().unwrap()];
    for n in 1..2_000 {
        let last = &chain[n - 1];
        chain.push(cache(&bus, &n.to_string()).depends_on_cache(last).build().unwrap());
    }
    chain.iter().for_each(|cache| assert_eq!(cache.get_or_compute(|| 1), 1));
    chain[0].invalidate();
    assert!(chain.iter().all(|cache| cache.get().is_none()));
}

/// Writes while another thread reads a dependent without a pause, and asserts that no read
/// after a write returns what was computed from an older value.
///
/// The dependent that is read is marked before many others, so that a wave takes long: a
/// wave that marked the dependents before the upstream has its new value would let the
/// reader compute from the old one.
fn a_dependent_follows(write: impl Fn(&Cache<u64>, u64) + Send + Sync + 'static) {
    within(LIMIT, move || {
        let (bus, truth) = (Bus::new(), AtomicU64::new(0));
        let upstream = cache::<u64>(&bus, "upstream").build().unwrap();
        let depend = |n: u32| {
            cache::<u64>(&bus, &format!("dependent {n}"))
                .depends_on_cache(&upstream)
                .build()
                .unwrap()
        };
        let dependent = depend(0);
        let _others: Vec<_> = (1..300).map(depend).collect();
        let current = || truth.load(Ordering::SeqCst);
        let read = || dependent.get_or_compute(|| upstream.get_or_compute(current));
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    read();
                }
            });
            let _stop = StopWhenDropped(&stop);
            for n in 1..=200 {
                truth.store(n, Ordering::SeqCst);
                write(&upstream, n);
                assert_eq!(read(), n, "computed from an older value");
            }
        });
    });
}

#[test]
fn c8_a_dependent_never_keeps_a_value_computed_before_a_set() {
    a_dependent_follows(|upstream, n| upstream.set(n));
}

#[test]
fn c8_a_dependent_never_keeps_a_value_computed_before_an_invalidation() {
    a_dependent_follows(|upstream, _| upstream.invalidate());
}

#[test]
fn c7_set_clears_and_notifies_dependents_by_handle_and_by_topic() {
    let (bus, log) = (Bus::new(), Log::default());
    let drives = cache::<u32>(&bus, "drives").build().unwrap();
    let by_handle = cache::<u32>(&bus, "handle").depends_on_cache(&drives).build().unwrap();
    let by_topic = cache::<u32>(&bus, "topic").depends_on_topic(&drives.invalidated());
    let by_topic = by_topic.build().unwrap();
    let listening: Vec<_> = [&drives, &by_handle, &by_topic]
        .map(|cache| {
            let (log, caches) = (log.clone(), [by_handle.clone(), by_topic.clone()]);
            bus.on_topic(&cache.invalidated(), move |event| {
                let values = caches.each_ref().map(Cache::get);
                log.add(format!("{} {} {values:?}", event.name, event.is_replaced));
            })
        })
        .into();
    by_handle.set(1);
    by_topic.set(1);
    log.take();

    drives.set(2);

    assert_eq!(
        log.take(),
        ["drives true [None, None]", "handle false [None, None]", "topic false [None, None]"],
    );
    drop(listening);
}
