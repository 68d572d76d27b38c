//! Which tests reach which mutants.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use super::choice::{is_unit_test, room_tests, tested_by};
use super::list::Mutant;
use super::process::{self, RunEnd, SwitchMode};
use super::tests::Test;
use super::tree::Checkout;
use crate::workers;

/// The part of a mutant's tests that reach the most mutants, one in so many: random programs
/// check much.
const WIDE: usize = 8;

/// Slower tests run last: many of them run random programs.
const SLOW: Duration = Duration::from_millis(400);

/// So many slow tests run for one mutant.
const SLOW_ONES: usize = 16;

/// Slower tests run only where few others reach a mutant, since a missed one waits for each of
/// them. Many of them start servers.
const SLOWEST: Duration = Duration::from_secs(2);

/// So many of the slowest tests run for a mutant, and below how many others.
const SLOWEST_ONES: usize = 4;
const FEW: usize = 10;

/// A test that is slower than this is ended, and left out.
const LIMIT: Duration = Duration::from_secs(15);

/// A test that can catch mutants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reaching {
    /// The place in the list of tests.
    pub(crate) test: usize,
    /// The time that the test needs when no mutant is active.
    pub(crate) time: Duration,
}

/// The tests of each mutant.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    tests: Vec<Reaching>,
    /// Places in `tests`.
    by_mutant: HashMap<usize, Vec<usize>>,
    /// How many mutants each of `tests` reaches.
    widths: Vec<usize>,
}

impl Reach {
    /// The tests that reach the mutant `number`: those of the packages that test the mutant's,
    /// or those of the other packages, if these have none. The unit tests of its file and of the
    /// modules around it come first, then the tests of its room, and those that reach few mutants
    /// before others; `count` of them, the last of which are the widest of the room, and some slow
    /// ones. Where these are few, some of the slowest follow.
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
        let is_of_file = |index: usize| {
            let test = &tests[self.tests[index].test];
            test.package == mutant.package && is_unit_test(&test.name, &mutant.file)
        };
        let is_of_room = |index: usize| targets.contains(&&*tests[self.tests[index].test].target);
        let is_below = |limit: Duration| move |index: &usize| self.tests[*index].time < limit;
        let first_of = |mut tests: Vec<usize>, count: usize| {
            let rank = |index| (!is_of_file(index), !is_of_room(index), self.widths[index]);
            tests.sort_by_key(|&index| rank(index));
            let near = tests.partition_point(|&index| is_of_file(index) || is_of_room(index));
            if near > count {
                let wide = near - count / WIDE..near;
                let widest = tests[wide].to_vec();
                tests.splice(count - widest.len().., widest);
            }
            tests.truncate(count);
            tests
        };
        let (quick, others): (Vec<_>, Vec<_>) = found.into_iter().partition(is_below(SLOW));
        let (slow, slowest): (Vec<_>, Vec<_>) = others.into_iter().partition(is_below(SLOWEST));
        let most = if quick.len() + slow.len() < FEW { SLOWEST_ONES } else { 0 };
        let parts = [first_of(quick, count), first_of(slow, SLOW_ONES), first_of(slowest, most)];
        parts.into_iter().flatten().map(|index| &self.tests[index]).collect()
    }

    /// How many tests reach the mutant `number`.
    pub(crate) fn count(&self, number: usize) -> usize {
        self.by_mutant.get(&number).map_or(0, Vec::len)
    }

    /// The outcomes of the tests with these keys, the quickest first.
    fn new(keys: &[String], outcomes: &Outcomes) -> Self {
        let outcome = |(test, key)| Some((test, outcomes.get(key)?.as_ref()?));
        let mut used: Vec<_> = keys.iter().enumerate().filter_map(outcome).collect();
        used.sort_by_key(|(_, (time, _))| *time);
        let mut reach = Self::default();
        for (index, (test, (time, numbers))) in used.into_iter().enumerate() {
            for number in numbers {
                reach.by_mutant.entry(*number).or_default().push(index);
            }
            reach.tests.push(Reaching { test, time: *time });
            reach.widths.push(numbers.len());
        }
        reach
    }
}

/// The time of a test, and the mutants that it reaches; none for a test that cannot be used.
type Recorded = Option<(Duration, Vec<usize>)>;

/// By the test and the build of its program.
type Outcomes = HashMap<String, Recorded>;

/// The reach of all tests that earlier runs have recorded.
#[derive(Default, Serialize, Deserialize)]
struct KnownReach {
    /// The mutants whose numbers the outcomes have.
    mutants: u64,
    outcomes: Outcomes,
}

/// Runs each test once without a mutant, and records what it reaches, unless an earlier run has
/// recorded the same build of its program. A test that fails then, or does not end in time, is
/// left out, with a word.
pub(crate) fn record(tree: &Checkout, mutants: &[Mutant], tests: &[Test]) -> io::Result<Reach> {
    let path = tree.kept().join("reach.json");
    let known = fs::read(&path).unwrap_or_default();
    let known = serde_json::from_slice::<KnownReach>(&known).unwrap_or_default();
    let mutants = listed(mutants);
    let mut outcomes = if known.mutants == mutants { known.outcomes } else { Outcomes::default() };
    let keys = tests.iter().map(built).collect::<io::Result<Vec<_>>>()?;
    let is_new = |number: &usize| !outcomes.contains_key(&keys[*number]);
    let new: Vec<_> = (0..tests.len()).filter(is_new).collect();
    let recorded = recorded(&tree.scratch()?, tests, &new)?;
    outcomes.extend(recorded.into_iter().map(|(test, outcome)| (keys[test].clone(), outcome)));
    let current: HashSet<_> = keys.iter().collect();
    outcomes.retain(|key, _| current.contains(key));
    let known = KnownReach { mutants, outcomes };
    fs::write(path, serde_json::to_string(&known)?)?;
    Ok(Reach::new(&keys, &known.outcomes))
}

/// A number that changes when the list of mutants does.
fn listed(mutants: &[Mutant]) -> u64 {
    let mut hasher = DefaultHasher::new();
    mutants.iter().for_each(|mutant| mutant.key.hash(&mut hasher));
    hasher.finish()
}

/// A text that changes when the program of the test does.
fn built(test: &Test) -> io::Result<String> {
    let time = fs::metadata(&test.program)?.modified()?;
    Ok(format!("{} of {time:?}: {}", test.program.display(), test.name))
}

/// The outcomes of the tests with the numbers `new`.
fn recorded(scratch: &Path, tests: &[Test], new: &[usize]) -> io::Result<Vec<(usize, Recorded)>> {
    eprintln!("{} of {} tests are recorded", new.len(), tests.len());
    let recorded = Mutex::new(Vec::new());
    workers::each(new.len(), |index| {
        let test = new[index];
        let outcome = one(&tests[test], test, scratch)?;
        recorded.lock().expect("no panic").push((test, outcome));
        Ok(())
    })?;
    Ok(recorded.into_inner().expect("no panic"))
}

/// Records one test; none if the test cannot be used.
fn one(test: &Test, index: usize, scratch: &Path) -> io::Result<Recorded> {
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
    if ending != RunEnd::Passed {
        eprintln!("left out: {} {} ({ending:?} after {time:.1?})", test.target, test.name);
        return Ok(None);
    }
    let text = fs::read_to_string(&file).unwrap_or_default();
    let mut numbers: Vec<_> = text.lines().filter_map(|line| line.parse().ok()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    Ok(Some((time, numbers)))
}
