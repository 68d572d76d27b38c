//! Caches of many values: promise C9, which is C1 to C8 key by key, and a bound.

mod cancelled;
mod entries;
mod reference;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use sprag::error::{CacheBuildError, CacheError};
use sprag::prelude::*;
use sprag::{
    bus::Topic,
    cache::{CacheBuilder, ManualClock},
};
use test_support::within;

/// The deadline of a test that could hang.
const LIMIT: Duration = Duration::from_secs(60);

struct MountChanged;

impl Event for MountChanged {
    const NAME: &'static str = "storage:mount_changed";
}

fn keyed<V: Clone + Send + Sync + 'static>(bus: &Bus) -> CacheBuilder<KeyedCache<String, V>> {
    create_keyed_cache("thumbs").bus(bus)
}

fn lone<V: Clone + Send + Sync + 'static>() -> KeyedCache<String, V> {
    keyed(&Bus::new()).build().unwrap()
}

/// Ends the threads of a test that fails, too.
struct StopWhenDropped<'a>(&'a AtomicBool);

impl Drop for StopWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn c9_each_key_is_computed_once_however_many_callers() {
    within(LIMIT, || {
        const KEYS: usize = 8;
        const CALLERS: usize = 512;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
        let thumbs = lone::<usize>();
        let computations = Arc::new(AtomicUsize::new(0));
        let compute = |key: usize| {
            let (thumbs, computations) = (thumbs.clone(), computations.clone());
            move || {
                computations.fetch_add(1, Ordering::SeqCst);
                while thumbs.stats().misses < CALLERS as u64 {
                    thread::yield_now();
                }
                key
            }
        };
        let threads: Vec<_> = (0..CALLERS / 2)
            .map(|n| {
                let (thumbs, key) = (thumbs.clone(), n % KEYS);
                let compute = compute(key);
                thread::spawn(move || (key, thumbs.get_or_compute(&key.to_string(), compute)))
            })
            .collect();
        let tasks: Vec<_> = (0..CALLERS / 2)
            .map(|n| {
                let (thumbs, key) = (thumbs.clone(), n % KEYS);
                let compute = compute(key);
                runtime.spawn(async move {
                    let compute = || async { tokio::task::spawn_blocking(compute).await.unwrap() };
                    (key, thumbs.get_or_compute_async(&key.to_string(), compute).await)
                })
            })
            .collect();

        for thread in threads {
            let (key, value) = thread.join().unwrap();
            assert_eq!(key, value);
        }
        for task in tasks {
            let (key, value) = runtime.block_on(task).unwrap();
            assert_eq!(key, value);
        }
        assert_eq!(computations.load(Ordering::SeqCst), KEYS);
        assert_eq!((thumbs.len(), thumbs.stats().computations), (KEYS, KEYS as u64));
    });
}

#[test]
fn c9_keys_do_not_wait_for_each_other() {
    let thumbs = lone::<u32>();
    let mut stuck = Box::pin(thumbs.get_or_compute_async("a", std::future::pending));
    assert!(poll(stuck.as_mut()).is_pending());
    assert_eq!(thumbs.get_or_compute("b", || 2), 2);
    assert_eq!((thumbs.get("a"), thumbs.get("b")), (None, Some(2)));
}

#[test]
fn c9_c2_a_late_result_is_never_stored() {
    let invalidations: [fn(&KeyedCache<String, u32>); 3] = [
        |thumbs| thumbs.invalidate("a"),
        |thumbs| thumbs.invalidate_all(),
        |thumbs| {
            thumbs.set("a".into(), 7);
            thumbs.invalidate("a");
        },
    ];
    for invalidate in invalidations {
        let thumbs = lone::<u32>();
        let (send, receive) = tokio::sync::oneshot::channel();
        let mut leader =
            pin!(thumbs.get_or_compute_async("a", || async { receive.await.unwrap() }));
        assert!(poll(leader.as_mut()).is_pending());
        let mut waits = pin!(thumbs.get_or_compute_async("a", || async { unreachable!() }));
        assert!(poll(waits.as_mut()).is_pending());

        invalidate(&thumbs);
        send.send(1).unwrap();

        assert_eq!(poll(leader.as_mut()), Poll::Ready(1));
        assert_eq!(poll(waits.as_mut()), Poll::Ready(1));
        assert_eq!((thumbs.get("a"), thumbs.len()), (None, 0));
    }
}

#[test]
fn c9_c2_a_value_set_during_a_computation_stays() {
    let thumbs = lone::<u32>();
    let computed = thumbs.get_or_compute("a", || {
        thumbs.set("a".into(), 7);
        1
    });
    assert_eq!((computed, thumbs.get("a")), (1, Some(7)));
}

#[test]
fn c9_c2_no_interleaving_stores_a_value_read_before_an_invalidation() {
    within(LIMIT, || {
        let source = AtomicU64::new(0);
        let thumbs = lone::<u64>();
        let read = || thumbs.get_or_compute("a", || source.load(Ordering::SeqCst));
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
            for version in 1..3_000 {
                source.store(version, Ordering::SeqCst);
                match version % 2 {
                    0 => thumbs.invalidate("a"),
                    _ => thumbs.invalidate_all(),
                }
                assert_eq!(read(), version);
            }
        });
    });
}

#[test]
fn c9_c3_entries_expire_each_at_its_deadline() {
    let (bus, clock) = (Bus::new(), ManualClock::new());
    let seconds = Duration::from_secs;
    let thumbs = keyed::<u32>(&bus).clock(clock.clone()).ttl(seconds(10)).build().unwrap();
    thumbs.get_or_compute("a", || 1);
    clock.advance(seconds(5));
    thumbs.get_or_compute("b", || 2);
    thumbs.set_with_ttl("c".into(), 3, Duration::ZERO);
    clock.advance(seconds(5));
    assert_eq!([thumbs.get("a"), thumbs.get("b"), thumbs.get("c")], [None, Some(2), Some(3)]);
    assert_eq!(thumbs.get_or_compute("a", || 4), 4);
    clock.advance(seconds(1_000));
    assert_eq!([thumbs.get("a"), thumbs.get("b"), thumbs.get("c")], [None, None, Some(3)]);
}

#[test]
fn c9_c4_panics_and_errors() {
    let thumbs = lone::<u32>();
    let outcome = catch_unwind(AssertUnwindSafe(|| thumbs.get_or_compute("a", || panic!("no"))));
    assert!(outcome.is_err());
    let error = thumbs.try_get_or_compute("a", || Err("no such file")).unwrap_err();
    assert_eq!(error.to_string(), "computing `thumbs` failed");
    assert_eq!(thumbs.try_get_or_compute("a", || Ok::<_, CacheError>(1)).unwrap(), 1);
    let stats = thumbs.stats();
    assert_eq!((stats.panics, stats.failures, stats.computations), (1, 1, 3));
}

#[test]
fn c9_c4_a_panicking_leader_hands_over() {
    within(LIMIT, || {
        const CALLERS: usize = 32;
        let thumbs = lone::<usize>();
        let attempts = AtomicUsize::new(0);
        let start = Barrier::new(CALLERS);
        let outcomes: Vec<_> = thread::scope(|scope| {
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        thumbs.get_or_compute("a", || {
                            match attempts.fetch_add(1, Ordering::SeqCst) {
                                attempt if attempt < CALLERS / 2 => panic!("attempt {attempt}"),
                                attempt => attempt,
                            }
                        })
                    })
                })
                .collect();
            callers.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        let values: Vec<_> = outcomes.into_iter().filter_map(Result::ok).collect();
        assert_eq!(values, [CALLERS / 2; CALLERS / 2]);
    });
}

#[test]
fn c9_c5_a_key_that_queries_itself_gets_an_error_and_other_keys_do_not() {
    within(LIMIT, || {
        let thumbs = lone::<u32>();
        let sum = thumbs.get_or_compute("a", || 1 + thumbs.get_or_compute("b", || 1));
        assert_eq!(sum, 2);

        let error = thumbs
            .try_get_or_compute("c", || {
                thumbs.try_get_or_compute("d", || {
                    thumbs.invalidate_all();
                    thumbs.try_get_or_compute("c", || Ok::<_, CacheError>(1))
                })
            })
            .unwrap_err();
        let inner =
            error.failure::<CacheError>().and_then(CacheError::failure::<CacheError>).unwrap();
        assert!(matches!(inner, CacheError::Reentrant { chain } if chain.len() == 3), "{inner}");
    });
}

#[test]
fn c9_c6_none_is_a_value() {
    let thumbs = lone::<Option<u32>>();
    assert_eq!(thumbs.get_or_compute("a", || None), None);
    assert_eq!(thumbs.get("a"), Some(None));
}

#[test]
fn c9_c7_one_key_or_all() {
    let bus = Bus::new();
    let thumbs = keyed::<u32>(&bus).build().unwrap();
    let below = create_cache::<u32>("below").bus(&bus).depends_on_cache(&thumbs).build().unwrap();
    let told = Arc::new(AtomicUsize::new(0));
    let count = |told: &Arc<AtomicUsize>| {
        let told = told.clone();
        move |_: &Invalidated| {
            told.fetch_add(1, Ordering::SeqCst);
        }
    };
    let _own = thumbs.on_invalidate(count(&told));
    let _bus = bus.on_topic(&thumbs.invalidated(), count(&told));
    for key in ["a", "b"] {
        thumbs.set(key.into(), 1);
    }

    below.set(1);
    thumbs.invalidate("a");
    assert_eq!([thumbs.get("a"), thumbs.get("b"), below.get()], [None, Some(1), None]);
    below.set(1);
    thumbs.invalidate_all();
    assert_eq!([thumbs.get("a"), thumbs.get("b"), below.get()], [None, None, None]);
    assert_eq!(
        (told.load(Ordering::SeqCst), thumbs.len()),
        (6, 0),
        "two of `set`, four of the invalidations"
    );
    below.set(1);
    thumbs.set("a".into(), 2);
    assert_eq!(below.get(), None, "a dependent was made of the old value");
}

#[test]
fn c9_c8_it_depends_like_any_cache() {
    let bus = Bus::new();
    let drives =
        create_cache::<u32>("drives").bus(&bus).depends_on::<MountChanged>().build().unwrap();
    let thumbs =
        keyed::<u32>(&bus).depends_on_cache(&drives).depends_on::<MountChanged>().build().unwrap();
    thumbs.set("a".into(), 1);
    bus.emit(MountChanged);
    assert_eq!((thumbs.get("a"), thumbs.stats().invalidations), (None, 1));

    let cycle = create_keyed_cache::<u32, u32>("top")
        .bus(&bus)
        .depends_on_topic(&Topic::<Invalidated>::new("top:invalidated"))
        .build();
    assert!(matches!(cycle, Err(CacheBuildError::Cycle { .. })));
}

#[test]
fn c9_the_number_of_entries_is_bounded() {
    for capacity in [1, 2, 31, 32, 100, 1_001] {
        let thumbs = keyed::<u32>(&Bus::new()).capacity(capacity).build().unwrap();
        assert!(thumbs.capacity() <= capacity);
        for n in 0..5_000 {
            assert_eq!(thumbs.get_or_compute(&n.to_string(), || n), n);
            assert!(thumbs.len() <= capacity, "{} of {capacity}", thumbs.len());
        }
        thumbs.set("last".into(), 1);
        assert_eq!(thumbs.get("last"), Some(1), "what was just stored is there");
    }
    let none = keyed::<u32>(&Bus::new()).capacity(0).build();
    assert!(matches!(none, Err(CacheBuildError::NoCapacity { .. })));
}

#[test]
fn c9_an_entry_in_flight_cannot_be_evicted() {
    let thumbs = keyed::<u32>(&Bus::new()).capacity(4).build().unwrap();
    let (send, receive) = tokio::sync::oneshot::channel();
    let mut leader = pin!(thumbs.get_or_compute_async("a", || async { receive.await.unwrap() }));
    assert!(poll(leader.as_mut()).is_pending());
    for n in 0..100 {
        thumbs.get_or_compute(&n.to_string(), || n);
    }
    let mut waits = pin!(thumbs.get_or_compute_async("a", || async { unreachable!() }));
    assert!(poll(waits.as_mut()).is_pending());
    send.send(1).unwrap();
    assert_eq!(poll(leader.as_mut()), Poll::Ready(1));
    assert_eq!(poll(waits.as_mut()), Poll::Ready(1));
}

#[test]
fn c9_values_and_keys_are_dropped_outside_of_locks() {
    within(LIMIT, || {
        /// Uses the cache when it is dropped, and then panics.
        #[derive(Clone)]
        struct Nosy(Arc<Mutex<Option<KeyedCache<u32, Nosy>>>>, Arc<AtomicUsize>);
        impl Drop for Nosy {
            fn drop(&mut self) {
                let thumbs = self.0.lock().unwrap().clone();
                let Some(thumbs) = thumbs else { return };
                std::mem::forget(thumbs.get(&9_999));
                thumbs.invalidate(&9_999);
                self.1.fetch_add(1, Ordering::SeqCst);
            }
        }
        let home = Arc::default();
        let drops = Arc::new(AtomicUsize::new(0));
        let nosy = || Nosy(Arc::clone(&home), drops.clone());
        let thumbs =
            create_keyed_cache::<u32, Nosy>("nosy").bus(&Bus::new()).capacity(8).build().unwrap();
        *home.lock().unwrap() = Some(thumbs.clone());

        for n in 0..100 {
            thumbs.get_or_compute(&n, nosy);
            thumbs.set(n, nosy());
        }
        thumbs.invalidate(&99);
        thumbs.invalidate_all();
        assert!(thumbs.is_empty());
        assert!(drops.load(Ordering::SeqCst) > 100);
        *home.lock().unwrap() = None;
    });
}

#[test]
fn values_that_panic_when_dropped_do_not_affect_other_callers() {
    #[derive(Clone)]
    struct Grenade;
    impl Drop for Grenade {
        fn drop(&mut self) {
            if !thread::panicking() {
                panic!("boom");
            }
        }
    }
    let grenades = create_keyed_cache::<u32, Grenade>("grenades")
        .bus(&Bus::new())
        .capacity(4)
        .build()
        .unwrap();
    for n in 0..20 {
        grenades.set(n, Grenade);
        grenades.set(n, Grenade);
    }
    grenades.invalidate(&19);
    grenades.invalidate_all();
    assert!(grenades.is_empty());
}

#[test]
fn a_released_keyed_cache_keeps_nothing() {
    let bus = Bus::new();
    let thumbs = keyed::<u32>(&bus).depends_on::<MountChanged>().build().unwrap();
    thumbs.set("a".into(), 1);
    thumbs.release();
    assert_eq!(thumbs.get_or_compute("a", || 2), 2);
    thumbs.set("b".into(), 1);
    assert!(thumbs.is_empty());
    assert_eq!(bus.listener_count::<MountChanged>(), 0);
    keyed::<u32>(&bus).build().expect("its name is free");
}
