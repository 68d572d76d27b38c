//! D11: a write that is data answers with the version that it made, and no other writer
//! comes between a check and its commit.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::error::{ApplyError, ApplyIfError};
use sprag::path::Address;
use sprag::prelude::*;
use sprag::state::{Changes, Changeset};
use test_support::within;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Board {
    text: String,
    count: u64,
}

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: usize = 4;
const ROUNDS: usize = 40;

fn place(path: &str) -> Address {
    Address::parse(path).unwrap()
}

fn set(from: u64, place: &str, value: &Value) -> Changeset {
    let ops = json!([["=", [place], value]]);
    serde_json::from_value(json!({ "from": from, "to": from + 1, "ops": ops })).unwrap()
}

/// Calls `apply` with the present version until no other write comes between.
fn at_the_present_version(
    version: impl Fn() -> u64,
    apply: impl Fn(u64) -> Result<u64, ApplyError>,
) -> u64 {
    loop {
        match apply(version()) {
            Ok(version) => return version,
            Err(ApplyError::Version { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// A way to write the text as data, which answers with a version.
type Way<S> = fn(&S, &str) -> u64;

macro_rules! ways {
    ($face:ident) => {{
        let ways: [Way<$face<Board>>; 8] = [
            |board, text| board.set_value("text", json!(text)).unwrap(),
            |board, text| board.set_at(&place("text"), json!(text)).unwrap(),
            |board, text| board.patch_value("", json!({ "text": text })).unwrap(),
            |board, text| board.merge_at(&place(""), json!({ "text": text })).unwrap(),
            |board, text| board.apply(&set(0, "text", &json!(text))).unwrap(),
            |board, text| {
                let set = set(0, "text", &json!(text));
                board.apply_if(&set, |_| Ok::<(), ()>(()), |_| Ok(())).unwrap()
            },
            |board, text| {
                let apply = |from| board.apply_at(&set(from, "text", &json!(text)));
                at_the_present_version(|| board.version(), apply)
            },
            |board, text| {
                let apply = |from| board.apply_as(&set(from, "text", &json!(text)));
                at_the_present_version(|| board.version(), apply)
            },
        ];
        ways
    }};
}

/// The answers to all writes of many threads, in order: the version and the written text.
fn answers<S: Sync>(board: &S, ways: &[Way<S>]) -> Vec<(u64, String)> {
    let start = Barrier::new(THREADS);
    let write = |thread: usize| {
        start.wait();
        let mut answers = Vec::new();
        for round in 0..ROUNDS {
            for (way, write) in ways.iter().enumerate() {
                let text = format!("thread {thread}, round {round}, way {way}");
                answers.push((write(board, &text), text));
            }
        }
        answers
    };
    let mut answers: Vec<_> = thread::scope(|scope| {
        let write = &write;
        let threads: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || write(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    answers.sort();
    answers
}

fn assert_each_version_once(answers: &[(u64, String)]) {
    let versions = answers.iter().map(|answer| answer.0);
    assert!(versions.eq(1..=answers.len() as u64), "{answers:?}");
}

/// The commits: the version and the text that it set.
fn commits(mut changes: Changes<Board>) -> Vec<(u64, String)> {
    let mut commits = Vec::new();
    while let Some(Some(commit)) = changes.next().now_or_never() {
        let commit = commit.unwrap();
        let change = commit.changes().next().unwrap();
        assert_eq!(change.path(), "text");
        commits.push((commit.version(), change.value::<String>().unwrap().clone()));
    }
    commits
}

#[test]
fn d11_each_of_many_writers_is_told_the_version_of_its_own_commit() {
    within(LIMIT, || {
        let (model, unread) =
            (create_model("model", Board::default()), create_model("unread", Board::default()));
        let (store, changes) =
            (create_store("store", Board::default()), model.changes().bound(10_000));
        let of_store = store.changes().bound(10_000);

        let told = answers(&model, &ways!(Model));
        assert_each_version_once(&told);
        assert_eq!(commits(changes), told);
        let told = answers(&store, &ways!(Store));
        assert_each_version_once(&told);
        assert_eq!(commits(of_store), told);
        assert_each_version_once(&answers(&unread, &ways!(Model)));
    });
}

#[test]
fn d11_a_version_and_its_state_are_read_together() {
    within(LIMIT, || {
        let (board, is_done) = (create_model("board", Board::default()), AtomicBool::new(false));
        let start = Barrier::new(4);
        let add: [fn(&Model<Board>); 3] = [
            |board| board.update(|board| board.count += 1),
            |board| board.update_at(Board::PATHS.count, |count| *count += 1),
            |board| {
                let added = board.transaction(|tx| {
                    let count = tx.get(Board::PATHS.count);
                    tx.set(Board::PATHS.count, count + 1);
                    Ok::<(), ()>(())
                });
                added.unwrap();
            },
        ];
        thread::scope(|scope| {
            let reader = scope.spawn(|| {
                start.wait();
                while !is_done.load(Ordering::SeqCst) {
                    let (version, state) = board.versioned();
                    assert_eq!(version, state.count);
                }
            });
            let writers = add.map(|add| {
                let (board, start) = (&board, &start);
                scope.spawn(move || {
                    start.wait();
                    (0..5_000).for_each(|_| add(board));
                })
            });
            let written: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
            is_done.store(true, Ordering::SeqCst);
            reader.join().unwrap();
            written.into_iter().for_each(|written| written.unwrap());
        });
        let (version, state) = board.versioned();
        assert_eq!((version, state.count), (15_000, 15_000));
    });
}

/// Adds 1 if the count is still the one that was read. Returns the version, if it was.
fn add_one(board: &Model<Board>) -> Option<u64> {
    let count = board.get(Board::PATHS.count);
    let is_at = |count| move |board: &Board| (board.count == count).then_some(()).ok_or(());
    let set = set(0, "count", &json!(count + 1));
    match board.apply_if(&set, is_at(count), is_at(count + 1)) {
        Ok(version) => Some(version),
        Err(ApplyIfError::Refused(())) => None,
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn d11_no_write_comes_between_a_check_and_its_commit() {
    within(LIMIT, || {
        let (board, start) = (create_model("board", Board::default()), Barrier::new(2));
        let add = || {
            start.wait();
            let versions = std::iter::repeat_with(|| add_one(&board)).flatten();
            versions.take(2_000).collect::<Vec<_>>()
        };
        let (first, second) = thread::scope(|scope| {
            let (first, second) = (scope.spawn(add), scope.spawn(add));
            (first.join().unwrap(), second.join().unwrap())
        });

        let mut versions = [first, second].concat();
        versions.sort_unstable();
        assert!(versions.into_iter().eq(1..=4_000));
        assert_eq!((board.version(), board.get(Board::PATHS.count)), (4_000, 4_000));
    });
}
