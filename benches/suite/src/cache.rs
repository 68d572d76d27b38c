//! The cache of one value, and caches that depend on it.

mod cascade;
mod failing;
mod hit;

use bench_harness::{Options, Report};

/// Measures all scenarios.
pub(crate) fn run(options: &Options, report: &mut Report) {
    hit::one_thread(options, report);
    hit::many_threads(options, report);
    hit::while_invalidated(options, report);
    failing::once(options, report);
    cascade::invalidate(options, report);
}
