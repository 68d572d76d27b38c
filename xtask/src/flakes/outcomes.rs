//! [`Outcomes`]: how often each program ran, and how often it failed.

use std::sync::Mutex;

use crate::programs::TestProgram;

/// The runs of one program.
#[derive(Clone, Copy, Default, Debug)]
struct Runs {
    all: usize,
    failed: usize,
}

#[derive(Debug)]
pub(crate) struct Outcomes<'a> {
    programs: &'a [TestProgram],
    /// In the order of the programs.
    runs: Mutex<Vec<Runs>>,
}

impl<'a> Outcomes<'a> {
    pub(crate) fn new(programs: &'a [TestProgram]) -> Self {
        Self { programs, runs: Mutex::new(vec![Runs::default(); programs.len()]) }
    }

    pub(crate) fn add(&self, program: usize, has_failed: bool) {
        let runs = &mut self.runs.lock().expect("no panic")[program];
        runs.all += 1;
        runs.failed += usize::from(has_failed);
    }

    pub(crate) fn failures(&self) -> usize {
        self.runs.lock().expect("no panic").iter().map(|runs| runs.failed).sum()
    }

    pub(crate) fn table(&self) -> String {
        let runs = self.runs.lock().expect("no panic");
        let row = |(program, runs): (&TestProgram, &Runs)| {
            format!("{:<32}{:>8}{:>10}\n", name(program), runs.all, runs.failed)
        };
        let rows = self.programs.iter().zip(runs.iter()).map(row);
        [format!("{:<32}{:>8}{:>10}\n", "program", "rounds", "failures")]
            .into_iter()
            .chain(rows)
            .collect()
    }
}

/// The package of a program and its target.
pub(crate) fn name(program: &TestProgram) -> String {
    format!("{} {}", program.package, program.target)
}
