//! The project's own commands.
//!
//! `cargo xtask test` runs everything that must pass before a change lands.
//! `cargo xtask counters` is the step of it that counts instructions.
//! `cargo xtask bench` runs the benchmarks, `cargo xtask errors` writes `docs/errors.md`.
//! `cargo xtask compat [PART …]` checks packages, features, oldest dependencies, platforms,
//! licences and the like.
//! `cargo xtask mutants [--sample N] [--minutes N] [--rooms NAME,…] [--only TEXT] [--tests N]
//! [--again] [--stay] [PACKAGE …]` changes the sources and runs the tests that should fail then.
//! `cargo xtask faults` runs all faults of users' code, of which the tests run a part.
//! `cargo xtask flakes [ROUNDS] [--busy N] [--parallel P]` runs all test programs many times
//! on a busy machine.
//! `cargo xtask soak [MINUTES]` puts the whole under load, for 10 minutes by default.

mod bench;
mod client;
mod compat;
mod counters;
mod faults;
mod flakes;
mod mutants;
mod programs;
mod skips;
mod steps;
mod workers;

use std::env;
use std::path::{self, Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{fs, io};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let passed = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["test"] => steps::test(),
        ["counters"] => counters::check(),
        ["counters", "--bless"] => counters::bless(),
        ["bench", ..] => return bench::bench(&arguments[1..]),
        ["compat", ..] => compat::check(&arguments[1..]),
        ["mutants", ..] => mutants::check(&arguments[1..]),
        ["faults"] => faults::check(),
        ["flakes", ..] => flakes::check(&arguments[1..]),
        ["soak"] | ["soak", _] => bench::soak(&arguments[1..]),
        ["errors"] => errors().inspect_err(|error| eprintln!("{error}")).is_ok(),
        _ => {
            eprintln!(
                "usage: cargo xtask test\n       cargo xtask counters [--bless]\n       \
                 cargo xtask bench [part …] [--quick]\n       cargo xtask soak [MINUTES]\n       \
                 cargo xtask flakes [ROUNDS] [--busy N] [--parallel P]\n       \
                 cargo xtask faults\n       \
                 cargo xtask compat [part …]\n       \
                 cargo xtask mutants [--sample N] [--minutes N] [--rooms NAME,…] [--only TEXT] [--tests N] \
                 [--doctests] [--again] [--stay] [package …]\n       \
                 cargo xtask mutants --rebuild [--sample N] [room …]\n       cargo xtask errors"
            );
            return ExitCode::from(2);
        }
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes `docs/errors.md` from the cases of the ui suite.
fn errors() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cases = ui_catalogue::cases(&root.join("tests/ui"))?;
    fs::create_dir_all(root.join("docs"))?;
    fs::write(root.join("docs/errors.md"), ui_catalogue::page(&cases))
}

/// The folder of what cargo builds.
fn target() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"));
    path::absolute(target).expect("the folder has a name")
}

/// The cargo that runs this program, so that every step uses the same toolchain.
fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
