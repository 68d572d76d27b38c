//! One run of a test program, as cargo runs it.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::programs::TestProgram;

/// A program that takes longer hangs. The slowest one takes two minutes on two idle cores.
const LIMIT: Duration = Duration::from_secs(45 * 60);

/// How often the end of a program is looked for.
const PAUSE: Duration = Duration::from_millis(50);

/// The variables that bound random programs and seeds, which depend on no timing, so that a few of
/// them are enough here.
const FEW: [(&str, &str); 3] =
    [("PROPTEST_CASES", "24"), ("SPRAG_LOG_SEEDS", "24"), ("SPRAG_LOG_SERIES_SEEDS", "24")];

/// How a program ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ProgramEnd {
    Passed,
    /// The status, as the system says it.
    Failed(String),
    /// The program was killed at the limit.
    Hung,
}

/// The number by which the simulated logs of each round have another schedule.
const SCHEDULE: &str = "SPRAG_LOG_SCHEDULE";

/// Runs the program until it ends or [`LIMIT`] has passed. Its output goes to the file
/// `output`, which stays unless the program passes.
pub(crate) fn run(program: &TestProgram, round: usize, output: &Path) -> io::Result<ProgramEnd> {
    let mut command = Command::new(&program.path);
    command.current_dir(&program.folder).env("CARGO_MANIFEST_DIR", &program.folder);
    // Tests panic on purpose, thousands of times, and a backtrace of each takes a while.
    command.env("RUST_BACKTRACE", "0");
    command.envs(FEW).env(SCHEDULE, round.to_string());
    run_within(LIMIT, &mut command, output)
}

fn run_within(limit: Duration, command: &mut Command, output: &Path) -> io::Result<ProgramEnd> {
    let file = File::create(output)?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let end = end(&mut command.spawn()?, limit)?;
    if end == ProgramEnd::Passed {
        fs::remove_file(output)?;
    }
    Ok(end)
}

fn end(child: &mut Child, limit: Duration) -> io::Result<ProgramEnd> {
    let begin = Instant::now();
    while begin.elapsed() < limit {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(ProgramEnd::Passed),
            Some(status) => return Ok(ProgramEnd::Failed(status.to_string())),
            None => thread::sleep(PAUSE),
        }
    }
    child.kill()?;
    child.wait()?;
    Ok(ProgramEnd::Hung)
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process;

    use super::*;

    /// Runs a script for at most `limit`; its end, and what it has printed where that is kept.
    fn run(limit: Duration, script: &str) -> (ProgramEnd, Option<String>) {
        let output = env::temp_dir().join(format!("flakes-{}-{script}", process::id()));
        let end = run_within(limit, Command::new("sh").args(["-c", script]), &output).unwrap();
        let printed = fs::read_to_string(&output).ok();
        let _absent = fs::remove_file(output);
        (end, printed)
    }

    #[test]
    fn the_output_of_a_program_that_fails_is_kept() {
        let failed = ProgramEnd::Failed("exit status: 3".to_owned());

        assert_eq!(run(LIMIT, "echo why; exit 3"), (failed, Some("why\n".to_owned())));
        assert_eq!(run(LIMIT, "echo well"), (ProgramEnd::Passed, None));
    }

    #[test]
    fn a_program_that_hangs_is_killed_and_is_a_failure() {
        let (end, printed) = run(Duration::from_millis(1), "exec sleep 600");

        assert_eq!((end, printed), (ProgramEnd::Hung, Some(String::new())));
    }
}
