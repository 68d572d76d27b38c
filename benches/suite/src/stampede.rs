//! 512 threads request a missing value at once.
//!
//! The result shows the factory's calls per stampede beside the time. cached locks only for
//! functions that its macro wraps, so it does not take part.
//!
//! This part runs last: arc-swap keeps a record for each thread that ever read at the same
//! time, and each of its writes visits all records, also in sprag's `invalidate`.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use bench_harness::{Options, Report, Role, Spread, Unit};
use parking_lot::Mutex;
use sprag::prelude::*;

const CALLERS: usize = 512;

/// The factory, which counts its calls.
type Compute<'a> = &'a (dyn Fn() -> u64 + Sync);

/// A contestant, which all threads query at once.
struct Contestant {
    role: Role,
    name: &'static str,
    ask: Box<dyn Fn(Compute<'_>) -> u64 + Sync>,
    empty: Box<dyn Fn() + Sync>,
    computed: AtomicU64,
}

impl Contestant {
    fn new(
        role: Role,
        name: &'static str,
        ask: impl Fn(Compute<'_>) -> u64 + Sync + 'static,
        empty: impl Fn() + Sync + 'static,
    ) -> Self {
        let computed = AtomicU64::new(0);
        Self { role, name, ask: Box::new(ask), empty: Box::new(empty), computed }
    }
}

/// The time from the first request to the last answer; a computation takes a millisecond.
pub(crate) fn run(options: &Options, report: &mut Report) {
    let contestants = [by_hand(), once(), sprag(), moka(), quick()];
    let rounds = options.pick(7, 2);
    let mut samples = vec![Vec::new(); contestants.len()];
    for _ in 0..rounds {
        for (contestant, samples) in contestants.iter().zip(&mut samples) {
            (contestant.empty)();
            samples.push(stampede(contestant).as_secs_f64() * 1e9);
        }
    }
    let scenario = "stampede of 512 threads, 1 ms of work";
    let times = contestants
        .iter()
        .zip(samples)
        .map(|(contestant, samples)| (contestant.role, contestant.name, Spread::of(samples)));
    report.add(scenario, "time", Unit::Nanoseconds, times);
    let counts = contestants.iter().map(|contestant| {
        let each = contestant.computed.load(Ordering::Relaxed) as f64 / rounds as f64;
        (contestant.role, contestant.name, Spread::exactly(each))
    });
    report.add(scenario, "computations", Unit::Count, counts);
}

fn by_hand() -> Contestant {
    let lock = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&lock);
    let ask = move |compute: Compute<'_>| *lock.lock().get_or_insert_with(compute);
    Contestant::new(Role::Floor, "by hand, `Mutex<Option<V>>`", ask, move || *slot.lock() = None)
}

/// A `OnceLock` cannot be emptied, so each round creates a new one.
fn once() -> Contestant {
    let once = Arc::new(Mutex::new(Arc::new(OnceLock::new())));
    let slot = Arc::clone(&once);
    let ask = move |compute: Compute<'_>| {
        let cell = Arc::clone(&once.lock());
        *cell.get_or_init(compute)
    };
    Contestant::new(Role::Hand, "`OnceLock`", ask, move || *slot.lock() = Arc::default())
}

fn sprag() -> Contestant {
    let cache: Cache<u64> = create_cache("stampede").build().expect("no other has the name");
    let slot = cache.clone();
    let ask = move |compute: Compute<'_>| cache.get_or_compute(compute);
    Contestant::new(Role::Sprag, "sprag", ask, move || slot.invalidate())
}

fn moka() -> Contestant {
    let cache = moka::sync::Cache::new(1);
    let slot = cache.clone();
    let ask = move |compute: Compute<'_>| cache.get_with((), compute);
    Contestant::new(Role::Peer, "moka", ask, move || slot.invalidate(&()))
}

fn quick() -> Contestant {
    let cache = Arc::new(quick_cache::sync::Cache::new(1));
    let slot = Arc::clone(&cache);
    let ask = move |compute: Compute<'_>| {
        let Ok(value) = cache.get_or_insert_with(&(), || Ok::<_, Infallible>(compute()));
        value
    };
    let empty = move || {
        slot.remove(&());
    };
    Contestant::new(Role::Peer, "quick_cache", ask, empty)
}

fn stampede(contestant: &Contestant) -> Duration {
    let compute = || {
        contestant.computed.fetch_add(1, Ordering::Relaxed);
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(1) {
            std::hint::spin_loop();
        }
        7
    };
    let (barrier, base) = (Barrier::new(CALLERS), Instant::now());
    let (first, last) = (AtomicU64::new(u64::MAX), AtomicU64::new(0));
    let now = || base.elapsed().as_nanos() as u64;
    thread::scope(|scope| {
        for _ in 0..CALLERS {
            let call = || {
                barrier.wait();
                first.fetch_min(now(), Ordering::Relaxed);
                assert_eq!((contestant.ask)(&compute), 7);
                last.fetch_max(now(), Ordering::Relaxed);
            };
            let small = thread::Builder::new().stack_size(128 * 1024);
            small.spawn_scoped(scope, call).expect("the system has room for 512 threads");
        }
    });
    Duration::from_nanos(last.into_inner() - first.into_inner())
}
