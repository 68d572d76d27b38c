//! L3a: a name that is destroyed and made anew has a new incarnation.

use std::sync::Arc;
use std::time::Duration;

use sprag_log::{Log, Logged, WriteError, open};
use test_support::{each_seed, within};
use tokio::time::{sleep, timeout};

use crate::ledger::{Ledger, raise};
use crate::processes::{FAULTS, paused};
use crate::simulated::{Client, Faults, World};

async fn ledger(client: &Client, sum: u64) -> Logged<Ledger> {
    let initial = Ledger { sum, ..Ledger::default() };
    open(Arc::new(client.clone()), "ledger", initial).await.expect("the log is in reach")
}

/// Waits until the model is not current, and returns the reason.
async fn problem(ledger: &Logged<Ledger>) -> String {
    let problem = async {
        while ledger.is_current() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(5), problem).await.expect("the end is seen");
    ledger.problem().expect("it is not current")
}

#[test]
fn l3a_a_destroyed_log_begins_anew_and_its_earlier_processes_end() {
    paused(async {
        let world = World::new(1, Faults::default());
        let (first, second) = (world.client(), world.client());
        let (one, two) = (ledger(&first, 0).await, ledger(&second, 0).await);
        for number in 0..30 {
            raise(&one, &number.to_string()).await.expect("the log is in reach");
        }
        one.destroy().await.expect("the log is in reach");
        assert_eq!(world.len(), 1, "the entries are dropped");
        assert!(problem(&two).await.contains("destroyed"), "{:?}", two.problem());
        let refused = two.sync().await.expect_err("the log is destroyed").to_string();
        assert!(refused.contains("destroyed"), "{refused}");
        assert_eq!(two.snapshot().done.len(), 30, "the last state can be read");

        let end = two.version();
        let (again, other) = (ledger(&first, 7).await, ledger(&second, 8).await);
        let sum = raise(&other, "new").await.expect("the log is in reach");
        again.sync().await.expect("the log is in reach");
        assert_eq!((again.get(Ledger::PATHS.sum), sum), (8, 8), "the first one begins");
        assert_eq!(again.incarnation(), other.incarnation());
        assert_ne!(again.incarnation(), two.incarnation());
        assert!(again.version() > end, "versions rise across incarnations");
        assert_eq!(again.snapshot().done.len(), 1);
    });
}

#[test]
fn l3a_the_writes_behind_the_end_fail_and_those_before_it_are_in_the_log() {
    paused(async {
        let world = World::new(2, Faults::default());
        let ledger = ledger(&world.client(), 0).await;
        let (before, end, behind) =
            tokio::join!(raise(&ledger, "before"), ledger.destroy(), ledger.sync());
        assert_eq!(before.expect("it is before the end"), 1);
        end.expect("the log is in reach");
        let behind = behind.expect_err("it is behind the end").to_string();
        assert!(behind.contains("destroyed"), "{behind}");
        assert_eq!(ledger.snapshot().order, ["before"]);
        let again = ledger.destroy().await;
        assert!(matches!(again, Err(WriteError::NotCurrent { .. })), "{again:?}");
    });
}

/// Two processes destroy the log and begin anew, on a network that fails.
async fn program(seed: u64) {
    fastrand::seed(seed);
    let world = World::new(seed, FAULTS);
    let (first, second) = (world.client(), world.client());
    let mut incarnations = Vec::new();
    for round in 0..3 {
        let (one, two) = tokio::join!(ledger(&first, round), ledger(&second, round));
        assert_eq!(one.incarnation(), two.incarnation());
        assert!(!incarnations.contains(&one.incarnation().to_owned()), "{round} begins anew");
        incarnations.push(one.incarnation().to_owned());
        for number in 0..fastrand::usize(1..6) {
            // An outcome may be unknown.
            let name = format!("a{number}");
            let _ = tokio::join!(raise(&one, &name), raise(&two, "b"));
        }
        let outcomes = tokio::join!(one.destroy(), two.destroy());
        let is_done = outcomes.0.is_ok() || outcomes.1.is_ok();
        assert!(is_done || problem(&one).await.contains("destroyed"), "{outcomes:?}");
        for process in [&one, &two] {
            assert!(problem(process).await.contains("destroyed"), "{:?}", process.problem());
            assert!(process.snapshot().sum >= round && process.version() > 0);
        }
    }
    world.heal();
    let (one, two) = (ledger(&first, 9).await, ledger(&second, 9).await);
    let sum = raise(&one, "last").await.expect("the log is whole");
    two.sync().await.expect("the log is whole");
    assert_eq!((sum, two.get(Ledger::PATHS.sum)), (10, 10));
    let snapshot = first.load_snapshot("ledger").await.expect("the log is in reach");
    assert!(snapshot.is_some(), "the end of the last incarnation is kept");
}

#[test]
fn l10_l3a_seeds_of_two_processes_that_destroy_a_log() {
    within(Duration::from_secs(600), || {
        each_seed("SPRAG_LOG_SEED", 60, |seed| paused(program(seed)));
    });
}
