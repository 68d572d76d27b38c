//! L1, L2, L3: a process that is killed while it writes to servers.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;
use sprag_log::Logged;
use test_support::within_async;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;

use crate::ledger::{Ledger, raise};
use crate::open_at;
use crate::outcomes::{Shared, watched, write_one};
use crate::servers::Servers;

/// The addresses of the servers, for the killed process.
const SERVERS: &str = "SPRAG_LOG_SERVERS";
/// How many servers there are.
const COUNT: &str = "SPRAG_LOG_SERVERS_COUNT";
/// Which life of the process it is; its writes have names of their own.
const LIFE: &str = "SPRAG_LOG_LIFE";
/// How many processes are killed, one after another.
const KILLS: usize = 6;
/// How many tasks of the process write at the same time.
const WRITERS: usize = 4;
const LIMIT: Duration = Duration::from_secs(180);

/// The killed process: writes until its end, and prints the names of the acknowledged writes.
async fn write_until_killed(addresses: String) {
    let variable = |name| std::env::var(name).expect("the test sets it");
    let count = variable(COUNT).parse().expect("a number");
    let ledger = open_at(addresses, count).await;
    let state = ledger.snapshot();
    state.check();
    println!("open {}", state.sum);
    drop(state);
    let (mut writers, life) = (JoinSet::new(), variable(LIFE));
    for writer in 0..WRITERS {
        let (ledger, life) = (ledger.clone(), life.clone());
        writers.spawn(async move {
            for number in 0.. {
                let name = format!("{life}.{writer}.{number}");
                raise(&ledger, &name).await.expect("the servers answer");
                println!("made {name}");
            }
        });
    }
    writers.join_all().await;
}

/// A process that writes: this test alone, in a process of its own.
struct Writer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Writer {
    fn start(servers: &Servers, life: usize, test: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
        command.args(["--exact", "--nocapture", test]);
        command.env(SERVERS, servers.addresses()).env(COUNT, servers.count().to_string());
        command.env(LIFE, format!("life{life}")).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("this program starts");
        let output = child.stdout.take().expect("it is piped");
        Self { child, lines: BufReader::new(output).lines() }
    }

    /// The next text behind `word`; `None` once the process has ended.
    async fn next(&mut self, word: &str) -> Option<String> {
        while let Some(line) = self.lines.next_line().await.expect("text") {
            if let Some((_, text)) = line.split_once(word) {
                return Some(text.to_owned());
            }
        }
        None
    }

    /// Kills the process behind `writes` acknowledged writes; returns the names of these and of
    /// those that it acknowledged until its end.
    async fn kill_after(mut self, writes: usize) -> Vec<String> {
        let mut made = Vec::new();
        while let Some(name) = self.next("made ").await {
            made.push(name);
            if made.len() == writes {
                self.child.start_kill().expect("it runs");
            }
        }
        let status = self.child.wait().await.expect("it was started here");
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        assert_eq!(signal, Some(Signal::SIGKILL as i32), "it ended by itself: {status}");
        made
    }
}

/// The writes that processes have printed, and what must hold of them.
#[derive(Default)]
struct Printed(BTreeSet<String>);

impl Printed {
    /// Checks that `ledger` has each of the writes once, and of each life at most one more for
    /// each task, which the kill kept from its acknowledgement.
    async fn check(&self, ledger: &Logged<Ledger>, others: usize) {
        ledger.sync().await.expect("the servers answer");
        let state = ledger.snapshot();
        state.check();
        let missing: Vec<_> =
            self.0.iter().filter(|name| !state.done.contains_key(*name)).collect();
        assert!(missing.is_empty(), "acknowledged, and not in the log: {missing:?}");
        let (least, made) = (self.0.len() + others, state.done.len());
        assert!(made <= least + KILLS * WRITERS, "{made} writes, of which {least} returned");
    }
}

/// Kills one process after another, while a process of this test writes too.
async fn killed_often(servers: &Servers, test: &str) {
    let ledger = open_at(servers.addresses(), servers.count()).await;
    watched(&ledger);
    let (mut printed, outcomes) = (Printed::default(), Shared::default());
    let acknowledged = || outcomes.lock().expect("no writer panics").acknowledged.len();
    for life in 0..KILLS {
        let mut writer = Writer::start(servers, life, test);
        let opened = writer.next("open ").await.expect("it opens what the last one left");
        let opened: usize = opened.parse().expect("a number");
        assert!(opened >= printed.0.len(), "{opened} of {} are there", printed.0.len());
        let beside = async {
            for number in 0..10 {
                write_one(&ledger, format!("beside{life}.{number}"), &outcomes).await;
            }
        };
        let (made, ()) = tokio::join!(writer.kill_after(10 + life * 13), beside);
        printed.0.extend(made);
        let others = acknowledged();
        printed.check(&ledger, others).await;
    }
    outcomes.lock().expect("no writer panics").check(&ledger.snapshot());
    assert_eq!(ledger.panics(), 0, "a watcher saw what must not be");
    // A process that begins now has the same.
    let last = open_at(servers.addresses(), servers.count()).await;
    let others = acknowledged();
    printed.check(&last, others).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l1_kills_of_a_process_that_writes_to_a_server_lose_nothing() {
    if let Ok(addresses) = std::env::var(SERVERS) {
        return write_until_killed(addresses).await;
    }
    let Some(servers) = Servers::start(1).await else { return };
    let test = "killed::l1_kills_of_a_process_that_writes_to_a_server_lose_nothing";
    within_async(LIMIT, killed_often(&servers, test)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l1_kills_of_a_process_that_writes_to_a_cluster_lose_nothing() {
    if let Ok(addresses) = std::env::var(SERVERS) {
        return write_until_killed(addresses).await;
    }
    let Some(servers) = Servers::start(3).await else { return };
    let test = "killed::l1_kills_of_a_process_that_writes_to_a_cluster_lose_nothing";
    within_async(LIMIT, killed_often(&servers, test)).await;
}
