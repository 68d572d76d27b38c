//! [`Cache`] and [`KeyedCache`]: values that are expensive to compute, kept until they
//! expire or until something that they were computed from changes.

mod builder;
mod clock;
mod compute;
mod expiry;
mod face;
mod flight;
mod graph;
mod invalidated;
mod keyed;
#[cfg(feature = "metrics")]
mod metrics;
mod node;
mod reentrancy;
#[cfg(feature = "test")]
mod remains;
mod single;
mod stats;
mod timer;
mod wave;

pub use builder::{AnyCache, CacheBuilder, create_cache, create_keyed_cache};
pub use clock::{Clock, ManualClock};
pub use invalidated::Invalidated;
pub use keyed::KeyedCache;
#[cfg(feature = "metrics")]
pub(crate) use metrics::measure_all;
pub use single::{Cache, CacheRead};
pub use stats::CacheStats;
pub(crate) use wave::Invalidator;
