//! Instruction counts of the core operations, against a committed baseline: unlike
//! times they are the same on a busy machine, so that a regression cannot hide.
//!
//! `benches/counters` runs an operation a given number of times. Callgrind counts
//! two runs of different lengths; their difference is what the calls cost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::skips::skip;
use crate::workers;

/// The name of the step where it is skipped.
const STEP: &str = "the count of instructions";

/// How much a count may grow before the growth is a regression: percent and instructions.
const TOLERANCE: (u64, u64) = (5, 2);

/// The percentage where another release of rustc wrote the code.
const OTHER_RUSTC: u64 = 25;

/// The two runs' numbers of calls. Lists that grow do so before the first ends.
const CALLS: (u64, u64) = (1_000, 3_000);

const BASELINE: &str = "benches/counters/baseline.json";

#[derive(Serialize, Deserialize)]
struct Baseline {
    /// The release of rustc that compiled the counted code.
    rustc: String,
    /// The target that the release compiled for.
    host: String,
    /// Instructions a call.
    instructions: BTreeMap<String, u64>,
    /// The same in a build with the feature `metrics`, without a recorder.
    with_metrics: BTreeMap<String, u64>,
    /// Operations on data that leaves or enters the process, with the feature `serde`.
    edge: BTreeMap<String, u64>,
}

/// A build of the operations.
#[derive(Clone, Copy)]
enum CountedBuild {
    Plain,
    WithMetrics,
    Edge,
}

/// Counts, and prints each count beside its baseline. Returns whether none has grown.
pub(crate) fn check() -> bool {
    let Some(now) = measure() else { return true };
    let was = match read_baseline() {
        Ok(was) => was,
        Err(error) => {
            eprintln!("`{BASELINE}` cannot be read: {error}; write it with --bless");
            return false;
        }
    };
    if was.host != now.host {
        skip(STEP, &format!("the baseline is of {}, and this is {}", was.host, now.host));
        return true;
    }
    let same_rustc = was.rustc == now.rustc;
    let percent = if same_rustc { TOLERANCE.0 } else { OTHER_RUSTC };
    if !same_rustc {
        eprintln!("the baseline is of rustc {}: {percent} % more is let pass", was.rustc);
    }
    let plain = compare(&was.instructions, &now.instructions, percent);
    eprintln!("\nwith the feature `metrics`, without a recorder");
    let with_metrics = compare(&was.with_metrics, &now.with_metrics, percent);
    eprintln!("\nas data");
    let edge = compare(&was.edge, &now.edge, percent);
    plain & with_metrics & edge & is_flat(&now.instructions) & is_flat(&now.edge)
}

/// Counts, and makes the result the baseline.
pub(crate) fn bless() -> bool {
    let Some(now) = measure() else { return false };
    let text = serde_json::to_string_pretty(&now).expect("numbers by name are JSON");
    match std::fs::write(root().join(BASELINE), text + "\n") {
        Ok(()) => true,
        Err(error) => {
            eprintln!("`{BASELINE}` cannot be written: {error}");
            false
        }
    }
}

/// Returns whether no count has grown by more than the tolerance.
fn compare(was: &BTreeMap<String, u64>, now: &BTreeMap<String, u64>, percent: u64) -> bool {
    eprintln!("{:32} {:>8} {:>8}", "instructions a call", "baseline", "now");
    let names: BTreeSet<&String> = was.keys().chain(now.keys()).collect();
    let mut passed = true;
    for name in names {
        let (was, now) = (was.get(name).copied(), now.get(name).copied());
        let verdict = CountVerdict::of(was, now, percent);
        let shown = |count: Option<u64>| count.map_or_else(|| "-".into(), |n| n.to_string());
        eprintln!("{name:32} {:>8} {:>8}  {}", shown(was), shown(now), verdict.text());
        passed &= matches!(verdict, CountVerdict::Kept | CountVerdict::Better);
    }
    passed
}

/// Whether an operation among many entries costs what it costs among few.
fn is_flat(now: &BTreeMap<String, u64>) -> bool {
    let grown = now.iter().filter(|(name, few)| {
        let many = now.get(&name.replace("among 1,000", "among 100,000"));
        let verdict = CountVerdict::of(Some(**few), many.copied(), TOLERANCE.0);
        verdict == CountVerdict::Regressed
    });
    let grown: Vec<&String> = grown.map(|(name, _)| name).collect();
    grown.iter().for_each(|name| eprintln!("`{name}` costs more among 100,000 entries"));
    grown.is_empty()
}

/// How a count compares with its baseline.
#[derive(Debug, PartialEq)]
enum CountVerdict {
    Kept,
    Better,
    Regressed,
    Unmatched,
}

impl CountVerdict {
    fn of(was: Option<u64>, now: Option<u64>, percent: u64) -> Self {
        let (Some(was), Some(now)) = (was, now) else { return Self::Unmatched };
        let slack = was * percent / 100 + TOLERANCE.1;
        match now {
            _ if now > was + slack => Self::Regressed,
            _ if now + slack < was => Self::Better,
            _ => Self::Kept,
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Kept => "",
            Self::Better => "better; keep it so with --bless",
            Self::Regressed => "REGRESSED",
            Self::Unmatched => "ON ONE SIDE ONLY; see to it with --bless",
        }
    }
}

/// `None`, after a message, where nothing can be counted.
fn measure() -> Option<Baseline> {
    if !runs("valgrind") {
        skip(STEP, "there is no `valgrind` in the `PATH`");
        return None;
    }
    let instructions = count_all(CountedBuild::Plain);
    let with_metrics = count_all(CountedBuild::WithMetrics);
    let edge = count_all(CountedBuild::Edge);
    let version = output(Command::new("rustc").arg("-vV"));
    let field = |name: &str| {
        let line = version.lines().find_map(|line| line.strip_prefix(name));
        line.expect("`rustc -vV` says it").to_owned()
    };
    let (rustc, host) = (field("release: "), field("host: "));
    Some(Baseline { rustc, host, instructions, with_metrics, edge })
}

fn count_all(build: CountedBuild) -> BTreeMap<String, u64> {
    let program = program(build);
    let names = output(&mut Command::new(&program));
    let names: Vec<&str> = names.lines().collect();
    let counts = Mutex::new(BTreeMap::new());
    // A count is the same beside others, and one of them takes a second.
    workers::each(names.len(), |index| {
        let name = names[index];
        let (few, many) = (count(&program, name, CALLS.0), count(&program, name, CALLS.1));
        let count = many.saturating_sub(few) / (CALLS.1 - CALLS.0);
        counts.lock().expect("no panic").insert(name.to_owned(), count);
        Ok(())
    })
    .expect("a count returns no error");
    counts.into_inner().expect("no panic")
}

/// All instructions of a run with `calls` calls.
fn count(program: &Path, name: &str, calls: u64) -> u64 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    let run = valgrind.arg(program).arg(name).arg(calls.to_string()).output();
    let run = run.unwrap_or_else(|error| panic!("`valgrind` cannot be run: {error}"));
    let report = String::from_utf8_lossy(&run.stderr);
    let total = report.lines().find_map(|line| line.split_once("Collected : "));
    let total = total.and_then(|(_, total)| total.trim().parse().ok());
    total.unwrap_or_else(|| panic!("`valgrind` counted nothing for `{name}`:\n{report}"))
}

/// Builds the program that is counted, and returns its path.
fn program(build: CountedBuild) -> PathBuf {
    let target = root().join("target/counters");
    let features: &[&str] = match build {
        CountedBuild::Plain => &[],
        CountedBuild::WithMetrics => &["--features", "metrics"],
        CountedBuild::Edge => &["--features", "edge"],
    };
    let built = super::cargo()
        .args(["build", "--release", "--quiet"])
        .args(features)
        .arg("--manifest-path")
        .arg(root().join("benches/counters/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .status();
    assert!(built.is_ok_and(|status| status.success()), "`benches/counters` does not build");
    target.join("release/sprag-counters")
}

fn read_baseline() -> Result<Baseline, Box<dyn std::error::Error>> {
    Ok(serde_json::from_str(&std::fs::read_to_string(root().join(BASELINE))?)?)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it lies in the workspace")
}

fn runs(program: &str) -> bool {
    let mut command = Command::new(program);
    let quiet = command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    String::from_utf8(output.stdout).expect("names are UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_may_grow_by_the_tolerance_and_no_more() {
        assert_eq!(CountVerdict::of(Some(100), Some(107), 5), CountVerdict::Kept);
        assert_eq!(CountVerdict::of(Some(100), Some(108), 5), CountVerdict::Regressed);
        assert_eq!(CountVerdict::of(Some(100), Some(92), 5), CountVerdict::Better);
        assert_eq!(CountVerdict::of(Some(100), Some(124), OTHER_RUSTC), CountVerdict::Kept);
    }

    #[test]
    fn an_operation_on_one_side_only_does_not_pass() {
        let (one, none) = (BTreeMap::from([("get".to_owned(), 1)]), BTreeMap::new());

        assert!(compare(&one, &one, 5));
        assert!(!compare(&one, &none, 5));
        assert!(!compare(&none, &one, 5));
    }
}
