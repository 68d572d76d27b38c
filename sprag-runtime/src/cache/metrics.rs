//! The metrics of all caches.

use super::graph;
use super::node::CacheNode;
use super::stats::CacheStats;

/// Passes the metrics of all caches of the process to the recorder.
pub(crate) fn measure_all() {
    graph::nodes().iter().for_each(|node| measure(&**node));
}

fn measure(node: &dyn CacheNode) {
    let core = node.core();
    let CacheStats { hits, misses, computations, failures, panics, invalidations } =
        core.counters.stats();
    let counters = [
        ("sprag_cache_hits_total", hits),
        ("sprag_cache_misses_total", misses),
        ("sprag_cache_computations_total", computations),
        ("sprag_cache_failures_total", failures),
        ("sprag_cache_panics_total", panics),
        ("sprag_cache_invalidations_total", invalidations),
    ];
    for (name, count) in counters {
        ::metrics::counter!(name, "cache" => core.name.to_string()).absolute(count);
    }
}
