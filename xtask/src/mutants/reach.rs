//! Which tests reach which mutants.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use super::choice::{room_tests, tested_by};
use super::list::Mutant;
use super::process::{self, RunEnd, SwitchMode};
use super::tests::Test;
use super::tree::Checkout;
use super::workers;

/// Slower tests do not run: a missed mutant would wait for each of them.
const SLOWEST: Duration = Duration::from_secs(2);

/// Slower tests run last: many of them run random programs.
const SLOW: Duration = Duration::from_millis(400);

/// So many slow tests run for one mutant.
const SLOW_ONES: usize = 6;

/// A test that is slower than this is ended.
const LIMIT: Duration = Duration::from_secs(15);

/// A test that can catch mutants.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Reaching {
    /// The place in the list of tests.
    pub(crate) test: usize,
    /// The time that the test needs when no mutant is active.
    pub(crate) time: Duration,
}

/// The tests of each mutant.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Reach {
    /// The programs that were recorded, with the time of their build, and the mutants.
    of: String,
    tests: Vec<Reaching>,
    /// Places in `tests`.
    by_mutant: HashMap<usize, Vec<usize>>,
    /// How many mutants each of `tests` reaches.
    #[serde(skip)]
    widths: Vec<usize>,
}

impl Reach {
    /// The tests that reach the mutant `number`: those of the packages that test the mutant's,
    /// or those of the other packages, if these have none. The tests of its room come first, and
    /// those that reach few mutants before others; `count` of them, and some slow ones.
    pub(crate) fn of(
        &self,
        number: usize,
        mutant: &Mutant,
        tests: &[Test],
        count: usize,
    ) -> Vec<&Reaching> {
        let reaching = self.by_mutant.get(&number).into_iter().flatten().copied();
        let package = |index: usize| &*tests[self.tests[index].test].package;
        let is_own = |index: &usize| tested_by(&mutant.package).contains(&package(*index));
        let (own, others): (Vec<_>, Vec<_>) = reaching.partition(is_own);
        let found = if own.is_empty() { others } else { own };
        let targets = room_tests(&mutant.file);
        let is_of_room = |index: usize| targets.contains(&&*tests[self.tests[index].test].target);
        let (mut quick, mut slow): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|&index| self.tests[index].time < SLOW);
        quick.sort_by_key(|&index| (!is_of_room(index), self.widths[index]));
        quick.truncate(count);
        slow.sort_by_key(|&index| (!is_of_room(index), self.widths[index]));
        slow.truncate(SLOW_ONES);
        quick.into_iter().chain(slow).map(|index| &self.tests[index]).collect()
    }

    /// How many tests reach the mutant `number`.
    pub(crate) fn count(&self, number: usize) -> usize {
        self.by_mutant.get(&number).map_or(0, Vec::len)
    }

    fn with_widths(mut self) -> Self {
        self.widths = vec![0; self.tests.len()];
        self.by_mutant.values().flatten().for_each(|&index| self.widths[index] += 1);
        self
    }
}

/// Runs each test once without a mutant, and records what it reaches. A test that fails then,
/// or is slow, is left out, with a word.
pub(crate) fn record(tree: &Checkout, mutants: &[Mutant], tests: &[Test]) -> io::Result<Reach> {
    let (path, of) = (tree.kept().join("reach.json"), built(mutants, tests)?);
    let known = serde_json::from_slice::<Reach>(&fs::read(&path).unwrap_or_default());
    if let Ok(known) = known
        && known.of == of
    {
        return Ok(known.with_widths());
    }
    let mut reach = recorded(&tree.scratch()?, tests)?;
    reach.of = of;
    fs::write(path, serde_json::to_string(&reach)?)?;
    Ok(reach.with_widths())
}

/// A text that changes when the programs of the tests change.
fn built(mutants: &[Mutant], tests: &[Test]) -> io::Result<String> {
    let mut programs: Vec<_> = tests.iter().map(|test| &test.program).collect();
    programs.dedup();
    let mut text = format!("{} mutants, {} tests", mutants.len(), tests.len());
    for program in programs {
        let time = fs::metadata(program)?.modified()?;
        write!(text, ", {} of {time:?}", program.display()).expect("a string takes all");
    }
    Ok(text)
}

fn recorded(scratch: &Path, tests: &[Test]) -> io::Result<Reach> {
    eprintln!("{} tests are recorded", tests.len());
    let recorded = Mutex::new(Vec::new());
    workers::each(tests.len(), |index| {
        if let Some((time, numbers)) = one(&tests[index], index, scratch)? {
            recorded.lock().expect("no panic").push((Reaching { test: index, time }, numbers));
        }
        Ok(())
    })?;
    let mut recorded = recorded.into_inner().expect("no panic");
    recorded.sort_by_key(|(reaching, _)| reaching.time);
    let mut reach = Reach::default();
    for (index, (reaching, numbers)) in recorded.into_iter().enumerate() {
        for number in numbers {
            reach.by_mutant.entry(number).or_default().push(index);
        }
        reach.tests.push(reaching);
    }
    Ok(reach)
}

/// Records one test; none if the test cannot be used.
fn one(test: &Test, index: usize, scratch: &Path) -> io::Result<Option<(Duration, Vec<usize>)>> {
    let file = scratch.join(format!("reached-{index}"));
    let run = || {
        process::run(
            &[test],
            SwitchMode::Record(&file),
            LIMIT,
            &scratch.join(format!("out-{index}")),
        )
    };
    let (mut ending, mut time) = run()?;
    if ending != RunEnd::Passed || time > SLOWEST {
        // The machine may have been busy.
        (ending, time) = run()?;
    }
    if ending != RunEnd::Passed || time > SLOWEST {
        eprintln!("left out: {} {} ({ending:?} after {time:.1?})", test.target, test.name);
        return Ok(None);
    }
    let text = fs::read_to_string(&file).unwrap_or_default();
    let mut numbers: Vec<_> = text.lines().filter_map(|line| line.parse().ok()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    Ok(Some((time, numbers)))
}
