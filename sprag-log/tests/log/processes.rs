//! Processes with models on a simulated log.

use std::panic::resume_unwind;
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

/// Runs a program on a paused clock, and returns its result.
pub(crate) fn paused<U: Send + 'static>(program: impl Future<Output = U> + Send + 'static) -> U {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime starts");
    let ended = runtime.block_on(async { tokio::spawn(program).await });
    ended.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}

/// Runs the programs of some seeds twice, and checks that both runs have the same result.
pub(crate) fn reproduced<F>(program: impl Fn(u64) -> F)
where
    F: Future<Output: PartialEq + Send + 'static> + Send + 'static,
{
    for seed in 0..4 {
        let [first, second] = [(); 2].map(|()| paused(program(seed)));
        assert!(first == second, "seed {seed} is another schedule the second time");
    }
}
