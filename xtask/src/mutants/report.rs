//! The outcome of a run.

use std::fmt::Write;
use std::{fs, io};

use super::accepted::Accepted;
use super::choice::Tolerance;
use super::list::Mutant;
use super::results::{MutantEnd, Results};
use super::tree::Checkout;
use super::viable::Switch;

/// The mutants of a run, and all that is known about them.
#[derive(Debug)]
pub(crate) struct Findings<'a> {
    pub(crate) mutants: &'a [Mutant],
    pub(crate) switches: &'a [Switch],
    pub(crate) results: &'a Results,
    pub(crate) accepted: &'a Accepted,
    pub(crate) tolerance: Tolerance,
}

/// The counts of one package.
#[derive(Debug, Default)]
struct Counts {
    listed: usize,
    unviable: usize,
    unswitchable: usize,
    not_compiled: usize,
    caught: usize,
    hung: usize,
    missed: usize,
    unreached: usize,
    accepted: usize,
    milliseconds: u64,
}

impl Counts {
    fn run(&self) -> usize {
        self.caught + self.hung + self.missed + self.unreached
    }

    /// The share of caught ones among those that ran, and the 95 % interval of Wilson for the
    /// share of all, in percent.
    fn share(&self) -> (f64, f64, f64) {
        let count = self.run().max(1) as f64;
        let share = (self.caught + self.hung) as f64 / count;
        let z: f64 = 1.96;
        let middle = share + z * z / (2.0 * count);
        let half = z * (share * (1.0 - share) / count + z * z / (4.0 * count * count)).sqrt();
        let scale = 1.0 + z * z / count;
        (100.0 * share, 100.0 * (middle - half) / scale, 100.0 * (middle + half) / scale)
    }
}

/// Prints the counts of each package, and writes the missed mutants to
/// `target/mutants/missed.txt`. Returns whether the missed ones are tolerated.
pub(crate) fn report(tree: &Checkout, outcome: &Findings<'_>) -> io::Result<bool> {
    let mut packages: Vec<_> = outcome.mutants.iter().map(|mutant| &mutant.package).collect();
    packages.sort();
    packages.dedup();
    for package in packages {
        println!("{package}: {}", line(&counts(outcome, package)));
    }
    let open: Vec<_> = outcome.open().collect();
    let mut text = String::new();
    for (mutant, verdict) in &open {
        writeln!(text, "{verdict:?}: {}", mutant.key).expect("a string takes all");
    }
    fs::write(tree.kept().join("missed.txt"), &text)?;
    if !text.is_empty() {
        println!("not caught, and not in tests/mutants.md:\n{text}");
    }
    let works = |switch: &&Switch| **switch == Switch::Works;
    Ok(match outcome.tolerance {
        Tolerance::Accepted => open.is_empty(),
        Tolerance::Share => 20 * open.len() <= outcome.switches.iter().filter(works).count(),
    })
}

impl Findings<'_> {
    /// The missed ones without a reason.
    fn open(&self) -> impl Iterator<Item = (&Mutant, MutantEnd)> {
        self.missed().filter(|(mutant, _)| !self.accepted.has(mutant))
    }

    fn missed(&self) -> impl Iterator<Item = (&Mutant, MutantEnd)> {
        let usable = self.mutants.iter().zip(self.switches);
        usable.filter(|(_, switch)| **switch == Switch::Works).filter_map(|(mutant, _)| {
            let verdict = self.results.of(mutant)?.verdict;
            (!verdict.is_caught()).then_some((mutant, verdict))
        })
    }
}

fn counts(outcome: &Findings<'_>, package: &str) -> Counts {
    let mut counts = Counts::default();
    let of_package = outcome.mutants.iter().zip(outcome.switches);
    for (mutant, switch) in of_package.filter(|(mutant, _)| mutant.package == package) {
        counts.listed += 1;
        match switch {
            Switch::Unviable => counts.unviable += 1,
            Switch::Unswitchable => counts.unswitchable += 1,
            Switch::NotCompiled => counts.not_compiled += 1,
            Switch::Works => count(&mut counts, outcome, mutant),
        }
    }
    counts
}

fn count(counts: &mut Counts, outcome: &Findings<'_>, mutant: &Mutant) {
    let Some(entry) = outcome.results.of(mutant) else { return };
    counts.milliseconds += entry.milliseconds;
    match entry.verdict {
        MutantEnd::Caught => counts.caught += 1,
        MutantEnd::Hung => counts.hung += 1,
        MutantEnd::Missed => counts.missed += 1,
        MutantEnd::Unreached => counts.unreached += 1,
    }
    if !entry.verdict.is_caught() && outcome.accepted.has(mutant) {
        counts.accepted += 1;
    }
}

fn line(counts: &Counts) -> String {
    let (share, low, high) = counts.share();
    let each = counts.milliseconds as f64 / 1000.0 / counts.run().max(1) as f64;
    format!(
        "{} listed, {} do not compile, {} without a switch, {} of other platforms; of {} that ran {share:.1} % caught \
         ({low:.1} to {high:.1}): {} caught, {} hung, {} missed, {} unreached; {} of these are \
         accepted; {each:.2} s each",
        counts.listed,
        counts.unviable,
        counts.unswitchable,
        counts.not_compiled,
        counts.run(),
        counts.caught,
        counts.hung,
        counts.missed,
        counts.unreached,
        counts.accepted,
    )
}
