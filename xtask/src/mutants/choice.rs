//! The arguments of the command.

use std::collections::BTreeSet;
use std::io;
use std::slice::Iter;
use std::time::Duration;

use super::expansion::MACROS;
use super::list::Mutant;
use super::results::Results;
use super::tree::ClonedCommit;
use super::viable::Switch;

/// A package of sources, and the packages whose tests can catch a change of it.
pub(crate) const PACKAGES: &[(&str, &[&str])] = &[
    ("sprag-runtime", &["sprag", "sprag-runtime"]),
    ("sprag-web", &["sprag-web"]),
    ("sprag-log", &["sprag-log"]),
    // Their programs are others, see `expansion`.
    (MACROS, &[]),
];

/// A room of the runtime, and the programs of its tests.
const ROOMS: &[(&str, &[&str])] = &[
    ("cell", &["state", "changes"]),
    ("delta", &["changes"]),
    ("changes", &["changes"]),
    ("values", &["values"]),
    ("path", &["paths", "values", "changes"]),
    ("cache", &["cache", "keyed_cache"]),
    ("bus", &["bus"]),
    ("app", &["service", "app", "kit"]),
    ("service", &["service", "app", "kit"]),
    ("task", &["service"]),
];

/// So many tests run for one mutant.
const TESTS: usize = 150;

/// The mutants that earlier runs have left as missed: they keep their result, or run again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Missed {
    Keep,
    Again,
}

/// The missed mutants with which a run passes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tolerance {
    /// Those of `tests/mutants.md`.
    Accepted,
    /// 5 % of those that compile as well: new code moves a sample.
    Share,
}

/// Whether doctests are tests of mutants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Doctests {
    Run,
    LeftOut,
}

/// The mutants that a run is about.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) packages: Vec<&'static str>,
    /// The first so many of each package in the fixed random order.
    pub(crate) sample: Option<usize>,
    /// Rooms of the runtime, to which the mutants and the programs of tests belong; all, if
    /// there are none.
    pub(crate) rooms: Vec<&'static str>,
    /// A part of the names of the mutants that are run; the others are switched all the same.
    pub(crate) only: Option<String>,
    pub(crate) missed: Missed,
    pub(crate) commit: ClonedCommit,
    /// The time after which no further mutant is begun.
    pub(crate) time: Option<Duration>,
    /// The most tests that run for one mutant.
    pub(crate) tests: usize,
    pub(crate) doctests: Doctests,
}

impl Choice {
    /// Reads `[--sample N] [--minutes N] [--rooms NAME,…] [--only TEXT] [--tests N] [--doctests]
    /// [--again] [--stay] [PACKAGE …]`.
    pub(crate) fn parse(arguments: &[String]) -> io::Result<Self> {
        let (missed, commit) = (Missed::Keep, ClonedCommit::Last);
        let (sample, only, time) = (None, None, None);
        let (packages, rooms) = (Vec::new(), Vec::new());
        let (tests, doctests) = (TESTS, Doctests::LeftOut);
        let mut choice =
            Self { packages, sample, rooms, only, missed, commit, time, tests, doctests };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            choice.read(argument, &mut arguments)?;
        }
        if choice.packages.is_empty() {
            let names = PACKAGES.iter().map(|(name, _)| *name);
            choice.packages = names.filter(|name| *name != MACROS).collect();
        }
        if choice.packages.contains(&MACROS) && choice.packages.len() > 1 {
            return Err(io::Error::other(format!("`{MACROS}` runs alone")));
        }
        Ok(choice)
    }

    fn read(&mut self, argument: &str, others: &mut Iter<'_, String>) -> io::Result<()> {
        match argument {
            "--sample" => self.sample = Some(number(others.next())?),
            "--minutes" => {
                let minutes = number(others.next())?;
                self.time = Some(Duration::from_secs(60 * minutes as u64));
            }
            "--rooms" => self.rooms = rooms(others.next().map_or("", String::as_str))?,
            "--tests" => self.tests = number(others.next())?,
            "--doctests" => self.doctests = Doctests::Run,
            "--only" => self.only = others.next().cloned(),
            "--again" => self.missed = Missed::Again,
            "--stay" => self.commit = ClonedCommit::Same,
            name => self.packages.push(package(name)?),
        }
        Ok(())
    }

    /// The missed mutants that are not a failure.
    pub(crate) fn tolerance(&self) -> Tolerance {
        if self.sample.is_some() { Tolerance::Share } else { Tolerance::Accepted }
    }

    /// The chosen ones of `mutants`, in the order of the run.
    pub(crate) fn apply(&self, mut mutants: Vec<Mutant>) -> Vec<Mutant> {
        mutants.retain(|mutant| {
            let is_chosen =
                |chosen: &&str| room(&mutant.file).is_some_and(|(room, _)| room == chosen);
            self.rooms.is_empty() || self.rooms.iter().any(is_chosen)
        });
        mutants.sort_by_cached_key(Mutant::rank);
        if let Some(count) = self.sample {
            let mut left = vec![count; PACKAGES.len()];
            mutants.retain(|mutant| take(&mut left[index(&mutant.package)]));
        }
        mutants
    }

    /// The programs of tests to build, besides the unit tests; `None` for all.
    pub(crate) fn programs(&self) -> Option<BTreeSet<&'static str>> {
        let of_rooms = ROOMS.iter().filter(|(room, _)| self.rooms.contains(room));
        let programs = of_rooms.flat_map(|(_, programs)| programs.iter().copied());
        (!self.rooms.is_empty()).then(|| programs.collect())
    }

    /// The numbers of the mutants to run: those without a result.
    pub(crate) fn open(
        &self,
        mutants: &[Mutant],
        switches: &[Switch],
        results: &Results,
    ) -> Vec<usize> {
        let only = self.only.as_deref().unwrap_or_default();
        let runs_again = |missed| missed && self.missed == Missed::Again;
        let is_open = |number: &usize| {
            let (mutant, result) = (&mutants[*number], results.of(&mutants[*number]));
            switches[*number] == Switch::Works
                && mutant.key.contains(only)
                && result.is_none_or(|result| runs_again(!result.verdict.is_caught()))
        };
        (0..mutants.len()).filter(is_open).collect()
    }
}

fn take(left: &mut usize) -> bool {
    let is_left = *left > 0;
    *left = left.saturating_sub(1);
    is_left
}

fn index(package: &str) -> usize {
    PACKAGES.iter().position(|(name, _)| *name == package).expect("a package of the table")
}

/// The packages whose tests run for mutants of `package`.
pub(crate) fn tested_by(package: &str) -> &'static [&'static str] {
    PACKAGES[index(package)].1
}

/// The programs of the tests of a file's room.
pub(crate) fn room_tests(file: &str) -> &'static [&'static str] {
    room(file).map_or(&[], |(_, programs)| programs)
}

/// Whether `test` is the name of a unit test of a file, or of a module around it.
pub(crate) fn is_unit_test(test: &str, file: &str) -> bool {
    let module = file.split_once("/src/").map_or(file, |(_, module)| module);
    let module = module.trim_end_matches(".rs").replace('/', "::") + "::";
    test.split_once("tests::").is_some_and(|(of, _)| !of.is_empty() && module.starts_with(of))
}

/// The room of a file.
fn room(file: &str) -> Option<&'static (&'static str, &'static [&'static str])> {
    let of_runtime = file.strip_prefix("sprag-runtime/src/");
    let name = of_runtime.and_then(|file| file.split(['/', '.']).next()).unwrap_or_default();
    ROOMS.iter().find(|(room, _)| *room == name)
}

fn rooms(names: &str) -> io::Result<Vec<&'static str>> {
    let known = |name: &str| ROOMS.iter().map(|(room, _)| *room).find(|room| *room == name);
    let unknown = |name: &str| io::Error::other(format!("no room `{name}` of the runtime"));
    names.split(',').map(|name| known(name).ok_or_else(|| unknown(name))).collect()
}

fn number(argument: Option<&String>) -> io::Result<usize> {
    let number = argument.and_then(|argument| argument.parse().ok());
    number.ok_or_else(|| io::Error::other("the option needs a number"))
}

fn package(name: &str) -> io::Result<&'static str> {
    let known = PACKAGES.iter().map(|(known, _)| *known);
    known.clone().find(|known| *known == name).ok_or_else(|| {
        let known: Vec<_> = known.collect();
        io::Error::other(format!("no package `{name}`; there are {}", known.join(", ")))
    })
}
