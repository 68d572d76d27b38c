//! S5, S7: a log that is dead or stalled costs no `on_stop` and no signal.

use std::fs::OpenOptions;
use std::io::{ErrorKind, PipeReader, PipeWriter, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Stdio;

use nix::sys::signal::Signal;

use super::process::{Ended, Process};

/// A process whose standard streams go into one pipe.
fn logging(role: &str) -> (Process, PipeReader, PipeWriter) {
    let (reader, writer) = std::io::pipe().unwrap();
    let stream = || Stdio::from(writer.try_clone().unwrap());
    let process = Process::with_streams(role, stream(), stream());
    (process, reader, writer)
}

/// Fills the pipe, through a file description of its own that does not block.
fn fill(writer: &PipeWriter) {
    let path = format!("/proc/self/fd/{}", writer.as_raw_fd());
    let mut options = OpenOptions::new();
    let mut pipe = options.write(true).custom_flags(O_NONBLOCK).open(path).unwrap();
    loop {
        match pipe.write(&[b'\n'; 4096]) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) => panic!("{error}"),
        }
    }
}

const O_NONBLOCK: i32 = 0o4000;

#[test]
fn s5_a_dead_log_costs_no_hook() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let (mut process, reader, writer) = logging("logs");
        process.until("running");
        drop((reader, writer));
        process.send(signal).until("stopping").until("stopped in order").until("released");
        assert_eq!(process.ended(), Ended::Code(0), "{signal}");
    }
}

#[test]
fn s5_a_log_that_is_dead_at_the_start_costs_no_start() {
    let (mut process, reader, writer) = logging("logs, never starts");
    process.until("starting");
    drop((reader, writer));
    process.send(Signal::SIGTERM).until("released");
    assert_eq!(process.ended(), Ended::Code(0));
}

#[test]
fn s7_a_stalled_log_keeps_no_signal_from_stopping_the_app() {
    let (mut process, _reader, writer) = logging("logs");
    process.until("running");
    fill(&writer);
    process.send(Signal::SIGINT).until("stopping").until("stopped in order").until("released");
    assert_eq!(process.ended(), Ended::Code(0));
}

#[test]
fn s7_a_report_that_cannot_be_written_keeps_no_process_from_ending() {
    let (mut process, _reader, writer) = logging("logs, fails to stop");
    process.until("running");
    fill(&writer);
    process.send(Signal::SIGTERM).until("stopped in order").until("released");
    assert_eq!(process.ended(), Ended::Code(1));
}

#[test]
fn s7_the_second_signal_ends_the_process_while_the_log_is_stalled() {
    let (mut process, _reader, writer) = logging("logs, hangs");
    process.until("running");
    fill(&writer);
    process.send(Signal::SIGTERM).until("stopping").send(Signal::SIGINT);
    assert_eq!(process.ended(), Ended::Code(130));
}
