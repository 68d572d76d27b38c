//! Computed values that are kept: [`Cache`], [`KeyedCache`] and what belongs to them.

pub use sprag_runtime::{
    AnyCache, Cache, CacheBuilder, CacheRead, CacheStats, Clock, Invalidated, KeyedCache,
    ManualClock, create_cache, create_keyed_cache,
};
