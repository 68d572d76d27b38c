//! `cargo xtask faults`: all faults of users' code, one and two at a time, of which
//! `cargo xtask test` runs a part.

use crate::cargo;
use crate::steps::passes;

/// The programs of the faults: whose users' code fails, and the arguments of cargo.
const PROGRAMS: &[(&str, &str)] = &[
    ("state", "test -p sprag --all-features --test pairs"),
    ("services", "test -p sprag --all-features --test faults pairs::"),
    ("browsers", "test -p sprag-web --all-features --test web pairs::"),
    ("logs", "test -p sprag-log --all-features --test log pairs::"),
];

/// Whether the tests of all programs pass; each of them runs.
pub(crate) fn check() -> bool {
    let run = |arguments: &str| {
        let mut command = cargo();
        command.args(arguments.split(' ')).env("SPRAG_FAULTS", "1").env("RUST_BACKTRACE", "0");
        command.status().is_ok_and(|status| status.success())
    };
    // `&`, since a failure does not end the run.
    PROGRAMS.iter().fold(true, |passed, (name, arguments)| {
        passed & passes(name, &format!("cargo {arguments}"), || run(arguments))
    })
}
