//! The embedded engine.

use std::fs::{self, File as Plain};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use bench_harness::{Contest, Options, Report, Role, Spread, Unit};
use bytes::Bytes;
use futures::future::join_all;
use redb::{Database, TableDefinition};
use rusqlite::Connection;
use sprag_log::{File, Log, Logged};
use tokio::runtime::Runtime;

use crate::state::{Player, writes};
use crate::storage::Storage;

pub(crate) fn run(runtime: &Runtime, options: &Options, report: &mut Report) {
    for (case, bytes) in [("1 kB", 1_000), ("100 kB", 100_000), ("10 MB", 10_000_000)] {
        one_write(runtime, options, report, case, bytes);
    }
    writers(runtime, options, report);
    commits(runtime, options, report);
    slow_sync(runtime, options, report);
    recoveries(runtime, options, report);
    during_snapshots(runtime, options, report);
}

fn player(runtime: &Runtime, log: &File, initial: Player) -> Logged<Player> {
    let opening = log.model("player", initial).snapshots(u64::MAX, u64::MAX);
    runtime.block_on(opening.into_future()).expect("a new log")
}

/// A durable write of one field, beside the whole state by hand.
fn one_write(runtime: &Runtime, options: &Options, report: &mut Report, case: &str, bytes: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let log = File::open(path("sprag")).expect("a new folder");
    let logged = player(runtime, &log, Player::of(bytes));
    let mut appended = Plain::create(path("bare")).expect("a file");
    let (mut by_json, mut by_sqlite) = (Player::of(bytes), Player::of(bytes));
    let (database, mut engine) = (sqlite(&path("sqlite")), Engine::at(&path("redb")));
    Contest::new("durable write of one field", case)
        .add_batches(Role::Floor, "append and `fdatasync` of 100 B", move |count| {
            let start = Instant::now();
            for _ in 0..count {
                appended.write_all(&[b'x'; 100]).expect("space");
                appended.sync_data().expect("a disk");
            }
            start.elapsed()
        })
        .add_batches(Role::Sprag, "sprag", |count| writes(runtime, &[&logged], 1, count))
        .add_batches(Role::Hand, "the engine alone (redb), 100 B", |count| {
            let start = Instant::now();
            for _ in 0..count {
                engine.append(&[b'x'; 100]);
            }
            start.elapsed()
        })
        .add_batches(Role::Hand, "`serde_json` to a file", |count| {
            let start = Instant::now();
            for _ in 0..count {
                by_json.position += 1;
                replace(folder.path(), &serde_json::to_vec(&by_json).expect("JSON"));
            }
            start.elapsed()
        })
        .add_batches(Role::Peer, "SQLite with a blob", |count| {
            let start = Instant::now();
            for _ in 0..count {
                by_sqlite.position += 1;
                let json = serde_json::to_vec(&by_sqlite).expect("JSON");
                database.execute("UPDATE state SET json = ?1", [json]).expect("space");
            }
            start.elapsed()
        })
        .run(options, report);
    runtime.block_on(logged.stop());
}

/// The embedded engine without a log: entries under rising numbers.
struct Engine {
    database: Database,
    last: u64,
}

impl Engine {
    const ENTRIES: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("entries");

    fn at(path: &Path) -> Self {
        Self { database: Database::create(path).expect("a new file"), last: 0 }
    }

    /// Appends one entry in a durable commit.
    fn append(&mut self, entry: &[u8]) {
        self.last += 1;
        let transaction = self.database.begin_write().expect("one writer");
        let mut entries = transaction.open_table(Self::ENTRIES).expect("one type");
        entries.insert(self.last, entry).expect("space");
        drop(entries);
        transaction.commit().expect("a disk");
    }
}

/// Puts a file in the place of the last one, durably.
fn replace(folder: &Path, json: &[u8]) {
    let (new, state) = (folder.join("state.new"), folder.join("state.json"));
    let mut file = Plain::create(&new).expect("a file");
    file.write_all(json).expect("space");
    file.sync_all().expect("a disk");
    fs::rename(new, state).expect("one folder");
    Plain::open(folder).and_then(|folder| folder.sync_all()).expect("a disk");
}

fn sqlite(path: &Path) -> Connection {
    let database = Connection::open(path).expect("a file");
    let begin = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE state (json BLOB); INSERT INTO state VALUES ('');";
    database.execute_batch(begin).expect("a new database");
    database
}

/// The time of one write, by the number of writers.
fn writers(runtime: &Runtime, options: &Options, report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let log = File::open(folder.path()).expect("a new folder");
    let logged = player(runtime, &log, Player::of(100_000));
    for writers in [1, 100] {
        Contest::new("durable writes, N writers", format!("N = {writers}"))
            .add_batches(Role::Sprag, "sprag", |count| writes(runtime, &[&logged], writers, count))
            .run(options, report);
    }
    runtime.block_on(logged.stop());
}

/// Entries of the engine that are one commit.
fn commits(runtime: &Runtime, options: &Options, report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let log = File::open(folder.path()).expect("a new folder");
    let names: Vec<_> = (0..100).map(|number| format!("log-{number}")).collect();
    let entry = Bytes::from_static(&[b'x'; 200]);
    let mut last = vec![0; names.len()];
    for together in [1, 100] {
        Contest::new("commit of N entries", format!("N = {together}"))
            .add_batches(Role::Sprag, "sprag", |count| {
                let start = Instant::now();
                for _ in 0..count {
                    let appends = names.iter().zip(&last).take(together);
                    let appends =
                        appends.map(|(name, last)| log.append(name, *last, entry.clone()));
                    let appended = runtime.block_on(join_all(appends));
                    for (last, appended) in last.iter_mut().zip(appended) {
                        *last = appended.expect("one writer");
                    }
                }
                start.elapsed()
            })
            .run(options, report);
    }
}

/// Writers that share the commits of a slow disk.
fn slow_sync(runtime: &Runtime, options: &Options, report: &mut Report) {
    let storage = Storage::new(Duration::from_millis(5));
    let log = File::on(storage).expect("an empty storage");
    let logged = player(runtime, &log, Player::of(1_000));
    for writers in [1, 100] {
        Contest::new("durable writes, `fsync` of 5 ms, N writers", format!("N = {writers}"))
            .add_batches(Role::Sprag, "sprag", |count| writes(runtime, &[&logged], writers, count))
            .run(options, report);
    }
    runtime.block_on(logged.stop());
}

/// The time from a closed log to a state that is current, by the size of the state and the
/// number of entries after it.
fn recoveries(runtime: &Runtime, options: &Options, report: &mut Report) {
    for (state, bytes) in [("1 kB", 1_000), ("1 MB", 1_000_000), ("10 MB", 10_000_000)] {
        for (entries, count) in [("1,000", 1_000), ("100,000", 100_000)] {
            let case = format!("{state} and {entries} entries");
            recovery(runtime, options, report, &case, (bytes, options.pick(count, 1_000)));
        }
    }
}

fn recovery(
    runtime: &Runtime,
    options: &Options,
    report: &mut Report,
    case: &str,
    (bytes, entries): (usize, u64),
) {
    let storage = Storage::new(Duration::ZERO);
    {
        let log = File::on(storage.clone()).expect("an empty storage");
        let logged = player(runtime, &log, Player::of(bytes));
        writes(runtime, &[&logged], 1, entries);
        runtime.block_on(logged.stop());
    }
    let samples = (0..options.pick(7, 1)).map(|_| {
        let start = Instant::now();
        let log = File::on(storage.clone()).expect("a log");
        let logged = player(runtime, &log, Player::default());
        let took = start.elapsed();
        assert!(logged.version() > entries, "all entries are read");
        runtime.block_on(logged.stop());
        took.as_secs_f64() * 1e9
    });
    let spread = Spread::of(samples.collect());
    report.add("recovery", case, Unit::Nanoseconds, [(Role::Sprag, "sprag", spread)]);
}

/// Ten writes and a snapshot: the write beside the serialisation of a large state clones the
/// state.
fn during_snapshots(runtime: &Runtime, options: &Options, report: &mut Report) {
    for (case, bytes) in [("1 MB", 1_000_000), ("10 MB", 10_000_000)] {
        let log = File::on(Storage::new(Duration::ZERO)).expect("an empty storage");
        let opening = log.model("player", Player::of(bytes)).snapshots(10, u64::MAX);
        let logged = runtime.block_on(opening.into_future()).expect("a new log");
        let samples = (0..options.pick(9, 1)).map(|_| {
            let took = (0..10).map(|_| {
                let start = Instant::now();
                let write = logged.update_at(Player::PATHS.position, |position| *position += 1);
                runtime.block_on(write).expect("the log is in reach");
                start.elapsed()
            });
            let took = took.max().expect("there are ten");
            // The snapshot is stored before the next one.
            std::thread::sleep(Duration::from_millis(300));
            took.as_secs_f64() * 1e9
        });
        let spread = Spread::of(samples.collect());
        let name = "the slowest of ten writes, with a snapshot";
        report.add(name, case, Unit::Nanoseconds, [(Role::Sprag, "sprag", spread)]);
        runtime.block_on(logged.stop());
    }
}
