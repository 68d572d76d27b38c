//! One test in a process of its own.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::tests::Test;

/// The cases of each property of `proptest`, fewer than in the test command.
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
    /// The recorded times are those of a machine without other work.
    fn priority(self) -> &'static str {
        if matches!(self, Self::Record(_)) { "0" } else { "19" }
    }
}

/// Runs `test` until it ends or `limit` has passed. A mutant may need
/// memory without end, so the process has a bound; what it leaves behind is in `scratch`.
pub(crate) fn run(
    test: &Test,
    mode: SwitchMode<'_>,
    limit: Duration,
    scratch: &Path,
) -> io::Result<(RunEnd, Duration)> {
    let begin = Instant::now();
    let script = "ulimit -c 0; ulimit -v 8000000; exec timeout --signal=KILL \"$@\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", script, "sh", &format!("{:.3}", limit.as_secs_f64()), "nice", "-n"])
        .arg(mode.priority())
        .arg(&test.program)
        .args(["--exact", &test.name])
        .current_dir(&test.folder)
        .env("CARGO_MANIFEST_DIR", &test.folder)
        .env("PROPTEST_CASES", CASES)
        .env("TMPDIR", scratch)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match mode {
        SwitchMode::Record(file) => command.env("SPRAG_MUTANTS_RECORD", file),
        SwitchMode::Active(number) => command.env("SPRAG_MUTANT", number.to_string()),
        SwitchMode::Original => &mut command,
    };
    let passed = command.status()?.success();
    let time = begin.elapsed();
    let ending = match passed {
        true => RunEnd::Passed,
        false if time >= limit => RunEnd::TimedOut,
        false => RunEnd::Failed,
    };
    Ok((ending, time))
}
