//! Aborts: each case in a process of its own, which starts a child process first.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;
use sprag::prelude::*;
use sprag::service::ProcessCommand;

use super::case::Fault;
use super::outcome::{SHORT, Threads, outcome};
use super::table::PLACES;

/// Holds the place and the number of threads of the case that the process is for.
const ROLE: &str = "SPRAG_TEST_ABORT";

/// The process of one case.
#[test]
fn process_of_a_case() {
    let Some(role) = std::env::var_os(ROLE) else { return };
    let role = role.into_string().unwrap();
    let place = *PLACES
        .iter()
        .find(|place| role.contains(**place) && role.len() == place.len() + 1)
        .unwrap();
    let threads = if role.ends_with('1') { Threads::One } else { Threads::Two };
    let runtime = Threads::One.runtime();
    let _running = runtime.enter();
    let scope = Scope::new("guarded");
    let child = ProcessCommand::new("sleep").arg("1000");
    let child = runtime.block_on(scope.process(child)).unwrap();
    println!("\nchild {}", child.id().unwrap());
    println!("{}", outcome(place, Fault::Abort, threads, SHORT));
}

/// The end of a process in which `place` aborts.
pub fn end_of_process(place: &str, threads: Threads) -> String {
    let number = match threads {
        Threads::One => 1,
        Threads::Two => 2,
    };
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["aborts::process_of_a_case", "--exact", "--nocapture"])
        .env(ROLE, format!("{place}{number}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let child = lines.into_iter().find_map(|line| line.strip_prefix("child ").map(str::to_owned));
    let status = process.wait().unwrap();
    until_ended(&child.expect("the process says which child it has"));
    let signal = status.signal().and_then(|signal| Signal::try_from(signal).ok());
    signal.map_or(format!("{status}"), |signal| format!("the process ends by {signal}"))
}

/// Waits until no process has the number `pid`, except an ended one that is not reaped yet.
fn until_ended(pid: &str) {
    let runs = || {
        let state = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().unwrap();
        let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
        !state.is_empty() && !state.starts_with('Z')
    };
    while runs() {
        std::thread::yield_now();
    }
}
