//! S7: signals and exit codes.

use std::io::Read;
use std::process::Stdio;

use nix::sys::signal::Signal;

use super::process::{Ended, Process};

#[test]
fn s7_the_first_signal_stops_gracefully() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut process = Process::new("plays");
        process.until("running").send(signal).until("stopping").until("stopped in order");
        assert_eq!(process.ended(), Ended::Code(0), "{signal}");
    }
}

#[test]
fn s7_a_signal_during_the_start_rolls_it_back() {
    let mut process = Process::new("never starts");
    process.until("starting").send(Signal::SIGINT).until("released");
    assert_eq!(process.ended(), Ended::Code(0));
}

#[test]
fn s7_a_start_that_was_called_off_and_is_not_clean_says_so() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut process = Process::with_streams("blocks in new", Stdio::null(), writer.into());
    process.until("starting").send(Signal::SIGTERM);
    assert_eq!(process.ended(), Ended::Code(1));
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert!(text.contains("was stopped while it started: the process received SIGTERM"), "{text}");
    assert!(text.contains("new leaked in"), "{text}");
}

#[test]
fn s7_the_second_signal_ends_the_process_at_once_whatever_the_hooks_do() {
    let mut process = Process::new("hangs");
    process.until("running").send(Signal::SIGTERM).until("stopping").send(Signal::SIGINT);
    assert_eq!(process.ended(), Ended::Code(130));
}

#[test]
fn s7_the_second_signal_ends_the_process_after_the_stop_too() {
    let mut process = Process::new("plays, then lingers");
    process.until("running").send(Signal::SIGINT).until("lingers").send(Signal::SIGTERM);
    assert_eq!(process.ended(), Ended::Code(130));
}

#[test]
fn s7_without_a_running_app_a_signal_ends_the_process_as_it_would_without_sprag() {
    for role in ["shuts down, then lingers", "fails to start, then lingers"] {
        for signal in [Signal::SIGINT, Signal::SIGTERM] {
            let mut process = Process::new(role);
            process.until("lingers").send(signal);
            assert_eq!(process.ended(), Ended::Signal(signal), "{role}");
        }
    }
}

#[test]
fn s7_a_hangup_is_an_event_where_an_app_wants_it() {
    let mut process = Process::new("reloads");
    process.until("running").send(Signal::SIGHUP).until("reloads");
    process.send(Signal::SIGHUP).until("reloads").send(Signal::SIGTERM).until("stopping");
    assert_eq!(process.ended(), Ended::Code(0));

    let mut process = Process::new("plays");
    process.until("running").send(Signal::SIGHUP);
    assert_eq!(process.ended(), Ended::Signal(Signal::SIGHUP));

    let mut process = Process::new("reloads, shuts down, then lingers");
    process.until("lingers").send(Signal::SIGHUP);
    assert_eq!(process.ended(), Ended::Signal(Signal::SIGHUP));
}

#[test]
fn s7_the_exit_code_distinguishes_a_failure_from_a_requested_stop() {
    assert_eq!(Process::new("shuts down").ended(), Ended::Code(0));
    assert_eq!(Process::new("gives 3").ended(), Ended::Code(3));
    assert_eq!(Process::new("fails at once").ended(), Ended::Code(1));
    assert_eq!(Process::new("fails to start").ended(), Ended::Code(1));
}

#[test]
fn s7_a_process_that_gets_no_threads_says_so_and_ends() {
    for role in ["plays", "reloads"] {
        let (mut process, mut error) = Process::without_threads(role);
        assert_eq!(process.ended(), Ended::Code(1), "{role}");
        let mut text = String::new();
        error.read_to_string(&mut text).unwrap();
        let says = ["`Stage` cannot start: ", "`Stage` did not start: "];
        assert!(says.iter().any(|said| text.contains(said)), "{role}: {text}");
    }
}

#[test]
fn s7_a_process_prints_its_report_if_it_fails_and_only_then() {
    for role in ["plays", "fails to stop"] {
        let (mut error, stream) = std::io::pipe().unwrap();
        let mut process = Process::with_streams(role, Stdio::null(), stream.into());
        process.until("running").send(Signal::SIGTERM);
        let failed = process.ended() == Ended::Code(1);
        let mut text = String::new();
        error.read_to_string(&mut text).unwrap();
        assert_eq!(failed, role == "fails to stop", "{text}");
        assert_eq!(text.contains("`Stage` stopped in"), failed, "{text}");
    }
}
