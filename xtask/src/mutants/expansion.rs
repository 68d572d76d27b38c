//! `cargo xtask mutants [--sample N] sprag-macros`: mutants of code that runs in the compiler.
//!
//! The switches are in the macros, so a mutant is active while a program that uses them is
//! compiled. Each program is compiled without a mutant first, which records what it reaches. A
//! mutant is caught if a unit test of the macros fails, if a program that reaches it compiles with
//! another message, or if a program of tests does not compile or fails. Most programs do not
//! have to be compiled for that: the macros make the same of them as without the mutant.

mod compiler;
mod expander;

use std::collections::{HashMap, HashSet};
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
use expander::{Expander, Expansion};

/// The package of the macros.
pub(crate) const MACROS: &str = "sprag-macros";

/// A program, and what becomes of it without a mutant.
struct Recorded {
    program: usize,
    expansion: Expansion,
    compiled: Compiled,
    time: Duration,
}

/// The programs, and those that reach each mutant, the quickest first.
struct Programs<'a> {
    compiler: &'a Compiler,
    expander: &'a Expander,
    reached_by_unit_tests: HashSet<usize>,
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
    let expander = Expander::build(&tree)?;
    let (compiler, programs) = compiler::prepare(&tree)?;
    let programs = record(&tree, &compiler, &expander, &programs)?;
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
    expander: &'a Expander,
    programs: &'a [Program],
) -> io::Result<Programs<'a>> {
    eprintln!("{} programs are recorded", programs.len());
    let scratch = tree.scratch()?;
    let reached_by_unit_tests = expander.reached_by_unit_tests(&scratch)?;
    let found = Mutex::new(Vec::new());
    workers::each(programs.len(), |program| {
        let file = scratch.join(format!("reached-{program}"));
        let begin = Instant::now();
        let compiled = compiler.check(&programs[program], SwitchMode::Record(&file), &scratch)?;
        let time = begin.elapsed();
        if programs[program].is_test() && !compiled.is_success {
            let name = &programs[program].name;
            eprintln!("left out, since it needs other modules: {name}");
            return Ok(());
        }
        let expansion = expander.record(&programs[program], &scratch)?;
        let recorded = Recorded { program, expansion, compiled, time };
        found.lock().expect("no panic").push((recorded, expander::numbers(&file)));
        Ok(())
    })?;
    let mut found = found.into_inner().expect("no panic");
    found.sort_by_key(|(recorded, _)| recorded.time);
    let mut by_mutant: HashMap<_, Vec<_>> = HashMap::new();
    for (index, (_, numbers)) in found.iter().enumerate() {
        for number in numbers {
            by_mutant.entry(*number).or_default().push(index);
        }
    }
    let recorded = found.into_iter().map(|(recorded, _)| recorded).collect();
    Ok(Programs { compiler, expander, reached_by_unit_tests, programs, recorded, by_mutant })
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
    /// Runs the unit tests with a mutant, then compiles the programs that reach it and may differ,
    /// and runs those that are tests.
    fn one(&self, number: usize, scratch: &Path) -> io::Result<(MutantEnd, Option<String>)> {
        let is_unit_tested = self.reached_by_unit_tests.contains(&number);
        if is_unit_tested && self.expander.unit_tests_fail(number)? {
            return Ok((MutantEnd::Caught, Some("unit tests".to_owned())));
        }
        let reaching = self.by_mutant.get(&number).map_or(&[][..], Vec::as_slice);
        if reaching.is_empty() && !is_unit_tested {
            return Ok((MutantEnd::Unreached, None));
        }
        let mut tests = Vec::new();
        let mut compiled = 0;
        for recorded in reaching.iter().map(|index| &self.recorded[*index]) {
            let program = &self.programs[recorded.program];
            if !self.expander.may_differ(program, &recorded.expansion, number)? {
                continue;
            }
            compiled += 1;
            if program.is_test() {
                tests.push(program);
                continue;
            }
            let active = SwitchMode::Active(number);
            if self.compiler.check(program, active, scratch)? != recorded.compiled {
                return Ok((MutantEnd::Caught, Some(program.name.clone())));
            }
        }
        for program in tests {
            if !self.compiler.passes(program, number, scratch)? {
                return Ok((MutantEnd::Caught, Some(program.name.clone())));
            }
        }
        Ok((MutantEnd::Missed, Some(format!("{compiled} of {} programs", reaching.len()))))
    }
}
