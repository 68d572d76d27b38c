//! L1: the log after a loss of power in the middle of a write, by seed.
//!
//! The operations of the storage are counted, and the seed chooses the one in which the power
//! fails: in the first opening or a later one, a compaction, an append or a snapshot.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use bytes::Bytes;
use sprag_log::{File, Log, Snapshot};
use test_support::each_seed;

use crate::faults::Medium;

/// The log of the tests.
const NAME: &str = "log";
/// The snapshot of one sequence in so many is larger than a part of the engine's snapshots.
const LARGE: u64 = 23;
/// How often the power fails in each program.
const LOSSES: usize = 3;
/// The power fails within so many operations of the storage.
const OPERATIONS: usize = 120;
/// One seed in so many begins with a file that the opening compacts.
const COMPACTED: u64 = 50;
/// One seed in so many, and none of those of [`COMPACTED`], begins with the first opening.
const FIRST: u64 = 9;

/// The work of a process when the power failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    /// The opening of a folder without a log.
    First,
    Opening,
    /// An opening that also makes the file smaller.
    Compaction,
    Append,
    Snapshot,
}

/// The work of a process when the power failed, and how many of its writes were not synced then.
type Loss = (Work, usize);

/// The sequences that a log must have.
#[derive(Debug, Default)]
struct Promised {
    /// The sequence of the last entry that was acknowledged.
    last: u64,
    /// The sequence of the last snapshot that was acknowledged.
    snapshot: u64,
}

/// The snapshot at `sequence`; some are written in parts.
fn body(sequence: u64) -> Bytes {
    match sequence % LARGE {
        0 => Bytes::from(vec![sequence as u8; (2 << 20) + sequence as usize]),
        _ => entry(sequence),
    }
}

fn entry(sequence: u64) -> Bytes {
    // Some entries are larger than a page of the engine.
    Bytes::from(vec![sequence as u8; (sequence as usize * 811) % 9_000])
}

/// Checks that the log has what was acknowledged, at most one entry more, and each whole.
async fn check(file: &File, promised: &mut Promised) {
    let kept = file.load_snapshot(NAME).await.expect("the log is whole");
    let (snapshot, body) = kept.map_or_else(Default::default, |kept| (kept.sequence, kept.body));
    assert!(snapshot >= promised.snapshot, "the snapshot of {promised:?} is lost: {snapshot}");
    let expected = if snapshot == 0 { Bytes::new() } else { self::body(snapshot) };
    assert!(body == expected, "the snapshot of {snapshot} is there in part");
    let page = file.read(NAME, 0).await.expect("the log is whole");
    assert!(page.is_last, "one page holds all entries");
    let last = page.entries.last().map_or(0, |stored| stored.sequence);
    assert!(last == promised.last || last == promised.last + 1, "{promised:?}, and {last} is last");
    let sequences = page.entries.iter().map(|stored| stored.sequence);
    assert!(sequences.eq(snapshot.max(1)..=last), "entries between {snapshot} and {last} are gone");
    for stored in page.entries {
        let sequence = stored.sequence;
        assert!(stored.entry == entry(sequence), "entry {sequence} is there in part");
    }
    *promised = Promised { last, snapshot };
}

/// Opens the log, and appends until the power fails. Returns what failed.
async fn live(medium: &Medium, promised: &mut Promised, random: &mut fastrand::Rng) -> Work {
    let file = match File::on(medium.clone()) {
        Ok(file) => file,
        Err(error) => {
            assert!(medium.is_off(), "the log does not open: {error}");
            return Work::Opening;
        }
    };
    check(&file, promised).await;
    loop {
        let sequence = promised.last + 1;
        if file.append(NAME, promised.last, entry(sequence)).await.is_err() {
            return Work::Append;
        }
        promised.last = sequence;
        if random.u8(0..4) == 0 {
            let snapshot = Snapshot { sequence, body: body(sequence) };
            if file.save_snapshot(NAME, snapshot).await.is_err() {
                return Work::Snapshot;
            }
            promised.snapshot = sequence;
        }
    }
}

/// A file that was closed after its first opening, and how many operations that one needs.
fn created() -> &'static (Medium, usize) {
    static CREATED: OnceLock<(Medium, usize)> = OnceLock::new();
    CREATED.get_or_init(|| {
        let medium = Medium::default();
        let file = File::on(medium.clone()).expect("an empty storage opens");
        let operations = medium.operations();
        drop(file);
        (medium, operations)
    })
}

/// Opens a folder in which a loss of power in the first opening has left `medium`. The file has
/// its name only when it is synced, so that a folder with the name has a whole file.
async fn opens_again(medium: &Medium) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let unfinished = folder.path().join("sprag.redb.new");
    std::fs::write(&unfinished, medium.content()).expect("there is room");
    for last in 0..2 {
        let file = File::open(folder.path()).expect("a loss of power leaves a folder that opens");
        check(&file, &mut Promised { last, snapshot: 0 }).await;
        file.append(NAME, last, entry(last + 1)).await.expect("there is room");
    }
    assert!(!unfinished.exists(), "the file has its own name");
}

/// A file that is mostly unused, and how many operations its opening needs, which compacts it.
fn unused() -> &'static (Medium, usize) {
    static UNUSED: OnceLock<(Medium, usize)> = OnceLock::new();
    UNUSED.get_or_init(|| {
        let medium = Medium::default();
        let unused = runtime().block_on(async {
            let file = File::on(medium.clone()).expect("an empty storage opens");
            for last in 0..5 {
                let large = Bytes::from(vec![b'x'; 2 << 20]);
                file.append("other", last, large).await.expect("the disk takes it");
            }
            file.append("other", 5, Bytes::new()).await.expect("the disk takes it");
            let snapshot = Snapshot { sequence: 6, body: Bytes::new() };
            file.save_snapshot("other", snapshot).await.expect("the disk takes it");
            // The engine makes a file smaller when it closes the file.
            copy(&medium)
        });
        let opened = copy(&unused);
        let compacted = File::on(opened.clone()).expect("the log is whole");
        let (before, after) = (unused.length(), opened.length());
        assert!(after < before / 8, "{after} bytes of {before} are left");
        let operations = opened.operations();
        drop(compacted);
        (unused, operations)
    })
}

/// A copy of a storage whose writes are all synced.
fn copy(medium: &Medium) -> Medium {
    medium.crash(&mut fastrand::Rng::with_seed(0))
}

/// The first storage of a program, and after how many operations its power fails.
fn beginning(seed: u64, random: &mut fastrand::Rng) -> (Medium, usize) {
    match first_work(seed) {
        Work::First => (Medium::default(), random.usize(0..created().1)),
        Work::Compaction => {
            let (medium, operations) = unused();
            (copy(medium), random.usize(0..*operations))
        }
        _ => (copy(&created().0), random.usize(0..OPERATIONS)),
    }
}

/// The opening with which the program of a seed begins.
fn first_work(seed: u64) -> Work {
    match seed {
        seed if seed.is_multiple_of(COMPACTED) => Work::Compaction,
        seed if seed.is_multiple_of(FIRST) => Work::First,
        _ => Work::Opening,
    }
}

/// Appends, loses its power and restarts, several times. Returns what was lost, and the storage.
async fn lives(
    seed: u64,
    mut random: fastrand::Rng,
    (mut medium, mut operations): (Medium, usize),
) -> (Vec<Loss>, Medium) {
    let (mut promised, mut losses) = (Promised::default(), Vec::new());
    for life in 0..LOSSES {
        medium.fail_after(operations);
        let work = live(&medium, &mut promised, &mut random).await;
        assert!(medium.is_off(), "{work:?} fails with the power on");
        let is_first = work == Work::Opening && life == 0;
        let work = if is_first { first_work(seed) } else { work };
        losses.push((work, medium.unsynced()));
        medium = medium.crash(&mut random);
        if work == Work::First {
            opens_again(&medium).await;
            medium = copy(&created().0);
        }
        operations = random.usize(0..OPERATIONS);
    }
    let file = File::on(medium.clone()).expect("a loss of power leaves a log that opens");
    check(&file, &mut promised).await;
    drop(file);
    (losses, medium)
}

fn run(seed: u64) -> (Vec<Loss>, Medium) {
    let mut random = fastrand::Rng::with_seed(seed);
    let beginning = beginning(seed, &mut random);
    runtime().block_on(lives(seed, random, beginning))
}

fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime starts")
}

#[test]
fn l1_what_was_acknowledged_survives_torn_writes_by_seed() {
    let (all, torn) = (Mutex::new(BTreeMap::new()), Mutex::new(Vec::new()));
    each_seed("SPRAG_LOG_SEED", 100, |seed| {
        let (losses, _) = run(seed);
        torn.lock().expect("no panic").push(losses.iter().any(|(_, unsynced)| *unsynced > 0));
        for (work, _) in losses {
            *all.lock().expect("no panic").entry(work).or_insert(0) += 1;
        }
    });
    let (all, torn) = (all.into_inner().expect("no panic"), torn.into_inner().expect("no panic"));
    let seeds = torn.len();
    let torn = torn.into_iter().filter(|is_torn| *is_torn).count();
    assert!(torn * 2 >= seeds, "in {torn} of {seeds} seeds a write was not synced");
    // A seed alone has a part of them.
    let works = [Work::First, Work::Opening, Work::Compaction, Work::Append, Work::Snapshot];
    let each = works.map(|work| all.get(&work).copied().unwrap_or(0));
    assert!(seeds < 100 || each.iter().all(|count| *count > 0), "{all:?} for {seeds} seeds");
}

#[test]
fn l10_a_seed_of_torn_writes_leaves_the_same_bytes_each_time() {
    for seed in [0, 1, 2, FIRST, COMPACTED] {
        let [(first, medium), (second, again)] = [run(seed), run(seed)];
        assert_eq!(first, second, "the losses of seed {seed}");
        assert!(medium.content() == again.content(), "the storage of seed {seed}");
    }
}
