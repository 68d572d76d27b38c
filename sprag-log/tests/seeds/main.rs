//! L1, L10: promises that many seeds check. They are a program of their own, since
//! `cargo xtask test` builds it once more, as optimised code, and runs 10,000 seeds.
//!
//! `SPRAG_LOG_SEED=n` runs only the seed `n`, and `SPRAG_LOG_SEEDS=n` runs `n` seeds;
//! `SPRAG_LOG_SERIES_SEED` and `SPRAG_LOG_SERIES_SEEDS` do the same for the programs of `series`.

#[allow(dead_code, reason = "the tests of `file` use more of it")]
#[path = "../file/faults.rs"]
mod faults;
#[path = "../log/ledger.rs"]
mod ledger;
mod network;
mod outcomes;
#[path = "../log/processes.rs"]
mod processes;
mod programs;
mod series;
#[allow(dead_code, reason = "the tests of `log` use more of it")]
#[path = "../log/simulated.rs"]
mod simulated;
mod torn;
