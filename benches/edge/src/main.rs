//! Places and changes as data, beside the same by hand and beside json-patch:
//! `cargo xtask bench edge changes`.
//!
//! A module is a part, and `fleet` has the measured state.

mod changes;
mod edge;
mod fleet;

use std::error::Error;

use bench_harness::{Options, Report};

/// Measures a part.
type Measure = fn(&Options, &mut Report);

const PARTS: &[(&str, Measure)] = &[("edge", edge::run), ("changes", changes::run)];

/// The crates whose versions belong to the results.
const CRATES: &[&str] =
    &["json-patch", "parking_lot", "serde-diff", "serde_json", "structdiff", "uuid"];

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::from_args()?;
    for (part, measure) in PARTS.iter().filter(|(part, _)| options.wants(part)) {
        let mut report = Report::new(part);
        measure(&options, &mut report);
        report.write(&options, CRATES)?;
    }
    Ok(())
}
