//! L9: two processes that write at once have turns, also where an entry of many callers takes
//! long. The clock is paused, so that the outcome depends on the seed alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use futures_util::future::join_all;
use sprag_log::{Logged, open};
use tokio::time::Instant;

use crate::ledger::Ledger;
use crate::processes::paused;
use crate::simulated::{Client, Faults, World};

/// How long the callers write, by the paused clock.
const WRITING: Duration = Duration::from_secs(10);

/// The writes of one process.
struct Process {
    ledger: Logged<Ledger>,
    callers: usize,
    writes: AtomicUsize,
}

impl Process {
    async fn start(client: Client, callers: usize) -> Self {
        let opening = open(Arc::new(client), "ledger", Ledger::default());
        let ledger = opening.deadline(Duration::from_secs(60)).await.expect("the log is empty");
        Self { ledger, callers, writes: AtomicUsize::new(0) }
    }

    async fn write(&self, until: Instant) {
        while Instant::now() < until {
            let raised = self.ledger.update_at(Ledger::PATHS.sum, |sum| *sum += 1);
            raised.await.expect("the log is in reach");
            self.writes.fetch_add(1, Relaxed);
        }
    }

    async fn write_all(&self, until: Instant) {
        join_all((0..self.callers).map(|_| self.write(until))).await;
    }
}

/// The writes of each of two processes, with so many callers. Each byte of an entry takes
/// ten microseconds to the log, as if the writes in it took that long to run again.
async fn contend(seed: u64, callers: [usize; 2]) -> [usize; 2] {
    let world = World::new(seed, Faults::default());
    world.weigh(Duration::from_micros(10));
    let clients = [world.client(), world.client()];
    write_for(WRITING, clients, callers).await
}

/// The writes of each of two processes in so much time.
async fn write_for(time: Duration, clients: [Client; 2], callers: [usize; 2]) -> [usize; 2] {
    let [first, second] = clients;
    let first = Process::start(first, callers[0]).await;
    let second = Process::start(second, callers[1]).await;
    let until = Instant::now() + time;
    tokio::join!(first.write_all(until), second.write_all(until));
    [first, second].map(|process| process.writes.into_inner())
}

#[test]
fn l9_of_two_processes_with_as_many_callers_neither_makes_fewer_than_a_third_of_the_writes() {
    for (seed, callers) in [(1, 1), (2, 16), (3, 100)] {
        paused(async move {
            let writes = contend(seed, [callers; 2]).await;
            let all: usize = writes.iter().sum();
            let is_fair = writes.iter().all(|own| own * 3 >= all);
            assert!(is_fair, "with {callers} callers each made {writes:?}");
        });
    }
}

#[test]
fn l9_a_process_with_many_callers_writes_beside_one_with_one_caller() {
    paused(async {
        let [one, many] = contend(4, [1, 200]).await;
        assert!(one >= 50, "the one caller made {one} writes");
        assert!(many >= 2 * one, "the many callers made {many} writes, the one {one}");
    });
}

#[test]
fn l9_a_process_that_a_loaded_machine_slows_down_makes_a_third_of_the_writes() {
    for (seed, callers) in [(5, 1), (6, 16)] {
        paused(async move {
            let world = World::new(seed, Faults::default());
            let clients = [world.slow_client(Duration::from_millis(30)), world.client()];
            let writes = write_for(2 * WRITING, clients, [callers; 2]).await;
            let all: usize = writes.iter().sum();
            let is_fair = writes.iter().all(|own| own * 3 >= all);
            assert!(is_fair, "with {callers} callers each made {writes:?}");
        });
    }
}
