//! L9, L10: programs of two processes that append one entry after the other, which takes a
//! program ten times as long.

use std::sync::Arc;
use std::time::Duration;

use sprag_log::{Snapshot, Stored};
use test_support::{each_seed, within};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::outcomes::{Shared, watched};
use crate::processes::{paused, reproduced, start};
use crate::programs::{finish, synced, write};
use crate::simulated::{Faults, World};

/// Few faults, so that series are long.
const FAULTS: Faults = Faults {
    lost: 5,
    unacknowledged: 10,
    late: 5,
    doubled: 20,
    unchecked: 300,
    cut: 10,
    jumped: 2,
};

/// Returns what the log has at the end.
async fn program(seed: u64) -> (Vec<Stored>, Option<Snapshot>) {
    fastrand::seed(seed);
    let world = World::new(seed, FAULTS);
    let (outcomes, entries) = (Shared::default(), fastrand::u64(10..80));
    let (mut tasks, mut processes) = (JoinSet::new(), Vec::new());
    for number in 0..2 {
        let process = start(&world, entries).await;
        watched(&process.ledger);
        let (ledger, shared) = (process.ledger.clone(), Arc::clone(&outcomes));
        let series = fastrand::usize(1..4);
        tasks.spawn(async move {
            for part in 0..series {
                sleep(Duration::from_millis(fastrand::u64(0..200))).await;
                let (name, count) = (format!("p{number}.{part}"), fastrand::usize(1..80));
                write(ledger.clone(), name, count, Arc::clone(&shared)).await;
            }
        });
        tasks.spawn(synced(process.ledger.clone(), Arc::clone(&outcomes)));
        processes.push(process);
    }
    tasks.join_all().await;
    sleep(Duration::from_millis(1_500)).await;
    world.heal();
    finish(&world, &processes, &outcomes).await;
    world.content()
}

#[test]
fn l10_l2_l3_seeds_of_two_processes_that_write_in_series() {
    within(Duration::from_secs(1_200), || {
        each_seed("SPRAG_LOG_SERIES_SEED", 50, |seed| drop(paused(program(seed))));
    });
}

#[test]
fn l10_a_seed_of_series_leaves_the_same_log_each_time() {
    within(Duration::from_secs(120), || reproduced(program));
}
