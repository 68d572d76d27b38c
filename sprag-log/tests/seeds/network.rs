//! L10: programs of three processes on a network that fails.

use std::sync::Arc;
use std::time::Duration;

use sprag_log::{Snapshot, Stored};
use test_support::{each_seed, within};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::outcomes::{Shared, watched};
use crate::processes::{FAULTS, Process, paused, reproduced, start};
use crate::programs::{finish, synced, write};
use crate::simulated::{Cut, World};

/// Cuts, restores and kills processes at moments of the schedule.
async fn disturb(
    world: World,
    mut process: Process,
    number: usize,
    entries: u64,
    outcomes: Shared,
) -> Process {
    let mut rng = fastrand::Rng::new();
    for life in 0..2 {
        sleep(Duration::from_millis(rng.u64(0..60))).await;
        match rng.u32(0..4) {
            0 => {
                process.client.cut(Cut::Off);
                sleep(Duration::from_millis(rng.u64(0..600))).await;
                process.client.cut(Cut::Mended);
            }
            1 => {
                process.client.kill();
                process = start(&world, entries).await;
                watched(&process.ledger);
                let writer = format!("p{number}.{life}.again");
                tokio::spawn(write(process.ledger.clone(), writer, 5, Arc::clone(&outcomes)));
            }
            _ => {}
        }
    }
    process
}

/// Returns what the log has at the end.
async fn program(seed: u64) -> (Vec<Stored>, Option<Snapshot>) {
    fastrand::seed(seed);
    let world = World::new(seed, FAULTS);
    let outcomes = Shared::default();
    let entries = fastrand::u64(4..40);
    let (mut tasks, mut processes) = (JoinSet::new(), JoinSet::new());
    for number in 0..3 {
        let process = start(&world, entries).await;
        watched(&process.ledger);
        for writer in 0..3 {
            let name = format!("p{number}.w{writer}");
            // No caller waits for the writes of a killed process.
            tokio::spawn(write(process.ledger.clone(), name, 6, Arc::clone(&outcomes)));
        }
        tasks.spawn(synced(process.ledger.clone(), Arc::clone(&outcomes)));
        let outcomes = Arc::clone(&outcomes);
        processes.spawn(disturb(world.clone(), process, number, entries, outcomes));
    }
    let processes = processes.join_all().await;
    sleep(Duration::from_millis(1_500)).await;
    // A read that left out a write has panicked. Those of a killed process never end.
    while let Some(read) = tasks.try_join_next() {
        read.expect("no read leaves out a write");
    }
    world.heal();
    finish(&world, &processes, &outcomes).await;
    world.content()
}

#[test]
fn l10_l2_l3_l4_l5_seeds_of_three_processes_on_a_network_that_fails() {
    within(Duration::from_secs(1_200), || {
        each_seed("SPRAG_LOG_SEED", 100, |seed| drop(paused(program(seed))));
    });
}

#[test]
fn l10_a_seed_of_three_processes_leaves_the_same_log_each_time() {
    within(Duration::from_secs(120), || reproduced(program));
}
