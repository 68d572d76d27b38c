//! The tests of the clone.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::SystemTime;
use std::{fs, io};

use super::choice::{Choice, Doctests, tested_by};
use super::doctests;
use super::tree::Checkout;
use crate::programs::{self, TestProgram};

/// Targets whose tests do not run here, and why.
const LEFT_OUT: &[(&str, &str)] =
    &[("ui", "each case compiles a program, against sources that are not switched")];

/// How a program chooses its tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Harness {
    /// By names, several at once.
    Named,
    /// One by its number: the doctests of a package.
    Doctests,
}

/// One test.
#[derive(Debug)]
pub(crate) struct Test {
    /// The package of the test.
    pub(crate) package: String,
    /// The folder that the test runs in.
    pub(crate) folder: PathBuf,
    pub(crate) program: PathBuf,
    pub(crate) harness: Harness,
    pub(crate) target: String,
    /// The name, or the number of a doctest, that the program knows.
    pub(crate) name: String,
}

/// Builds the tests that can catch the mutants of the choice, and lists them.
pub(crate) fn build(tree: &Checkout, choice: &Choice) -> io::Result<Vec<Test>> {
    let mut command = tree.cargo();
    command.args(["test", "--no-run", "--all-features", "--message-format=json"]);
    if let Some(programs) = choice.programs() {
        command.arg("--lib").args(programs.iter().map(|program| format!("--test={program}")));
    }
    let mut tested: Vec<_> =
        choice.packages.iter().flat_map(|package| tested_by(package)).copied().collect();
    tested.sort();
    command.args(tested.iter().map(|package| format!("--package={package}")));
    // The switches are deprecated, so that each one would be a warning.
    let output = command.stderr(Stdio::piped()).output()?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(io::Error::other(format!("the changed sources do not compile:\n{errors}")));
    }
    let mut tests = Vec::new();
    for program in programs::built(&String::from_utf8_lossy(&output.stdout)) {
        if LEFT_OUT.iter().all(|(name, _)| *name != program.target) {
            tests.extend(list(&program)?);
        }
    }
    if choice.doctests == Doctests::Run {
        let code = newest(&tests)?;
        tests.extend(doctests::build(tree, &tested, code)?);
    }
    // Cargo names the programs in any order, and what they reach is kept by their numbers.
    tests.sort_by(|a, b| (&a.program, &a.name).cmp(&(&b.program, &b.name)));
    Ok(tests)
}

/// The time of the newest program.
fn newest(tests: &[Test]) -> io::Result<SystemTime> {
    let mut times = tests.iter().map(|test| fs::metadata(&test.program)?.modified());
    times.try_fold(SystemTime::UNIX_EPOCH, |newest, time| Ok(newest.max(time?)))
}

fn list(program: &TestProgram) -> io::Result<Vec<Test>> {
    let mut command = Command::new(&program.path);
    command.args(["--list", "--format=terse"]).current_dir(&program.folder);
    let text = String::from_utf8_lossy(&command.output()?.stdout).into_owned();
    let names = text.lines().filter_map(|line| line.strip_suffix(": test"));
    let test = |name: &str| Test {
        package: program.package.clone(),
        folder: program.folder.clone(),
        program: program.path.clone(),
        harness: Harness::Named,
        target: program.target.clone(),
        name: name.to_owned(),
    };
    Ok(names.map(test).collect())
}
