//! L1, L2, L3, L5: several processes write, read and watch one log while servers and connections
//! fail.

use std::future::ready;
use std::time::Duration;

use futures_util::future::join_all;
use sprag_log::{Logged, Nats, WriteError};
use test_support::within_async;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::ledger::Ledger;
use crate::outcomes::{Shared, sync_one, watched, write_one};
use crate::proxy::Proxy;
use crate::servers::{Servers, until};
use crate::{LIMIT, open, open_at};

/// How many tasks of each process write.
const WRITERS: usize = 5;
/// So many acknowledged writes are more than three processes have in progress.
const MORE: usize = 2 * 3 * WRITERS;

/// The state of the writers and the readers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Phase {
    /// They wait, so that the log of a test that takes long stays small.
    #[default]
    Rest,
    Write,
    End,
}

/// The writes and the reads of all processes of a test.
#[derive(Default)]
struct Load {
    phase: watch::Sender<Phase>,
    outcomes: Shared,
    /// How many writes were acknowledged.
    acknowledged: watch::Sender<usize>,
}

impl Load {
    /// Waits while the tasks rest; returns whether they go on.
    async fn goes_on(&self) -> bool {
        let mut phase = self.phase.subscribe();
        let phase = phase.wait_for(|phase| *phase != Phase::Rest).await;
        *phase.expect("this load has the sender") == Phase::Write
    }

    /// Writes until the end.
    async fn write(&self, ledger: &Logged<Ledger>, writer: String) {
        for number in 0.. {
            if !self.goes_on().await {
                return;
            }
            write_one(ledger, format!("{writer}.{number}"), &self.outcomes).await;
            let count = || self.outcomes.lock().expect("no writer panics").acknowledged.len();
            self.acknowledged.send_modify(|acknowledged| *acknowledged = count());
        }
    }

    /// Makes linearizable reads until the end.
    async fn read(&self, ledger: &Logged<Ledger>) {
        while self.goes_on().await {
            sync_one(ledger, &self.outcomes).await;
        }
    }

    /// Lets the tasks write, and brings about `fault` while they do. Returns when writes that
    /// began after the fault are acknowledged.
    async fn through(&self, fault: impl Future<Output = ()>) {
        self.phase.send_replace(Phase::Write);
        self.grows().await;
        fault.await;
        self.grows().await;
        self.phase.send_replace(Phase::Rest);
    }

    /// Waits until more writes are acknowledged than were in progress.
    async fn grows(&self) {
        let mut acknowledged = self.acknowledged.subscribe();
        let enough = *acknowledged.borrow() + MORE;
        let grown = acknowledged.wait_for(|acknowledged| *acknowledged >= enough);
        grown.await.expect("this load has the sender");
    }
}

/// The processes write, read and watch until `disturb` ends; then all must agree.
async fn contended(ledgers: &[Logged<Ledger>], disturb: impl AsyncFnOnce(&Load)) {
    let load = &Load::default();
    ledgers.iter().for_each(watched);
    let writers = ledgers.iter().enumerate().flat_map(|(process, ledger)| {
        (0..WRITERS).map(move |writer| load.write(ledger, format!("p{process}.w{writer}")))
    });
    let readers = ledgers.iter().map(|ledger| load.read(ledger));
    let disturbed = async {
        disturb(load).await;
        load.phase.send_replace(Phase::End);
    };
    tokio::join!(join_all(writers), join_all(readers), disturbed);
    check(ledgers, &load.outcomes).await;
}

/// Makes a linearizable read. An election beside other programs may take longer than the deadline
/// of one.
async fn reach(ledger: &Logged<Ledger>) {
    loop {
        match ledger.sync().await {
            Err(WriteError::Unknown { .. } | WriteError::Unavailable { .. }) => {}
            outcome => return outcome.expect("the log is whole"),
        }
    }
}

/// Checks that each acknowledged write is in the state once, that no failed one is, and
/// that all processes agree. Most writes must be acknowledged.
async fn check(ledgers: &[Logged<Ledger>], outcomes: &Shared) {
    for _ in 0..2 {
        for ledger in ledgers {
            reach(ledger).await;
        }
    }
    let state = ledgers[0].snapshot();
    let outcomes = outcomes.lock().expect("no writer panics");
    outcomes.check(&state);
    for ledger in ledgers {
        assert_eq!(ledger.snapshot(), state, "all processes agree");
        assert!(ledger.is_current());
        assert_eq!(ledger.panics(), 0, "a watcher saw what must not be");
    }
    let others = outcomes.failed.len() + outcomes.unknown;
    let acknowledged = outcomes.acknowledged.len();
    assert!(acknowledged > others, "{acknowledged} are acknowledged, and {others} are not");
}

/// Kills the one server, and starts it again.
async fn killed(servers: &Servers) {
    servers.kill(0);
    servers.restart(0).await;
}

async fn three(servers: &Servers) -> [Logged<Ledger>; 3] {
    [open(servers).await, open(servers).await, open(servers).await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_l3_three_processes_on_one_node() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        contended(&three(&servers).await, async |load| {
            for _ in 0..10 {
                load.through(ready(())).await;
            }
        })
        .await;
    };
    within_async(LIMIT, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l5_a_node_that_is_killed_and_comes_back_loses_nothing() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        contended(&three(&servers).await, async |load| {
            for _ in 0..2 {
                load.through(killed(&servers)).await;
            }
        })
        .await;
    };
    within_async(LIMIT, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_three_processes_on_three_nodes_whose_leader_is_killed_and_then_another_one() {
    let Some(servers) = Servers::start(3).await else { return };
    let test = async {
        contended(&three(&servers).await, async |load| {
            for after_the_leader in [0, 0, 1] {
                let node = (servers.leader().await + after_the_leader) % 3;
                // The other two go on without it.
                load.through(async { servers.kill(node) }).await;
                servers.restart(node).await;
            }
        })
        .await;
    };
    within_async(LIMIT, test).await;
}

/// Checks that a process whose server is isolated or stalled can acknowledge nothing, and knows that
/// it is not current.
async fn is_cut_off(ledger: &Logged<Ledger>) {
    let deadline = Duration::from_secs(3);
    let ledger = ledger.within(deadline);
    let outcome = timeout(2 * deadline, ledger.sync()).await.expect("it fails by its deadline");
    let is_refused =
        matches!(outcome, Err(WriteError::Unknown { .. } | WriteError::Unavailable { .. }));
    assert!(is_refused, "it is acknowledged: {outcome:?}");
    until(|| !ledger.is_current()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_l5_a_minority_that_is_cut_off_acknowledges_nothing_and_heals() {
    let Some(servers) = Servers::start(3).await else { return };
    let test = async {
        // Each process reaches one node.
        let open = |node| open_at(servers.address(node), 3);
        let ledgers = [open(0).await, open(1).await, open(2).await];
        contended(&ledgers, async |load| {
            for (node, cut_off) in ledgers.iter().enumerate() {
                let fault = async {
                    servers.isolate(node).await;
                    is_cut_off(cut_off).await;
                };
                // The writes that are acknowledged then are those of the other two.
                load.through(fault).await;
                servers.reconnect(node);
                until(|| ledgers.iter().all(|ledger| ledger.is_current())).await;
                load.through(ready(())).await;
            }
        })
        .await;
    };
    within_async(LIMIT, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l5_a_server_that_stalls_loses_nothing() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        let ledgers = [open(&servers).await, open(&servers).await];
        contended(&ledgers, async |load| {
            let fault = async {
                servers.stall(0);
                is_cut_off(&ledgers[1]).await;
                until(|| !ledgers[0].is_current()).await;
                servers.resume(0);
                until(|| ledgers.iter().all(|ledger| ledger.is_current())).await;
            };
            load.through(fault).await;
        })
        .await;
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
        contended(&ledgers, async |load| {
            for _ in 0..3 {
                load.through(killed(&servers)).await;
            }
        })
        .await;
        assert_eq!(*opened().await.snapshot(), *ledgers[0].snapshot());
    };
    within_async(LIMIT, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_a_connection_that_is_cut_in_the_middle_of_an_append_loses_and_doubles_nothing() {
    let Some(servers) = Servers::start(1).await else { return };
    let proxy = Proxy::before(servers.port(0)).await;
    let connect = Nats::connect(format!("127.0.0.1:{}", proxy.port()));
    let log = connect.timeout(Duration::from_millis(500)).await.expect("the wire is whole");
    let opening = log.model("the ledger", Ledger::default()).deadline(Duration::from_secs(20));
    let ledgers = [opening.await.expect("the log is empty"), open(&servers).await];
    let test = contended(&ledgers, async |load| {
        for cut in 1..=10 {
            let fault = async {
                proxy.cut_after(100 + 173 * cut);
                until(|| proxy.cuts() >= cut).await;
            };
            load.through(fault).await;
        }
    });
    within_async(LIMIT, test).await;
}
