//! L1, L2, L3, L5, L7 and L8 on NATS servers of this machine, one and three. Without a
//! `nats-server` in the path the tests are skipped, which `cargo xtask test` lists at its end;
//! `SPRAG_NATS_SERVER` names another one. Debian has 2.9.10; where `SPRAG_NEWER_NATS_SERVER` names a
//! second server, `cargo xtask test` runs the tests on both, as `.ci/run` does with 2.15.1.

mod contended;
mod doors;
mod engine;
mod gone;
mod killed;
#[path = "../log/ledger.rs"]
mod ledger;
#[path = "../seeds/outcomes.rs"]
mod outcomes;
mod proxy;
mod servers;
mod snapshots;

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use sprag::prelude::*;
use sprag_log::{Bridge, Logged, Nats, WriteError};
use test_support::within_async;

use crate::ledger::{Ledger, raise};
use crate::servers::{Servers, until};

/// Beside other programs some tests take a minute.
const LIMIT: Duration = Duration::from_secs(240);

async fn open(servers: &Servers) -> Logged<Ledger> {
    open_at(servers.addresses(), servers.count()).await
}

/// A process that connects to these servers.
async fn open_at(addresses: String, replicas: usize) -> Logged<Ledger> {
    let log = Nats::connect(addresses).replicas(replicas).timeout(Duration::from_millis(1_500));
    let log = log.await.expect("the servers answer");
    let opening = log.model("the ledger", Ledger::default()).deadline(Duration::from_secs(20));
    opening.await.expect("the log is whole")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l9_of_two_processes_in_contention_neither_makes_fewer_than_a_third_of_the_writes() {
    const WRITES: usize = 10_000;
    let Some(servers) = Servers::start(1).await else { return };
    let ledgers = [open(&servers).await, open(&servers).await];
    let (all, each) = (AtomicUsize::new(0), [AtomicUsize::new(0), AtomicUsize::new(0)]);
    let writer = |process: usize| {
        let (ledger, own, all) = (&ledgers[process], &each[process], &all);
        async move {
            while all.fetch_add(1, Relaxed) < WRITES {
                ledger.update_at(Ledger::PATHS.sum, |sum| *sum += 1).await.expect("it answers");
                own.fetch_add(1, Relaxed);
            }
        }
    };
    within_async(LIMIT, join_all((0..32).map(|number| writer(number % 2)))).await;
    let each = each.map(AtomicUsize::into_inner);
    assert!(each.iter().all(|own| own * 3 >= WRITES), "of {WRITES} writes each made {each:?}");
}

/// L3a: and with it the first state, which has almost the size of a message.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l8_a_snapshot_that_is_larger_than_a_message_comes_in_parts() {
    let Some(servers) = Servers::start(1).await else { return };
    let log = Nats::connect(servers.addresses()).await.expect("the server answers");
    let large = |initial| log.model("large", initial).snapshots(4, 0);
    let first = Ledger { order: vec!["y".repeat(900_000)], ..Ledger::default() };
    let ledger = large(first.clone()).await.expect("the log is empty");
    for _ in 0..9 {
        ledger.push(Ledger::PATHS.order, "x".repeat(400_000)).await.expect("it fits an entry");
    }
    ledger.stop().await;
    let again = large(Ledger::default()).await.expect("the log is whole");
    assert_eq!(again.versioned(), ledger.versioned());
    let outcome = again.push(Ledger::PATHS.order, "x".repeat(2 << 20)).await;
    assert!(matches!(outcome, Err(WriteError::TooLarge { .. })), "{outcome:?}");
    again.reset().await.expect("it fits an entry");
    assert!(*again.snapshot() == first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l8_a_log_that_is_larger_than_a_page_is_read_to_its_end() {
    let Some(servers) = Servers::start(1).await else { return };
    let log = Nats::connect(servers.addresses()).await.expect("the server answers");
    let pages = Arc::new(Mutex::new(Vec::new()));
    let opened = async || {
        let seen = Arc::clone(&pages);
        let opening = log.model("large", Ledger::default()).snapshots(u64::MAX, u64::MAX);
        let opening = opening.progress(move |now| seen.lock().expect("no panic").push(now.entries));
        opening.await.expect("the log is whole")
    };
    let ledger = opened().await;
    let entries = (0..10).map(|_| 10).chain([900_000; 6]);
    for bytes in entries.clone() {
        ledger.push(Ledger::PATHS.order, "x".repeat(bytes)).await.expect("it fits an entry");
    }
    pages.lock().expect("no panic").clear();
    let again = opened().await;
    assert_eq!(again.versioned(), ledger.versioned());
    // The first entry is the beginning of the log; five large ones fill a page.
    let pages = pages.lock().expect("no panic");
    assert_eq!((pages.first(), pages.last()), (Some(&16), Some(&17)), "{pages:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l8_an_entry_just_below_the_server_s_limit_is_stored_and_a_larger_one_is_refused() {
    let Some(servers) = Servers::start(1).await else { return };
    let ledger = open(&servers).await;
    let test = async {
        let (mut stored, mut refused) = (0, 0);
        for bytes in (1_046_900..1_047_500).step_by(50) {
            match ledger.push(Ledger::PATHS.order, "x".repeat(bytes)).await {
                Ok(_) if refused == 0 => stored += 1,
                Err(WriteError::TooLarge { .. }) => refused += 1,
                outcome => panic!("{bytes} bytes: {outcome:?}"),
            }
        }
        assert!(stored > 0 && refused > 0, "{stored} are stored and {refused} are refused");
        assert_eq!(open(&servers).await.versioned(), ledger.versioned());
    };
    within_async(LIMIT, test).await;
}

/// An event of one process.
#[derive(Event, Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct MountChanged {
    id: u32,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_events_reach_the_bus_of_another_process_once() {
    let Some(servers) = Servers::start(1).await else { return };
    let (here, there) = (Bus::new(), Bus::new());
    let connect = || async { Nats::connect(servers.addresses()).await.expect("it answers") };
    let (first, second) = (connect().await, connect().await);
    let bridge = first.bridge::<MountChanged>(&here).await.expect("the log is in reach");
    let _back = second.bridge::<MountChanged>(&there).await.expect("the log is in reach");
    let mut seen = there.stream::<MountChanged>();
    let test = async {
        for id in 0..20 {
            here.emit(MountChanged { id });
        }
        bridge.flush().await;
        for id in 0..20 {
            let event = futures_util::StreamExt::next(&mut seen).await;
            assert_eq!(event.expect("the bus lives").expect("none is lost"), MountChanged { id });
        }
    };
    within_async(LIMIT, test).await;
}

/// The bus of one process, and a cache there that depends on the event.
async fn process(servers: &Servers) -> (Bus, Bridge<MountChanged>, Cache<u32>) {
    let (bus, log) = (Bus::new(), Nats::connect(servers.addresses()).await.expect("it answers"));
    let bridge = log.bridge::<MountChanged>(&bus).await.expect("the log is in reach");
    let drives = create_cache("drives").bus(&bus).depends_on::<MountChanged>();
    (bus, bridge, drives.build().expect("the cache is complete"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_an_event_of_one_process_makes_the_caches_of_all_stale() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        let processes = [process(&servers).await, process(&servers).await, process(&servers).await];
        for (id, (bus, bridge, _)) in (0..).zip(&processes) {
            let caches = || processes.iter().map(|(_, _, drives)| drives);
            caches().for_each(|drives| assert_eq!(drives.get_or_compute(|| id), id));
            bus.emit(MountChanged { id });
            bridge.flush().await;
            until(|| caches().all(|drives| drives.get().is_none())).await;
        }
    };
    within_async(LIMIT, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3a_a_destroyed_log_begins_anew_in_all_processes() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        let (first, second) = (open(&servers).await, open(&servers).await);
        for number in 0..20 {
            raise(&first, &format!("{number}")).await.expect("it answers");
        }
        first.destroy().await.expect("it answers");
        until(|| second.problem().is_some_and(|problem| problem.contains("destroyed"))).await;
        let again = open(&servers).await;
        assert_eq!(*again.snapshot(), Ledger::default());
        assert_ne!(again.incarnation(), first.incarnation());
        raise(&again, "new").await.expect("it answers");
        let other = open(&servers).await;
        assert_eq!(other.versioned(), again.versioned());
        assert!(other.version() > second.version());
    };
    within_async(LIMIT, test).await;
}
