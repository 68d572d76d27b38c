//! `cargo xtask bench [part …] [--quick]`: runs the benchmarks, which are a workspace of
//! their own in `benches/`.

use std::env;
use std::process::{Command, ExitCode};

/// The programs of the benchmarks, and the parts that they run.
const PROGRAMS: &[(&str, &[&str])] = &[
    (
        "bench-suite",
        &["cell", "collections", "snapshots", "threads", "cache", "keyed", "bus", "app"],
    ),
    ("memory", &["memory"]),
    ("bench-compile", &["compile"]),
];

/// Runs the parts that are named, all of them if none is.
pub(crate) fn bench(arguments: &[String]) -> ExitCode {
    let known = |part: &&String| PROGRAMS.iter().any(|(_, parts)| parts.contains(&part.as_str()));
    let (parts, options): (Vec<_>, Vec<_>) =
        arguments.iter().partition(|argument| !argument.starts_with("--"));
    if let Some(unknown) = parts.iter().find(|part| !known(part)) {
        let all: Vec<_> = PROGRAMS.iter().flat_map(|(_, parts)| *parts).copied().collect();
        eprintln!("no part `{unknown}`; there are {}", all.join(", "));
        return ExitCode::from(2);
    }
    let wanted =
        |own: &[&str]| parts.is_empty() || parts.iter().any(|part| own.contains(&part.as_str()));
    for (program, own) in PROGRAMS.iter().filter(|(_, own)| wanted(own)) {
        let own_parts = parts.iter().filter(|part| own.contains(&part.as_str()));
        if !run(program, own_parts.chain(&options)) {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn run<'a>(program: &str, arguments: impl Iterator<Item = &'a &'a String>) -> bool {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["run", "--quiet", "--release", "--locked", "--manifest-path", "benches/Cargo.toml"])
        .args(["--bin", program, "--"])
        .args(arguments);
    command.status().is_ok_and(|status| status.success())
}
