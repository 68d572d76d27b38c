//! L3: an engine whose follower leaves entries out, as after a connection that was lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use sprag_log::{AppendError, Follow, Log, Page, ReadError, Snapshot, Stored, open};
use tokio::time::{sleep, timeout};

use crate::ledger::{Ledger, raise};
use crate::simulated::{Client, Faults, Follower, World};

/// An engine whose followers leave out the first entry of a delivery so many more times.
struct Skipping {
    client: Client,
    skips: Arc<AtomicUsize>,
}

struct SkippingFollower {
    follower: Follower,
    skips: Arc<AtomicUsize>,
}

impl Follow for SkippingFollower {
    async fn next(&mut self) -> Result<Vec<Stored>, ReadError> {
        let mut entries = self.follower.next().await?;
        if self.skips.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok() {
            entries.remove(0);
        }
        Ok(entries)
    }
}

impl Log for Skipping {
    type Follower = SkippingFollower;

    async fn append(&self, name: &str, last: u64, entry: Bytes) -> Result<u64, AppendError> {
        self.client.append(name, last, entry).await
    }

    async fn read(&self, name: &str, after: u64) -> Result<Page, ReadError> {
        self.client.read(name, after).await
    }

    fn follow(&self, name: &str, after: u64) -> SkippingFollower {
        let follower = self.client.follow(name, after);
        SkippingFollower { follower, skips: Arc::clone(&self.skips) }
    }

    async fn save_snapshot(&self, name: &str, snapshot: Snapshot) -> Result<(), ReadError> {
        self.client.save_snapshot(name, snapshot).await
    }

    async fn load_snapshot(&self, name: &str) -> Result<Option<Snapshot>, ReadError> {
        self.client.load_snapshot(name).await
    }
}

#[tokio::test(start_paused = true)]
async fn l3_entries_that_a_follower_leaves_out_are_read_again() {
    let world = World::new(7, Faults::default());
    let writer = open(Arc::new(world.client()), "ledger", Ledger::default());
    let writer = writer.await.expect("the log is in reach");
    let skips = Arc::new(AtomicUsize::new(0));
    let engine = Skipping { client: world.client(), skips: Arc::clone(&skips) };
    let reader = open(Arc::new(engine), "ledger", Ledger::default());
    let reader = reader.await.expect("the log is in reach");
    // Many times in all, and each time fewer than a process tolerates.
    for round in 0..10 {
        skips.store(8, Relaxed);
        while skips.load(Relaxed) > 0 {
            raise(&writer, &format!("{}", writer.version())).await.expect("the log is in reach");
            sleep(Duration::from_millis(20)).await;
        }
        // The entry behind those that were left out shows that they exist.
        raise(&writer, &format!("last of {round}")).await.expect("the log is in reach");
        let seen = async {
            while reader.version() < writer.version() {
                assert!(reader.is_current(), "{:?}", reader.problem());
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(60), seen).await.expect("all entries come");
        reader.read(Ledger::check);
    }
}
