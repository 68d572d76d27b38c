//! sprag beside what a user would pick instead: `cargo xtask bench <part>`.
//!
//! A module is a part, a function in it a scenario. `peers` says how each peer was set
//! up, `shapes` has the state that is measured.

mod bus;
mod cache;
mod cell;
mod keyed;
mod names;
mod peers;
mod race;
mod shapes;
mod threads;

use std::error::Error;
use std::process::ExitCode;

use bench_harness::{Options, Report};

/// Measures a part.
type Measure = fn(&Options, &mut Report);

/// The parts.
const PARTS: &[(&str, Measure)] = &[
    ("cell", cell::run),
    ("threads", threads::run),
    ("cache", cache::run),
    ("keyed", keyed::run),
    ("bus", bus::run),
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

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let options = Options::from_args()?;
    for (part, measure) in PARTS.iter().filter(|(part, _)| options.wants(part)) {
        let mut report = Report::new(part);
        measure(&options, &mut report);
        report.write(&options, CRATES)?;
    }
    Ok(())
}
