//! Models on a log, beside their engines alone and beside what a user would write by hand:
//! `cargo xtask bench log` (L8, L9).
//!
//! `disk` and `nats` are the engines, `state` is what is measured.

mod disk;
mod nats;
mod state;
mod storage;

use std::error::Error;

use bench_harness::{Options, Report};

/// The crates whose versions belong to the results.
const CRATES: &[&str] = &["async-nats", "redb", "rusqlite", "serde_json", "tokio"];

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::from_args()?;
    if !options.wants("log") {
        return Ok(());
    }
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build()?;
    let mut report = Report::new("log");
    disk::run(&runtime, &options, &mut report);
    nats::run(&runtime, &options, &mut report);
    report.write(&options, CRATES)?;
    Ok(())
}
