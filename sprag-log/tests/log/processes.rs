//! Processes with models on a simulated log.

use std::sync::Arc;
use std::time::Duration;

use sprag_log::{Logged, open};

use crate::ledger::Ledger;
use crate::simulated::{Client, Faults, World};

pub(crate) const FAULTS: Faults = Faults {
    lost: 30,
    unacknowledged: 40,
    late: 30,
    doubled: 30,
    unchecked: 200,
    cut: 20,
    jumped: 667,
};

/// One process: its connection, and its model.
pub(crate) struct Process {
    pub(crate) client: Client,
    pub(crate) ledger: Logged<Ledger>,
}

pub(crate) async fn start(world: &World, entries: u64) -> Process {
    let client = world.client();
    // Each process has an initial state of its own; all of them get that of the first.
    let opening = open(Arc::new(client.clone()), "ledger", Ledger::default())
        .deadline(Duration::from_millis(400))
        .queue(8, 1 << 20)
        .snapshots(entries, u64::MAX);
    Process { client, ledger: opening.await.expect("the log is in reach often enough") }
}

/// Runs a program of one seed on a paused clock.
pub(crate) fn paused(seed: u64, program: impl Future<Output = ()> + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime starts");
    runtime.block_on(async {
        if tokio::spawn(program).await.is_err() {
            panic!("seed {seed} fails; run it alone with SPRAG_LOG_SEED={seed}");
        }
    });
}
