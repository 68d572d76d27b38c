//! The promises of `sprag-log`, L1 to L10.
//!
//! `SPRAG_LOG_SEED=n` runs only the seed `n` of the programs that have seeds, and
//! `SPRAG_LOG_SEEDS=n` runs `n` seeds. `SPRAG_LOG_SCHEDULE=n` adds `n` to the seed of every
//! simulated log: a test on a paused clock is the same in each run, and passes on each schedule.

mod bounds;
mod bridge_edges;
mod bridges;
mod cancelled;
mod destroyed;
mod evolution;
mod exact;
mod forged;
mod gaps;
mod gone;
mod initial;
mod layouts;
mod ledger;
mod members;
mod odd;
mod origins;
mod pairs;
#[allow(dead_code, reason = "the tests of `seeds` use the rest")]
mod processes;
mod queue;
mod recoveries;
mod series;
mod simulated;
mod skipping;
mod snapshot_sizes;
mod turns;
