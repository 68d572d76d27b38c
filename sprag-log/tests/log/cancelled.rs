//! L2, L4a: a thousand callers of two processes that stop waiting at random moments.

use std::sync::Arc;
use std::time::Duration;

use sprag_log::{Logged, TransactError, WriteError, open};
use test_support::{each_seed, within};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::ledger::{Ledger, Twice, raise};
use crate::processes::paused;
use crate::simulated::{Faults, World};

const CALLERS: usize = 500;
/// Few faults, so that many writes are acknowledged.
const FAULTS: Faults = Faults {
    lost: 10,
    unacknowledged: 10,
    late: 10,
    doubled: 20,
    unchecked: 200,
    cut: 10,
    jumped: 300,
};

#[derive(Debug, PartialEq)]
enum End {
    Acknowledged,
    Failed,
    Unknown,
}

/// Makes one write, and stops waiting for it after `patience`.
async fn call(ledger: Logged<Ledger>, name: String, patience: Duration) -> (String, End) {
    let end = match timeout(patience, raise(&ledger, &name)).await {
        Ok(Ok(_)) => End::Acknowledged,
        Err(_) | Ok(Err(TransactError::Write(WriteError::Unknown { .. }))) => End::Unknown,
        Ok(Err(TransactError::Refused(Twice))) => panic!("{name} was made before it was made"),
        Ok(Err(TransactError::Write(_))) => End::Failed,
        Ok(Err(error)) => panic!("{error:?}"),
    };
    (name, end)
}

async fn program(seed: u64) {
    fastrand::seed(seed);
    let world = World::new(seed, FAULTS);
    let mut callers = JoinSet::new();
    let mut ledgers = Vec::new();
    for process in 0..2 {
        let opening = open(Arc::new(world.client()), "ledger", Ledger::default());
        let ledger = opening.queue(64, 1 << 20).snapshots(40, u64::MAX).await.expect("in reach");
        for number in 0..CALLERS {
            let patience = Duration::from_micros(fastrand::u64(0..400_000));
            callers.spawn(call(ledger.clone(), format!("{process}.{number}"), patience));
        }
        ledgers.push(ledger);
    }
    let ends = callers.join_all().await;
    world.heal();
    for ledger in ledgers.iter().chain(&ledgers) {
        ledger.sync().await.expect("the log is whole");
    }
    let state = ledgers[0].snapshot();
    state.check();
    assert_eq!(state, ledgers[1].snapshot(), "both processes agree");
    for (name, end) in &ends {
        let is_there = state.done.contains_key(name);
        assert!(is_there || *end != End::Acknowledged, "{name} was acknowledged, and is lost");
        assert!(!is_there || *end != End::Failed, "{name} failed, and is there");
    }
    let count = |wanted: End| ends.iter().filter(|(_, end)| *end == wanted).count();
    let counts = (count(End::Acknowledged), count(End::Unknown));
    assert!(counts.0 > 20 && counts.1 > 20, "callers stay, and go: {counts:?}");
}

#[test]
fn l2_l4a_callers_that_stop_waiting_lose_and_double_nothing() {
    within(Duration::from_secs(600), || {
        each_seed("SPRAG_LOG_SEED", 10, |seed| paused(program(seed)));
    });
}
