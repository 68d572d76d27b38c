//! `cargo xtask mutants --rebuild [--sample N] [ROOM …]`: each mutant is built and run on its own.
//!
//! `cargo mutants` changes the clone, so that the build of one mutant serves the next one.
//! `target/mutants/out` has the lists.

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use super::list::EXCLUDED;
use super::tree::{ClonedCommit, cloned};
use crate::cargo;

/// A part of the sources, and the tests that can catch a change of it. A mutant that survives
/// there counts as missed, even if a test of another room would catch it.
struct Room {
    name: &'static str,
    /// The package of the sources.
    package: &'static str,
    /// Modules of the package; all, if there are none.
    files: &'static [&'static str],
    /// The package of the tests.
    tested_by: &'static str,
    /// The tests, as arguments of `cargo test`.
    tests: &'static str,
}

const ROOMS: &[Room] = &[
    room("bus", &["bus"], "--test bus"),
    room("cache", &["cache"], "--test cache --test keyed_cache"),
    room(
        "cell",
        &["cell", "model", "faces", "store", "view", "subscription", "stream", "isolate"],
        "--test state --test changes --test pairs",
    ),
    room("path", &["path"], "--test paths --test state --test values"),
    room("changes", &["changes", "delta"], "--test changes --test state --test pairs"),
    room("values", &["values", "error"], "--test values"),
    room("app", &["app", "service", "task"], "--test app --test service --test faults"),
    Room {
        name: "macros",
        package: "sprag-macros",
        files: &[],
        tested_by: "sprag",
        tests: "--test contract --test paths --test service --test ui",
    },
    Room {
        name: "web",
        package: "sprag-web",
        files: &[],
        tested_by: "sprag-web",
        tests: "--lib --test web --test types",
    },
    Room {
        name: "log",
        package: "sprag-log",
        files: &[],
        tested_by: "sprag-log",
        tests: "--lib --test log --test file --test nats",
    },
];

const fn room(name: &'static str, files: &'static [&'static str], tests: &'static str) -> Room {
    Room { name, package: "sprag-runtime", files, tested_by: "sprag", tests }
}

/// Runs all mutants of the rooms, or about `--sample N` of them. Returns whether tests caught
/// each one.
pub(crate) fn run(arguments: &[String]) -> io::Result<bool> {
    let (sample, names) = parse(arguments)?;
    if let Some(unknown) = names.iter().find(|name| ROOMS.iter().all(|room| room.name != **name)) {
        let known: Vec<_> = ROOMS.iter().map(|room| room.name).collect();
        return Err(io::Error::other(format!(
            "no room `{unknown}`; there are {}",
            known.join(", ")
        )));
    }
    let clone = cloned("changed", ClonedCommit::Last)?.clone;
    let rooms: Vec<_> = ROOMS
        .iter()
        .filter(|room| names.is_empty() || names.iter().any(|name| name == room.name))
        .map(|room| Ok((room, count(room, &clone)?)))
        .collect::<io::Result<_>>()?;
    let all: usize = rooms.iter().map(|(_, count)| count).sum();
    let shards = sample.map_or(1, |sample| (all / sample.max(1)).max(1));
    let mut caught_all = true;
    for (room, count) in rooms {
        caught_all &= mutate(room, &clone, shards.min(count.max(1)))?;
    }
    Ok(caught_all)
}

fn parse(arguments: &[String]) -> io::Result<(Option<usize>, &[String])> {
    match arguments {
        [option, count, names @ ..] if option == "--sample" => match count.parse() {
            Ok(count) => Ok((Some(count), names)),
            Err(_) => Err(io::Error::other("`--sample` needs a number")),
        },
        names => Ok((None, names)),
    }
}

fn mutants(room: &Room, clone: &Path) -> Command {
    let mut command = cargo();
    command.args(["mutants", "--no-config", "--package", room.package]).current_dir(clone);
    for file in room.files {
        for form in [".rs", "/**"] {
            command.arg(format!("--file=sprag-runtime/src/{file}{form}"));
        }
    }
    command.args(EXCLUDED.iter().map(|name| format!("--exclude-re={name}")));
    command
}

fn count(room: &Room, clone: &Path) -> io::Result<usize> {
    let output = mutants(room, clone).arg("--list").output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).lines().count());
    }
    Err(io::Error::other("`cargo install cargo-mutants` first"))
}

/// Runs one of `shards` parts of a room's mutants; another one each day.
fn mutate(room: &Room, clone: &Path, shards: usize) -> io::Result<bool> {
    let out = clone.join("../out").join(room.name);
    fs::create_dir_all(&out)?;
    let today = std::time::UNIX_EPOCH.elapsed().map_or(0, |time| time.as_secs() / 86_400);
    let shard = format!("{}/{shards}", today % shards as u64);
    eprintln!("\n== {}: part {shard}", room.name);
    let mut command = mutants(room, clone);
    command
        .args(["--in-place", "--baseline=skip", "--all-features", "--cap-lints=true"])
        .args(["--sharding=round-robin", "--timeout=120", "--build-timeout=900"])
        .args(["--test-package", room.tested_by, "--shard", &shard, "--output"])
        .arg(&out)
        // The build gets the arguments too: otherwise all tests of the package would be built.
        .args(room.tests.split(' ').map(|argument| format!("--cargo-arg={argument}")))
        .env("CARGO_TARGET_DIR", clone.join("target"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    Ok(command.status()?.success())
}
