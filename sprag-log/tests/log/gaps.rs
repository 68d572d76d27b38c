//! L2, L5, L7 and L8: a process that was away while the others went on, and a log that is away
//! when a process begins.

use std::sync::Arc;
use std::time::Duration;

use sprag_log::{Logged, OpenError, Opening, TransactError, WriteError, open};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, sleep, timeout};

use crate::ledger::{Ledger, Twice, raise};
use crate::simulated::{Client, Cut, Faults, World};

const NO_FAULT: Faults =
    Faults { lost: 0, unacknowledged: 0, late: 0, doubled: 0, unchecked: 0, cut: 0, jumped: 0 };

fn opening(client: &Client) -> Opening<Client, Ledger> {
    let opening = open(Arc::new(client.clone()), "ledger", Ledger::default());
    opening.deadline(Duration::from_secs(60))
}

/// Two processes: the second is away while the first one writes, and drops what it wrote behind
/// snapshots. `before` is called when the second one cannot reach the log any more.
async fn apart(
    world: &World,
    before: impl AsyncFnOnce(&Logged<Ledger>, &Client),
) -> (Logged<Ledger>, Logged<Ledger>) {
    let away = world.client();
    let first = opening(&world.client()).snapshots(5, 0).await.unwrap();
    let second = opening(&away).snapshots(u64::MAX, u64::MAX).await.unwrap();
    before(&second, &away).await;
    away.cut(Cut::Off);
    world.heal();
    // The second process has noticed, so that it has no request under way.
    while second.is_current() {
        sleep(Duration::from_millis(1)).await;
    }
    for number in 0..30 {
        raise(&first, &number.to_string()).await.unwrap();
    }
    while world.len() > 6 {
        sleep(Duration::from_millis(1)).await;
    }
    away.cut(Cut::Mended);
    (first, second)
}

fn spawn_raise(ledger: &Logged<Ledger>) -> JoinHandle<Result<u64, TransactError<Twice>>> {
    let ledger = ledger.clone();
    tokio::spawn(async move { raise(&ledger, "of the second").await })
}

async fn soon<U>(outcome: JoinHandle<U>) -> U {
    let outcome = timeout(Duration::from_secs(30), outcome).await;
    outcome.expect("an answer comes").expect("no panic")
}

#[tokio::test(start_paused = true)]
async fn l8_a_process_whose_next_entries_are_dropped_goes_on_from_the_snapshot() {
    let world = World::new(7, NO_FAULT);
    let (first, second) = apart(&world, async |_, _| {}).await;
    second.sync().await.unwrap();
    assert_eq!(second.read(|now| now.sum), 30);
    second.read(Ledger::check);
    assert_eq!(raise(&second, "next").await.unwrap(), 31);
    first.sync().await.unwrap();
    second.sync().await.unwrap();
    assert_eq!(first.read(Clone::clone), second.read(Clone::clone));
}

#[tokio::test(start_paused = true)]
async fn l5_a_write_that_was_never_sent_is_made_once_on_the_state_of_the_snapshot() {
    let mut made = 0;
    for seed in 0..8 {
        let world = World::new(seed, NO_FAULT);
        let mut write = None;
        let (_first, second) = apart(&world, async |second, away| {
            away.cut(Cut::Off);
            write = Some(spawn_raise(second));
            yield_now().await;
        })
        .await;
        let is_made = match soon(write.unwrap()).await {
            Ok(sum) => {
                assert_eq!(sum, 31, "seed {seed}");
                true
            }
            // An attempt was under way when the process met the snapshot, which might have it.
            Err(TransactError::Write(WriteError::Unknown { .. })) => false,
            outcome => panic!("seed {seed}: {outcome:?}"),
        };
        second.sync().await.unwrap();
        assert_eq!(second.read(|now| now.sum), 30 + u64::from(is_made), "seed {seed}");
        second.read(Ledger::check);
        made += u32::from(is_made);
    }
    assert!(made >= 4, "{made} of 8 were made");
}

#[tokio::test(start_paused = true)]
async fn l5_a_write_that_may_be_in_the_snapshot_is_unknown_and_not_made_again() {
    let world = World::new(7, NO_FAULT);
    let mut write = None;
    let (_first, second) = apart(&world, async |second, _| {
        world.fail(Faults { lost: 1_000, ..NO_FAULT });
        write = Some(spawn_raise(second));
        // The append has ended without a reply, so the entry may be stored.
        while second.is_current() {
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    let outcome = soon(write.unwrap()).await;
    let is_unknown = matches!(outcome, Err(TransactError::Write(WriteError::Unknown { .. })));
    assert!(is_unknown, "{outcome:?}");
    second.sync().await.unwrap();
    assert_eq!(second.read(|now| now.sum), 30, "the write was lost");
}

#[tokio::test(start_paused = true)]
async fn l7_entries_that_are_gone_without_a_snapshot_end_the_process() {
    let world = World::new(7, NO_FAULT);
    let away = world.client();
    let kept = opening(&world.client()).snapshots(2, u64::MAX).await.unwrap();
    for name in ["1", "2"] {
        raise(&kept, name).await.unwrap();
    }
    kept.stop().await;
    let first = opening(&world.client()).await.unwrap();
    let second = opening(&away).await.unwrap();
    raise(&second, "3").await.unwrap();
    let (entries, version) = (world.len(), second.version());
    away.cut(Cut::Off);
    while second.is_current() {
        sleep(Duration::from_millis(1)).await;
    }
    for name in ["a", "b", "c"] {
        raise(&first, name).await.unwrap();
    }
    // The snapshot is older than what the second process has.
    world.lose(entries);
    away.cut(Cut::Mended);
    let ended = async {
        while !second.problem().is_some_and(|problem| problem.contains("are gone")) {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(60), ended).await.expect("the process ends");
    let problem = second.problem().unwrap();
    let gone = format!("the entries after sequence {version} are gone");
    assert!(problem.contains(&gone), "{problem}");
    let refused = raise(&second, "d").await;
    let is_refused = matches!(refused, Err(TransactError::Write(WriteError::NotCurrent { .. })));
    assert!(is_refused, "{refused:?}");
    let now = (second.read(|now| now.sum), second.version());
    assert_eq!(now, (3, version), "no entry is left out, and none is taken back");
}

#[tokio::test(start_paused = true)]
async fn l5_an_opening_waits_for_the_log_as_long_as_asked() {
    let client = World::new(7, NO_FAULT).client();
    client.cut(Cut::Off);
    let begin = Instant::now();
    let limit = Duration::from_secs(2);
    let error = opening(&client).recovery(limit).await.map(drop).unwrap_err();
    let is_away = matches!(&error, OpenError::Unavailable { waited, .. } if *waited == limit);
    assert!(is_away, "{error}");
    let waited = begin.elapsed();
    assert!(waited >= limit && waited < 2 * limit, "{waited:?}");

    let opened = opening(&client).recovery(limit);
    let mended = async {
        sleep(limit / 2).await;
        client.cut(Cut::Mended);
    };
    let (opened, ()) = tokio::join!(opened, mended);
    assert_eq!(raise(&opened.unwrap(), "first").await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn l2_a_read_behind_a_write_is_answered_when_that_write_is_in_the_log() {
    let client = World::new(7, NO_FAULT).client();
    let ledger = opening(&client).await.unwrap();
    client.cut(Cut::Off);
    let write = spawn_raise(&ledger);
    sleep(Duration::from_millis(1)).await;
    let reader = ledger.clone();
    let read = tokio::spawn(async move {
        reader.transact(|tx| Ok::<_, Twice>(tx.get(Ledger::PATHS.sum))).await
    });
    sleep(Duration::from_millis(500)).await;
    assert!(!read.is_finished(), "it has seen a write that may still fail");
    client.cut(Cut::Mended);
    assert_eq!(soon(write).await.unwrap(), 1);
    assert_eq!(soon(read).await.unwrap(), 1);
    let alone = ledger.transact(|tx| Ok::<_, Twice>(tx.get(Ledger::PATHS.sum))).await;
    assert_eq!(alone.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn l3a_after_the_end_and_a_stop_the_reason_is_still_that_of_the_end() {
    let client = World::new(7, NO_FAULT).client();
    let ledger = opening(&client).await.unwrap();
    ledger.destroy().await.unwrap();
    ledger.stop().await;
    let refused = ledger.sync().await.unwrap_err();
    assert!(matches!(refused, WriteError::NotCurrent { .. }), "{refused:?}");
    assert!(refused.to_string().contains("destroyed"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn l4a_a_queue_is_full_by_its_bytes_too() {
    let client = World::new(7, NO_FAULT).client();
    let ledger = opening(&client).queue(10, 10_000).await.unwrap();
    client.cut(Cut::Off);
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let ledger = ledger.clone();
            let push = async move { ledger.push(Ledger::PATHS.order, "x".repeat(4_000)).await };
            tokio::spawn(push)
        })
        .collect();
    sleep(Duration::from_millis(100)).await;
    // Three writes of 4 kB fill the queue, and the fourth waits for its first run.
    let tried = ledger.try_transact(|tx| Ok::<_, Twice>(tx.set(Ledger::PATHS.sum, 7))).await;
    assert!(matches!(tried, Err(TransactError::Write(WriteError::Full { .. }))), "{tried:?}");
    client.cut(Cut::Mended);
    for write in waiting {
        soon(write).await.expect("the write waited");
    }
    let tried = ledger.try_transact(|tx| Ok::<_, Twice>(tx.set(Ledger::PATHS.sum, 7))).await;
    assert_eq!(tried.expect("there is room again"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l4a_a_caller_whose_write_is_in_the_log_finds_its_room() {
    let client = World::new(7, NO_FAULT).client();
    let ledger = opening(&client).queue(10, 1_000).await.unwrap();
    for _ in 0..20 {
        let text = "x".repeat(2_000);
        let push = ledger.try_transact(move |tx| {
            tx.push(Ledger::PATHS.order, text.clone());
            Ok::<_, Twice>(())
        });
        push.await.expect("no other write waits");
    }
}

#[tokio::test(start_paused = true)]
async fn l2_l5_a_sync_during_a_partition_fails_in_time_and_reads_the_latest_state_after_it() {
    let world = World::new(8, NO_FAULT);
    let away = world.client();
    let first = opening(&world.client()).await.unwrap();
    let second = opening(&away).await.unwrap();
    away.cut(Cut::Off);
    raise(&first, "meanwhile").await.unwrap();
    let late = second.within(Duration::from_secs(1));
    let outcome = timeout(Duration::from_secs(3), late.sync()).await.expect("it ends in time");
    assert!(matches!(outcome, Err(WriteError::Unavailable { .. })), "{outcome:?}");
    assert!(!second.is_current());
    assert_eq!(second.read(|now| now.sum), 0, "reads go on");
    away.cut(Cut::Mended);
    second.sync().await.unwrap();
    assert_eq!(second.read(|now| now.sum), 1);
}
