//! `cargo xtask mutants`: changes the sources, and looks which changes the tests catch.
//!
//! `cargo mutants --list` names the changes. A clone of the last commit gets all of them at
//! once, each behind a switch that an environment variable turns on at run time; so the clone
//! is built once. One run of each test records the switches that the test reaches, and each
//! mutant then runs these tests alone, each in a process of its own, until one fails.
//!
//! `--rebuild` builds each mutant on its own, as `cargo mutants` does. That takes about 17 s for
//! each, and is for the mutants that have no switch: functions that run while the compiler does, and
//! those that return a type without a name.

mod accepted;
mod choice;
mod doctests;
mod expansion;
mod list;
mod nodes;
mod process;
mod reach;
mod rebuilt;
mod report;
mod results;
mod run;
mod switches;
mod tests;
mod tree;
mod viable;

use std::io;

use self::choice::Choice;
use crate::skips::skip;

/// Runs the mutants that the arguments choose. Returns whether each missed
/// one is accepted; of a sample, one in twenty may be missed without that.
pub(crate) fn check(arguments: &[String]) -> bool {
    let passed = match arguments {
        [first, rest @ ..] if first == "--rebuild" => rebuilt::run(rest),
        _ => Choice::parse(arguments).and_then(|choice| switched(&choice)),
    };
    passed.unwrap_or_else(|error| {
        eprintln!("{error}");
        false
    })
}

/// The sample of `cargo xtask test`: its size, with the mutants that do not compile, and rooms
/// whose tests are built soon. Those of the other rooms take minutes to build.
const SAMPLE: [&str; 5] = ["--sample", "64", "--rooms", "cache,bus", "sprag-runtime"];

/// The step of `cargo xtask test`: the same small part of the runtime's mutants each time.
/// Without `cargo mutants` the step passes, and says so.
pub(crate) fn sample() -> bool {
    if !list::is_installed() {
        skip("the sample of mutants", "there is no `cargo mutants`; `cargo install cargo-mutants`");
        return true;
    }
    let run = |arguments: &[&str]| check(&arguments.iter().map(|&a| a.into()).collect::<Vec<_>>());
    // On a busy machine a test may end too late for a verdict, so the missed ones run again.
    run(&SAMPLE) || run(&[&["--again", "--stay"], &SAMPLE[..]].concat())
}

fn switched(choice: &Choice) -> io::Result<bool> {
    if choice.packages == [expansion::MACROS] {
        return expansion::run(choice);
    }
    let tree = tree::cloned("changed", choice.commit)?;
    let mutants = choice.apply(list::read(&tree, &choice.packages)?);
    let accepted = accepted::Accepted::read(&tree)?;
    let results = results::Results::open(&tree)?;
    let switches = viable::install(&tree, &mutants, &choice.packages)?;
    let tests = tests::build(&tree, choice)?;
    let reach = reach::record(&tree, &mutants, &tests)?;
    let (mutants, switches) = (&mutants[..], &switches[..]);
    let plan = run::MutantRun { choice, mutants, switches, tests: &tests, reach: &reach };
    run::run(&tree, &plan, &results)?;
    let outcome = report::Findings {
        mutants,
        switches,
        results: &results,
        accepted: &accepted,
        tolerance: choice.tolerance(),
    };
    report::report(&tree, &outcome)
}
