//! Invalidates one cache on which others depend: a chain of 100, 1,000 side by side, and a
//! diamond. All caches are filled again before the clock starts.
//!
//! The floor is a list of locked values that are emptied in order. No peer has dependencies
//! between caches.

use std::time::{Duration, Instant};

use bench_harness::{Contest, Options, Report, Role};
use parking_lot::RwLock;
use sprag::prelude::*;

/// All three shapes.
pub(super) fn invalidate(options: &Options, report: &mut Report) {
    for (case, shape) in [
        ("chain of 100", chain as fn() -> Vec<Cache<u64>>),
        ("fan-out to 1,000", fan_out),
        ("diamond of 4", diamond),
    ] {
        let caches = shape();
        let locks: Vec<_> = caches.iter().map(|_| RwLock::new(Some(7_u64))).collect();
        Contest::new("invalidate what others depend on", case)
            .add_batches(Role::Floor, "by hand, a row of `RwLock<Option<V>>`", |count| {
                let fill = || locks.iter().for_each(|lock| *lock.write() = Some(7));
                timed(count, fill, || locks.iter().for_each(|lock| *lock.write() = None))
            })
            .add_batches(Role::Sprag, "sprag", |count| {
                timed(count, || fill(&caches), || caches[0].invalidate())
            })
            .run(options, report);
    }
}

/// The time that `measured` took, without that of `prepare`.
fn timed(count: u64, prepare: impl Fn(), measured: impl Fn()) -> Duration {
    let one = |_| {
        prepare();
        let start = Instant::now();
        measured();
        start.elapsed()
    };
    (0..count).map(one).sum()
}

/// Fills each cache after its dependencies, whose `set` empties it.
fn fill(caches: &[Cache<u64>]) {
    for cache in caches {
        cache.get_or_compute(|| 7);
    }
}

fn cache(name: String, depends_on: &[&Cache<u64>]) -> Cache<u64> {
    let builder = depends_on
        .iter()
        .fold(create_cache(name), |builder, other| builder.depends_on_cache(*other));
    builder.build().expect("no other has the name")
}

fn chain() -> Vec<Cache<u64>> {
    let mut caches = vec![cache("chain".into(), &[])];
    for n in 1..100 {
        caches.push(cache(format!("chain {n}"), &[&caches[n - 1]]));
    }
    caches
}

fn fan_out() -> Vec<Cache<u64>> {
    let mut caches = vec![cache("fan-out".into(), &[])];
    for n in 0..1_000 {
        caches.push(cache(format!("fan-out {n}"), &[&caches[0]]));
    }
    caches
}

fn diamond() -> Vec<Cache<u64>> {
    let top = cache("top".into(), &[]);
    let (left, right) = (cache("left".into(), &[&top]), cache("right".into(), &[&top]));
    let bottom = cache("bottom".into(), &[&left, &right]);
    vec![top, left, right, bottom]
}
