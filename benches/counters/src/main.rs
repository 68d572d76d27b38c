//! Runs one core operation a given number of times and nothing else, so that
//! `cargo xtask counters` can count its instructions under callgrind: twice, with
//! different numbers, whose difference leaves the set-up out.
//!
//! Without arguments it prints the names of the operations.

#[cfg(feature = "edge")]
mod edge;
#[cfg_attr(feature = "edge", allow(dead_code, reason = "`edge` has operations of its own"))]
mod operations;

use std::env;
use std::process::ExitCode;

#[cfg(feature = "edge")]
use edge::OPERATIONS;
#[cfg(not(feature = "edge"))]
use operations::OPERATIONS;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [] => {
            OPERATIONS.iter().for_each(|(name, _)| println!("{name}"));
            ExitCode::SUCCESS
        }
        [name, times] => run(name, times),
        _ => usage(),
    }
}

fn run(name: &str, times: &str) -> ExitCode {
    let operation = OPERATIONS.iter().find(|(known, _)| *known == name);
    let (Some((_, operation)), Ok(times)) = (operation, times.parse()) else { return usage() };
    operation(times);
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: sprag-counters [NAME TIMES]");
    ExitCode::from(2)
}
