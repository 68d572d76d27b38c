//! L2, L7: a process does not write to a log whose entries an operator, or the loss of a disk,
//! has removed.

use std::sync::Arc;
use std::time::Duration;

use sprag_log::{Logged, OpenError, TransactError, WriteError, open};

use crate::ledger::{Ledger, raise};
use crate::seeds::{paused, start};
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
        paused(entries, async move {
            let (world, old) = written(entries, entries).await;
            world.purge();
            begins_anew(old, world).await;
        });
    }
}

#[test]
fn l2_l3a_a_process_does_not_write_to_a_log_that_began_anew_at_a_lower_sequence() {
    paused(2, async {
        let (world, old) = written(2, 20).await;
        world.lose_all();
        begins_anew(old, world).await;
    });
}

#[test]
fn l7_a_process_whose_log_is_empty_says_that_its_last_entry_is_gone() {
    paused(3, async {
        let (world, old) = written(3, 20).await;
        world.purge();
        refuses(&old, &world, "the entry at sequence 21").await;
    });
}

#[test]
fn l7_a_snapshot_without_the_entry_that_it_ends_with_is_not_opened() {
    paused(4, async {
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
