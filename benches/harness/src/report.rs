//! Collects a part's figures; prints them as they come, writes them as JSON.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::figure::{self, Figure, Role, Unit};
use crate::machine::Machine;
use crate::options::Options;
use crate::spread::Spread;
use crate::tables;

/// The figures of one part so far.
#[derive(Debug)]
pub struct Report {
    part: &'static str,
    figures: Vec<Figure>,
}

/// The content of a part's JSON file.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Results {
    pub(crate) part: String,
    pub(crate) machine: Machine,
    /// In the order in which they were measured.
    pub figures: Vec<Figure>,
}

impl Report {
    /// An empty one.
    pub fn new(part: &'static str) -> Self {
        Self { part, figures: Vec::new() }
    }

    /// Adds the figures of one case, and prints them.
    pub fn add_case(&mut self, mut figures: Vec<Figure>) {
        figure::compare(&mut figures);
        println!("{}", tables::case(&figures));
        self.figures.append(&mut figures);
    }

    /// Adds a case whose figures were not timed by a [`Contest`](crate::Contest).
    pub fn add(
        &mut self,
        scenario: &str,
        case: &str,
        unit: Unit,
        figures: impl IntoIterator<Item = (Role, &'static str, Spread)>,
    ) {
        let figure = |(role, contestant, spread): (Role, &str, Spread)| Figure {
            scenario: scenario.to_owned(),
            case: case.to_owned(),
            contestant: contestant.to_owned(),
            role,
            unit,
            spread,
            to_floor: None,
            to_sprag: None,
        };
        self.add_case(figures.into_iter().map(figure).collect());
    }

    /// Writes the figures to `results/<part>.json`, with the versions of `crates`. A quick run
    /// writes nothing.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write(self, options: &Options, crates: &[&str]) -> io::Result<()> {
        if options.quick {
            return Ok(());
        }
        let part = self.part.to_owned();
        let results = Results { part, machine: Machine::here(crates), figures: self.figures };
        fs::create_dir_all(folder().join("results"))?;
        fs::write(results_file(self.part), serde_json::to_string_pretty(&results)? + "\n")
    }
}

impl Results {
    /// The last results of a part, if it was ever run.
    pub fn of(part: &str) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(results_file(part)).ok()?).ok()
    }

    /// The part's name.
    pub fn part(&self) -> &str {
        &self.part
    }

    /// Date, commit, machine and compiler, as cells of a Markdown table.
    pub fn setting(&self) -> String {
        let Machine { processor, cores, memory_gib, system, rustc, commit, date, .. } =
            &self.machine;
        format!(
            "{date} | {commit} | {processor}, {cores} cores, {memory_gib} GiB, {system} | {rustc}"
        )
    }

    /// Names and versions of the measured crates.
    pub fn versions(&self) -> &[(String, String)] {
        &self.machine.versions
    }
}

/// The folder of the benchmarks in this checkout.
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the harness has a folder above it")
}

fn results_file(part: &str) -> PathBuf {
    folder().join("results").join(part).with_extension("json")
}
