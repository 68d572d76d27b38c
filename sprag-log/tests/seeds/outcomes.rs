//! The outcomes of writes, and what must hold of them and of the processes' models.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sprag_log::{Logged, TransactError, WriteError};
use tokio::time::sleep;

use crate::ledger::{Ledger, Twice, raise};
use crate::processes::{Process, start};
use crate::simulated::World;

/// The outcomes of the writes of all processes of a program.
#[derive(Default)]
pub(crate) struct Outcomes {
    acknowledged: BTreeSet<String>,
    failed: BTreeSet<String>,
    unknown: usize,
}

pub(crate) type Shared = Arc<Mutex<Outcomes>>;

/// Makes `count` writes, one after another.
pub(crate) async fn write(ledger: Logged<Ledger>, writer: String, count: usize, outcomes: Shared) {
    for number in 0..count {
        let name = format!("{writer}.{number}");
        let outcome = raise(&ledger, &name).await;
        let mut outcomes = outcomes.lock().expect("no writer panics");
        match outcome {
            Ok(sum) => {
                // L4: this process sees its own write.
                ledger.read(|ledger| assert_eq!(ledger.done.get(&name), Some(&sum)));
                outcomes.acknowledged.insert(name);
            }
            Err(TransactError::Refused(Twice)) => panic!("{name} was made before it was made"),
            Err(TransactError::Write(WriteError::Unknown { .. })) => outcomes.unknown += 1,
            Err(TransactError::Write(_)) => drop(outcomes.failed.insert(name)),
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// L2: after `sync`, the state includes all writes that were acknowledged before it.
pub(crate) async fn synced(ledger: Logged<Ledger>, outcomes: Shared) {
    for _ in 0..3 {
        let before = outcomes.lock().expect("no writer panics").acknowledged.clone();
        if ledger.sync().await.is_ok() {
            ledger.read(|ledger| {
                let missing: Vec<_> =
                    before.iter().filter(|name| !ledger.done.contains_key(*name)).collect();
                assert!(missing.is_empty(), "a linearizable read leaves out {missing:?}");
            });
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// L3: versions rise, and each state is a prefix of the next.
pub(crate) fn watched(ledger: &Logged<Ledger>) {
    let last = Mutex::new((0, Vec::new()));
    let watch = move |ledger: &Ledger, version: u64| {
        ledger.check();
        let mut last = last.lock().expect("no callback panics");
        assert!(version > last.0, "version {version} comes after {}", last.0);
        assert!(ledger.order.starts_with(&last.1), "no entry is skipped or moved");
        *last = (version, ledger.order.clone());
    };
    let whole = |ledger: &Ledger| ledger.clone();
    ledger.subscribe(whole, move |ledger, change| watch(ledger, change.version())).detach();
}

/// Waits for all entries in the log. An outcome may be unknown if a snapshot of another
/// process covers the entry before this process has seen it.
async fn caught_up(ledger: &Logged<Ledger>) {
    let ledger = ledger.within(Duration::from_secs(20));
    let mut outcome = ledger.sync().await;
    for _ in 0..3 {
        if matches!(outcome, Err(WriteError::Unknown { .. })) {
            outcome = ledger.sync().await;
        }
    }
    outcome.expect("the log is whole");
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
    state.check();
    for process in processes {
        assert!(process.ledger.is_current(), "{:?}", process.ledger.problem());
        assert_eq!(process.ledger.versioned(), (version, Arc::clone(&state)));
        assert_eq!(process.ledger.panics(), 0, "a watcher saw what must not be");
    }
    let outcomes = outcomes.lock().expect("no writer panics");
    let missing: Vec<_> =
        outcomes.acknowledged.iter().filter(|name| !state.done.contains_key(*name)).collect();
    assert!(missing.is_empty(), "acknowledged, and not in the log: {missing:?}");
    let there: Vec<_> =
        outcomes.failed.iter().filter(|name| state.done.contains_key(*name)).collect();
    assert!(there.is_empty(), "failed, and in the log: {there:?}");
    let known = outcomes.acknowledged.len() + outcomes.unknown;
    assert!(outcomes.acknowledged.len() * 2 > known, "most outcomes are known");
}
