//! L3a, L8, L9: snapshots bound the disk, delay no write, and keep the first state.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};
use sprag::prelude::*;
use sprag_log::{File, Log};
use test_support::within;
use tokio::time::timeout;

/// Reports that the whole state is being serialised, and lets the serialisation go on.
struct Gate {
    begun: SyncSender<()>,
    go_on: Receiver<()>,
}

/// The gate of the next serialisation.
static GATE: Mutex<Option<Gate>> = Mutex::new(None);

/// A field that only a write of the whole state serialises.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Slow;

impl Serialize for Slow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let gate = GATE.lock().unwrap().take();
        if let Some(gate) = gate {
            gate.begun.send(()).unwrap();
            gate.go_on.recv().unwrap();
        }
        serializer.serialize_unit_struct("Slow")
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Large {
    count: u64,
    text: String,
    #[model(leaf)]
    slow: Slow,
}

#[tokio::test(flavor = "multi_thread")]
async fn l9_writes_go_on_while_a_large_state_is_serialised() {
    let folder = tempfile::tempdir().unwrap();
    let log = File::open(folder.path()).unwrap();
    let initial = Large { text: "x".repeat(100_000), ..Large::default() };
    let large = log.model("large", initial).snapshots(2, u64::MAX).await.unwrap();
    let (begun, has_begun) = sync_channel(1);
    let (let_go, go_on) = sync_channel(1);
    *GATE.lock().unwrap() = Some(Gate { begun, go_on });

    large.set(Large::PATHS.count, 1).await.unwrap();
    let begun = tokio::task::spawn_blocking(move || {
        within(Duration::from_secs(60), move || has_begun.recv())
    });
    begun.await.unwrap().unwrap();
    for count in 2..50 {
        let write = large.set(Large::PATHS.count, count);
        timeout(Duration::from_secs(60), write).await.expect("no write waits").unwrap();
    }
    let_go.send(()).unwrap();
    large.stop().await;
    drop((large, log));
    let log = File::open(folder.path()).unwrap();
    let again = log.model("large", Large::default()).await.unwrap();
    assert_eq!((again.get(Large::PATHS.count), again.snapshot().text.len()), (49, 100_000));
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counter {
    count: u64,
    text: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn l8_the_disk_is_bounded_by_snapshots_and_made_smaller_at_the_opening() {
    let folder = tempfile::tempdir().unwrap();
    let size = || folder.path().join("sprag.redb").metadata().unwrap().len();
    let log = File::open(folder.path()).unwrap();
    let counter = log.model("counter", Counter::default()).snapshots(u64::MAX, 1 << 20).await;
    let counter = counter.unwrap();
    let mut largest = 0;
    // 40 MB in entries, of a state of 200 kB.
    for count in 0..200_u64 {
        counter.set(Counter::PATHS.text, format!("{count}").repeat(70_000)).await.unwrap();
        largest = largest.max(size());
    }
    assert!(largest < 16 << 20, "{largest} bytes");
    counter.stop().await;
    drop((counter, log));

    let log = File::open(folder.path()).unwrap();
    let counter = log.model("counter", Counter::default()).await.unwrap();
    assert!(counter.snapshot().text.starts_with("199199"));
    assert!(size() < largest, "{} of {largest} bytes are left", size());
}

#[tokio::test]
async fn l3a_a_first_state_that_is_larger_than_a_part_of_a_snapshot_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let first = Counter { count: 7, text: "x".repeat(3 << 20) };
    let log = File::open(folder.path()).unwrap();
    let counter = log.model("counter", first.clone()).snapshots(2, u64::MAX).await.unwrap();
    counter.replace(Counter::default()).await.unwrap();
    counter.stop().await;
    assert!(log.read("counter", 0).await.unwrap().entries[0].sequence > 1, "it is dropped");
    drop((counter, log));

    let log = File::open(folder.path()).unwrap();
    let counter = log.model("counter", Counter::default()).await.unwrap();
    assert_eq!(*counter.snapshot(), Counter::default());
    counter.reset().await.unwrap();
    assert!(*counter.snapshot() == first, "{} bytes", counter.snapshot().text.len());
}
