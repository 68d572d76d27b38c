//! W9: many readers of one store.

use std::time::Duration;

use futures_util::future::join_all;
use sprag_web::{Stores, store};
use test_support::within_async;

use crate::support::{Server, Tv};

const READERS: usize = 1_000;
const COMMITS: u64 = 100;

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
