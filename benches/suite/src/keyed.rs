//! Hits of a keyed cache that holds all keys: uniform and by Zipf's law, 10,000 and a
//! million keys of `u64`.
//!
//! The floor is an unbounded `RwLock<HashMap>`. The others use their own hashers and a
//! bound of twice the number of keys, so that they evict nothing. The scenarios with a time
//! to live include the crates that have one.

use std::cell::Cell;
use std::collections::HashMap;
use std::time::Duration;

use bench_harness::{Contest, Options, Report, Role, grouped};
use cached::{ShardedLruCache, ShardedLruTtlCache};
use parking_lot::RwLock;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Zipf};
use sprag::prelude::*;

/// The number of keys that are drawn before the measurement; a power of two.
const DRAWN: usize = 1 << 16;

/// All sizes and distributions.
pub(crate) fn run(options: &Options, report: &mut Report) {
    for keys in [10_000, options.pick(1_000_000, 100_000)] {
        let mut random = SmallRng::seed_from_u64(7);
        let uniform: Vec<_> = (0..DRAWN).map(|_| random.random_range(0..keys)).collect();
        let zipf = Zipf::new(keys as f64, 1.0).expect("there are keys");
        let zipf: Vec<_> = (0..DRAWN).map(|_| zipf.sample(&mut random) as u64 - 1).collect();
        let caches = Caches::of(keys);
        caches.hit(&format!("{} keys, uniform", grouped(keys)), &uniform, options, report);
        caches.hit(&format!("{} keys, Zipf", grouped(keys)), &zipf, options, report);
    }
}

/// All contestants, filled.
struct Caches {
    map: RwLock<HashMap<u64, u64>>,
    plain: KeyedCache<u64, u64>,
    timed: KeyedCache<u64, u64>,
    quick: quick_cache::sync::Cache<u64, u64>,
    moka: moka::sync::Cache<u64, u64>,
    moka_timed: moka::sync::Cache<u64, u64>,
    cached: ShardedLruCache<u64, u64>,
    cached_timed: ShardedLruTtlCache<u64, u64>,
}

impl Caches {
    fn of(keys: u64) -> Self {
        let ttl = Duration::from_secs(3_600);
        let capacity = keys as usize * 2;
        let caches = Self {
            map: RwLock::default(),
            plain: create_keyed_cache("plain").capacity(capacity).build().expect("a new name"),
            timed: create_keyed_cache("timed")
                .capacity(capacity)
                .ttl(ttl)
                .build()
                .expect("a new name"),
            quick: quick_cache::sync::Cache::new(capacity),
            moka: moka::sync::Cache::new(capacity as u64),
            moka_timed: moka::sync::Cache::builder()
                .max_capacity(capacity as u64)
                .time_to_live(ttl)
                .build(),
            cached: ShardedLruCache::new(capacity),
            cached_timed: ShardedLruTtlCache::new(capacity, ttl),
        };
        (0..keys).for_each(|key| caches.insert(key));
        caches.moka.run_pending_tasks();
        caches.moka_timed.run_pending_tasks();
        caches
    }

    fn insert(&self, key: u64) {
        self.map.write().insert(key, key);
        self.plain.set(key, key);
        self.timed.set(key, key);
        self.quick.insert(key, key);
        self.moka.insert(key, key);
        self.moka_timed.insert(key, key);
        self.cached.set(key, key);
        self.cached_timed.set(key, key);
    }

    fn hit(&self, case: &str, drawn: &[u64], options: &Options, report: &mut Report) {
        let place = Cell::new(0);
        let key = || {
            place.set((place.get() + 1) % DRAWN);
            &drawn[place.get()]
        };
        Contest::new("keyed hit", case)
            .add(Role::Floor, "by hand, `RwLock<HashMap>`", || self.map.read().get(key()).copied())
            .add(Role::Sprag, "sprag", || self.plain.get(key()))
            .add(Role::Variant, "sprag, TTL", || self.timed.get(key()))
            .add(Role::Peer, "quick_cache", || self.quick.get(key()))
            .add(Role::Peer, "moka", || self.moka.get(key()))
            .add(Role::Peer, "moka, TTL", || self.moka_timed.get(key()))
            .add(Role::Peer, "cached, `ShardedLruCache`", || self.cached.get(key()))
            .add(Role::Peer, "cached, TTL", || self.cached_timed.get(key()))
            .run(options, report);
    }
}
