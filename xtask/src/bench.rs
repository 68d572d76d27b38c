//! `cargo xtask bench [part …] [--quick]`: runs the benchmarks, which are a workspace of
//! their own in `benches/`.

use std::env;
use std::ffi::OsStr;
use std::process::{Command, ExitCode};

/// The programs of the benchmarks, and the parts that they run.
const PROGRAMS: &[(&str, &[&str])] = &[
    (
        "bench-suite",
        &[
            "cell",
            "collections",
            "snapshots",
            "threads",
            "cache",
            "keyed",
            "bus",
            "app",
            "stampede",
        ],
    ),
    ("bench-edge", &["edge", "changes"]),
    ("bench-log", &["log"]),
    ("bench-web", &["web"]),
    ("memory", &["memory"]),
    ("bench-compile", &["compile"]),
];

/// The part that fills the README files and draws the plots, from the present results.
const REPORT: (&str, &str) = ("bench-report", "report");

/// Runs the named parts, or all of them if no part is named.
pub(crate) fn bench(arguments: &[String]) -> ExitCode {
    let (parts, options): (Vec<_>, Vec<_>) =
        arguments.iter().partition(|argument| !argument.starts_with("--"));
    let own = PROGRAMS.iter().flat_map(|(_, own)| own.iter().copied());
    let all: Vec<_> = own.chain([REPORT.1]).collect();
    if let Some(unknown) = parts.iter().find(|part| !all.contains(&part.as_str())) {
        eprintln!("no part `{unknown}`; there are {}", all.join(", "));
        return ExitCode::from(2);
    }
    for (program, own) in PROGRAMS {
        let own_parts = parts.iter().filter(|part| own.contains(&part.as_str()));
        let wanted = parts.is_empty() || own_parts.clone().next().is_some();
        if wanted && !run(program, own_parts.chain(&options).copied()) {
            return ExitCode::FAILURE;
        }
    }
    // A quick run writes no results that could be reported.
    let quick = options.iter().any(|option| *option == "--quick");
    let reported = quick || run(REPORT.0, std::iter::empty::<&str>());
    if reported { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the load for the minutes of `arguments`.
///
/// With an arena for each thread, glibc keeps so much freed memory that a leak would not be
/// seen beside it.
pub(crate) fn soak(arguments: &[String]) -> bool {
    let mut command = command("soak", arguments.iter());
    command.env("MALLOC_ARENA_MAX", "1").env("MALLOC_TRIM_THRESHOLD_", "65536");
    command.status().is_ok_and(|status| status.success())
}

/// Builds a program of the benchmarks' workspace, optimised, and runs it.
fn run(program: &str, arguments: impl Iterator<Item: AsRef<OsStr>>) -> bool {
    command(program, arguments).status().is_ok_and(|status| status.success())
}

fn command(program: &str, arguments: impl Iterator<Item: AsRef<OsStr>>) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["run", "--quiet", "--release", "--locked", "--manifest-path", "benches/Cargo.toml"])
        .args(["--bin", program, "--"])
        .args(arguments);
    command
}
