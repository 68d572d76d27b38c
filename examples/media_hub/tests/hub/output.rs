//! Standard output that cannot be written.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::folder::folder;
use crate::hub::{Hub, program};

/// A pipe without a reader.
fn dead_pipe() -> Stdio {
    let (_, writer) = std::io::pipe().expect("the system has pipes");
    writer.into()
}

/// A device that is always full, where the system has one.
fn full_device() -> Option<Stdio> {
    File::options().write(true).open("/dev/full").ok().map(Stdio::from)
}

/// The outputs that cannot be written, each with the error of the system.
fn dead_outputs() -> impl Iterator<Item = (Stdio, &'static str)> {
    let full = full_device().map(|device| (device, "No space left on device"));
    [(dead_pipe(), "Broken pipe")].into_iter().chain(full)
}

fn run(arguments: &[&str], folder: &Path, output: Stdio) -> Output {
    Command::new(program())
        .args(arguments)
        .arg(folder)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(Stdio::piped())
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .expect("it runs")
}

/// Asserts that a line of a failed hub names the output and the error of the system.
fn assert_cannot_write(line: &str, error: &str) {
    let expected = format!("media_hub: cannot write to standard output: {error}");
    assert!(line.starts_with(&expected), "{line}");
}

#[test]
fn help_and_version_end_quietly_when_they_cannot_be_written() {
    let folder = folder();
    for argument in ["--help", "--version"] {
        for (output, _) in dead_outputs() {
            let ended = run(&[argument], folder.path(), output);
            assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{argument}");
            assert!(ended.status.success(), "{argument}");
        }
    }
}

#[test]
fn a_summary_that_cannot_be_written_is_one_line_and_exit_code_1() {
    let folder = folder();
    for arguments in [&["--once"][..], &["--once", "--json"]] {
        for (output, error) in dead_outputs() {
            let ended = run(arguments, folder.path(), output);
            let text = String::from_utf8_lossy(&ended.stderr);
            assert_eq!((ended.status.code(), text.lines().count()), (Some(1), 1), "{text}");
            assert_cannot_write(&text, error);
        }
    }
}

#[test]
fn the_exit_code_stays_when_no_stream_can_be_written() {
    let folder = folder();
    for (arguments, code) in [(&["--once"][..], 1), (&["--unknown"], 2)] {
        for ((output, _), (error, _)) in dead_outputs().zip(dead_outputs()) {
            let mut hub = Command::new(program());
            hub.args(arguments).arg(folder.path()).env_remove("RUST_LOG");
            hub.stdin(Stdio::null()).stdout(output).stderr(error);
            let status = hub.status().expect("it runs");
            assert_eq!(status.code(), Some(code), "{arguments:?}");
        }
    }
}

#[test]
fn a_hub_stops_when_an_answer_cannot_be_written() {
    let folder = folder();
    for (output, error) in dead_outputs() {
        let mut hub = Hub::start_with_output(folder.path(), output);
        hub.type_line("status");
        // The input of the hub is still open.
        let (last, status) = hub.failed();
        assert_cannot_write(&last, error);
        assert_eq!(status.code(), Some(1));
    }
}
