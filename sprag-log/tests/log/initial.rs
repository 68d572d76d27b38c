//! L3a: the first entry has the initial state of all processes, and a reset goes back to it. The
//! argument of another process is used for nothing.

use std::sync::Arc;

use sprag_log::{Log, Logged, Snapshot, open};

use crate::forged::{body, encoded};
use crate::ledger::{Ledger, raise};
use crate::processes::paused;
use crate::simulated::{Client, Cut, Faults, World};

fn initial(sum: u64) -> Ledger {
    Ledger { sum, ..Ledger::default() }
}

/// A process that gives an initial state with this sum, and stores a snapshot after so many entries.
async fn process(client: Client, sum: u64, entries: u64) -> Logged<Ledger> {
    let opening = open(Arc::new(client), "ledger", initial(sum)).snapshots(entries, u64::MAX);
    opening.await.expect("the log is in reach")
}

/// The state after a reset.
async fn reset(ledger: &Logged<Ledger>) -> Ledger {
    ledger.push(Ledger::PATHS.order, "before".into()).await.expect("the log is in reach");
    ledger.reset().await.expect("the log is in reach");
    Ledger::clone(&ledger.snapshot())
}

#[test]
fn l3a_each_process_resets_to_the_state_of_the_first_entry() {
    paused(async {
        let world = World::new(1, Faults::default());
        let first = process(world.client(), 7, u64::MAX).await;
        let second = process(world.client(), 8, u64::MAX).await;
        for ledger in [&first, &second, &first] {
            assert_eq!(reset(ledger).await, initial(7));
        }
        second.sync().await.expect("the log is in reach");
        assert_eq!(*second.snapshot(), initial(7));
    });
}

#[test]
fn l3a_a_reset_goes_back_to_the_first_state_when_snapshots_have_dropped_its_entry() {
    paused(async {
        let world = World::new(2, Faults::default());
        for argument in [7, 8, 9] {
            let ledger = process(world.client(), argument, 2).await;
            assert_eq!(reset(&ledger).await, initial(7), "the argument is {argument}");
            raise(&ledger, "the next process recovers this").await.expect("in reach");
            let state = ledger.versioned();
            ledger.stop().await;
            assert!(world.content().0[0].sequence > 1, "a snapshot covers the first entry");
            assert_eq!(process(world.client(), 10, u64::MAX).await.versioned(), state);
        }
    });
}

#[test]
fn l3a_a_process_that_was_away_resets_to_the_first_state_and_keeps_it_in_its_snapshots() {
    paused(async {
        let world = World::new(3, Faults::default());
        let away = world.client();
        let first = process(world.client(), 7, 2).await;
        let second = process(away.clone(), 8, 2).await;
        away.cut(Cut::Off);
        for name in ["a", "b", "c", "d", "e", "f"] {
            raise(&first, name).await.expect("the log is in reach");
        }
        first.stop().await;
        away.cut(Cut::Mended);
        second.sync().await.expect("the log is in reach");
        assert_eq!(reset(&second).await, initial(7));
        second.stop().await;
        assert_eq!(reset(&process(world.client(), 9, 2).await).await, initial(7));
    });
}

#[test]
fn l3a_a_log_that_was_destroyed_begins_with_another_first_state() {
    paused(async {
        let world = World::new(4, Faults::default());
        // The end of the first incarnation is a snapshot, and the last one is covered by one.
        for (argument, expected) in [(7, 7), (8, 8), (9, 8)] {
            let ledger = process(world.client(), argument, 2).await;
            assert_eq!(reset(&ledger).await, initial(expected), "the argument is {argument}");
            match argument {
                7 => ledger.destroy().await.expect("the log is in reach"),
                _ => ledger.stop().await,
            }
        }
    });
}

/// The first version of the format had no initial state in its snapshots.
#[test]
fn l3a_a_snapshot_without_the_first_state_makes_it_the_argument_of_the_next_opening() {
    paused(async {
        let world = World::new(5, Faults::default());
        process(world.client(), 7, 1).await.stop().await;
        let ledger = process(world.client(), 7, 1).await;
        raise(&ledger, "a").await.expect("the log is in reach");
        ledger.stop().await;
        let stored = world.client().load_snapshot("ledger").await.expect("the log is in reach");
        let Snapshot { sequence, body: stored } = stored.expect("it was due");
        let mut older = body(&stored);
        assert!(older.as_object_mut().expect("a map").remove("initial").is_some(), "{older}");
        world.keep(Snapshot { sequence, body: encoded(&older) });

        for argument in [8, 9] {
            let ledger = process(world.client(), argument, 1).await;
            assert_eq!(reset(&ledger).await, initial(8), "the argument is {argument}");
            ledger.stop().await;
        }
    });
}
