//! L2, L7: entries that an operator, or the loss of a disk, removes.

use std::time::Duration;

use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{self, Context};
use sprag_log::{Logged, Nats, OpenError, TransactError, WriteError};
use test_support::within_async;

use crate::ledger::{Ledger, raise};
use crate::servers::Servers;
use crate::{LIMIT, open};

async fn context(servers: &Servers) -> Context {
    jetstream::new(async_nats::connect(servers.addresses()).await.expect("it answers"))
}

async fn stream(servers: &Servers, name: &str) -> Stream {
    context(servers).await.get_stream(name).await.expect("it is there")
}

/// Checks that `old` refuses writes and says why, and that `new` goes on.
async fn is_replaced(old: &Logged<Ledger>, new: &Logged<Ledger>) {
    let refused = raise(old, "old").await.expect_err("its log is gone");
    assert!(matches!(refused, TransactError::Write(WriteError::NotCurrent { .. })), "{refused:?}");
    assert!(!old.is_current());
    assert_eq!(raise(new, "new").await.expect("it answers"), 1);
    assert_eq!(new.snapshot().order, ["new"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_a_process_does_not_write_to_a_log_that_was_purged_and_begun_anew() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        let old = open(&servers).await;
        raise(&old, "before").await.expect("it answers");
        for name in ["sprag", "sprag_SNAPSHOTS"] {
            stream(&servers, name).await.purge().await.expect("it answers");
        }
        let new = open(&servers).await;
        is_replaced(&old, &new).await;
    };
    within_async(LIMIT, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l5_l7_a_server_that_lost_its_store_is_an_error_and_not_a_log_of_an_old_process() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        let old = open(&servers).await;
        for number in 0..10 {
            raise(&old, &format!("before {number}")).await.expect("it answers");
        }
        servers.kill(0);
        servers.empty(0);
        servers.restart(0).await;
        let refused = old.within(Duration::from_secs(1)).set(Ledger::PATHS.sum, 0).await;
        // The first append may still have gone to the server that is gone.
        let is_out_of_reach =
            matches!(refused, Err(WriteError::Unavailable { .. } | WriteError::Unknown { .. }));
        assert!(is_out_of_reach, "{refused:?}");
        let new = open(&servers).await;
        is_replaced(&old, &new).await;
    };
    within_async(LIMIT, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l7_a_snapshot_without_the_entries_behind_it_is_an_error() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        let log = Nats::connect(servers.addresses()).await.expect("it answers");
        let opening = || log.model("ledger", Ledger::default()).snapshots(4, 0);
        let ledger = opening().await.expect("the log is empty");
        for number in 0..9 {
            raise(&ledger, &format!("{number}")).await.expect("it answers");
        }
        ledger.stop().await;
        stream(&servers, "sprag").await.purge().await.expect("it answers");
        let opening = opening().recovery(Duration::from_secs(3));
        let error = opening.await.expect_err("entries are gone");
        assert!(matches!(error, OpenError::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains("lacks the entry at sequence"), "{error}");
        assert_eq!(stream(&servers, "sprag").await.cached_info().state.messages, 0);
    };
    within_async(LIMIT, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_a_process_acknowledges_nothing_where_a_server_came_back_with_an_older_store() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        let old = open(&servers).await;
        raise(&old, "kept").await.expect("it answers");
        servers.kill(0);
        let copy = servers.copy(0);
        servers.restart(0).await;
        for number in 0..5 {
            raise(&old, &format!("lost {number}")).await.expect("it answers");
        }
        servers.kill(0);
        servers.restore(0, &copy);
        servers.restart(0).await;
        let new = open(&servers).await;
        assert_eq!(new.snapshot().order, ["kept"]);
        for number in 0..5 {
            raise(&new, &format!("other {number}")).await.expect("it answers");
        }
        assert_eq!(new.version(), old.version(), "the sequences are the same");
        let refused = raise(&old, "late").await.expect_err("its entries are gone");
        let TransactError::Write(WriteError::NotCurrent { reason, .. }) = &refused else {
            panic!("{refused:?}")
        };
        assert!(reason.contains("a server has lost entries"), "{reason}");
        assert_eq!(raise(&new, "next").await.expect("it answers"), 7);
        assert_eq!(open(&servers).await.versioned(), new.versioned());
    };
    within_async(LIMIT, test).await;
}
