//! Runs mutants.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::choice::{Choice, Missed};
use super::list::Mutant;
use super::process::{self, RunEnd, SwitchMode};
use super::reach::{Reach, Reaching};
use super::results::{MutantEnd, Results};
use super::tests::Test;
use super::tree::Checkout;
use super::viable::Switch;
use super::workers;

/// A test may take so many times its usual time, and a while, before it counts as hung: the
/// machine has other work.
const PATIENCE: (u32, Duration) = (10, Duration::from_secs(6));

/// A failure within this time is not one of a busy machine.
const QUICK: Duration = Duration::from_secs(1);

/// So many times a test runs for one mutant, on a machine that is too busy.
const ATTEMPTS: usize = 3;

/// All that a run needs.
#[derive(Debug)]
pub(crate) struct MutantRun<'a> {
    pub(crate) choice: &'a Choice,
    pub(crate) mutants: &'a [Mutant],
    pub(crate) switches: &'a [Switch],
    pub(crate) tests: &'a [Test],
    pub(crate) reach: &'a Reach,
}

/// The tests that caught mutants of a function: the first to run for its others.
type Known = Mutex<HashMap<(String, usize), Vec<usize>>>;

/// Runs each mutant of the plan that has no result yet, and keeps each result at once.
pub(crate) fn run(tree: &Checkout, plan: &MutantRun<'_>, results: &Results) -> io::Result<()> {
    let scratch = tree.scratch()?;
    let begin = Instant::now();
    let known = Known::default();
    let open: Vec<_> =
        (0..plan.mutants.len()).filter(|number| is_open(plan, results, *number)).collect();
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

fn is_open(plan: &MutantRun<'_>, results: &Results, number: usize) -> bool {
    let again = plan.choice.missed == Missed::Again;
    let only = plan.choice.only.as_deref().unwrap_or_default();
    plan.switches[number] == Switch::Works
        && plan.mutants[number].key.contains(only)
        && results.of(&plan.mutants[number]).is_none_or(|entry| again && !entry.verdict.is_caught())
}

/// Runs the tests of one mutant, until one fails.
fn one(
    plan: &MutantRun<'_>,
    number: usize,
    known: &Known,
    scratch: &Path,
) -> io::Result<(MutantEnd, Option<String>)> {
    let mutant = &plan.mutants[number];
    let function = (mutant.file.clone(), mutant.function.start.line);
    let first = known.lock().expect("no panic").get(&function).cloned().unwrap_or_default();
    let mut reaching: Vec<_> = plan.reach.of(number).collect();
    if reaching.is_empty() {
        return Ok((MutantEnd::Unreached, None));
    }
    reaching.sort_by_key(|reaching| !first.contains(&reaching.test));
    for Reaching { test: index, time } in reaching {
        let test = &plan.tests[*index];
        let Some(verdict) = attempt(test, number, *time, scratch)? else { continue };
        let mut known = known.lock().expect("no panic");
        let tests = known.entry(function).or_default();
        if !tests.contains(index) {
            tests.push(*index);
        }
        return Ok((verdict, Some(format!("{} {}", test.target, test.name))));
    }
    Ok((MutantEnd::Missed, None))
}

/// Runs one test of a mutant. A failure that was slow may be one of a busy machine, so the
/// test has to pass without the mutant then, within a part of that time.
fn attempt(
    test: &Test,
    number: usize,
    usual: Duration,
    scratch: &Path,
) -> io::Result<Option<MutantEnd>> {
    let mut limit = usual * PATIENCE.0 + PATIENCE.1;
    for _ in 0..ATTEMPTS {
        let (ending, time) = process::run(test, SwitchMode::Active(number), limit, scratch)?;
        let verdict = match ending {
            RunEnd::Passed => return Ok(None),
            RunEnd::Failed => MutantEnd::Caught,
            RunEnd::TimedOut => MutantEnd::Hung,
        };
        if verdict == MutantEnd::Caught && time < 3 * usual + QUICK {
            return Ok(Some(verdict));
        }
        let (ending, original) = process::run(test, SwitchMode::Original, 4 * limit, scratch)?;
        if ending == RunEnd::Passed && 3 * original < time {
            return Ok(Some(verdict));
        }
        limit = limit.max(10 * original);
    }
    Ok(None)
}
