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
mod workers;

use std::env;
use std::path::{self, Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;
use std::{fs, io};

/// The commands of `cargo xtask test`, in order: a name, and the arguments of cargo.
const STEPS: &[(&str, &str)] = &[
    ("formatting", "fmt --all --check"),
    ("formatting of the counters", "fmt --manifest-path benches/counters/Cargo.toml --check"),
    ("lints", "clippy --workspace --all-targets --all-features -- -D warnings"),
    // Without `--all-targets`, which would build the examples as tests and not as
    // the programs that the tests run.
    (TESTS, "test --workspace --all-features"),
    (SEEDS, "test -p sprag-log --profile seeds --test seeds"),
    (SCHEDULES, "test -p sprag-runtime --no-default-features --test schedules"),
    ("documentation", "doc --workspace --all-features --no-deps"),
    ("no features", "clippy -p sprag --no-default-features -- -D warnings"),
    ("without serde", "clippy -p sprag --no-default-features --features service -- -D warnings"),
    ("without services", "clippy -p sprag --no-default-features --features serde -- -D warnings"),
    ("imbl alone", "clippy -p sprag --no-default-features --features imbl -- -D warnings"),
    ("indexmap alone", "clippy -p sprag --no-default-features --features indexmap -- -D warnings"),
    (
        "foreign types alone",
        "clippy -p sprag --no-default-features --features \
         uuid,jiff,chrono,time,url,bytes,rust_decimal,smol_str,ordered-float -- -D warnings",
    ),
];

/// The step that builds the runtime with a schedule explorer in place of its locks.
const SCHEDULES: &str = "schedules";

/// The step of all tests, which kills as many processes as L1 promises.
const TESTS: &str = "tests and doctests";

/// The step that runs as many seeds as L1 and L10 promise.
const SEEDS: &str = "seeds of logs";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let passed = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["test"] => test(),
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

fn test() -> bool {
    skips::begin();
    let passed = steps();
    skips::report();
    passed
}

fn steps() -> bool {
    let cargo = STEPS.iter().all(|(name, arguments)| {
        passes(name, &format!("cargo {arguments}"), || run(name, arguments))
    });
    cargo
        && passes("client", "the browser's client", client::test)
        && passes("counters", "instructions of core operations", counters::check)
        && passes("mutants", "a sample of changes of the sources", mutants::sample)
}

/// Runs a step, and says how long it took.
fn passes(name: &str, what: &str, step: impl FnOnce() -> bool) -> bool {
    eprintln!("\n== {name}: {what}");
    let start = Instant::now();
    let passed = step();
    let outcome = if passed { "passed" } else { "failed" };
    eprintln!("\n`{name}` {outcome} after {} s", start.elapsed().as_secs());
    passed
}

fn run(name: &str, arguments: &str) -> bool {
    let mut command = cargo();
    command.args(arguments.split(' ')).env("RUSTDOCFLAGS", "-D warnings").stdin(Stdio::null());
    // Tests panic on purpose, thousands of times, and a backtrace of each takes a while.
    command.env("RUST_BACKTRACE", "0");
    skips::collect(&mut command);
    if name == TESTS {
        command.env("SPRAG_LOG_KILLS", "500");
    }
    if name == SEEDS {
        command.env("SPRAG_LOG_SEEDS", "10000").env("SPRAG_LOG_SERIES_SEEDS", "1000");
    }
    if name == SCHEDULES {
        // The flag rebuilds everything, so the build gets a target directory of its own.
        command.env("RUSTFLAGS", "--cfg sprag_shuttle").env("CARGO_TARGET_DIR", "target/schedules");
        command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    }
    command.status().is_ok_and(|status| status.success())
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
