//! L8: what a recovery reads, and what counts towards the next snapshot after it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sprag_log::{Log, Opening, Progress, open};
use tokio::time::sleep;

use crate::ledger::{Ledger, raise};
use crate::simulated::{Client, Faults, World};

fn opening(client: &Client) -> Opening<Client, Ledger> {
    open(Arc::new(client.clone()), "ledger", Ledger::default())
}

/// Opens the log, makes `writes` and stops; the model stores a snapshot after so many entries or
/// bytes. Returns the sequence of the last snapshot before each write, and at the end.
async fn life(client: &Client, snapshots: (u64, u64), writes: &[&str]) -> Vec<Option<u64>> {
    let ledger = opening(client).snapshots(snapshots.0, snapshots.1).await.unwrap();
    let mut stored = Vec::new();
    for name in writes {
        stored.push(snapshot(client).await);
        raise(&ledger, name).await.unwrap();
    }
    stored.push(snapshot(client).await);
    ledger.stop().await;
    stored
}

/// The sequence of the last snapshot, after a snapshot that is due is stored.
async fn snapshot(client: &Client) -> Option<u64> {
    sleep(Duration::from_secs(1)).await;
    client.load_snapshot("ledger").await.unwrap().map(|snapshot| snapshot.sequence)
}

#[tokio::test(start_paused = true)]
async fn l8_the_entries_of_earlier_processes_count_towards_the_next_snapshot() {
    let client = World::new(7, Faults::default()).client();
    // The first entry has the initial state.
    let earlier = life(&client, (6, u64::MAX), &["1", "2", "3"]).await;
    assert_eq!(earlier, [None; 4]);
    let later = life(&client, (6, u64::MAX), &["4", "5", "6"]).await;
    assert_eq!(later, [None, None, Some(6), Some(6)]);
    // One entry counts, the last one, and the one with which the snapshot ends does not.
    let last = life(&client, (2, u64::MAX), &["7", "8"]).await;
    assert_eq!(last, [Some(6), Some(8), Some(8)]);
}

#[tokio::test(start_paused = true)]
async fn l8_the_bytes_of_earlier_processes_count_towards_the_next_snapshot() {
    let client = World::new(7, Faults::default()).client();
    let large = "x".repeat(2_000);
    let earlier = life(&client, (u64::MAX, 7_000), &[&large]).await;
    assert_eq!(earlier, [None; 2], "the name is in the entry twice, and in the state");
    let later = life(&client, (u64::MAX, 7_000), &["1", &large[1..]]).await;
    assert_eq!(later, [None, None, Some(4)]);
    // The next one is due after as many bytes as that snapshot has.
    let last = life(&client, (u64::MAX, 1), &["2", &large[2..], &large[3..]]).await;
    assert_eq!(last, [Some(4), Some(4), Some(4), Some(7)]);
}

#[tokio::test(start_paused = true)]
async fn l8_a_recovery_reports_the_entries_behind_the_snapshot_and_all_bytes() {
    let client = World::new(7, Faults::default()).client();
    life(&client, (5, u64::MAX), &["1", "2", "3", "4", "5", "6", "7"]).await;
    let reports = Arc::new(Mutex::new(Vec::<Progress>::new()));
    let seen = Arc::clone(&reports);
    let opening = opening(&client).progress(move |now| seen.lock().unwrap().push(now));
    opening.await.unwrap();

    let snapshot = client.load_snapshot("ledger").await.unwrap().unwrap();
    let mut entries = client.read("ledger", snapshot.sequence).await.unwrap().entries;
    while let Some(last) = entries.last().map(|last| last.sequence) {
        let more = client.read("ledger", last).await.unwrap().entries;
        if more.is_empty() {
            break;
        }
        entries.extend(more);
    }
    let bytes =
        entries.iter().map(|stored| stored.entry.len()).sum::<usize>() + snapshot.body.len();
    let last = *reports.lock().unwrap().last().unwrap();
    assert_eq!((last.entries, last.bytes), (3, bytes as u64));
    assert_eq!(entries.len(), 3);
}
