//! Fills the README files from the results of the last runs, and draws the plots:
//! `cargo xtask bench report`, and after every run that wrote results.
//!
//! Parts that were never run are left out, so that one part can be refreshed alone.

mod headline;
mod plot;
mod promises;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::Path;

use bench_harness::{Results, fill, folder, matrices};

/// The parts, in the order in which the README shows them.
const PARTS: &[&str] = &[
    "cell",
    "collections",
    "snapshots",
    "threads",
    "memory",
    "cache",
    "keyed",
    "stampede",
    "bus",
    "edge",
    "changes",
    "log",
    "web",
    "app",
    "compile",
];

fn main() -> Result<(), Box<dyn Error>> {
    let parts: Vec<_> = PARTS.iter().filter_map(|part| Results::of(part)).collect();
    let readme = folder().join("README.md");
    for part in &parts {
        fill(&readme, part.part(), &matrices(&part.figures))?;
    }
    fill(&readme, "setting", &setting(&parts))?;
    fill(&readme, "promises", &promises::table(&parts))?;
    fill(&folder().join("../README.md"), "headline", &headline::table(&parts))?;
    draw(&parts)
}

/// The environment and the date of the runs.
fn setting(parts: &[Results]) -> String {
    let mut text =
        String::from("| part | date | commit | machine | compiler |\n|---|---|---|---|---|\n");
    for part in parts {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} | {} |", part.part(), part.setting());
    }
    // A part knows the versions of what it is compared with alone.
    let versions: BTreeMap<_, _> = parts.iter().flat_map(Results::versions).cloned().collect();
    let list = versions.iter().map(|(name, version)| format!("{name} {version}"));
    text + "\nCompared with: " + &list.collect::<Vec<_>>().join(", ") + ".\n"
}

fn draw(parts: &[Results]) -> Result<(), Box<dyn Error>> {
    let Some(cell) = parts.iter().find(|part| part.part() == "cell") else { return Ok(()) };
    let results = folder().join("results");
    for (file, scenario, axis) in [
        ("elsewhere.svg", "set, N subscriptions elsewhere", "subscriptions on other places"),
        ("size.svg", "set of a leaf in a state of N items", "items in the state"),
    ] {
        plot::write_cost(Path::new(&results.join(file)), &cell.figures, scenario, axis)?;
    }
    Ok(())
}
