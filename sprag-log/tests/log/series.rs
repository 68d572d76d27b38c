//! A process that appends one entry after the other does not follow the log during that time
//! (L9), and sees the entries of others nevertheless (L2, L3).

use std::time::Duration;

use sprag_log::Logged;
use tokio::time::{sleep, timeout};

use crate::ledger::{Ledger, raise};
use crate::processes::{paused, start};
use crate::simulated::{Faults, World};

async fn series(ledger: &Logged<Ledger>, writer: &str, count: usize) {
    for number in 0..count {
        raise(ledger, &format!("{writer}.{number}")).await.expect("the log is in reach");
    }
}

/// Waits until `ledger` has the sum: the rest after a series is 2 ms, and a message takes up to
/// 3 ms each way.
async fn sees_soon(ledger: &Logged<Ledger>, sum: u64) {
    let seen = async {
        while ledger.get(Ledger::PATHS.sum) < sum {
            sleep(Duration::from_micros(100)).await;
        }
    };
    timeout(Duration::from_millis(20), seen).await.expect("the entry comes soon");
}

/// How many entries the follower of one process receives while that process makes `writes`.
async fn followed(faults: Faults, writes: usize) -> usize {
    let world = World::new(1, faults);
    let process = start(&world, u64::MAX).await;
    series(&process.ledger, "only", writes).await;
    world.followed()
}

#[test]
fn l9_the_entries_of_a_series_are_not_delivered_to_their_own_process() {
    paused(async {
        let received = followed(Faults::default(), 400).await;
        assert!(received < 100, "{received} of 400 entries are delivered");
        // The sequences of a stream with other logs show nothing about the entries between.
        let jumps = Faults { jumped: 1_000, ..Faults::default() };
        let received = followed(jumps, 400).await;
        assert!(received > 200, "{received} of 400 entries are delivered");
    });
}

#[test]
fn l9_short_series_do_not_pause_the_follower() {
    paused(async {
        let world = World::new(4, Faults::default());
        let process = start(&world, u64::MAX).await;
        for part in 0..20 {
            series(&process.ledger, &format!("part {part}"), 10).await;
            sleep(Duration::from_millis(10)).await;
        }
        assert!(world.followed() >= 200, "{} of 200 entries are delivered", world.followed());
    });
}

#[test]
fn l3_a_process_follows_the_log_again_when_its_series_ends() {
    paused(async {
        let world = World::new(2, Faults::default());
        let (first, second) = (start(&world, u64::MAX).await, start(&world, u64::MAX).await);
        series(&first.ledger, "first", 200).await;
        let sum = raise(&second.ledger, "second").await.expect("the log is in reach");
        sees_soon(&first.ledger, sum).await;
    });
}

#[test]
fn l3_a_process_sees_an_entry_of_another_one_in_the_middle_of_its_series() {
    paused(async {
        let world = World::new(3, Faults::default());
        let (first, second) = (start(&world, u64::MAX).await, start(&world, u64::MAX).await);
        let ledger = first.ledger.clone();
        let endless = tokio::spawn(async move { series(&ledger, "first", usize::MAX).await });
        sleep(Duration::from_millis(200)).await;
        let sum = raise(&second.ledger, "second").await.expect("the log is in reach");
        sees_soon(&first.ledger, sum).await;
        endless.abort();
    });
}
