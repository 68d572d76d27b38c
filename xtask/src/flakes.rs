//! `cargo xtask flakes [ROUNDS] [--busy N] [--parallel P]`: runs all test programs again and
//! again on a busy machine, and names those that ever fail.
//!
//! Doctests do not run, and neither do the compiler's messages, which depend on no timing.

mod choice;
mod hunt;
mod load;
mod one;
mod outcomes;

use std::process::Stdio;
use std::{fs, io};

use self::choice::Hunt;
use self::load::Load;
use crate::programs::{self, TestProgram};

/// The program of the compiler's messages: it compiles for minutes, and its cases have no threads.
const LEFT_OUT: &str = "ui";

/// Whether no program fails in any round.
pub(crate) fn check(arguments: &[String]) -> bool {
    let passed = Hunt::parse(arguments).and_then(|choice| {
        let programs = build()?;
        let output = crate::target().join("flakes");
        if output.exists() {
            fs::remove_dir_all(&output)?;
        }
        fs::create_dir_all(&output)?;
        let _load = Load::of(choice.busy);
        hunt::hunt(&choice, &programs, &output)
    });
    passed.unwrap_or_else(|error| {
        eprintln!("{error}");
        false
    })
}

/// Builds the tests of the workspace as `cargo xtask test` does.
fn build() -> io::Result<Vec<TestProgram>> {
    let mut command = crate::cargo();
    command.args(["test", "--workspace", "--all-features", "--no-run"]);
    command.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
    let output = command.output()?;
    if !output.status.success() {
        return Err(io::Error::other("the tests do not compile; mend what the compiler names"));
    }
    let mut programs = programs::built(&String::from_utf8_lossy(&output.stdout));
    programs.retain(|program| program.target != LEFT_OUT);
    programs.sort_by(|a, b| (&a.package, &a.target).cmp(&(&b.package, &b.target)));
    Ok(programs)
}
