//! Tests in a process of their own.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::tests::{Harness, Test};

/// The cases of each property, and the seeds of schedules: fewer than in the test command.
const CASES: &str = "24";

/// The mode of the switches.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SwitchMode<'a> {
    /// Writes the reached numbers to a file.
    Record(&'a Path),
    /// Turns one mutant on.
    Active(usize),
    /// As without switches.
    Original,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RunEnd {
    Passed,
    Failed,
    TimedOut,
}

impl SwitchMode<'_> {
    /// Sets the variables that the switches read.
    pub(crate) fn set(self, command: &mut Command) {
        match self {
            Self::Record(file) => command.env("SPRAG_MUTANTS_RECORD", file),
            Self::Active(number) => command.env("SPRAG_MUTANT", number.to_string()),
            Self::Original => command,
        };
    }

    /// The active mutant, as a part of the names of files.
    pub(crate) fn number(self) -> String {
        if let Self::Active(number) = self { number.to_string() } else { "none".to_owned() }
    }
}

/// Runs `tests` of one program until they end or `limit` has passed; what they print goes to
/// `output`.
pub(crate) fn run(
    tests: &[&Test],
    mode: SwitchMode<'_>,
    limit: Duration,
    output: &Path,
) -> io::Result<(RunEnd, Duration)> {
    let begin = Instant::now();
    let mut command = bounded(limit);
    command.arg(&tests[0].program);
    choose(tests, &mut command);
    command
        .current_dir(&tests[0].folder)
        .env("CARGO_MANIFEST_DIR", &tests[0].folder)
        .env("TMPDIR", output.parent().expect("a file is in a folder"))
        .stdout(File::create(output)?);
    mode.set(&mut command);
    let passed = command.status()?.success();
    let time = begin.elapsed();
    let end = match passed {
        true => RunEnd::Passed,
        false if time >= limit => RunEnd::TimedOut,
        false => RunEnd::Failed,
    };
    Ok((end, time))
}

/// The variable by which the programs of rustdoc choose a test.
const DOCTEST: &str = "RUSTDOC_DOCTEST_RUN_NB_TEST";

fn choose(tests: &[&Test], command: &mut Command) {
    let names = tests.iter().map(|test| &test.name);
    match tests[0].harness {
        Harness::Named => command.args(["--exact", "--test-threads=2"]).args(names),
        Harness::Doctests => command.env(DOCTEST, &tests[0].name),
    };
}

/// A command that runs its arguments. A mutant may need memory without end, so the process has
/// a bound.
pub(crate) fn bounded(limit: Duration) -> Command {
    let script = "ulimit -c 0; ulimit -v 8000000; exec timeout --signal=KILL \"$@\"";
    let limit = format!("{:.3}", limit.as_secs_f64());
    let mut command = Command::new("sh");
    command
        .args(["-c", script, "sh", &limit])
        .env("PROPTEST_CASES", CASES)
        .env("SPRAG_LOG_SEEDS", CASES)
        // A backtrace takes longer than a test.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}
