//! W9: many readers of one store.

use std::cell::Cell;
use std::time::Duration;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize, Serializer};
use sprag::prelude::*;
use sprag_web::{Stores, store};
use test_support::within_async;

use crate::support::{Server, Tv};

const READERS: usize = 1_000;
const COMMITS: u64 = 100;

thread_local! {
    /// How many labels this thread has serialised.
    static SERIALISED: Cell<usize> = const { Cell::new(0) };
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Board {
    #[serde(serialize_with = "counted")]
    #[model(ts = "string")]
    label: String,
}

fn counted<S: Serializer>(label: &String, serializer: S) -> Result<S::Ok, S::Error> {
    SERIALISED.set(SERIALISED.get() + 1);
    label.serialize(serializer)
}

/// How often ten commits are serialised for so many readers.
async fn serialised_for(readers: usize) -> usize {
    let board = store("board", Board::default());
    let server = Server::start(Stores::new().add(&board)).await;
    let mut streams = Vec::new();
    for _ in 0..readers {
        let mut events = server.stream("s=board").await;
        events.expect("snap").await;
        streams.push(events);
    }
    SERIALISED.set(0);
    for number in 0..10 {
        board.set(Board::PATHS.label, number.to_string());
        for events in &mut streams {
            events.expect("change").await;
        }
    }
    SERIALISED.get()
}

#[tokio::test]
async fn w9_a_commit_is_serialised_as_often_for_30_readers_as_for_one() {
    let for_one = serialised_for(1).await;
    assert!(for_one >= 10, "{for_one}");
    assert_eq!(serialised_for(30).await, for_one);
}

/// Allows this process as many files as the system allows: a connection is two.
fn allow_files() {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, getrlimit, setrlimit};
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("the system has the limit");
        setrlimit(Resource::RLIMIT_NOFILE, most, most).expect("the limit may be raised");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w9_1_000_readers_get_each_of_100_commits_once_and_in_order() {
    allow_files();
    let tv = store("tv", Tv::default());
    let server = Server::start(Stores::new().add(&tv)).await;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut events = server.stream("s=tv").await;
        let state = events.expect("snap").await;
        assert_eq!(state["v"], 0);
        readers.push(events);
    }
    let read = readers.into_iter().map(|mut events| async move {
        for version in 1..=COMMITS {
            let change = events.expect("change").await;
            assert_eq!(
                (change["from"].as_u64(), change["to"].as_u64()),
                (Some(version - 1), Some(version))
            );
        }
    });
    let reading = tokio::spawn(join_all(read));
    for number in 0..COMMITS {
        tv.set(Tv::PATHS.url, Some(format!("/{number}")));
        tokio::task::yield_now().await;
    }
    within_async(Duration::from_secs(60), reading).await.unwrap();
}
