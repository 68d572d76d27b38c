//! L2, L3, L5 and L8: what models and bridges expect of the engine, with one server and three.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use sprag_log::{AppendError, Follow, Log, Nats, ReadError, Snapshot, Stored};
use test_support::within_async;
use tokio::time::interval;

use crate::LIMIT;
use crate::servers::Servers;

/// A read that waits for more than the log has takes longer.
const READ_WITHIN: Duration = Duration::from_secs(15);

/// Appends `count` entries to the log, many at once; returns them in the order of the log.
async fn append_many(log: &Nats, name: &str, count: u32) -> Vec<Stored> {
    let append = async |number: u32| {
        let entry = Bytes::from(number.to_string());
        let sequence = log.append_last(name, 0, entry.clone()).await.expect("the servers answer");
        Stored { sequence, entry }
    };
    let mut appended: Vec<_> = stream::iter(0..count).map(append).buffered(64).collect().await;
    appended.sort_by_key(|stored| stored.sequence);
    appended
}

/// All entries of the log, page by page.
async fn read_all(log: &Nats, name: &str) -> Vec<Stored> {
    let mut entries = Vec::<Stored>::new();
    loop {
        let after = entries.last().map_or(0, |last| last.sequence);
        let page = log.read(name, after).await.expect("the servers answer");
        entries.extend(page.entries);
        if page.is_last {
            return entries;
        }
    }
}

async fn an_engine_reads_and_follows_one_log_to_its_end(servers: &Servers, count: u32) {
    let connect = Nats::connect(servers.addresses()).replicas(servers.count());
    let log = connect.timeout(2 * READ_WITHIN).await.expect("the servers answer");
    let (appended, _) =
        tokio::join!(append_many(&log, "one", count), append_many(&log, "other", count));
    let entries = within_async(READ_WITHIN, read_all(&log, "one")).await;
    assert!(entries == appended, "the entries of this log are read, and no others");

    let (mut follower, mut followed) = (log.follow("one", 0), Vec::new());
    while followed.len() < entries.len() {
        followed.extend(follower.next().await.expect("the servers answer"));
    }
    assert!(followed == entries, "a follower reads the same entries");
    // A snapshot of another process drops what a follower may have received.
    let last = entries.last().expect("there are some").clone();
    let snapshot = Snapshot { sequence: last.sequence, body: Bytes::new() };
    log.save_snapshot("one", snapshot).await.expect("the servers answer");
    let next = log.follow("one", 0).next().await.expect("the servers answer");
    assert_eq!((read_all(&log, "one").await, next), (vec![last.clone()], vec![last]));
    assert_eq!(read_all(&log, "other").await.len(), entries.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l8_a_log_of_many_entries_is_read_and_followed_to_its_end() {
    let Some(servers) = Servers::start(1).await else { return };
    within_async(LIMIT, an_engine_reads_and_follows_one_log_to_its_end(&servers, 1_000)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_l8_a_log_of_many_entries_on_a_cluster_is_read_and_followed_to_its_end() {
    let Some(servers) = Servers::start(3).await else { return };
    within_async(LIMIT, an_engine_reads_and_follows_one_log_to_its_end(&servers, 1_000)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l8_a_page_ends_after_so_many_bytes() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        let log = Nats::connect(servers.addresses()).await.expect("the server answers");
        // Eight entries come one by one, and eight fill a page of 4 MiB behind them.
        for _ in 0..17 {
            let entry = Bytes::from(vec![b'x'; 512 << 10]);
            log.append_last("large", 0, entry).await.expect("the server answers");
        }
        let page = log.read("large", 0).await.expect("the server answers");
        assert_eq!((page.entries.len(), page.is_last), (16, false));
        assert_eq!(read_all(&log, "large").await.len(), 17);
    };
    within_async(LIMIT, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l5_a_server_that_is_gone_is_an_error_and_not_an_empty_log() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        let timeout = Duration::from_millis(500);
        let log = Nats::connect(servers.addresses()).timeout(timeout).await;
        let log = log.expect("the server answers");
        servers.kill(0);
        let read = log.read("log", 0).await;
        assert!(matches!(read, Err(ReadError::Unavailable(_))), "{read:?}");
        let loaded = log.load_snapshot("log").await;
        assert!(matches!(loaded, Err(ReadError::Unavailable(_))), "{loaded:?}");
        // The connection is known to be gone, so that no server takes the entry later.
        let appended = log.append("log", 0, "entry".into()).await;
        assert!(matches!(appended, Err(AppendError::Unavailable(_))), "{appended:?}");
    };
    within_async(LIMIT, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l9_a_notice_reaches_the_other_processes_that_have_the_log_open() {
    let Some(servers) = Servers::start(1).await else { return };
    let connect = || async { Nats::connect(servers.addresses()).await.expect("it answers") };
    let (here, there) = (connect().await, connect().await);
    let notified = async {
        let mut pause = interval(Duration::from_millis(20));
        loop {
            pause.tick().await;
            here.notify("other", "of another log".into());
            here.notify("log", "notice".into());
        }
    };
    let mut notices = there.notices("log");
    let test = async {
        tokio::select! {
            () = notified => unreachable!("it does not end"),
            notice = notices.next() => assert_eq!(notice.as_deref(), Some(&b"notice"[..])),
        }
    };
    within_async(LIMIT, test).await;
}
