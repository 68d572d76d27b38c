//! Reads a present value: borrowed or cloned, with or without a time to live, from 1 to 8
//! threads, and while another thread invalidates the value every millisecond.
//!
//! The value is an `Arc<Vec<u64>>`, so that a clone is a counter that threads share. The
//! floor is a `OnceLock`, which can be neither invalidated nor expire; the floor that can
//! is a `RwLock<Option<V>>`. moka, quick_cache and cached are keyed; they hold one key.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use bench_harness::{Contest, Options, Report, Role, Unit};
use cached::ShardedTtlCache;
use parking_lot::RwLock;
use sprag::prelude::*;

use crate::race::{Race, Racer, threads_of, throughput};

/// The value.
type List = Arc<Vec<u64>>;

/// A time to live that does not end while this runs.
const TTL: Duration = Duration::from_secs(3_600);

/// All contestants, filled.
struct Caches {
    plain: Cache<List>,
    timed: Cache<List>,
    once: OnceLock<List>,
    lock: RwLock<Option<List>>,
    lock_timed: RwLock<Option<(List, Instant)>>,
    swap: ArcSwapOption<Vec<u64>>,
    moka: moka::sync::Cache<(), List>,
    moka_timed: moka::sync::Cache<(), List>,
    quick: quick_cache::sync::Cache<(), List>,
    cached_timed: ShardedTtlCache<(), List>,
}

impl Caches {
    fn filled() -> Self {
        let list = list();
        let build = "a cache of that name is made once at a time";
        let caches = Self {
            plain: create_cache("plain").build().expect(build),
            timed: create_cache("timed").ttl(TTL).build().expect(build),
            once: OnceLock::from(list.clone()),
            lock: RwLock::new(Some(list.clone())),
            lock_timed: RwLock::new(Some((list.clone(), Instant::now() + TTL))),
            swap: ArcSwapOption::new(Some(list.clone())),
            moka: moka::sync::Cache::new(1),
            moka_timed: moka::sync::Cache::builder().max_capacity(1).time_to_live(TTL).build(),
            quick: quick_cache::sync::Cache::new(1),
            cached_timed: ShardedTtlCache::new(TTL),
        };
        caches.plain.set(list.clone());
        caches.timed.set(list.clone());
        caches.moka.insert((), list.clone());
        caches.moka_timed.insert((), list.clone());
        caches.quick.insert((), list.clone());
        caches.cached_timed.set((), list);
        caches
    }

    fn read_timed_lock(&self) -> Option<usize> {
        let entry = self.lock_timed.read();
        entry.as_ref().filter(|(_, until)| Instant::now() < *until).map(|(list, _)| list.len())
    }
}

fn list() -> List {
    Arc::new((0..16).collect())
}

/// One thread: borrowed, cloned, and with a time to live.
pub(super) fn one_thread(options: &Options, report: &mut Report) {
    let caches = &Caches::filled();
    let scenario = "cache hit, one thread";
    Contest::new(scenario, "borrowed")
        .add(Role::Floor, "`OnceLock`", || black_box(caches).once.get().map(|list| list.len()))
        .add(Role::Hand, "by hand, `RwLock<Option<V>>`", || {
            caches.lock.read().as_ref().map(|list| list.len())
        })
        .add(Role::Sprag, "sprag", || caches.plain.read(|list| list.len()))
        .add(Role::Peer, "arc-swap", || caches.swap.load().as_ref().map(|list| list.len()))
        .run(options, report);
    Contest::new(scenario, "borrowed, with TTL")
        .add(Role::Floor, "by hand, `RwLock<Option<V>>`", || caches.read_timed_lock())
        .add(Role::Sprag, "sprag", || caches.timed.read(|list| list.len()))
        .run(options, report);
    Contest::new(scenario, "cloned")
        .add(Role::Floor, "`OnceLock`", || black_box(caches).once.get().cloned())
        .add(Role::Hand, "by hand, `RwLock<Option<V>>`", || caches.lock.read().clone())
        .add(Role::Sprag, "sprag", || caches.plain.get())
        .add(Role::Peer, "arc-swap", || caches.swap.load_full())
        .add(Role::Peer, "moka", || caches.moka.get(&()))
        .add(Role::Peer, "quick_cache", || caches.quick.get(&()))
        .run(options, report);
    Contest::new(scenario, "cloned, with TTL")
        .add(Role::Floor, "by hand, `RwLock<Option<V>>`", || {
            let entry = caches.lock_timed.read();
            entry
                .as_ref()
                .filter(|(_, until)| Instant::now() < *until)
                .map(|(list, _)| list.clone())
        })
        .add(Role::Sprag, "sprag", || caches.timed.get())
        .add(Role::Peer, "moka", || caches.moka_timed.get(&()))
        .add(Role::Peer, "cached, `ShardedTtlCache`", || caches.cached_timed.get(&()))
        .run(options, report);
}

/// 1 to 8 threads, each as fast as it can.
pub(super) fn many_threads(options: &Options, report: &mut Report) {
    let caches = &Caches::filled();
    for threads in [1, 2, 4, 8] {
        let time = Duration::from_millis(options.pick(60, 20));
        let race = Race { threads, writes_in_ten: 0, time };
        let mut racers = [
            reader(Role::Floor, "`OnceLock`, borrowed", || {
                black_box(caches).once.get().map(|list| list.len())
            }),
            reader(Role::Hand, "by hand, `RwLock<Option<V>>`, TTL", || caches.read_timed_lock()),
            reader(Role::Sprag, "sprag, borrowed, TTL", || caches.timed.read(|list| list.len())),
            reader(Role::Variant, "sprag, cloned, TTL", || caches.timed.get()),
            reader(Role::Peer, "arc-swap, borrowed", || {
                caches.swap.load().as_ref().map(|list| list.len())
            }),
            reader(Role::Peer, "moka, TTL", || caches.moka_timed.get(&())),
            reader(Role::Peer, "quick_cache", || caches.quick.get(&())),
            reader(Role::Peer, "cached, TTL", || caches.cached_timed.get(&())),
        ];
        let figures = throughput(race, options, &mut racers);
        report.add("cache hits, threads", &threads_of(threads), Unit::PerSecond, figures);
    }
}

/// Two threads that read, and compute a missing value.
pub(super) fn while_invalidated(options: &Options, report: &mut Report) {
    let caches = &Caches::filled();
    let race =
        Race { threads: 2, writes_in_ten: 0, time: Duration::from_millis(options.pick(60, 20)) };
    let mut racers: [Racer<'_>; 4] = [
        invalidated(
            Role::Floor,
            "by hand, `RwLock<Option<V>>`",
            || {
                if let Some(list) = &*caches.lock.read() {
                    return list.clone();
                }
                caches.lock.write().get_or_insert_with(list).clone()
            },
            || *caches.lock.write() = None,
        ),
        invalidated(
            Role::Sprag,
            "sprag",
            || caches.timed.get_or_compute(list),
            || caches.timed.invalidate(),
        ),
        invalidated(
            Role::Peer,
            "moka",
            || caches.moka_timed.get_with((), list),
            || caches.moka_timed.invalidate(&()),
        ),
        invalidated(
            Role::Peer,
            "quick_cache",
            || caches.quick.get_or_insert_with(&(), || Ok::<_, ()>(list())),
            || drop(caches.quick.remove(&())),
        ),
    ];
    let figures = throughput(race, options, &mut racers);
    let scenario = "cache hits, invalidated every millisecond";
    report.add(scenario, "2 threads", Unit::PerSecond, figures);
}

fn reader<'a, U>(role: Role, name: &'static str, read: impl Fn() -> U + Sync + 'a) -> Racer<'a> {
    let read = move || {
        black_box(read());
    };
    (role, name, Box::new(move |race| race.run(&read, || {})))
}

fn invalidated<'a, U>(
    role: Role,
    name: &'static str,
    read: impl Fn() -> U + Sync + 'a,
    invalidate: impl Fn() + Sync + 'a,
) -> Racer<'a> {
    let round = move |race: Race| {
        let ended = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(1));
                    invalidate();
                }
            });
            let read = || {
                black_box(read());
            };
            let done = race.run(read, || {});
            ended.store(true, Ordering::Relaxed);
            done
        })
    };
    (role, name, Box::new(round))
}
