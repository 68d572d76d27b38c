//! Runs mutants.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{fs, io};

use super::choice::Choice;
use super::list::Mutant;
use super::process::{self, RunEnd, SwitchMode};
use super::reach::{Reach, Reaching};
use super::results::{MutantEnd, Results};
use super::tests::{Harness, Test};
use super::tree::Checkout;
use super::viable::Switch;
use crate::workers;

/// Tests may take so many times their usual time, but not so much longer than usual, and a
/// while, before they count as hung: the machine has other work.
const PATIENCE: (u32, Duration, Duration) = (10, Duration::from_secs(20), Duration::from_secs(3));

/// A failure within this time is not one of a busy machine.
const QUICK: Duration = Duration::from_secs(1);

/// So many tests run alone first, since most mutants fail one of these.
const ALONE: usize = 5;

/// The most tests of one process.
const LARGEST: usize = 50;

/// All that a run needs.
#[derive(Debug)]
pub(crate) struct MutantRun<'a> {
    pub(crate) choice: &'a Choice,
    pub(crate) mutants: &'a [Mutant],
    pub(crate) switches: &'a [Switch],
    pub(crate) tests: &'a [Test],
    pub(crate) reach: &'a Reach,
}

/// The findings about tests that later mutants use.
#[derive(Default)]
struct RunFindings {
    /// The tests that caught mutants of a function: the first to run for its others.
    caught: Mutex<HashMap<(String, usize), Vec<usize>>>,
    /// Tests that this machine is too busy for: they fail without a mutant, or are slow.
    busy: Mutex<HashSet<usize>>,
}

/// Runs each mutant of the plan that has no result yet, and keeps each result at once.
pub(crate) fn run(tree: &Checkout, plan: &MutantRun<'_>, results: &Results) -> io::Result<()> {
    let scratch = tree.scratch()?;
    let begin = Instant::now();
    let known = RunFindings::default();
    let mut open = plan.choice.open(plan.mutants, plan.switches, results);
    // Those that no test reaches take no time, so that their number is soon exact.
    open.sort_by_key(|number| plan.reach.count(*number) > 0);
    eprintln!("{} mutants are run", open.len());
    workers::each(open.len(), |index| {
        if plan.choice.time.is_some_and(|time| begin.elapsed() > time) {
            return Ok(());
        }
        let number = open[index];
        let start = Instant::now();
        let (verdict, by) = one(plan, number, &known, &scratch)?;
        let milliseconds = start.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        if !verdict.is_caught() {
            eprintln!("{index}: {verdict:?}: {}", plan.mutants[number].key);
        }
        results.add(&plan.mutants[number], verdict, by, milliseconds)
    })
}

/// Runs the tests of one mutant, until one fails: some alone, the others by the program.
fn one(
    plan: &MutantRun<'_>,
    number: usize,
    known: &RunFindings,
    scratch: &Path,
) -> io::Result<(MutantEnd, Option<String>)> {
    let mutant = &plan.mutants[number];
    let function = (mutant.file.clone(), mutant.function.start.line);
    let first = known.caught.lock().expect("no panic").get(&function).cloned().unwrap_or_default();
    let mut reaching = plan.reach.of(number, mutant, plan.tests, plan.choice.tests);
    if reaching.is_empty() {
        return Ok((MutantEnd::Unreached, None));
    }
    reaching.sort_by_key(|reaching| !first.contains(&reaching.test));
    reaching.retain(|of| !known.busy.lock().expect("no panic").contains(&of.test));
    let output = scratch.join(format!("out-{number}"));
    let attempt = Attempt { plan, number, known, output: &output };
    for batch in batches(plan, &reaching) {
        let Some((verdict, test)) = attempt.batch(&batch)? else { continue };
        known.caught.lock().expect("no panic").entry(function).or_default().push(test);
        let Test { target, name, .. } = &plan.tests[test];
        return Ok((verdict, Some(format!("{target} {name}"))));
    }
    Ok((
        MutantEnd::Missed,
        Some(format!("{} of {} tests", reaching.len(), plan.reach.count(number))),
    ))
}

/// When tests that take `usual` count as hung.
fn limit(usual: Duration) -> Duration {
    let (times, longer, pause) = PATIENCE;
    (usual * times).min(usual + longer) + pause
}

/// The tests in the order of the run: those alone first, then those of each program, in parts.
fn batches<'a>(plan: &MutantRun<'_>, reaching: &[&'a Reaching]) -> Vec<Vec<&'a Reaching>> {
    let (alone, others) = reaching.split_at(ALONE.min(reaching.len()));
    let mut batches: Vec<_> = alone.iter().map(|reaching| vec![*reaching]).collect();
    let mut programs: Vec<Vec<&Reaching>> = Vec::new();
    for reaching in others {
        let Test { program, harness, .. } = &plan.tests[reaching.test];
        let is_same = |batch: &&mut Vec<&Reaching>| {
            plan.tests[batch[0].test].program == *program
                && *harness == Harness::Named
                && batch.len() < LARGEST
        };
        match programs.iter_mut().find(is_same) {
            Some(batch) => batch.push(reaching),
            None => programs.push(vec![reaching]),
        }
    }
    programs.sort_by_key(|batch| batch.iter().map(|reaching| reaching.time).sum::<Duration>());
    batches.extend(programs);
    batches
}

/// The runs of one mutant.
struct Attempt<'a> {
    plan: &'a MutantRun<'a>,
    number: usize,
    known: &'a RunFindings,
    output: &'a Path,
}

impl Attempt<'_> {
    /// Runs tests of one program; if they fail, each alone, beginning with those that failed.
    fn batch(&self, batch: &[&Reaching]) -> io::Result<Option<(MutantEnd, usize)>> {
        let test = |reaching: &Reaching| &self.plan.tests[reaching.test];
        if let [only] = batch {
            return Ok(self.test(only)?.map(|verdict| (verdict, only.test)));
        }
        let tests: Vec<_> = batch.iter().map(|reaching| test(reaching)).collect();
        let limit = limit(batch.iter().map(|of| of.time).sum());
        let active = SwitchMode::Active(self.number);
        if process::run(&tests, active, limit, self.output)?.0 == RunEnd::Passed {
            return Ok(None);
        }
        let printed = fs::read_to_string(self.output).unwrap_or_default();
        let failed = |name: &str| printed.contains(&format!("test {name} ... FAILED"));
        let passed = |name: &str| printed.contains(&format!("test {name} ... ok"));
        let mut batch: Vec<_> = batch.iter().filter(|of| !passed(&test(of).name)).collect();
        batch.sort_by_key(|of| !failed(&test(of).name));
        for reaching in batch {
            if let Some(verdict) = self.test(reaching)? {
                return Ok(Some((verdict, reaching.test)));
            }
        }
        Ok(None)
    }

    /// Runs one test. A failure that was slow may be one of a busy machine, so the test has to
    /// pass without the mutant then, within a part of that time.
    fn test(&self, reaching: &Reaching) -> io::Result<Option<MutantEnd>> {
        let test = [&self.plan.tests[reaching.test]];
        let limit = limit(reaching.time);
        let active = SwitchMode::Active(self.number);
        let (end, time) = process::run(&test, active, limit, self.output)?;
        let verdict = match end {
            RunEnd::Passed => return Ok(None),
            RunEnd::Failed => MutantEnd::Caught,
            RunEnd::TimedOut => MutantEnd::Hung,
        };
        if verdict == MutantEnd::Caught && time < 3 * reaching.time + QUICK {
            return Ok(Some(verdict));
        }
        let (end, original) = process::run(&test, SwitchMode::Original, limit, self.output)?;
        let is_quicker = verdict == MutantEnd::Caught || 3 * original < time;
        if end == RunEnd::Passed && is_quicker {
            return Ok(Some(verdict));
        }
        self.known.busy.lock().expect("no panic").insert(reaching.test);
        Ok(None)
    }
}
