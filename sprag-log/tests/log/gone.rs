//! L2, L7: a process does not write to a log whose entries an operator, or the loss of a disk,
//! has removed.

use std::sync::Arc;
use std::time::Duration;

use sprag_log::{Logged, OpenError, TransactError, WriteError, open};

use tokio::time::sleep;

use crate::ledger::{Ledger, raise};
use crate::processes::{paused, start};
use crate::simulated::{Faults, World};

/// A log with `entries` entries of one process.
async fn written(seed: u64, entries: u64) -> (World, Logged<Ledger>) {
    let world = World::new(seed, Faults::default());
    let old = start(&world, u64::MAX).await.ledger;
    for number in 0..entries {
        raise(&old, &format!("old {number}")).await.expect("the log is in reach");
    }
    (world, old)
}

/// Checks that `old` refuses a write with `reason`, and that nothing was stored.
async fn refuses(old: &Logged<Ledger>, world: &World, reason: &str) {
    let stored = world.len();
    let Err(TransactError::Write(error)) = raise(old, "late").await else { panic!("it writes") };
    assert!(matches!(error, WriteError::NotCurrent { .. }), "{error}");
    assert!(error.to_string().contains(reason), "{error}");
    assert!(!old.is_current());
    assert_eq!(world.len(), stored, "nothing is added");
}

/// Checks that a process that begins the log anew is not disturbed by `old`.
async fn begins_anew(old: Logged<Ledger>, world: World) {
    let new = start(&world, u64::MAX).await.ledger;
    refuses(&old, &world, "made anew").await;
    assert_eq!(raise(&new, "new").await.expect("the log is in reach"), 1);
    assert!(new.is_current());
}

#[test]
fn l2_l3a_a_process_does_not_write_to_a_log_that_was_purged_and_begun_anew() {
    for entries in [0, 1, 20] {
        paused(async move {
            let (world, old) = written(entries, entries).await;
            world.purge();
            begins_anew(old, world).await;
        });
    }
}

#[test]
fn l2_l3a_a_process_does_not_write_to_a_log_that_began_anew_at_a_lower_sequence() {
    paused(async {
        let (world, old) = written(2, 20).await;
        world.lose_all();
        begins_anew(old, world).await;
    });
}

#[test]
fn l7_a_process_whose_log_is_empty_says_that_its_last_entry_is_gone() {
    paused(async {
        let (world, old) = written(3, 20).await;
        world.purge();
        refuses(&old, &world, "the entry at sequence 21").await;
    });
}

#[test]
fn l7_a_snapshot_without_the_entry_that_it_ends_with_is_not_opened() {
    paused(async {
        let world = World::new(4, Faults::default());
        let ledger = start(&world, 5).await.ledger;
        for number in 0..30 {
            raise(&ledger, &number.to_string()).await.expect("the log is in reach");
        }
        ledger.stop().await;
        let opening = || {
            let opening = open(Arc::new(world.client()), "ledger", Ledger::default());
            opening.recovery(Duration::from_secs(1))
        };
        assert_eq!(opening().await.expect("the log is whole").versioned(), ledger.versioned());
        world.purge();
        let error = opening().await.expect_err("entries are gone");
        assert!(matches!(error, OpenError::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains("lacks the entry at sequence"), "{error}");
        assert_eq!(world.len(), 0, "nothing is written");
    });
}

/// An old process with 20 entries, whose log has lost the last five, and a new process that has
/// made `count` others.
async fn forked(seed: u64, count: usize) -> (World, Logged<Ledger>, Logged<Ledger>) {
    let (world, old) = written(seed, 20).await;
    sleep(Duration::from_secs(1)).await;
    world.forget(5);
    let new = start(&world, u64::MAX).await.ledger;
    for number in 0..count {
        raise(&new, &format!("new {number}")).await.expect("the log is in reach");
    }
    (world, old, new)
}

#[test]
fn l2_a_process_acknowledges_nothing_where_others_took_the_sequences_of_lost_entries() {
    for count in [5, 6, 30] {
        paused(async move {
            let (world, old, new) = forked(count as u64, count).await;
            let Err(TransactError::Write(error)) = raise(&old, "late").await else {
                panic!("a write on a history that is gone was acknowledged")
            };
            assert!(matches!(error, WriteError::NotCurrent { .. }), "{error}");
            assert!(error.to_string().contains("a server has lost entries"), "{error}");
            // All others skip the entry that the old process has appended.
            assert_eq!(raise(&new, "next").await.expect("it counts"), 15 + count as u64 + 1);
            let again = start(&world, u64::MAX).await.ledger;
            assert_eq!(again.versioned(), new.versioned());
            assert!(!again.snapshot().done.contains_key("late"));
        });
    }
}

#[test]
fn l2_a_process_that_is_ahead_of_a_log_that_lost_entries_writes_nothing() {
    paused(async {
        let (_world, old, new) = forked(9, 4).await;
        let Err(TransactError::Write(error)) = raise(&old, "late").await else {
            panic!("a write on a history that is gone was acknowledged")
        };
        assert!(matches!(error, WriteError::Unknown { .. } | WriteError::Unavailable { .. }));
        raise(&new, "next").await.expect("the log is in reach");
        raise(&old, "later").await.expect_err("the entry is another one");
        assert_eq!(new.snapshot().order.len(), 20);
    });
}

#[test]
fn l7_a_snapshot_of_entries_that_the_log_has_lost_is_an_error_and_nothing_is_written() {
    paused(async {
        let world = World::new(10, Faults::default());
        let ledger = start(&world, 12).await.ledger;
        for number in 0..12 {
            raise(&ledger, &number.to_string()).await.expect("the log is in reach");
        }
        ledger.stop().await;
        let foreign = World::new(11, Faults::default());
        let other = start(&foreign, u64::MAX).await.ledger;
        for number in 0..12 {
            raise(&other, &number.to_string()).await.expect("the log is in reach");
        }
        world.take_entries(&foreign);
        let stored = world.len();
        let error = open(Arc::new(world.client()), "ledger", Ledger::default())
            .await
            .expect_err("the snapshot is of another history");
        assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains("ends with another entry"), "{error}");
        assert_eq!(world.len(), stored);
    });
}
