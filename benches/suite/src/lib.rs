//! sprag beside the crates that a user would pick instead: `cargo xtask bench <part>`.
//!
//! A module is a part, and a function in it a scenario. `peers` describes the set-up of
//! each peer, and `shapes` has the measured state. The memory part is a separate program:
//! its counting allocator would slow the other parts down.

mod app;
mod bus;
mod cache;
mod cell;
mod collections;
mod keyed;
mod memory;
mod names;
mod peers;
mod race;
mod shapes;
mod snapshots;
mod stampede;
mod threads;

use std::error::Error;

use bench_harness::{Options, Report};

pub use self::memory::Counts;

/// Measures a part.
type Measure = fn(&Options, &mut Report);

/// The timed parts.
const PARTS: &[(&str, Measure)] = &[
    ("cell", cell::run),
    ("collections", collections::run),
    ("snapshots", snapshots::run),
    ("threads", threads::run),
    ("cache", cache::run),
    ("keyed", keyed::run),
    ("bus", bus::run),
    ("app", app::run),
    ("stampede", stampede::run),
];

/// The crates whose versions belong to the results.
const CRATES: &[&str] = &[
    "arc-swap",
    "cached",
    "dioxus-stores",
    "event-listener",
    "eyeball",
    "futures-signals",
    "imbl",
    "moka",
    "parking_lot",
    "quick_cache",
    "reactive_graph",
    "reactive_stores",
    "tokio",
];

/// Measures the parts that the command line names, all if it names none.
///
/// # Errors
///
/// When an option is not known, or the results cannot be written.
pub fn run() -> Result<(), Box<dyn Error>> {
    let options = Options::from_args()?;
    for (part, measure) in PARTS.iter().filter(|(part, _)| options.wants(part)) {
        let mut report = Report::new(part);
        measure(&options, &mut report);
        report.write(&options, CRATES)?;
    }
    Ok(())
}

/// Measures memory; `counts` queries the allocator.
///
/// # Errors
///
/// When an option is not known, or the results cannot be written.
pub fn run_memory(counts: fn() -> Counts) -> Result<(), Box<dyn Error>> {
    let options = Options::from_args()?;
    let mut report = Report::new("memory");
    memory::run(counts, &options, &mut report);
    Ok(report.write(&options, CRATES)?)
}
