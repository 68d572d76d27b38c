//! L3a, L4a, L5 and L7, on a network whose only faults are those of the test.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use sprag_log::{Logged, OpenError, Opening, TransactError, WriteError, open};
use tokio::time::{sleep, timeout};

use crate::ledger::{Ledger, LedgerPatch, Twice, raise};
use crate::simulated::{Client, Cut, Faults, World};

fn opening(client: &Client) -> Opening<Client, Ledger> {
    open(Arc::new(client.clone()), "ledger", Ledger::default()).deadline(Duration::from_secs(1))
}

fn calm() -> World {
    World::new(7, Faults::default())
}

#[tokio::test(start_paused = true)]
async fn l3a_the_first_process_decides_the_initial_state_and_all_have_one_version() {
    let world = calm();
    let initial = |sum| Ledger { sum, ..Ledger::default() };
    let first = open(Arc::new(world.client()), "ledger", initial(7)).await.unwrap();
    let second = open(Arc::new(world.client()), "ledger", initial(8)).await.unwrap();
    assert_eq!((first.read(|now| now.sum), second.read(|now| now.sum)), (7, 7));
    assert_eq!(second.set(Ledger::PATHS.sum, 9).await.unwrap(), 7);
    first.sync().await.unwrap();
    second.sync().await.unwrap();
    first.sync().await.unwrap();
    sleep(Duration::from_millis(100)).await;
    assert_eq!(first.versioned(), second.versioned());
}

#[tokio::test(start_paused = true)]
async fn l2_a_comparison_is_with_the_state_of_the_log_and_a_patch_writes_what_it_names() {
    let world = calm();
    let first = opening(&world.client()).await.unwrap();
    let second = opening(&world.client()).await.unwrap();
    let sum = Ledger::PATHS.sum;
    assert!(first.compare_and_set(sum, 0, 1).await.unwrap());
    assert!(!second.compare_and_set(sum, 0, 9).await.unwrap(), "the log has 1");
    assert!(second.compare_and_set(sum, 1, 2).await.unwrap());
    first.patch(LedgerPatch::new().order(vec!["patched".into()])).await.unwrap();
    first.read(|now| assert_eq!((now.sum, &*now.order), (2, &["patched".to_owned()][..])));
}

#[tokio::test(start_paused = true)]
async fn l4a_a_hundred_callers_are_few_entries_and_one_failure_takes_back_its_own() {
    let world = calm();
    let ledger = opening(&world.client()).await.unwrap();
    let (count, entries) = (100, world.len());
    let name = |number: usize| format!("{}", number % (count - 1));
    let names: Vec<_> = (0..count).map(name).collect();
    let outcomes = join_all(names.iter().map(|name| raise(&ledger, name))).await;
    let refused = |outcome: &Result<u64, _>| matches!(outcome, Err(TransactError::Refused(Twice)));
    assert_eq!(outcomes.iter().filter(|outcome| refused(outcome)).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), count - 1);
    ledger.read(Ledger::check);
    assert!(world.len() - entries <= 3, "{} entries", world.len() - entries);
}

#[tokio::test(start_paused = true)]
async fn l4a_a_write_that_is_too_large_is_refused_before_it_is_sent() {
    let world = calm();
    let ledger = opening(&world.client()).await.unwrap();
    let entries = world.len();
    let outcome = ledger.push(Ledger::PATHS.order, "x".repeat(2 << 20)).await;
    assert!(matches!(outcome, Err(WriteError::TooLarge { bytes, .. }) if bytes > 2 << 20));
    assert_eq!(world.len(), entries);
    assert_eq!(raise(&ledger, "next").await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn l4a_entries_are_cut_by_bytes() {
    let world = calm();
    let ledger = opening(&world.client()).await.unwrap();
    let entries = world.len();
    let push = || ledger.push(Ledger::PATHS.order, "x".repeat(400_000));
    for outcome in join_all((0..6).map(|_| push())).await {
        outcome.unwrap();
    }
    assert!(world.len() - entries >= 3, "two of them fill an entry");
}

#[tokio::test(start_paused = true)]
async fn l5_a_write_fails_within_its_deadline_while_the_log_is_away_and_all_heals() {
    let world = calm();
    let client = world.client();
    let ledger = opening(&client).await.unwrap();
    raise(&ledger, "before").await.unwrap();
    client.cut(Cut::Off);
    let mut unavailable = 0;
    for _ in 0..5 {
        match raise(&ledger, "away").await {
            Err(TransactError::Write(WriteError::Unavailable { .. })) => unavailable += 1,
            // An attempt was under way at the deadline.
            Err(TransactError::Write(WriteError::Unknown { .. })) => {}
            outcome => panic!("{outcome:?}"),
        }
    }
    assert!(unavailable >= 2, "{unavailable} of 5");
    assert!(!ledger.is_current() && ledger.problem().is_some());
    assert_eq!(ledger.read(|now| now.sum), 1, "reads go on");
    client.cut(Cut::Mended);
    raise(&ledger, "after").await.unwrap();
    assert!(ledger.is_current());
    let order = ledger.read(|now| now.order.clone());
    assert_eq!(order, ["before", "after"], "what failed is not written later");
}

#[tokio::test(start_paused = true)]
async fn l5_a_model_that_nobody_writes_to_notices_a_cut_and_its_end() {
    let world = calm();
    let client = world.client();
    let ledger = opening(&client).await.unwrap();
    let becomes = async |current: bool| {
        let waits = (0..1_000).take_while(|_| ledger.is_current() != current);
        for _ in waits {
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(ledger.is_current(), current, "{:?}", ledger.problem());
    };
    for _ in 0..3 {
        client.cut(Cut::Off);
        becomes(false).await;
        client.cut(Cut::Mended);
        becomes(true).await;
    }
    assert_eq!(world.len(), 1, "no write was needed");
}

#[tokio::test(start_paused = true)]
async fn l4a_a_full_queue_lets_writes_wait_and_fails_those_that_try() {
    let world = calm();
    let client = world.client();
    let ledger = opening(&client).queue(2, 1 << 20).await.unwrap();
    client.cut(Cut::Off);
    let waiting: Vec<_> = (0..8).map(|number| spawn_raise(&ledger, number)).collect();
    sleep(Duration::from_millis(100)).await;
    let tried = ledger.try_transact(|tx| Ok::<_, Twice>(tx.set(Ledger::PATHS.sum, 7))).await;
    assert!(matches!(tried, Err(TransactError::Write(WriteError::Full { .. }))), "{tried:?}");
    client.cut(Cut::Mended);
    for outcome in join_all(waiting).await {
        outcome.expect("no panic").expect("those that waited are written");
    }
}

fn spawn_raise(
    ledger: &Logged<Ledger>,
    number: usize,
) -> tokio::task::JoinHandle<Result<u64, TransactError<Twice>>> {
    let ledger = ledger.clone();
    tokio::spawn(async move { raise(&ledger, &number.to_string()).await })
}

#[tokio::test(start_paused = true)]
async fn l4a_a_panic_is_the_caller_s_and_nobody_else_s() {
    let world = calm();
    let ledger = opening(&world.client()).await.unwrap();
    let panicking = {
        let ledger = ledger.clone();
        tokio::spawn(async move {
            let write = ledger.transact(|tx| {
                tx.set(Ledger::PATHS.sum, 7);
                if tx.state().sum == 7 {
                    panic!("of this caller")
                }
                Ok::<_, Twice>(())
            });
            write.await
        })
    };
    let other = raise(&ledger, "other");
    let (panicked, other) = tokio::join!(panicking, other);
    assert!(panicked.expect_err("the closure panics").is_panic());
    assert_eq!(other.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn l4a_a_stop_waits_for_the_writes_and_refuses_new_ones() {
    let world = calm();
    let ledger = opening(&world.client()).await.unwrap();
    let writes: Vec<_> = (0..20).map(|number| spawn_raise(&ledger, number)).collect();
    tokio::task::yield_now().await;
    ledger.stop().await;
    for write in writes {
        write.await.expect("no panic").expect("a write from before the stop is in the log");
    }
    let outcome = raise(&ledger, "late").await;
    assert!(matches!(outcome, Err(TransactError::Write(WriteError::Stopped { .. }))));
    assert_eq!(opening(&world.client()).await.unwrap().read(|now| now.sum), 20);
}

#[tokio::test(start_paused = true)]
async fn l7_damage_is_an_error_that_names_the_sequence() {
    let world = calm();
    let ledger = opening(&world.client()).await.unwrap();
    for name in ["a", "b", "c"] {
        raise(&ledger, name).await.unwrap();
    }
    let damaged = world.damage(2);
    let error = opening(&world.client()).await.map(drop).unwrap_err();
    let names = matches!(&error, OpenError::Damaged { sequence, .. } if *sequence == damaged);
    assert!(names, "{error}");
}

#[tokio::test(start_paused = true)]
async fn l8_recovery_begins_with_a_snapshot_and_entries_that_it_covers_are_dropped() {
    let world = calm();
    let ledger = opening(&world.client()).snapshots(10, u64::MAX).await.unwrap();
    for number in 0..100 {
        raise(&ledger, &number.to_string()).await.unwrap();
    }
    ledger.stop().await;
    assert!(world.len() <= 25, "{} entries are kept", world.len());
    let again = opening(&world.client()).await.unwrap();
    assert_eq!(again.versioned(), ledger.versioned());
}

#[tokio::test(start_paused = true)]
async fn l5_an_opening_whose_first_entry_is_always_lost_ends_in_time_and_says_why() {
    let world = World::new(9, Faults { lost: 1_000, ..Faults::default() });
    let recovery = opening(&world.client()).recovery(Duration::from_secs(1)).into_future();
    let outcome = timeout(Duration::from_secs(3), recovery).await.expect("it ends in time");
    let error = outcome.expect_err("the log has no entry");
    assert!(matches!(error, OpenError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("no answer"), "{error}");
    world.heal();
    opening(&world.client()).await.expect("the log is in reach");
}
