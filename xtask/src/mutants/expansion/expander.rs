//! The macros outside of the compiler: their output for a program takes milliseconds there, and
//! only a program for which a mutant changes the output has to be compiled.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::super::process::{SwitchMode, bounded};
use super::super::tree::Checkout;
use super::MACROS;
use super::compiler::Program;
use crate::programs;

/// The unit test that expands files, as `expand.rs.txt` has it.
const EXPAND: &str = "__expansions::expand";

/// The macros' output for the largest program takes less than a tenth of this.
const LIMIT: Duration = Duration::from_secs(20);

/// The unit tests of the macros, and among them one that expands files.
pub(super) struct Expander {
    tests: PathBuf,
}

/// The macros' output for a program.
#[derive(Debug)]
pub(super) struct Expansion {
    /// The line that is printed: a hash of all tokens and their places.
    printed: String,
    /// The mutants that are reached; one that is reached in the compiler alone is not here.
    reached: HashSet<usize>,
    /// Whether other macros may write uses of the macros, which are not expanded here.
    has_unknown_uses: bool,
}

impl Expander {
    pub(super) fn build(tree: &Checkout) -> io::Result<Self> {
        let mut command = tree.cargo();
        command.args(["test", "--no-run", "--lib", "--message-format=json"]);
        command.arg(format!("--package={MACROS}")).arg("--features=proc-macro2/span-locations");
        let output = command.stderr(Stdio::inherit()).output()?;
        let built = programs::built(&String::from_utf8_lossy(&output.stdout));
        let tests = built.into_iter().next().map(|program| program.path);
        let tests = tests.ok_or_else(|| io::Error::other("the macros' tests do not compile"))?;
        Ok(Self { tests })
    }

    /// The macros' output for `program` without a mutant.
    pub(super) fn record(&self, program: &Program, scratch: &Path) -> io::Result<Expansion> {
        let file = scratch.join(format!("expanded-{}", program.name));
        let printed = self.expand(program, SwitchMode::Record(&file))?;
        let reached = numbers(&file);
        let has_unknown_uses = program.texts()?.iter().any(|text| text.contains("macro_rules!"));
        Ok(Expansion { printed, reached, has_unknown_uses })
    }

    /// Whether `program` may compile to something else with a mutant.
    pub(super) fn may_differ(
        &self,
        program: &Program,
        expansion: &Expansion,
        number: usize,
    ) -> io::Result<bool> {
        let is_known = !expansion.has_unknown_uses && expansion.reached.contains(&number);
        Ok(!is_known || self.expand(program, SwitchMode::Active(number))? != expansion.printed)
    }

    /// The mutants that the unit tests reach.
    pub(super) fn reached_by_unit_tests(&self, scratch: &Path) -> io::Result<HashSet<usize>> {
        let file = scratch.join("reached-by-unit-tests");
        let mut command = self.unit_tests(SwitchMode::Record(&file));
        if !command.status()?.success() {
            return Err(io::Error::other("the macros' tests fail without a mutant"));
        }
        Ok(numbers(&file))
    }

    pub(super) fn unit_tests_fail(&self, number: usize) -> io::Result<bool> {
        Ok(!self.unit_tests(SwitchMode::Active(number)).status()?.success())
    }

    fn unit_tests(&self, mode: SwitchMode<'_>) -> Command {
        let mut command = bounded(LIMIT);
        command.arg(&self.tests).stdout(Stdio::null());
        mode.set(&mut command);
        command
    }

    fn expand(&self, program: &Program, mode: SwitchMode<'_>) -> io::Result<String> {
        let mut command = bounded(LIMIT);
        command.arg(&self.tests).args(["--exact", "--nocapture", EXPAND]);
        let files: Vec<_> = program.sources.iter().map(|file| file.display().to_string()).collect();
        mode.set(command.env("SPRAG_EXPANDED", files.join(":")));
        let text = command.output()?.stdout;
        let text = String::from_utf8_lossy(&text);
        let line = text.lines().find(|line| line.contains("expanded to"));
        Ok(line.unwrap_or("it failed").to_owned())
    }
}

/// The numbers that a run has recorded.
pub(super) fn numbers(file: &Path) -> HashSet<usize> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}
