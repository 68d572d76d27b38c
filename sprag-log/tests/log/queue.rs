//! L4a: the queue of writes, when it is full.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{FutureExt, join_all};
use sprag_log::{Logged, Opening, TransactError, WriteError, open};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::ledger::{Ledger, Twice, raise};
use crate::simulated::{Client, Cut, Faults, World};

type Raised = Result<u64, TransactError<Twice>>;

/// A model whose queue has `writes` places.
fn opening(client: &Client, writes: usize) -> Opening<Client, Ledger> {
    let opening = open(Arc::new(client.clone()), "ledger", Ledger::default());
    opening.queue(writes, 10_000).deadline(Duration::from_secs(60))
}

fn spawn_raises(ledger: &Logged<Ledger>, count: usize) -> Vec<JoinHandle<Raised>> {
    let spawn = |number: usize| {
        let ledger = ledger.clone();
        tokio::spawn(async move { raise(&ledger, &number.to_string()).await })
    };
    (0..count).map(spawn).collect()
}

#[tokio::test(start_paused = true)]
async fn l4a_the_writes_that_have_run_are_bounded_by_bytes_also_after_lost_races() {
    let world = World::new(7, Faults::default());
    let other = opening(&world.client(), 100).await.unwrap();
    let ledger = opening(&world.client(), 100).await.unwrap();
    // The writes that have run and whose callers have no reply, and their largest number.
    let ran = Arc::new(Mutex::new((HashSet::new(), 0)));
    let writes = (0..50).map(|number| {
        let (ledger, ran) = (&ledger, Arc::clone(&ran));
        async move {
            let notes = Arc::clone(&ran);
            let push = ledger.transact(move |tx| {
                let mut ran = notes.lock().unwrap();
                ran.0.insert(number);
                ran.1 = ran.1.max(ran.0.len());
                tx.push(Ledger::PATHS.order, "x".repeat(4_000));
                Ok::<_, Twice>(())
            });
            push.await.unwrap();
            ran.lock().unwrap().0.remove(&number);
        }
    });
    let races = async {
        for sum in 0..20 {
            other.set(Ledger::PATHS.sum, sum).await.unwrap();
        }
    };
    tokio::join!(join_all(writes), races);
    assert_eq!(ledger.read(|now| now.order.len()), 50);
    // Three fill the queue, and three more run before the callers of those see their replies.
    let most = ran.lock().unwrap().1;
    assert!(most <= 6, "{most} writes of 4 kB had run, and 10 kB may wait");
}

#[tokio::test(start_paused = true)]
async fn l4a_a_short_deadline_holds_also_behind_writes_that_fill_the_queue() {
    let client = World::new(7, Faults::default()).client();
    let ledger = opening(&client, 2).await.unwrap();
    client.cut(Cut::Off);
    let long = spawn_raises(&ledger, 2);
    sleep(Duration::from_millis(100)).await;
    let short = ledger.within(Duration::from_secs(1));
    let outcome = timeout(Duration::from_secs(2), short.set(Ledger::PATHS.sum, 7)).await;
    let outcome = outcome.expect("the deadline is one second");
    assert!(matches!(outcome, Err(WriteError::Unavailable { .. })), "{outcome:?}");
    client.cut(Cut::Mended);
    for outcome in join_all(long).await {
        outcome.expect("no panic").expect("its deadline is a minute");
    }
    assert_eq!(ledger.read(|now| now.sum), 2, "what failed is not written later");
}

#[tokio::test(start_paused = true)]
async fn l4a_a_stop_keeps_to_the_grace_also_when_the_queue_is_full() {
    let client = World::new(7, Faults::default()).client();
    let ledger = opening(&client, 2).grace(Duration::from_secs(1)).await.unwrap();
    client.cut(Cut::Off);
    let waiting = spawn_raises(&ledger, 8);
    sleep(Duration::from_millis(100)).await;
    timeout(Duration::from_secs(2), ledger.stop()).await.expect("the grace is one second");
    let mut unknown = 0;
    for outcome in join_all(waiting).await {
        match outcome.expect("no panic") {
            Err(TransactError::Write(WriteError::Stopped { .. })) => {}
            // The grace may end while an attempt is under way.
            Err(TransactError::Write(WriteError::Unknown { waited, .. })) => {
                assert!(waited < Duration::from_secs(2), "{waited:?}");
                unknown += 1;
            }
            outcome => panic!("{outcome:?}"),
        }
    }
    assert!(unknown <= 2, "{unknown} were in flight, and two fill the queue");
}

#[tokio::test(start_paused = true)]
async fn l4a_a_stop_waits_also_for_the_writes_that_wait_for_a_place() {
    let client = World::new(7, Faults::default()).client();
    let ledger = opening(&client, 2).await.unwrap();
    let waiting = spawn_raises(&ledger, 20);
    sleep(Duration::from_micros(1)).await;
    let stopped = ledger.stop();
    let late = async {
        sleep(Duration::from_micros(1)).await;
        raise(&ledger, "late").await
    };
    let (late, ()) = tokio::join!(late, stopped);
    let is_stopped = matches!(late, Err(TransactError::Write(WriteError::Stopped { .. })));
    assert!(is_stopped, "{late:?}");
    for outcome in join_all(waiting).await {
        outcome.expect("no panic").expect("the write is from before the stop");
    }
    assert_eq!(ledger.read(|now| now.sum), 20);
}

#[tokio::test(start_paused = true)]
async fn l4a_a_stop_waits_for_a_caller_that_takes_its_place_late() {
    let client = World::new(7, Faults::default()).client();
    let ledger = opening(&client, 1).await.unwrap();
    // One runs, one has the only place, and one waits for that place.
    let waiting = spawn_raises(&ledger, 2);
    sleep(Duration::from_micros(1)).await;
    let mut late = pin!(raise(&ledger, "late"));
    assert!(late.as_mut().now_or_never().is_none());
    sleep(Duration::from_micros(1)).await;
    let late = async {
        sleep(Duration::from_millis(100)).await;
        late.await
    };
    let (late, ()) = tokio::join!(late, ledger.stop());
    late.expect("the write is from before the stop");
    for outcome in join_all(waiting).await {
        outcome.expect("no panic").expect("the write is from before the stop");
    }
}

#[tokio::test(start_paused = true)]
async fn l4a_a_stop_says_of_the_write_in_flight_alone_that_it_is_unknown() {
    let client = World::new(7, Faults::default()).client();
    let ledger = opening(&client, 8).await.unwrap();
    // No reply arrives any more.
    client.kill();
    let in_flight = spawn_raises(&ledger, 1);
    sleep(Duration::from_millis(100)).await;
    let waiting = spawn_raises(&ledger, 3);
    sleep(Duration::from_millis(100)).await;
    timeout(Duration::from_secs(6), ledger.stop()).await.expect("the grace is five seconds");
    let failure = |outcome: Result<Raised, _>| match outcome.expect("no panic") {
        Err(TransactError::Write(error)) => error,
        outcome => panic!("{outcome:?}"),
    };
    let of = |error: WriteError| matches!(error, WriteError::Unknown { .. });
    assert!(join_all(in_flight).await.into_iter().map(failure).all(of));
    for outcome in join_all(waiting).await {
        let error = failure(outcome);
        assert!(matches!(error, WriteError::Stopped { .. }), "{error:?}");
    }
}
