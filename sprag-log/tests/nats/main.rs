//! L2, L3, L5, L7 and L8 on NATS servers of this machine, one and three. Without a
//! `nats-server` on the path the tests print that and pass; `SPRAG_NATS_SERVER` names
//! another one.

mod doors;
mod gone;
#[path = "../log/ledger.rs"]
mod ledger;
mod proxy;
mod servers;
mod snapshots;

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use sprag::prelude::*;
use sprag_log::{Logged, Nats, TransactError, WriteError};
use test_support::within_async;

use crate::ledger::{Ledger, raise};
use crate::proxy::{Proxy, Wire};
use crate::servers::{Servers, until};

const LIMIT: Duration = Duration::from_secs(120);

/// The outcomes of the writes of one process.
#[derive(Default)]
struct Outcomes {
    acknowledged: Vec<String>,
    failed: Vec<String>,
    unknown: usize,
}

async fn open(servers: &Servers) -> Logged<Ledger> {
    let log = Nats::connect(servers.addresses())
        .replicas(servers.count())
        .timeout(Duration::from_millis(1_500));
    let log = log.await.expect("the servers answer");
    let opening = log.model("the ledger", Ledger::default()).deadline(Duration::from_secs(20));
    opening.await.expect("the log is whole")
}

/// Makes `count` writes by each of `writers` writers of one process.
async fn write(ledger: &Logged<Ledger>, process: usize, writers: usize, count: usize) -> Outcomes {
    let mut all = Outcomes::default();
    let outcomes = join_all((0..writers).map(|writer| async move {
        let mut own = Outcomes::default();
        for number in 0..count {
            let name = format!("p{process}.w{writer}.{number}");
            match raise(ledger, &name).await {
                Ok(_) => own.acknowledged.push(name),
                Err(TransactError::Write(WriteError::Unknown { .. })) => own.unknown += 1,
                Err(TransactError::Write(_)) => own.failed.push(name),
                Err(error) => panic!("{error:?}"),
            }
        }
        own
    }));
    for own in outcomes.await {
        all.acknowledged.extend(own.acknowledged);
        all.failed.extend(own.failed);
        all.unknown += own.unknown;
    }
    all
}

/// Checks that each acknowledged write is in the state once, that no failed one is, and
/// that all processes agree.
async fn check(ledgers: &[Logged<Ledger>], outcomes: &[Outcomes]) {
    for _ in 0..2 {
        for ledger in ledgers {
            ledger.sync().await.expect("the servers answer again");
        }
    }
    let state = ledgers[0].snapshot();
    state.check();
    for outcome in outcomes {
        let missing = outcome.acknowledged.iter().filter(|name| !state.done.contains_key(*name));
        assert_eq!(missing.count(), 0, "acknowledged, and not in the log");
        let there = outcome.failed.iter().filter(|name| state.done.contains_key(*name));
        assert_eq!(there.count(), 0, "failed, and in the log");
    }
    for ledger in ledgers {
        assert_eq!(ledger.snapshot(), state, "all processes agree");
        assert!(ledger.is_current());
    }
}

/// Three processes write, while `disturb` runs with a watcher of the log.
async fn contended<D>(servers: &Servers, disturb: impl FnOnce(Logged<Ledger>) -> D)
where
    D: Future<Output = ()>,
{
    let ledgers = [open(servers).await, open(servers).await, open(servers).await];
    let disturb = disturb(ledgers[0].clone());
    let writes = async {
        let [a, b, c] = &ledgers;
        let (a, b, c) = tokio::join!(write(a, 0, 5, 40), write(b, 1, 5, 40), write(c, 2, 5, 40));
        [a, b, c]
    };
    let (outcomes, ()) = tokio::join!(writes, disturb);
    check(&ledgers, &outcomes).await;
    let acknowledged: usize = outcomes.iter().map(|own| own.acknowledged.len()).sum();
    assert!(acknowledged >= 300, "most of 600 writes are acknowledged: {acknowledged}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_l3_three_processes_on_one_node() {
    let Some(servers) = Servers::start(1).await else { return };
    within_async(LIMIT, contended(&servers, |_| async {})).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l5_a_node_that_is_killed_and_comes_back_loses_nothing() {
    let Some(servers) = Servers::start(1).await else { return };
    let disturb = |_| async {
        servers.kill(0);
        servers.restart(0).await;
    };
    within_async(LIMIT, contended(&servers, disturb)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l5_a_server_that_stalls_loses_nothing() {
    let Some(servers) = Servers::start(1).await else { return };
    let ledgers = [open(&servers).await, open(&servers).await];
    let stalled = async {
        grows(&ledgers[0], 5).await;
        servers.stall(0);
        // No write is acknowledged, and reads go on.
        let outcome = ledgers[1].within(Duration::from_secs(3)).sync().await;
        assert!(matches!(
            outcome,
            Err(WriteError::Unknown { .. } | WriteError::Unavailable { .. })
        ));
        until(|| !ledgers[0].is_current()).await;
        servers.resume(0);
        until(|| ledgers.iter().all(|ledger| ledger.is_current())).await;
    };
    let test = async {
        let writes =
            async { tokio::join!(write(&ledgers[0], 0, 3, 60), write(&ledgers[1], 1, 3, 60)) };
        let ((first, second), ()) = tokio::join!(writes, stalled);
        check(&ledgers, &[first, second]).await;
    };
    within_async(LIMIT, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_three_processes_on_three_nodes_of_which_each_is_killed_once() {
    let Some(servers) = Servers::start(3).await else { return };
    let disturb = |_| async {
        for node in 0..3 {
            servers.kill(node);
            servers.restart(node).await;
        }
    };
    within_async(LIMIT, contended(&servers, disturb)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l8_a_snapshot_that_is_larger_than_a_message_comes_in_parts() {
    let Some(servers) = Servers::start(1).await else { return };
    let log = Nats::connect(servers.addresses()).await.expect("the server answers");
    let large = || log.model("large", Ledger::default()).snapshots(4, 0);
    let ledger = large().await.expect("the log is empty");
    for _ in 0..9 {
        ledger.push(Ledger::PATHS.order, "x".repeat(400_000)).await.expect("it fits an entry");
    }
    ledger.stop().await;
    let again = large().await.expect("the log is whole");
    assert_eq!(again.versioned(), ledger.versioned());
    let outcome = again.push(Ledger::PATHS.order, "x".repeat(2 << 20)).await;
    assert!(matches!(outcome, Err(WriteError::TooLarge { .. })), "{outcome:?}");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l1_l8_a_server_that_is_killed_while_two_processes_store_snapshots_loses_nothing() {
    let Some(servers) = Servers::start(1).await else { return };
    let opened = async || {
        let log = Nats::connect(servers.addresses()).timeout(Duration::from_millis(1_500));
        let log = log.await.expect("the server answers");
        let opening = log.model("the ledger", Ledger::default()).snapshots(4, 0);
        opening.deadline(Duration::from_secs(20)).await.expect("the log is whole")
    };
    let test = async {
        let ledgers = [opened().await, opened().await];
        let disturb = async {
            for _ in 0..3 {
                grows(&ledgers[0], 10).await;
                servers.kill(0);
                servers.restart(0).await;
            }
        };
        let [a, b] = &ledgers;
        let (a, b, ()) = tokio::join!(write(a, 0, 5, 40), write(b, 1, 5, 40), disturb);
        check(&ledgers, &[a, b]).await;
        assert_eq!(*opened().await.snapshot(), *ledgers[0].snapshot());
    };
    within_async(LIMIT, test).await;
}

/// Waits until the log has grown by `entries`, or for a limited time while nothing can be
/// written.
async fn grows(ledger: &Logged<Ledger>, entries: u64) {
    let before = ledger.version();
    let grown = until(|| ledger.version() >= before + entries);
    // A process behind the cut sees no entries; the test goes on.
    let _ = tokio::time::timeout(Duration::from_secs(4), grown).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_a_minority_that_is_cut_off_acknowledges_nothing_and_heals() {
    let Some(servers) = Servers::start(3).await else { return };
    let disturb = |ledger: Logged<Ledger>| async move { grows(&ledger, 5).await };
    let isolate = |ledger: Logged<Ledger>| {
        let servers = &servers;
        async move {
            for node in 0..3 {
                servers.isolate(node, Wire::Cut);
                disturb(ledger.clone()).await;
                servers.isolate(node, Wire::Whole);
                disturb(ledger.clone()).await;
            }
        }
    };
    within_async(LIMIT, contended(&servers, isolate)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_a_connection_that_is_cut_in_the_middle_of_an_append_loses_and_doubles_nothing() {
    let Some(servers) = Servers::start(1).await else { return };
    let proxy = Proxy::before(servers.port(0)).await;
    let connect = Nats::connect(format!("127.0.0.1:{}", proxy.port()));
    let log = connect.timeout(Duration::from_millis(500)).await.expect("the wire is whole");
    let opening = log.model("the ledger", Ledger::default()).deadline(Duration::from_secs(20));
    let cut_off = opening.await.expect("the log is empty");
    let direct = open(&servers).await;
    let disturb = async {
        for cut in 1..=10 {
            proxy.cut_after(100 + 173 * cut);
            until(|| proxy.cuts() >= cut).await;
        }
    };
    let test = async {
        let writes = async { tokio::join!(write(&cut_off, 0, 3, 60), write(&direct, 1, 1, 60)) };
        let ((first, second), ()) = tokio::join!(writes, disturb);
        check(&[cut_off.clone(), direct.clone()], &[first, second]).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3a_a_destroyed_log_begins_anew_in_all_processes() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        let (first, second) = (open(&servers).await, open(&servers).await);
        write(&first, 0, 1, 20).await;
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
