//! Computed values that are kept: [`Cache`], [`KeyedCache`] and their parts.
//!
//! | to | use |
//! |---|---|
//! | keep one computed value | [`Cache`], [`create_cache`] |
//! | keep a value for each key | [`KeyedCache`], [`create_keyed_cache`] |
//! | set expiry, dependencies and refreshing | [`CacheBuilder`] |
//! | borrow the value without a clone | [`CacheRead`], by `load` |
//! | know that a cache was invalidated | [`Invalidated`] |
//! | control the time in a test | [`ManualClock`]; [`Clock`] for a clock of your own |
//! | count hits and misses | [`CacheStats`] |
//! | pass caches of any kind to `depends_on_cache` | [`AnyCache`] |

pub use sprag_runtime::{
    AnyCache, Cache, CacheBuilder, CacheRead, CacheStats, Clock, Invalidated, KeyedCache,
    ManualClock, create_cache, create_keyed_cache,
};
