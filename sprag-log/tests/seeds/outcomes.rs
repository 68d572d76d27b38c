//! The outcomes of writes, and what must hold of them and of a process's model at any time. This
//! module does not know whether the log is a simulated one.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use sprag_log::{Logged, TransactError, WriteError};

use crate::ledger::{Ledger, Twice, raise};

/// The outcomes of the writes of all processes of a program.
#[derive(Default)]
pub(crate) struct Outcomes {
    pub(crate) acknowledged: BTreeSet<String>,
    pub(crate) failed: BTreeSet<String>,
    pub(crate) unknown: usize,
}

pub(crate) type Shared = Arc<Mutex<Outcomes>>;

impl Outcomes {
    /// Checks that `state`, the one of the whole log, has the acknowledged writes and none that
    /// failed.
    pub(crate) fn check(&self, state: &Ledger) {
        state.check();
        let missing: Vec<_> =
            self.acknowledged.iter().filter(|name| !state.done.contains_key(*name)).collect();
        assert!(missing.is_empty(), "acknowledged, and not in the log: {missing:?}");
        let there: Vec<_> =
            self.failed.iter().filter(|name| state.done.contains_key(*name)).collect();
        assert!(there.is_empty(), "failed, and in the log: {there:?}");
    }
}

/// Makes one write, and notes its outcome.
pub(crate) async fn write_one(ledger: &Logged<Ledger>, name: String, outcomes: &Shared) {
    let outcome = raise(ledger, &name).await;
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

/// L2: after a `sync` that succeeds, the state includes all writes that were acknowledged before
/// it.
pub(crate) async fn sync_one(ledger: &Logged<Ledger>, outcomes: &Shared) {
    let before = outcomes.lock().expect("no writer panics").acknowledged.clone();
    if ledger.sync().await.is_ok() {
        ledger.read(|ledger| {
            let missing: Vec<_> =
                before.iter().filter(|name| !ledger.done.contains_key(*name)).collect();
            assert!(missing.is_empty(), "a linearizable read leaves out {missing:?}");
        });
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
