//! A snapshot of a state of a million entries, 100 MB as JSON: how long it takes, how long writes
//! wait beside it, its memory and its file; and the same of the opening after it.
//!
//! ```console
//! $ cargo run --release --manifest-path benches/Cargo.toml -p bench-log --example large
//! ```
//!
//! The memory is that of the whole process, as Linux counts it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_log::{AppendError, File, Log, Page, ReadError, Snapshot, open};

/// How many entries the state has.
const ENTRIES: u64 = 1_000_000;
/// In how many writes the state is written, since an entry has a limit.
const PARTS: u64 = 4;
/// How many entries there are before the snapshot.
const WRITES: u64 = 200;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct House {
    rooms: HashMap<u64, Room>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    guests: u64,
    floor: u32,
    name: String,
    open: bool,
}

/// A folder whose snapshots are timed.
struct Timed {
    file: File,
    /// When the engine received a snapshot, its size, and when the snapshot was stored.
    stored: Mutex<Option<(Instant, usize, Instant)>>,
}

impl Log for Timed {
    type Follower = <File as Log>::Follower;

    async fn append(&self, name: &str, last: u64, entry: Bytes) -> Result<u64, AppendError> {
        self.file.append(name, last, entry).await
    }

    async fn read(&self, name: &str, after: u64) -> Result<Page, ReadError> {
        self.file.read(name, after).await
    }

    fn follow(&self, name: &str, after: u64) -> Self::Follower {
        self.file.follow(name, after)
    }

    async fn save_snapshot(&self, name: &str, snapshot: Snapshot) -> Result<(), ReadError> {
        let (received, size) = (Instant::now(), snapshot.body.len());
        let outcome = self.file.save_snapshot(name, snapshot).await;
        *self.stored.lock().expect("no panic") = Some((received, size, Instant::now()));
        outcome
    }

    async fn load_snapshot(&self, name: &str) -> Result<Option<Snapshot>, ReadError> {
        self.file.load_snapshot(name).await
    }

    fn max_entry(&self) -> usize {
        self.file.max_entry()
    }
}

/// A part of the rooms.
fn rooms(part: u64) -> HashMap<u64, Room> {
    let room = |id: u64| Room {
        guests: id % 7,
        floor: (id % 40) as u32,
        name: format!("the room {id:08} at the end of the corridor"),
        open: id % 2 == 0,
    };
    let ids = part * ENTRIES / PARTS..(part + 1) * ENTRIES / PARTS;
    ids.map(|id| (id * 7_919, room(id))).collect()
}

/// The number of kB behind `name` in the status of this process.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("it is there");
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse().expect("a number")
}

/// Lets the peak begin anew.
fn forget_the_peak() {
    fs::write("/proc/self/clear_refs", "5").expect("this is Linux");
}

fn megabytes(kilobytes: u64) -> String {
    format!("{} MB", kilobytes / 1_000)
}

fn say_memory(what: &str) {
    let (now, peak) = (megabytes(memory("VmRSS:")), megabytes(memory("VmHWM:")));
    println!("{what}: {now} now, {peak} at the peak");
    forget_the_peak();
}

fn say_file(what: &str, folder: &Path) {
    let size = folder.join("sprag.redb").metadata().expect("the file is there").len();
    println!("the file {what}: {}", megabytes(size / 1_000));
}

fn say_waits(what: &str, mut waits: Vec<Duration>) {
    waits.sort();
    let at = |share: usize| waits[(waits.len() - 1) * share / 100];
    let (count, median, late, longest) = (waits.len(), at(50), at(99), at(100));
    println!(
        "{count} writes {what}: {median:.1?} at the median, {late:.1?} of 99 %, {longest:.1?} at most"
    );
}

async fn write(house: &sprag_log::Logged<House>, number: u64) -> Duration {
    let (began, room) = (Instant::now(), number % ENTRIES * 7_919);
    let raised = house
        .update_at(House::PATHS.rooms.key(room).then(Room::PATHS.guests), |guests| *guests += 1);
    raised.await.expect("the disk takes it");
    began.elapsed()
}

async fn live(folder: &Path) {
    let log =
        Arc::new(Timed { file: File::open(folder).expect("it opens"), stored: Mutex::default() });
    let opening = open(Arc::clone(&log), "house", House::default());
    let model = opening.snapshots(WRITES, u64::MAX).await.expect("the log is empty");
    let model = model.within(Duration::from_secs(60));
    for part in 0..PARTS {
        let written = model.update_at(House::PATHS.rooms, move |now| now.extend(rooms(part)));
        written.await.expect("the disk takes it");
    }
    let mut waits = Vec::new();
    // The first entry counts, and those of the parts.
    for number in 1..WRITES - 1 - PARTS {
        waits.push(write(&model, number).await);
    }
    say_waits("before the snapshot", waits);
    say_file("before the snapshot", folder);
    say_memory("before the snapshot");

    let (mut waits, began) = (Vec::new(), Instant::now());
    waits.push(write(&model, WRITES).await);
    waits.push(write(&model, WRITES + 1).await);
    while log.stored.lock().expect("no panic").is_none() {
        waits.push(write(&model, WRITES + waits.len() as u64).await);
    }
    let (received, size, stored) = log.stored.lock().expect("no panic").expect("it is stored");
    let size = megabytes(size as u64 / 1_000);
    println!(
        "the snapshot: {size}, serialised in {:.1?}, stored in {:.1?}",
        received - began,
        stored - received
    );
    // The snapshot shares the state, so the next write clones it.
    println!("the write that clones the state: {:.1?}", waits.remove(1));
    say_waits("beside the snapshot", waits);
    say_memory("beside the snapshot");
    say_file("after the snapshot", folder);
    model.stop().await;
    drop((model, log));
    say_file("after the closing", folder);
}

async fn open_again(folder: &Path) {
    forget_the_peak();
    let began = Instant::now();
    let file = File::open(folder).expect("it opens");
    println!("the folder opens in {:.1?}", began.elapsed());
    say_memory("the opening of the folder");
    let began = Instant::now();
    let model = file.model("house", House::default()).await.expect("the log is whole");
    println!("the model recovers in {:.1?}", began.elapsed());
    say_memory("the recovery");
    println!("the first write: {:.1?}", write(&model, 1).await);
    model.stop().await;
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    // The second process has no memory of the first one.
    match env::args().nth(1) {
        Some(folder) => runtime.block_on(open_again(Path::new(&folder))),
        None => {
            let folder = tempfile::tempdir().expect("a folder can be made");
            runtime.block_on(live(folder.path()));
            let program = env::current_exe().expect("this program has a path");
            let again = std::process::Command::new(program).arg(folder.path()).status();
            assert!(again.expect("this program starts").success());
        }
    }
}
