//! A hub beside an `ffprobe` that fails, floods its output or does not answer.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use crate::folder::folder;
use crate::hub::Hub;

/// A folder with a program `ffprobe` that runs these lines of the shell.
fn ffprobe(lines: &str) -> TempDir {
    let programs = tempfile::tempdir().expect("a folder");
    let program = programs.path().join("ffprobe");
    fs::write(&program, format!("#!/bin/sh\n{lines}\n")).expect("it can be written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
    programs
}

/// The line of the log about the length of the first file, a song without tags.
fn said(lines: &str) -> String {
    let (folder, programs) = (folder(), ffprobe(lines));
    let mut hub = Hub::start_with_programs(folder.path(), programs.path());
    hub.type_line("play 1");
    let said = hub.log.until("the length of the file is not known");
    hub.type_line("quit");
    let (report, status) = hub.stopped();
    assert!(status.success(), "{report}");
    said
}

#[test]
fn s10_the_message_of_a_probe_that_fails_is_the_beginning_of_its_first_line() {
    let said = said("yes 'no such format \u{1b}[31m' | tr -d '\\n' | head -c 3000000 >&2; exit 1");
    assert!(said.contains("`ffprobe`: no such format \u{fffd}[31mno such format"), "{said}");
    assert!(said.len() < 600, "{}", said.len());
}

#[test]
fn s10_a_probe_that_floods_its_output_is_killed() {
    let said = said("exec yes");
    assert!(said.contains("printed more than 16 MiB, and was killed"), "{said}");
}

#[test]
fn s10_a_probe_that_does_not_answer_or_end_has_a_limit() {
    let said = said("trap '' TERM; sleep 600 & wait; sleep 600");
    assert!(said.contains("`ffprobe` took longer than 5s"), "{said}");
}

/// The bytes of a sound of silence: `seconds` of 8,000 samples of one byte.
fn wav(seconds: u32) -> Vec<u8> {
    let samples = 8_000 * seconds;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + samples).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1_u16, 1].map(u16::to_le_bytes).concat());
    bytes.extend([8_000_u32, 8_000].map(u32::to_le_bytes).concat());
    bytes.extend([1_u16, 8].map(u16::to_le_bytes).concat());
    bytes.extend(b"data");
    bytes.extend(samples.to_le_bytes());
    bytes.resize(bytes.len() + samples as usize, 128);
    bytes
}

#[test]
fn s10_the_length_is_in_the_file_where_the_probe_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("silence.wav"), wav(3)).expect("it can be written");
    let programs = ffprobe("echo broken >&2; exit 1");
    let mut hub = Hub::start_with_programs(folder.path(), programs.path());
    hub.type_line("play 1");
    hub.log.until("the file lasts 3 s");
    hub.type_line("quit");
    assert!(hub.stopped().1.success());
}
