//! Caches of one value: promises C1 to C8.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use proptest::prelude::*;
use sprag::error::{BusError, CacheBuildError, CacheError};
use sprag::prelude::*;
use sprag::{
    bus::Topic,
    cache::{CacheBuilder, Clock, ManualClock},
};

const TTL: Duration = Duration::from_secs(300);

struct MountChanged;

impl Event for MountChanged {
    const NAME: &'static str = "storage:mount_changed";
}

#[derive(Debug)]
struct Unplugged;

impl std::fmt::Display for Unplugged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unplugged")
    }
}

impl std::error::Error for Unplugged {}

fn cache<V: Send + Sync + 'static>(bus: &Bus, name: &str) -> CacheBuilder<Cache<V>> {
    create_cache(name).bus(bus)
}

/// A cache on a bus of its own.
fn lone<V: Send + Sync + 'static>() -> Cache<V> {
    cache(&Bus::new(), "drives").build().unwrap()
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

fn panic_text(outcome: thread::Result<impl Sized>) -> String {
    let payload = outcome.err().expect("it panics");
    payload.downcast_ref::<String>().cloned().unwrap_or_default()
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

// C1: single flight.

#[test]
fn c1_one_computation_however_many_callers_block_and_await() {
    const EACH: usize = 256;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let drives = lone::<Arc<str>>();
    let computations = Arc::new(AtomicUsize::new(0));
    let compute = {
        let (drives, computations) = (drives.clone(), computations.clone());
        move || {
            computations.fetch_add(1, Ordering::SeqCst);
            // Everyone has come, and found nothing, before there is a value.
            while drives.stats().misses < 2 * EACH as u64 {
                thread::yield_now();
            }
            Arc::<str>::from("value")
        }
    };

    let threads: Vec<_> = (0..EACH)
        .map(|_| {
            let (drives, compute) = (drives.clone(), compute.clone());
            thread::spawn(move || drives.get_or_compute(compute))
        })
        .collect();
    let tasks: Vec<_> = (0..EACH)
        .map(|_| {
            let (drives, compute) = (drives.clone(), compute.clone());
            runtime.spawn(async move {
                drives
                    .get_or_compute_async(|| async move {
                        tokio::task::spawn_blocking(compute).await.unwrap()
                    })
                    .await
            })
        })
        .collect();

    for thread in threads {
        assert_eq!(&*thread.join().unwrap(), "value");
    }
    for task in tasks {
        assert_eq!(&*runtime.block_on(task).unwrap(), "value");
    }
    assert_eq!(computations.load(Ordering::SeqCst), 1);
    assert_eq!(drives.stats().computations, 1);
    assert_eq!(drives.get().as_deref(), Some("value"));
}

#[test]
fn c1_a_blocking_caller_waits_for_an_async_leader_and_the_other_way_round() {
    let drives = lone::<u32>();
    let (send, receive) = tokio::sync::oneshot::channel();
    let mut leader = pin!(drives.get_or_compute_async(|| async { receive.await.unwrap() }));
    assert!(poll(leader.as_mut()).is_pending());
    thread::scope(|scope| {
        let blocked = scope.spawn(|| drives.get_or_compute(|| unreachable!("one is at it")));
        while drives.stats().misses < 2 {
            thread::yield_now();
        }
        send.send(1).unwrap();
        assert_eq!(poll(leader.as_mut()), Poll::Ready(1));
        assert_eq!(blocked.join().unwrap(), 1);
    });

    drives.invalidate();
    let (go, gate) = channel::<()>();
    let (begun, begins) = channel::<()>();
    thread::scope(|scope| {
        let drives = &drives;
        let leader = scope.spawn(move || {
            drives.get_or_compute(|| {
                begun.send(()).unwrap();
                gate.recv().unwrap();
                2
            })
        });
        begins.recv().unwrap();
        let mut waits =
            pin!(drives.get_or_compute_async(|| async { unreachable!("one is at it") }));
        assert!(poll(waits.as_mut()).is_pending());
        go.send(()).unwrap();
        assert_eq!(leader.join().unwrap(), 2);
        assert_eq!(poll(waits.as_mut()), Poll::Ready(2));
    });
}

#[test]
fn c1_a_hit_computes_nothing_and_is_borrowed() {
    let drives = lone::<Vec<u32>>();
    assert_eq!(drives.read(Vec::len), None);
    assert_eq!(drives.get_or_compute(|| vec![1, 2]), [1, 2]);
    assert_eq!(drives.get_or_compute(|| unreachable!()), [1, 2]);
    assert_eq!(drives.read(Vec::len), Some(2));
    let held = drives.load().unwrap();
    drives.invalidate();
    assert_eq!(*held, [1, 2], "what is held stays what it is");
    assert!(drives.load().is_none());
    let stats = drives.stats();
    assert_eq!((stats.hits, stats.misses, stats.computations, stats.invalidations), (3, 3, 1, 1));
}

#[test]
fn hits_of_many_threads_are_all_counted() {
    let drives = lone::<u32>();
    drives.set(1);
    for _ in 0..3 {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..1_000).for_each(|_| assert_eq!(drives.get(), Some(1))));
            }
        });
    }
    assert_eq!(drives.stats().hits, 24_000);
}

// C2: late results.

#[test]
fn c2_a_late_result_goes_to_those_who_wait_and_is_never_stored() {
    let drives = lone::<u32>();
    let (send, receive) = tokio::sync::oneshot::channel();
    let mut leader = pin!(drives.get_or_compute_async(|| async { receive.await.unwrap() }));
    assert!(poll(leader.as_mut()).is_pending());
    let mut waits = pin!(drives.get_or_compute_async(|| async { unreachable!() }));
    assert!(poll(waits.as_mut()).is_pending());

    drives.invalidate();
    assert_eq!(drives.get_or_compute(|| 2), 2, "who comes later computes anew");
    send.send(1).unwrap();

    assert_eq!(poll(leader.as_mut()), Poll::Ready(1));
    assert_eq!(poll(waits.as_mut()), Poll::Ready(1));
    assert_eq!(drives.get(), Some(2));
}

#[test]
fn c2_what_is_set_during_a_computation_stays() {
    let drives = lone::<u32>();
    let computed = drives.get_or_compute(|| {
        drives.set(7);
        1
    });
    assert_eq!((computed, drives.get()), (1, Some(7)));
}

#[test]
fn c2_a_value_that_expires_during_a_computation_does_not_let_the_late_result_in() {
    let clock = ManualClock::new();
    let drives = cache::<u32>(&Bus::new(), "drives").clock(clock.clone()).build().unwrap();
    let computed = drives.get_or_compute(|| {
        drives.set_with_ttl(7, Duration::from_secs(1));
        clock.advance(Duration::from_secs(2));
        1
    });
    assert_eq!((computed, drives.get()), (1, None));
}

#[test]
fn c2_no_interleaving_stores_what_was_read_before_an_invalidation() {
    let source = AtomicU64::new(0);
    let derived = lone::<u64>();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    derived.get_or_compute(|| source.load(Ordering::SeqCst));
                }
            });
        }
        let _stops = StopWhenDropped(&stop);
        for version in 1..3_000 {
            source.store(version, Ordering::SeqCst);
            derived.invalidate();
            let seen = derived.get_or_compute(|| source.load(Ordering::SeqCst));
            assert_eq!(seen, version, "read after the invalidation returned");
        }
    });
}

// C3: time.

#[test]
fn c3_a_value_lives_until_its_deadline() {
    let clock = ManualClock::new();
    let build = |ttl| cache::<u32>(&Bus::new(), "drives").clock(clock.clone()).ttl(ttl).build();
    let (timed, forever) = (build(TTL).unwrap(), build(Duration::ZERO).unwrap());
    assert_eq!((timed.get_or_compute(|| 1), forever.get_or_compute(|| 1)), (1, 1));

    clock.advance(TTL - Duration::from_nanos(1));
    assert_eq!((timed.get(), forever.get()), (Some(1), Some(1)));
    clock.advance(Duration::from_nanos(1));
    assert_eq!((timed.get(), forever.get()), (None, Some(1)));
    assert_eq!(timed.get_or_compute(|| 2), 2);

    timed.set_with_ttl(3, Duration::from_secs(1));
    forever.set_with_ttl(3, Duration::from_secs(1));
    clock.advance(Duration::from_secs(1));
    assert_eq!((timed.get(), forever.get()), (None, None), "each write may have its own");
    timed.set_with_ttl(4, Duration::ZERO);
    clock.advance(100 * TTL);
    assert_eq!(timed.get(), Some(4));
}

#[test]
fn c3_near_the_deadline_the_precise_clock_decides() {
    let clock = ManualClock::new();
    clock.set_lag(Duration::from_millis(10));
    let bus = Bus::new();
    let drives = cache::<u32>(&bus, "drives").clock(clock.clone()).ttl(TTL).build().unwrap();
    drives.set(1);
    clock.advance(TTL - Duration::from_millis(1));
    assert_eq!(drives.get(), Some(1));
    clock.advance(Duration::from_millis(1));
    assert_eq!(drives.get(), None, "the coarse clock is late, and is not asked");
}

#[test]
fn c3_far_from_the_deadline_the_precise_clock_is_not_read() {
    #[derive(Default)]
    struct Counting {
        time: ManualClock,
        precise: AtomicUsize,
    }
    impl Clock for Counting {
        fn now(&self) -> Duration {
            self.precise.fetch_add(1, Ordering::SeqCst);
            self.time.now()
        }
        fn coarse(&self) -> Duration {
            self.time.coarse()
        }
    }
    let clock = Arc::new(Counting::default());
    let bus = Bus::new();
    let drives = cache::<u32>(&bus, "drives").clock(clock.clone()).ttl(TTL).build().unwrap();
    drives.set(1);
    let at_set = clock.precise.load(Ordering::SeqCst);
    clock.time.advance(TTL - Duration::from_millis(101));
    (0..100).for_each(|_| assert_eq!(drives.get(), Some(1)));
    assert_eq!(clock.precise.load(Ordering::SeqCst), at_set);
    clock.time.advance(Duration::from_millis(1));
    assert_eq!(drives.get(), Some(1));
    assert_eq!(clock.precise.load(Ordering::SeqCst), at_set + 1);

    // A coarse clock that stands still: a hit may be late by its lag, not more.
    clock.time.set_lag(Duration::from_secs(1));
    clock.time.advance(Duration::from_millis(500));
    assert_eq!(drives.get(), Some(1));
    clock.time.advance(Duration::from_millis(500));
    assert_eq!(drives.get(), None);
}

#[test]
fn c3_the_machines_clock_runs() {
    let drives = cache::<u32>(&Bus::new(), "drives").ttl(Duration::from_millis(5)).build().unwrap();
    drives.set(1);
    let since = std::time::Instant::now();
    while drives.get().is_some() {
        assert!(since.elapsed() < Duration::from_secs(20), "it never expires");
        thread::yield_now();
    }
    assert!(since.elapsed() >= Duration::from_millis(4));
}

// C4: panics and errors.

#[test]
fn c4_a_panicking_computation_hands_over_and_poisons_nothing() {
    let drives = lone::<u32>();
    let (send, receive) = tokio::sync::oneshot::channel::<()>();
    let mut leader = Box::pin(drives.get_or_compute_async(|| async {
        receive.await.unwrap();
        panic!("disk on fire")
    }));
    assert!(poll(leader.as_mut()).is_pending());
    let mut waits = pin!(drives.get_or_compute_async(|| async { 2 }));
    assert!(poll(waits.as_mut()).is_pending());
    let mut waits_too = pin!(drives.get_or_compute_async(|| async { unreachable!() }));
    assert!(poll(waits_too.as_mut()).is_pending());

    send.send(()).unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| poll(leader.as_mut())));
    assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"disk on fire"));

    assert_eq!(poll(waits.as_mut()), Poll::Ready(2));
    assert_eq!(poll(waits_too.as_mut()), Poll::Ready(2));
    assert_eq!(drives.get(), Some(2));
    assert_eq!((drives.stats().panics, drives.stats().computations), (1, 2));
}

#[test]
fn c4_of_many_blocked_callers_each_panics_for_itself_until_one_succeeds() {
    const CALLERS: usize = 32;
    let drives = lone::<usize>();
    let attempts = AtomicUsize::new(0);
    let start = Barrier::new(CALLERS);
    let outcomes: Vec<_> = thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    drives.get_or_compute(|| match attempts.fetch_add(1, Ordering::SeqCst) {
                        attempt if attempt < CALLERS / 2 => panic!("attempt {attempt}"),
                        attempt => attempt,
                    })
                })
            })
            .collect();
        callers.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    let values: Vec<_> = outcomes.into_iter().filter_map(Result::ok).collect();
    assert_eq!(values, [CALLERS / 2; CALLERS / 2]);
    assert_eq!(drives.stats().panics, CALLERS as u64 / 2);
}

#[test]
fn c4_an_error_reaches_all_who_wait_once_and_is_not_stored() {
    let drives = lone::<u32>();
    let (send, receive) = tokio::sync::oneshot::channel::<()>();
    let mut leader = pin!(drives.try_get_or_compute_async(|| async {
        receive.await.unwrap();
        Err(Unplugged)
    }));
    assert!(poll(leader.as_mut()).is_pending());
    let mut others: Vec<_> = (0..3)
        .map(|_| Box::pin(drives.try_get_or_compute_async(|| async { Ok::<_, Unplugged>(9) })))
        .collect();
    assert!(others.iter_mut().all(|other| poll(other.as_mut()).is_pending()));
    let mut cannot_fail = pin!(drives.get_or_compute_async(|| async { 5 }));
    assert!(poll(cannot_fail.as_mut()).is_pending());

    send.send(()).unwrap();
    let is_unplugged = |outcome: Poll<Result<u32, CacheError>>| matches!(outcome, Poll::Ready(Err(error)) if error.failure::<Unplugged>().is_some());
    assert!(is_unplugged(poll(leader.as_mut())));
    assert!(is_unplugged(poll(others[0].as_mut())));
    let mut late = pin!(drives.try_get_or_compute_async(|| async { Ok::<_, Unplugged>(5) }));
    assert_eq!(drives.get(), None, "an error is not stored");
    assert!(matches!(poll(late.as_mut()), Poll::Ready(Ok(5))), "who comes later computes");
    assert!(is_unplugged(poll(others[1].as_mut())), "also when a value came in between");
    assert_eq!(poll(cannot_fail.as_mut()), Poll::Ready(5));
    assert_eq!(drives.stats().failures, 1);
}

#[test]
fn c4_who_cannot_take_an_error_takes_over() {
    let drives = lone::<u32>();
    let (send, receive) = tokio::sync::oneshot::channel::<()>();
    let mut leader = pin!(drives.try_get_or_compute_async(|| async {
        receive.await.unwrap();
        Err("no such drive")
    }));
    assert!(poll(leader.as_mut()).is_pending());
    let mut cannot_fail = pin!(drives.get_or_compute_async(|| async { 5 }));
    assert!(poll(cannot_fail.as_mut()).is_pending());
    send.send(()).unwrap();
    assert!(matches!(poll(leader.as_mut()), Poll::Ready(Err(CacheError::Failed { .. }))));
    assert_eq!(poll(cannot_fail.as_mut()), Poll::Ready(5));
}

#[test]
fn c4_an_error_keeps_its_source_and_names_the_cache() {
    let drives = lone::<u32>();
    let error = drives.try_get_or_compute(|| Err(Unplugged)).unwrap_err();
    assert_eq!(error.to_string(), "computing `drives` failed");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "unplugged");
    assert_eq!(drives.try_get_or_compute(|| Ok::<_, Unplugged>(1)).unwrap(), 1);
}

#[test]
fn values_may_panic_when_they_are_dropped_or_cloned() {
    struct Grenade;
    impl Drop for Grenade {
        fn drop(&mut self) {
            panic!("boom");
        }
    }
    impl Clone for Grenade {
        fn clone(&self) -> Self {
            panic!("no copies");
        }
    }
    let bus = Bus::new();
    let grenades = cache::<Grenade>(&bus, "grenades").build().unwrap();
    let dependent = cache::<u32>(&bus, "dependent").depends_on_cache(&grenades).build().unwrap();

    grenades.set(Grenade);
    assert!(catch_unwind(AssertUnwindSafe(|| grenades.get())).is_err());
    grenades.set(Grenade);
    dependent.set(1);
    grenades.invalidate();
    assert_eq!(dependent.get(), None, "a wave goes on");
    assert!(catch_unwind(AssertUnwindSafe(|| grenades.get_or_compute(|| Grenade))).is_err());
    assert!(grenades.read(|_| ()).is_some(), "it was computed, and could not be cloned");
    grenades.invalidate();
}

// C5: cancellation, and computations that wait for themselves.

#[test]
fn c5_a_cancelled_leader_hands_over_to_a_waiter() {
    let drives = lone::<u32>();
    let mut leader = Box::pin(drives.get_or_compute_async(std::future::pending));
    assert!(poll(leader.as_mut()).is_pending());
    thread::scope(|scope| {
        let blocked = scope.spawn(|| drives.get_or_compute(|| 3));
        while drives.stats().misses < 2 {
            thread::yield_now();
        }
        drop(leader);
        assert_eq!(blocked.join().unwrap(), 3);
    });
    assert_eq!((drives.get(), drives.stats().panics), (Some(3), 0));
}

#[test]
fn c5_a_waiter_that_was_chosen_and_gave_up_passes_it_on() {
    let drives = lone::<u32>();
    let mut leader = Box::pin(drives.get_or_compute_async(std::future::pending));
    assert!(poll(leader.as_mut()).is_pending());
    let woken = Arc::new(Flag::default());
    let mut first = Box::pin(drives.get_or_compute_async(|| async { 1 }));
    assert!(poll(first.as_mut()).is_pending());
    let mut second = Box::pin(drives.get_or_compute_async(|| async { 2 }));
    let waker = Waker::from(woken.clone());
    assert!(second.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());

    drop(leader);
    assert!(!woken.is_set(), "the first in line is woken");
    drop(first);
    assert!(woken.is_set());
    assert_eq!(poll(second.as_mut()), Poll::Ready(2));
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Flag {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl std::task::Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn c5_a_storm_of_cancelled_tasks_hangs_nobody() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    for round in 0..50 {
        let drives = lone::<u32>();
        let tasks: Vec<_> = (0..64)
            .map(|n| {
                let drives = drives.clone();
                let task = runtime.spawn(async move {
                    drives
                        .get_or_compute_async(|| async {
                            tokio::task::yield_now().await;
                            round
                        })
                        .await
                });
                if n % 3 == 0 {
                    task.abort();
                }
                task
            })
            .collect();
        assert_eq!(drives.get_or_compute(|| round), round);
        for task in tasks {
            match runtime.block_on(task) {
                Ok(value) => assert_eq!(value, round),
                Err(error) => assert!(error.is_cancelled()),
            }
        }
    }
}

#[test]
fn c5_a_computation_that_asks_for_itself_is_told_so() {
    let drives = lone::<u32>();
    let outcome =
        catch_unwind(AssertUnwindSafe(|| drives.get_or_compute(|| drives.get_or_compute(|| 1))));
    let text = panic_text(outcome);
    assert!(text.contains("drives -> drives"), "{text}");

    let mut inner = None;
    let value = drives.get_or_compute(|| {
        inner = drives.try_get_or_compute(|| Ok::<_, Unplugged>(1)).err();
        2
    });
    assert_eq!(value, 2);
    assert!(matches!(inner, Some(CacheError::Reentrant { chain }) if chain.len() == 2));
}

#[test]
fn c5_also_after_an_invalidation_meanwhile() {
    let drives = lone::<u32>();
    let value = drives.try_get_or_compute(|| {
        drives.invalidate();
        drives.try_get_or_compute(|| Ok::<_, Unplugged>(1))
    });
    let error = value.unwrap_err();
    assert!(matches!(error.failure(), Some(CacheError::Reentrant { .. })));
}

#[test]
fn c5_a_cancelled_computation_that_asks_as_it_goes_is_told_so() {
    struct AsksWhenDropped(Cache<u32>, Log);
    impl Drop for AsksWhenDropped {
        fn drop(&mut self) {
            let asked = self.0.try_get_or_compute(|| Ok::<_, Unplugged>(2));
            self.1.add(asked.unwrap_err().to_string());
        }
    }
    let (cache, log) = (lone::<u32>(), Log::default());
    let asks = AsksWhenDropped(cache.clone(), log.clone());
    let mut leader = Box::pin(cache.get_or_compute_async(|| async move {
        let _asks = asks;
        std::future::pending().await
    }));
    assert!(poll(leader.as_mut()).is_pending());

    drop(leader);

    assert!(log.take()[0].contains("drives"));
    assert_eq!(cache.get_or_compute(|| 3), 3, "nobody is inside of it any more");
}

#[test]
fn c5_through_other_caches_sync_and_async() {
    let bus = Bus::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| cache::<u32>(&bus, name).build().unwrap());
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        a.get_or_compute(|| b.get_or_compute(|| c.get_or_compute(|| a.get_or_compute(|| 1))))
    }));
    let text = panic_text(outcome);
    assert!(text.contains("a -> b -> c -> a"), "{text}");

    let mut asks = pin!(a.try_get_or_compute_async(|| async {
        b.try_get_or_compute_async(|| async {
            a.try_get_or_compute_async(|| async { Ok::<_, Unplugged>(1) }).await
        })
        .await
    }));
    let Poll::Ready(Err(outer)) = poll(asks.as_mut()) else { panic!("it hangs") };
    let between = outer.failure::<CacheError>().unwrap();
    let inner = between.failure::<CacheError>().unwrap();
    assert!(
        matches!(inner, CacheError::Reentrant { chain } if chain.join(" -> ") == "a -> b -> a")
    );
    assert_eq!(a.get_or_compute(|| b.get_or_compute(|| 4)), 4, "nothing is left behind");
}

#[test]
fn c5_across_threads() {
    let bus = Bus::new();
    let [a, b] = ["a", "b"].map(|name| cache::<u32>(&bus, name).build().unwrap());
    let both_lead = Barrier::new(2);
    let crosswise = |own: &Cache<u32>, other: &Cache<u32>| {
        own.try_get_or_compute(|| {
            both_lead.wait();
            other.try_get_or_compute(|| Ok::<_, Unplugged>(1))
        })
    };
    let (left, right) = thread::scope(|scope| {
        let left = scope.spawn(|| crosswise(&a, &b));
        let right = scope.spawn(|| crosswise(&b, &a));
        (left.join().unwrap(), right.join().unwrap())
    });
    let chains = [&left, &right].map(|outcome| {
        let mut error = outcome.as_ref().err();
        while let Some(inner) = error.and_then(CacheError::failure::<CacheError>) {
            error = Some(inner);
        }
        error.map(ToString::to_string).unwrap_or_default()
    });
    let text = chains.iter().find(|text| !text.is_empty()).expect("one of them is told");
    assert!(text.contains("a -> b -> a") || text.contains("b -> a -> b"), "{text}");
}

#[test]
fn c5_across_tasks() {
    let bus = Bus::new();
    let [a, b] = ["a", "b"].map(|name| cache::<u32>(&bus, name).build().unwrap());
    let crosswise = |own: Cache<u32>, other: Cache<u32>| async move {
        own.try_get_or_compute_async(|| async {
            tokio::task::yield_now().await;
            other.try_get_or_compute_async(|| async { Ok::<_, Unplugged>(1) }).await
        })
        .await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (left, right) = runtime.block_on(async {
        let left = tokio::spawn(crosswise(a.clone(), b.clone()));
        let right = tokio::spawn(crosswise(b.clone(), a.clone()));
        (left.await.unwrap(), right.await.unwrap())
    });
    assert!(left.is_err() || right.is_err());
}

#[test]
fn c5_two_that_wait_for_a_third_are_no_circle() {
    let bus = Bus::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| cache::<u32>(&bus, name).build().unwrap());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| a.get_or_compute(|| c.get_or_compute(|| 1)));
            scope.spawn(|| b.get_or_compute(|| c.get_or_compute(|| 1) + a.get_or_compute(|| 1)));
        }
    });
    assert_eq!((a.get(), b.get(), c.get()), (Some(1), Some(2), Some(1)));
}

// C6: `None` is a value.

#[test]
fn c6_none_is_a_value_like_any_other() {
    let missing = lone::<Option<u32>>();
    assert_eq!(missing.get_or_compute(|| None), None);
    assert_eq!(missing.get_or_compute(|| unreachable!()), None);
    assert_eq!(missing.get(), Some(None));
}

// C7: invalidation tells.

#[test]
fn c7_invalidate_clears_then_tells_listeners_then_the_bus() {
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

// C8: dependencies.

#[test]
fn c8_an_event_invalidates_what_depends_on_it() {
    let bus = Bus::new();
    let drives = cache::<u32>(&bus, "drives").depends_on::<MountChanged>().build().unwrap();
    drives.set(1);
    bus.emit(MountChanged);
    assert_eq!(drives.get(), None);
    assert_eq!(drives.stats().invalidations, 1);
}

#[test]
fn c8_in_a_diamond_each_is_invalidated_once_and_all_before_any_is_told() {
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
fn c8_a_cache_never_keeps_what_was_made_of_an_older_one() {
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
}

#[test]
fn c8_waves_run_beside_each_other_and_beside_builds() {
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

// Building, releasing, leaking.

#[test]
fn what_makes_no_sense_is_an_error_of_build() {
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
            // The wave has reached it and will tell its listeners next.
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

// Against a plain reference.

#[derive(Clone, Debug)]
enum Step {
    Get(usize),
    Compute(usize, u32),
    Fail(usize),
    Set(usize, u32, u64),
    Invalidate(usize),
    Emit,
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..4_usize;
    prop_oneof![
        which.clone().prop_map(Step::Get),
        (which.clone(), any::<u32>()).prop_map(|(c, v)| Step::Compute(c, v)),
        which.clone().prop_map(Step::Fail),
        (which.clone(), any::<u32>(), 0..20_u64).prop_map(|(c, v, ttl)| Step::Set(c, v, ttl)),
        which.prop_map(Step::Invalidate),
        Just(Step::Emit),
        (0..8_u64).prop_map(Step::Advance),
    ]
}

/// What caches are, without any cleverness: 0 depends on the event, 1 and 2 on 0,
/// 3 on 1 and 2.
#[derive(Default)]
struct Reference {
    now: u64,
    values: [Option<(u32, u64)>; 4],
    invalidations: [u64; 4],
}

impl Reference {
    const TTL: u64 = 10;
    const BELOW: [&'static [usize]; 4] = [&[1, 2, 3], &[3], &[3], &[]];

    fn get(&self, cache: usize) -> Option<u32> {
        self.values[cache].filter(|(_, deadline)| self.now < *deadline).map(|(value, _)| value)
    }

    fn set(&mut self, cache: usize, value: u32, ttl: u64) {
        let deadline = if ttl == 0 { u64::MAX } else { self.now + ttl };
        self.values[cache] = Some((value, deadline));
    }

    fn clear(&mut self, cache: usize) {
        self.values[cache] = None;
        self.invalidations[cache] += 1;
    }

    fn clear_below(&mut self, cache: usize) {
        Self::BELOW[cache].iter().for_each(|below| self.clear(*below));
    }
}

proptest! {
    #[test]
    fn any_program_does_what_a_plain_reference_does(
        program in proptest::collection::vec(step(), 1..120),
    ) {
        let (bus, clock) = (Bus::new(), ManualClock::new());
        let seconds = Duration::from_secs;
        let cache = |name| {
            cache::<u32>(&bus, name).clock(clock.clone()).ttl(seconds(Reference::TTL))
        };
        let top = cache("top").depends_on::<MountChanged>().build().unwrap();
        let left = cache("left").depends_on_cache(&top).build().unwrap();
        let right = cache("right").depends_on_topic(&top.invalidated()).build().unwrap();
        let bottom =
            cache("bottom").depends_on_cache(&left).depends_on_cache(&right).build().unwrap();
        let caches = [top, left, right, bottom];
        let mut reference = Reference::default();

        for step in program {
            match step {
                Step::Get(c) => prop_assert_eq!(caches[c].get(), reference.get(c)),
                Step::Compute(c, v) => {
                    let expected = reference.get(c).unwrap_or_else(|| {
                        reference.set(c, v, Reference::TTL);
                        v
                    });
                    prop_assert_eq!(caches[c].get_or_compute(|| v), expected);
                }
                Step::Fail(c) => {
                    let outcome = caches[c].try_get_or_compute(|| Err(Unplugged));
                    prop_assert_eq!(outcome.ok(), reference.get(c));
                }
                Step::Set(c, v, ttl) => {
                    caches[c].set_with_ttl(v, seconds(ttl));
                    reference.set(c, v, ttl);
                    reference.clear_below(c);
                }
                Step::Invalidate(c) => {
                    caches[c].invalidate();
                    reference.clear(c);
                    reference.clear_below(c);
                }
                Step::Emit => {
                    bus.emit(MountChanged);
                    reference.clear(0);
                    reference.clear_below(0);
                }
                Step::Advance(by) => {
                    clock.advance(seconds(by));
                    reference.now += by;
                }
            }
            let invalidations = caches.each_ref().map(|cache| cache.stats().invalidations);
            prop_assert_eq!(invalidations, reference.invalidations);
        }
    }
}
