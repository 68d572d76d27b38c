//! The parts of programs on the simulated log: writes and reads in a row, and what must hold at the
//! end.

use std::sync::Arc;
use std::time::Duration;

use sprag_log::Logged;
use tokio::time::sleep;

use crate::ledger::Ledger;
use crate::outcomes::{Shared, sync_one, write_one};
use crate::processes::{Process, start};
use crate::simulated::World;

/// Makes `count` writes, one after another.
pub(crate) async fn write(ledger: Logged<Ledger>, writer: String, count: usize, outcomes: Shared) {
    for number in 0..count {
        write_one(&ledger, format!("{writer}.{number}"), &outcomes).await;
    }
}

/// Some linearizable reads, one after another.
pub(crate) async fn synced(ledger: Logged<Ledger>, outcomes: Shared) {
    for _ in 0..3 {
        sync_one(&ledger, &outcomes).await;
        sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for all entries in the log.
async fn caught_up(ledger: &Logged<Ledger>) {
    let ledger = ledger.within(Duration::from_secs(20));
    ledger.sync().await.expect("the log is whole");
}

/// Checks that all processes agree, and have the acknowledged writes and none that failed.
pub(crate) async fn finish(world: &World, processes: &[Process], outcomes: &Shared) {
    for process in processes {
        caught_up(&process.ledger).await;
    }
    let last = start(world, u64::MAX).await.ledger;
    last.sync().await.expect("the log is whole");
    sleep(Duration::from_millis(1_000)).await;
    let (version, state) = last.versioned();
    for process in processes {
        assert!(process.ledger.is_current(), "{:?}", process.ledger.problem());
        assert_eq!(process.ledger.versioned(), (version, Arc::clone(&state)));
        assert_eq!(process.ledger.panics(), 0, "a watcher saw what must not be");
    }
    let outcomes = outcomes.lock().expect("no writer panics");
    outcomes.check(&state);
    let known = outcomes.acknowledged.len() + outcomes.unknown;
    assert!(outcomes.acknowledged.len() * 2 > known, "most outcomes are known");
}
