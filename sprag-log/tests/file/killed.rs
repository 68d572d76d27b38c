//! L1, L7: a process that is killed at any moment loses nothing that it acknowledged.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use sprag_log::{File, FileError};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::Counts;

const FOLDER: &str = "SPRAG_LOG_FOLDER";
/// How many entries the state of the writer has at least.
const LARGE: &str = "SPRAG_LOG_LARGE";
/// How many folders have a writer at the same time.
const FOLDERS: usize = 4;
/// How many tasks of a process write at the same time.
const WRITERS: u64 = 4;

/// The killed process: writes until its end, and prints the acknowledged numbers.
async fn write_for_ever(folder: String) {
    let file = File::open(folder).expect("the folder opens again");
    let opening = file.model("counts", Counts::default());
    let large = std::env::var(LARGE).ok().and_then(|large| large.parse().ok()).unwrap_or(0);
    // A large state is in a snapshot nearly all the time.
    let opening = opening.snapshots(if large > 0 { 5 } else { 100 }, 0);
    let counts = opening.await.expect("the log is whole");
    if counts.get(Counts::PATHS.all) < large {
        let make = move |counts: &mut Counts| {
            counts.all = large;
            counts.made = (1..=large).collect();
        };
        counts.update(make).await.expect("the disk takes it");
    }
    let state = counts.snapshot();
    assert!(state.made.iter().copied().eq(1..=state.all), "a write is there in part");
    println!("open {}", state.all);
    drop(state);
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let counts = counts.clone();
        writers.spawn(async move {
            loop {
                let made = counts.transact(|tx| {
                    let all = tx.get(Counts::PATHS.all) + 1;
                    tx.set(Counts::PATHS.all, all);
                    tx.push(Counts::PATHS.made, all);
                    Ok::<_, std::convert::Infallible>(all)
                });
                println!("made {}", made.await.expect("the disk takes it"));
            }
        });
    }
    writers.join_all().await;
}

/// Runs this test alone in another process, as the writer.
fn writer(folder: &Path, large: usize) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--exact", "--nocapture", "killed::l1_kills_lose_nothing"]);
    command
        .env(LARGE, large.to_string())
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().expect("this program starts")
}

/// The numbers that a writer printed before it was killed.
struct Life {
    /// How many writes were in the log when the writer had opened it.
    opened: u64,
    /// The greatest number of a write that was acknowledged, in this life or an earlier one.
    acknowledged: u64,
    /// How many writes this writer acknowledged.
    made: u64,
}

impl Life {
    /// How many writes the log has at most: those of each task that it did not print are one.
    fn at_most(&self) -> u64 {
        self.opened + self.made + WRITERS
    }
}

/// Reads `lines` lines of the writer, and kills it.
fn kill_after(mut child: Child, lines: usize) -> Life {
    let output = BufReader::new(child.stdout.take().expect("it is piped"));
    let (mut opened, mut made, mut is_killed) = (None, Vec::new(), false);
    for (index, line) in output.lines().map_while(Result::ok).enumerate() {
        if index == lines {
            child.kill().expect("the writer runs");
            is_killed = true;
        }
        opened = opened.or(number_after(&line, "open "));
        made.extend(number_after(&line, "made "));
    }
    let ended = child.wait_with_output().expect("the writer was started here");
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(is_killed && is_of_a_kill(ended.status), "it ended with {}: {errors}", ended.status);
    let opened = opened.unwrap_or_else(|| panic!("it was killed and had opened nothing: {errors}"));
    let acknowledged = made.iter().copied().fold(opened, u64::max);
    Life { opened, acknowledged, made: made.len() as u64 }
}

/// The number behind `word`, if the line has the word.
fn number_after(line: &str, word: &str) -> Option<u64> {
    let (_, number) = line.split_once(word)?;
    Some(number.parse().expect("a number"))
}

/// Whether a process with this status was ended by the signal, and not by itself.
fn is_of_a_kill(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        status.signal() == Some(nix::sys::signal::Signal::SIGKILL as i32)
    }
    #[cfg(not(unix))]
    {
        !status.success()
    }
}

#[test]
fn l1_kills_lose_nothing() {
    if let Ok(folder) = std::env::var(FOLDER) {
        return runtime().block_on(write_for_ever(folder));
    }
    let kills = std::env::var("SPRAG_LOG_KILLS").ok().and_then(|kills| kills.parse().ok());
    let kills = kills.unwrap_or(24) / FOLDERS;
    std::thread::scope(|scope| {
        for _ in 0..FOLDERS {
            scope.spawn(|| kill_often(kills, 0));
        }
    });
}

#[test]
fn l1_kills_in_snapshots_of_a_hundred_thousand_entries_lose_nothing() {
    kill_often(6, 100_000);
}

#[test]
fn l1_a_kill_in_the_first_opening_leaves_a_folder_that_opens() {
    for _ in 0..8 {
        let folder = tempfile::tempdir().unwrap();
        let mut child = writer(folder.path(), 0);
        // The opening has begun when its file is there.
        while folder.path().read_dir().unwrap().next().is_none() {
            assert!(child.try_wait().expect("it was started here").is_none(), "it has ended");
            std::thread::yield_now();
        }
        child.kill().expect("the writer runs");
        child.wait().expect("the writer was started here");
        File::open(folder.path()).expect("a kill leaves a folder that opens");
    }
}

#[test]
fn l7_a_folder_that_another_process_has_open_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = writer(folder.path(), 0);
    let output = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut lines = output.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("made ")), "the writer has the folder open");
    let error = File::open(folder.path()).expect_err("the writer has the folder open");
    assert!(matches!(error, FileError::InUse { .. }), "{error}");
    child.kill().expect("the writer runs");
    child.wait().expect("the writer was started here");
    File::open(folder.path()).expect("the writer is gone");
}

/// Kills the writers of one folder, one after another, and reads what each of them left.
fn kill_often(kills: usize, large: usize) {
    let folder = tempfile::tempdir().unwrap();
    let (mut acknowledged, mut at_most) = (0, large as u64);
    for kill in 0..kills {
        let life = kill_after(writer(folder.path(), large), 5 + kill * 7 % 60);
        let opened = life.opened;
        assert!(
            opened >= acknowledged,
            "{acknowledged} was acknowledged before kill {kill}: {opened}"
        );
        assert!(opened <= at_most, "{at_most} were made at most before kill {kill}: {opened}");
        (acknowledged, at_most) = (life.acknowledged, life.at_most());
    }
    runtime().block_on(async {
        let file = File::open(folder.path()).expect("a kill leaves a folder that opens");
        let counts = file.model("counts", Counts::default()).await.expect("the log is whole");
        let state = counts.snapshot();
        assert!(state.all >= acknowledged, "{acknowledged} was acknowledged: {}", state.all);
        assert!(state.all <= at_most, "{at_most} were made at most: {}", state.all);
        assert_eq!(state.made, (1..=state.all).collect::<Vec<_>>(), "a write is there in part");
    });
}

fn runtime() -> Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime starts")
}
