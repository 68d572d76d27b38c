//! D7: a reader that sleeps holds no state. One test alone in its process, since it counts
//! what the whole process has allocated.
#![cfg(feature = "serde")]

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{FutureExt, StreamExt};
use peak_alloc::PeakAlloc;
use sprag::prelude::*;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

#[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Large {
    count: u64,
    rest: Vec<u64>,
    #[model(leaf)]
    #[serde(skip)]
    clones: CountsClones,
}

/// How often a state was cloned.
static CLONES: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug, Default, PartialEq)]
struct CountsClones;

impl Clone for CountsClones {
    fn clone(&self) -> Self {
        CLONES.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

const MEGABYTE: usize = 1 << 20;
const WRITES: u64 = 1_000_000;
const BOUND: usize = 1_000;

#[test]
fn d7_a_stalled_reader_makes_no_write_copy_the_state() {
    let rest = vec![7; 100 * MEGABYTE / size_of::<u64>()];
    let large = create_model("large", Large { rest, ..Large::default() });
    let mut changes = large.changes().bound(BOUND);
    // The two states of an `update` are held until the next write compares them.
    large.update(|large| large.count = 1);
    large.set(Large::PATHS.count, 2);
    let start = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let clones = CLONES.load(Ordering::Relaxed);

    for count in 0..WRITES {
        large.set(Large::PATHS.count, count);
    }

    let held = ALLOCATED.peak_usage() - start;
    assert!(held < 2 * MEGABYTE, "{held} bytes for a reader of {BOUND} commits");
    assert_eq!(CLONES.load(Ordering::Relaxed), clones, "no write clones the state");
    let lost = changes.next().now_or_never().unwrap().unwrap().unwrap_err();
    assert_eq!(lost.0, WRITES + 2 - BOUND as u64);
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    assert_eq!(commit.version(), WRITES + 3 - BOUND as u64);
    drop(changes);
    drop(commit);
    assert!(ALLOCATED.current_usage() < start + MEGABYTE);

    a_history_holds_what_was_written(&large);
}

/// D5: an entry is the values, not the state.
fn a_history_holds_what_was_written(large: &Model<Large>) {
    let history = large.history(1_000);
    let start = ALLOCATED.current_usage();
    for count in 0..1_000 {
        large.set(Large::PATHS.count, count);
    }
    assert!(ALLOCATED.current_usage() - start < 2 * MEGABYTE);
    history.undo().unwrap();
    assert_eq!(large.get(Large::PATHS.count), 998);
}
