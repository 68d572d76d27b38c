//! L8: how often a snapshot is stored depends on its size.

use std::sync::Arc;
use std::time::Duration;

use sprag_log::{Log, open};
use tokio::time::sleep;

use crate::ledger::{Ledger, raise};
use crate::simulated::{Faults, World};

#[tokio::test(start_paused = true)]
async fn l8_a_large_snapshot_is_followed_by_as_many_bytes_of_entries_before_the_next_one() {
    let world = World::new(7, Faults::default());
    let client = world.client();
    let opening = open(Arc::new(client.clone()), "ledger", Ledger::default());
    let ledger = opening.snapshots(u64::MAX, 1).await.expect("the log is in reach");
    let snapshot = async || {
        // Until then a snapshot that was due is stored.
        sleep(Duration::from_secs(1)).await;
        let snapshot = client.load_snapshot("ledger").await.expect("the log is in reach");
        snapshot.map(|snapshot| snapshot.sequence)
    };
    ledger.insert(Ledger::PATHS.done, "x".repeat(30_000), 0).await.expect("the log is in reach");
    let large = snapshot().await;
    assert_eq!(large, Some(ledger.version()), "the first entry is larger than what is there");
    for number in 0..20 {
        raise(&ledger, &number.to_string()).await.expect("the log is in reach");
        assert_eq!(snapshot().await, large, "{number} small entries are less than the state");
    }
    ledger.insert(Ledger::PATHS.done, "y".repeat(30_000), 0).await.expect("the log is in reach");
    assert_eq!(snapshot().await, Some(ledger.version()));
}
