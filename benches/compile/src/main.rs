//! The compile time of the derives and of `#[service]`: `cargo xtask bench compile`.
//!
//! Writes one crate for each contestant, with 100 structs of ten fields or 100 services,
//! and runs `cargo check` on them in turn, with the dependencies built beforehand. The
//! figure is the processor time of cargo and its child processes, which other work on the
//! machine lengthens less than the elapsed time.

mod cargo;
mod contestants;
mod project;
mod sources;

use std::error::Error;
use std::process::ExitCode;

use bench_harness::{Options, Report, Role, Spread, Unit};

use crate::cargo::Incremental;
use crate::contestants::{Contestant, SERVICES, STRUCTS};
use crate::project::Project;

/// The crates whose versions belong to the results.
const CRATES: &[&str] = &["serde", "reactive_stores", "dioxus-stores"];

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
    let mut report = Report::new("compile");
    let project = Project::create(STRUCTS.iter().chain(SERVICES))?;
    for (scenario, contestants) in
        [("100 structs of 10 fields", STRUCTS), ("100 services", SERVICES)]
    {
        measure_checks(&project, scenario, contestants, &options, &mut report)?;
        measure_sizes(&project, scenario, contestants, &mut report)?;
    }
    report.write(&options, CRATES)?;
    Ok(())
}

/// Processor seconds of `cargo check`, of everything and after an edit of one struct.
fn measure_checks(
    project: &Project,
    scenario: &str,
    contestants: &[Contestant],
    options: &Options,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    for (case, incremental) in [
        ("`cargo check` of all", Incremental::No),
        ("`cargo check` after an edit", Incremental::Yes),
    ] {
        let mut samples = vec![Vec::new(); contestants.len()];
        // The first round builds the dependencies and is not counted.
        for round in 0..=options.pick(7, 2) {
            for (contestant, samples) in contestants.iter().zip(&mut samples) {
                project.edit(contestant)?;
                let seconds = project.check(contestant, incremental)?;
                if round > 0 {
                    samples.push(seconds);
                }
            }
        }
        let spreads = samples.into_iter().map(Spread::of);
        report.add(scenario, case, Unit::CpuSeconds, figures(contestants, spreads));
    }
    Ok(())
}

/// The size of a program, built with `--release` and stripped, that uses each struct once.
fn measure_sizes(
    project: &Project,
    scenario: &str,
    contestants: &[Contestant],
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let mut sizes = Vec::new();
    for contestant in contestants {
        sizes.push(Spread::exactly(project.release_size(contestant)? as f64));
    }
    report.add(scenario, "release binary", Unit::Bytes, figures(contestants, sizes));
    Ok(())
}

fn figures(
    contestants: &[Contestant],
    spreads: impl IntoIterator<Item = Spread>,
) -> Vec<(Role, &'static str, Spread)> {
    let name = |(contestant, spread): (&Contestant, _)| (contestant.role, contestant.name, spread);
    contestants.iter().zip(spreads).map(name).collect()
}
