//! A case with its contestants, which take turns.

use std::fmt;
use std::hint::black_box;
use std::time::Duration;

use crate::clock::ThreadClock;
use crate::figure::{Figure, Role, Unit};
use crate::options::Options;
use crate::report::Report;
use crate::spread::Spread;

/// One case of a scenario. Every contestant is measured once in each round, and each
/// round begins with another one.
pub struct Contest<'a> {
    scenario: &'static str,
    case: String,
    contestants: Vec<Contestant<'a>>,
}

struct Contestant<'a> {
    name: &'static str,
    role: Role,
    /// Runs that many operations and returns the time that they took.
    batch: Box<dyn FnMut(u64) -> Duration + 'a>,
}

impl<'a> Contest<'a> {
    /// A case without contestants.
    pub fn new(scenario: &'static str, case: impl ToString) -> Self {
        Self { scenario, case: case.to_string(), contestants: Vec::new() }
    }

    /// Adds a contestant whose operation is one call of `operation`. The compiler treats the
    /// result as used.
    #[must_use]
    pub fn add<U>(
        self,
        role: Role,
        name: &'static str,
        mut operation: impl FnMut() -> U + 'a,
    ) -> Self {
        self.add_batches(role, name, move |count| {
            let start = ThreadClock::now();
            for _ in 0..count {
                black_box(operation());
            }
            start.elapsed()
        })
    }

    /// Adds a contestant that runs many operations by itself: it receives their number and
    /// returns the time that they took, without its preparation and its clean-up.
    #[must_use]
    pub fn add_batches(
        mut self,
        role: Role,
        name: &'static str,
        batch: impl FnMut(u64) -> Duration + 'a,
    ) -> Self {
        self.contestants.push(Contestant { name, role, batch: Box::new(batch) });
        self
    }

    /// Measures nanoseconds for one operation, and adds the figures to `report`.
    pub fn run(mut self, options: &Options, report: &mut Report) {
        let mut entries: Vec<_> = self
            .contestants
            .iter_mut()
            .map(|contestant| Entry::calibrated(contestant, options))
            .collect();
        let rounds = rounds(&entries, options);
        for round in 0..rounds {
            for turn in 0..entries.len() {
                let place = (round + turn) % entries.len();
                entries[place].sample();
            }
        }
        let figures = entries.into_iter().map(|entry| entry.figure(self.scenario, &self.case));
        report.add_case(figures.collect());
    }
}

/// A contestant while it is measured.
struct Entry<'c, 'a> {
    contestant: &'c mut Contestant<'a>,
    /// Operations in one sample.
    count: u64,
    /// How long a sample takes, roughly.
    sample_time: Duration,
    samples: Vec<f64>,
}

impl<'c, 'a> Entry<'c, 'a> {
    /// Doubles the number of operations until a sample takes long enough for the
    /// clock; that warms up as well.
    fn calibrated(contestant: &'c mut Contestant<'a>, options: &Options) -> Self {
        let mut count = 1;
        loop {
            let took = (contestant.batch)(count);
            if took >= options.sample() {
                return Self { contestant, count, sample_time: took, samples: Vec::new() };
            }
            count *= 2;
        }
    }

    fn sample(&mut self) {
        let took = (self.contestant.batch)(self.count);
        self.samples.push(took.as_secs_f64() * 1e9 / self.count as f64);
    }

    fn figure(self, scenario: &str, case: &str) -> Figure {
        Figure {
            scenario: scenario.to_owned(),
            case: case.to_owned(),
            contestant: self.contestant.name.to_owned(),
            role: self.contestant.role,
            unit: Unit::Nanoseconds,
            spread: Spread::of(self.samples),
            to_floor: None,
            to_sprag: None,
        }
    }
}

/// As many as the options say, fewer where a round takes long, and at least five.
fn rounds(entries: &[Entry<'_, '_>], options: &Options) -> usize {
    let round: Duration = entries.iter().map(|entry| entry.sample_time).sum();
    let affordable = options.budget().as_secs_f64() / round.as_secs_f64();
    (affordable as usize).clamp(options.fewest_rounds(), options.rounds())
}

impl fmt::Debug for Contest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contest({}, {})", self.scenario, self.case)
    }
}
