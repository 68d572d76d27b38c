//! `cargo xtask mutants [--sample N] sprag-macros`: mutants of code that runs in the compiler.
//!
//! The switches are in the macros, so a mutant is active while a program that uses them is
//! compiled. Each program is compiled without a mutant first, which records what it reaches. A
//! mutant is caught if a program that reaches it compiles with another message, or if a
//! program of tests does not compile or fails.

mod compiler;

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::accepted::Accepted;
use super::choice::Choice;
use super::list::{self, Mutant};
use super::process::SwitchMode;
use super::report::{self, Findings};
use super::results::{MutantEnd, Results};
use super::tree::{self, Checkout};
use super::viable::{self, Switch};
use crate::workers;
use compiler::{Compiled, Compiler, Program};

/// The package of the macros.
pub(crate) const MACROS: &str = "sprag-macros";

/// A program, and its compilation without a mutant.
struct Recorded {
    program: usize,
    compiled: Compiled,
    time: Duration,
}

/// The programs, and those that reach each mutant, the quickest first.
struct Programs<'a> {
    compiler: &'a Compiler,
    programs: &'a [Program],
    recorded: Vec<Recorded>,
    by_mutant: HashMap<usize, Vec<usize>>,
}

pub(crate) fn run(choice: &Choice) -> io::Result<bool> {
    let tree = tree::cloned("expanded", choice.commit)?;
    let mutants = choice.apply(list::read(&tree, &[MACROS])?);
    let accepted = Accepted::read(&tree)?;
    let results = Results::open(&tree)?;
    let switches = viable::install(&tree, &mutants, &[MACROS])?;
    let (compiler, programs) = compiler::prepare(&tree)?;
    let programs = record(&tree, &compiler, &programs)?;
    mutate(&tree, choice, (&mutants, &switches), &programs, &results)?;
    let (mutants, switches) = (&mutants[..], &switches[..]);
    let findings = Findings {
        mutants,
        switches,
        results: &results,
        accepted: &accepted,
        tolerance: choice.tolerance(),
    };
    report::report(&tree, &findings)
}

fn record<'a>(
    tree: &Checkout,
    compiler: &'a Compiler,
    programs: &'a [Program],
) -> io::Result<Programs<'a>> {
    eprintln!("{} programs are recorded", programs.len());
    let scratch = tree.scratch()?;
    let found = Mutex::new(Vec::new());
    workers::each(programs.len(), |program| {
        let file = scratch.join(format!("reached-{program}"));
        let begin = Instant::now();
        let compiled = compiler.check(&programs[program], SwitchMode::Record(&file), &scratch)?;
        let recorded = Recorded { program, compiled, time: begin.elapsed() };
        let numbers = std::fs::read_to_string(&file).unwrap_or_default();
        found.lock().expect("no panic").push((recorded, numbers));
        Ok(())
    })?;
    let mut found = found.into_inner().expect("no panic");
    found.sort_by_key(|(recorded, _)| recorded.time);
    let mut by_mutant: HashMap<_, Vec<_>> = HashMap::new();
    for (index, (_, numbers)) in found.iter().enumerate() {
        for number in numbers.lines().filter_map(|line| line.parse().ok()) {
            by_mutant.entry(number).or_default().push(index);
        }
    }
    let recorded = found.into_iter().map(|(recorded, _)| recorded).collect();
    Ok(Programs { compiler, programs, recorded, by_mutant })
}

fn mutate(
    tree: &Checkout,
    choice: &Choice,
    (mutants, switches): (&[Mutant], &[Switch]),
    programs: &Programs<'_>,
    results: &Results,
) -> io::Result<()> {
    let (scratch, begin) = (tree.scratch()?, Instant::now());
    let open = choice.open(mutants, switches, results);
    eprintln!("{} mutants are run", open.len());
    workers::each(open.len(), |index| {
        if choice.time.is_some_and(|time| begin.elapsed() > time) {
            return Ok(());
        }
        let (number, start) = (open[index], Instant::now());
        let (end, by) = programs.one(number, &scratch)?;
        let milliseconds = start.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        if !end.is_caught() {
            eprintln!("{index}: {end:?}: {}", mutants[number].key);
        }
        results.add(&mutants[number], end, by, milliseconds)
    })
}

impl Programs<'_> {
    /// Compiles the programs that reach a mutant with it, and runs those that are tests.
    fn one(&self, number: usize, scratch: &Path) -> io::Result<(MutantEnd, Option<String>)> {
        let Some(reaching) = self.by_mutant.get(&number) else {
            return Ok((MutantEnd::Unreached, None));
        };
        for recorded in reaching.iter().map(|index| &self.recorded[*index]) {
            let program = &self.programs[recorded.program];
            let active = SwitchMode::Active(number);
            if self.compiler.check(program, active, scratch)? != recorded.compiled {
                return Ok((MutantEnd::Caught, Some(program.name.clone())));
            }
        }
        for recorded in reaching.iter().map(|index| &self.recorded[*index]) {
            let program = &self.programs[recorded.program];
            if program.is_test() && !self.compiler.passes(program, number, scratch)? {
                return Ok((MutantEnd::Caught, Some(program.name.clone())));
            }
        }
        Ok((MutantEnd::Missed, None))
    }
}
