//! The steps of `cargo xtask test`.
//!
//! Much of a test's time is waiting, and some builds use one core, so the steps that build apart
//! from the tests, and those that only check, run beside the others. The output of each of these
//! is printed at its end.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use std::{env, io, thread};

use crate::skips::skip;
use crate::{cargo, client, mutants, skips, target};

/// A command of cargo: the name of the step, and the arguments.
type Step = (&'static str, &'static str);

/// Links, names, prose and the like.
const RULES: Step = ("rules of the repository", "test -p repository");

/// The steps that fail soonest.
const FIRST: &[Step] = &[
    ("formatting", "fmt --all --check"),
    ("formatting of the counters", "fmt --manifest-path benches/counters/Cargo.toml --check"),
    RULES,
    ("lints", "clippy --workspace --all-targets --all-features -- -D warnings"),
];

// Without `--all-targets`, which would build the examples as tests and not as the programs
// that the tests run.
const TESTS: Step = (
    "tests and doctests",
    "test --workspace --exclude repository --all-features -- --skip the_compilers_messages",
);

/// One test that takes as long as all others of its package. Its programs are compiled in a
/// folder of their own.
const MESSAGES: Step = (
    "messages of the compiler",
    "test --workspace --all-features --test ui the_compilers_messages",
);

/// As many seeds as L1 and L10 promise.
const SEEDS: Step = ("seeds of logs", "test -p sprag-log --profile seeds --test seeds");

/// The runtime with a schedule explorer in place of its locks.
const SCHEDULES: Step =
    ("schedules", "test -p sprag-runtime --no-default-features --test schedules");

/// The instructions of core operations, which are the same on a busy machine.
const COUNTERS: Step = ("counters", "xtask counters");

/// The logs on a second server, since the server of the path is an old one in most distributions.
const NEWER_NATS: Step =
    ("logs on a newer NATS server", "test --workspace --all-features --test nats");
/// Names the second server.
const NEWER_NATS_SERVER: &str = "SPRAG_NEWER_NATS_SERVER";

/// The steps that run beside the others. The first three have folders of their own for what
/// they build, and the rest find the folder free once the tests are built. The shortest of the
/// three is first, since a failure of the lints waits for its end.
const BESIDE: &[Step] = &[
    SCHEDULES,
    COUNTERS,
    SEEDS,
    MESSAGES,
    NEWER_NATS,
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

/// Runs all steps until one fails, and lists what they skipped.
pub(crate) fn test() -> bool {
    skips::begin();
    let passed = spelling()
        && checks()
        && passes("mutants", "a sample of changes of the sources", mutants::sample);
    skips::report();
    passed
}

/// The spelling of all files; `typos.toml` has the words that are meant as they are.
fn spelling() -> bool {
    passes("spelling", "typos", || {
        let mut typos = Command::new("typos");
        match typos.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).status() {
            Ok(status) => status.success(),
            Err(_) => {
                skip("the spelling", "there is no `typos`; `cargo install typos-cli`");
                true
            }
        }
    })
}

/// The lints, the tests and those of the client, with the steps beside them. Once a step has
/// failed, no other begins.
fn checks() -> bool {
    let failed = AtomicBool::new(false);
    let passes_too = |step: &dyn Fn() -> bool| {
        let passed = !failed.load(Ordering::Relaxed) && step();
        failed.fetch_or(!passed, Ordering::Relaxed);
        passed
    };
    thread::scope(|scope| {
        let beside = scope.spawn(|| BESIDE.iter().all(|step| passes_too(&|| run_beside(step))));
        let passed = FIRST.iter().all(|step| passes_too(&|| run(step)))
            && passes_too(&|| run(&TESTS))
            && passes_too(&|| passes("client", "the browser's client", client::test));
        beside.join().is_ok_and(|beside| beside) && passed
    })
}

/// Runs a step, and says how long it took.
pub(crate) fn passes(name: &str, what: &str, step: impl FnOnce() -> bool) -> bool {
    eprintln!("\n== {name}: {what}");
    let start = Instant::now();
    let passed = step();
    eprintln!("\n{}", outcome(name, passed, start));
    passed
}

fn outcome(name: &str, passed: bool, start: Instant) -> String {
    let outcome = if passed { "passed" } else { "failed" };
    format!("`{name}` {outcome} after {} s", start.elapsed().as_secs())
}

fn run(step: &Step) -> bool {
    let status = || command(step).status().is_ok_and(|status| status.success());
    passes(step.0, &format!("cargo {}", step.1), status)
}

/// Runs a step, and shows all at its end.
fn run_beside(step: &Step) -> bool {
    let (name, arguments) = step;
    if *step == NEWER_NATS && env::var_os(NEWER_NATS_SERVER).is_none() {
        skip(name, &format!("`{NEWER_NATS_SERVER}` names no second `nats-server`"));
        return true;
    }
    let start = Instant::now();
    let printed = target().join("step.txt");
    let passed = run_into(command(step), &printed).is_ok_and(|passed| passed);
    let text = fs::read_to_string(&printed).unwrap_or_else(|error| error.to_string());
    let outcome = outcome(name, passed, start);
    eprintln!("\n== {name}, beside other steps: cargo {arguments}\n{text}\n{outcome}");
    passed
}

fn run_into(mut command: Command, file: &Path) -> io::Result<bool> {
    let file = File::create(file)?;
    Ok(command.stdout(file.try_clone()?).stderr(file).status()?.success())
}

fn command(step: &Step) -> Command {
    let mut command = cargo();
    command.args(step.1.split(' ')).env("RUSTDOCFLAGS", "-D warnings").stdin(Stdio::null());
    // Tests panic on purpose, thousands of times, and a backtrace of each takes a while.
    command.env("RUST_BACKTRACE", "0");
    skips::collect(&mut command);
    if *step == TESTS {
        command.env("SPRAG_LOG_KILLS", "500");
    }
    if *step == SEEDS {
        command.env("SPRAG_LOG_SEEDS", "10000").env("SPRAG_LOG_SERIES_SEEDS", "1000");
    }
    if let Some(server) = env::var_os(NEWER_NATS_SERVER).filter(|_| *step == NEWER_NATS) {
        command.env("SPRAG_NATS_SERVER", server);
    }
    if *step == SCHEDULES {
        // The flag rebuilds everything, so the build gets a target directory of its own.
        command.env("RUSTFLAGS", "--cfg sprag_shuttle").env("CARGO_TARGET_DIR", "target/schedules");
        command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    }
    command
}
