//! The metrics of all stores, models, caches and apps of the process, for the recorder of the
//! crate `metrics`: [`record`].
//!
//! The counters exist in any case, so nothing is counted twice. This feature adds no
//! instruction to reads, writes, deliveries, events and cache hits, which
//! `benches/counters` holds; the creation and the drop of a store together take 560
//! instructions more, for the list of all that has metrics.

use crate::{cache, measured, stream};

/// Passes the present metrics of all states, caches and services of the process to the
/// recorder of the crate [`metrics`](https://docs.rs/metrics). Call this before a scrape,
/// or in an `#[interval]`.
///
/// Without a recorder this has no effect, and nothing else of sprag is slower than without
/// the feature `metrics`, but for about 560 instructions over the life of each store, model
/// and cache. The cost is a visit of each store, model, cache
/// and service. No lock is held while the recorder runs. A writer is blocked for as long as
/// counting the subscribers of one state takes.
///
/// States, caches and apps of one name share their series, and the last one that is visited
/// sets the value; give each a name of its own.
///
/// | name | labels | counts |
/// |---|---|---|
/// | `sprag_commits_total` | `state` | commits |
/// | `sprag_subscribers` | `state` | subscriptions that are not dropped |
/// | `sprag_backlog` | `state` | commits that are not yet delivered |
/// | `sprag_callback_panics_total` | `state` | subscribers that panicked |
/// | `sprag_lagged_total` | | items that slow readers of streams have lost |
/// | `sprag_cache_hits_total`, `…misses…`, `…computations…`, `…failures…`, `…panics…`, `…invalidations…` | `cache` | as [`CacheStats`](crate::CacheStats) |
/// | `sprag_service_running` | `app`, `service` | 1, or 0 while it starts, restarts or stops |
/// | `sprag_restarts_total` | `app`, `service` | lives after the first one |
/// | `sprag_children` | `app`, `service` | children that live |
/// | `sprag_longest_call_seconds` | `app`, `service` | how long the oldest of the calls that [`AppHealth::running`](crate::app::AppHealth::running) lists has been running; 0 without one |
/// | `sprag_hook_failures_total`, `sprag_events_lost_total` | `app`, `service`, `hook` | as [`HookFailures`](crate::service::HookFailures) |
/// | `sprag_events_waiting` | `app`, `service`, `hook` | events that an async listener has not handled, the one in hand included |
/// | `sprag_jobs_waiting`, `sprag_jobs_running` | `app`, `service`, `worker` | as [`QueueDepth`](crate::service::QueueDepth) |
///
/// ```
/// # use sprag::prelude::*;
/// pub struct Metrics;
///
/// #[service]
/// impl Metrics {
///     fn new() -> Self {
///         Self // installs a recorder, an exporter for Prometheus for example
///     }
///
///     #[interval("10s")]
///     fn record(&self) {
///         sprag::metrics::record();
///     }
/// }
/// ```
pub fn record() {
    measured::all().iter().for_each(|measured| measured.measure());
    cache::measure_all();
    ::metrics::counter!("sprag_lagged_total").absolute(stream::lagged());
}
