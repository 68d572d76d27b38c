//! The rounds: each runs all programs, one after the other.

use std::io;
use std::path::Path;
use std::time::Instant;

use super::choice::Hunt;
use super::one::{self, ProgramEnd};
use super::outcomes::{Outcomes, name};
use crate::programs::TestProgram;
use crate::workers;

/// Runs the rounds and prints the table; whether no program has failed. The output of a
/// program that fails is in the folder `output`.
pub(crate) fn hunt(choice: &Hunt, programs: &[TestProgram], output: &Path) -> io::Result<bool> {
    let Hunt { rounds, busy, parallel } = *choice;
    let count = programs.len();
    eprintln!(
        "{rounds} rounds of {count} programs, {parallel} at a time, beside {busy} busy loops"
    );
    let outcomes = Outcomes::new(programs);
    workers::each_of(parallel, rounds, |round| {
        let begin = Instant::now();
        // Rounds at the same time begin at different programs.
        let first = round % parallel * count / parallel;
        for program in (first..count).chain(0..first) {
            run(&programs[program], round, output, |failed| outcomes.add(program, failed))?;
        }
        let (seconds, failures) = (begin.elapsed().as_secs(), outcomes.failures());
        eprintln!("round {} took {seconds} s; {failures} failures so far", round + 1);
        Ok(())
    })?;
    println!("\n{}", outcomes.table());
    Ok(outcomes.failures() == 0)
}

fn run(
    program: &TestProgram,
    round: usize,
    output: &Path,
    add: impl FnOnce(bool),
) -> io::Result<()> {
    let (name, round) = (name(program), round + 1);
    let printed = output.join(format!("round-{round}-{}.txt", name.replace(' ', "-")));
    let end = one::run(program, round, &printed)?;
    add(end != ProgramEnd::Passed);
    let printed = printed.display();
    match end {
        ProgramEnd::Passed => {}
        ProgramEnd::Failed(status) => {
            println!("round {round}: `{name}` failed, {status}: {printed}");
        }
        ProgramEnd::Hung => println!("round {round}: `{name}` hung and was killed: {printed}"),
    }
    Ok(())
}
