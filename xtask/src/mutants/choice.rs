//! The arguments of the command.

use std::io;
use std::time::Duration;

use super::list::Mutant;

/// A package of sources, and the packages whose tests can catch a change of it.
pub(crate) const PACKAGES: &[(&str, &[&str])] = &[
    ("sprag-runtime", &["sprag", "sprag-runtime"]),
    ("sprag-web", &["sprag-web"]),
    ("sprag-log", &["sprag-log"]),
];

/// The mutants that earlier runs have left as missed: they keep their result, or run again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Missed {
    Keep,
    Again,
}

/// The mutants that a run is about.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) packages: Vec<&'static str>,
    /// The first so many of each package in the fixed random order.
    pub(crate) sample: Option<usize>,
    /// A part of the names of the mutants that are run; the others are switched all the same.
    pub(crate) only: Option<String>,
    pub(crate) missed: Missed,
    /// The time after which no further mutant is begun.
    pub(crate) time: Option<Duration>,
}

impl Choice {
    /// Reads `[--sample N] [--minutes N] [--only TEXT] [--again] [PACKAGE …]`.
    pub(crate) fn parse(arguments: &[String]) -> io::Result<Self> {
        let mut choice = Self {
            packages: Vec::new(),
            sample: None,
            only: None,
            missed: Missed::Keep,
            time: None,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--sample" => choice.sample = Some(number(arguments.next())?),
                "--minutes" => {
                    let minutes = number(arguments.next())?;
                    choice.time = Some(Duration::from_secs(60 * minutes as u64));
                }
                "--only" => choice.only = arguments.next().cloned(),
                "--again" => choice.missed = Missed::Again,
                name => choice.packages.push(package(name)?),
            }
        }
        if choice.packages.is_empty() {
            choice.packages = PACKAGES.iter().map(|(name, _)| *name).collect();
        }
        Ok(choice)
    }

    /// The chosen ones of `mutants`, in the order of the run.
    pub(crate) fn apply(&self, mut mutants: Vec<Mutant>) -> Vec<Mutant> {
        mutants.sort_by_cached_key(Mutant::rank);
        if let Some(count) = self.sample {
            let mut left = vec![count; PACKAGES.len()];
            mutants.retain(|mutant| take(&mut left[index(&mutant.package)]));
        }
        mutants
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
