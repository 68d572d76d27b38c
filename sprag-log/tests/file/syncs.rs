//! L8, L9: what the embedded engine syncs and writes.

use bytes::Bytes;
use sprag_log::{File, Log};
use tokio::task::JoinSet;

use crate::Counts;
use crate::faults::Medium;

#[tokio::test]
async fn l9_a_hundred_writers_share_their_syncs() {
    let medium = Medium::default();
    let file = File::on(medium.clone()).expect("an empty storage opens");
    let counts = file.model("counts", Counts::default()).await.expect("the log is in reach");
    let before = medium.syncs();
    let mut writers = JoinSet::new();
    for _ in 0..100 {
        let counts = counts.clone();
        writers.spawn(async move { counts.update_at(Counts::PATHS.all, |all| *all += 1).await });
    }
    writers.join_all().await.into_iter().for_each(|outcome| outcome.expect("the disk takes it"));
    assert_eq!(counts.get(Counts::PATHS.all), 100);
    // The first writer may be alone; each commit of the engine syncs at most twice.
    assert!(medium.syncs() - before <= 8, "{} syncs for 100 writes", medium.syncs() - before);
}

#[tokio::test]
async fn l8_snapshots_bound_the_disk() {
    let medium = Medium::default();
    let file = File::on(medium.clone()).expect("an empty storage opens");
    let opening = file.model("counts", Counts::default()).snapshots(50, u64::MAX);
    let counts = opening.await.expect("the log is in reach");
    for number in 0..500 {
        counts.push(Counts::PATHS.made, number).await.expect("the disk takes it");
    }
    counts.stop().await;
    let kept = file.load_snapshot("counts").await.expect("the log is whole").expect("one is kept");
    let page = file.read("counts", 0).await.expect("the log is whole");
    assert!(page.entries.len() <= 101, "{} entries are kept", page.entries.len());
    assert!(kept.sequence >= page.entries[0].sequence, "nothing between them is missing");
    drop((counts, file));

    let file = File::on(medium.crash(&mut fastrand::Rng::with_seed(1))).expect("a log opens");
    let counts = file.model("counts", Counts::default()).await.expect("the log is whole");
    assert_eq!(counts.snapshot().made, (0..500).collect::<Vec<_>>());
}

#[tokio::test]
async fn l9_a_commit_of_many_logs_writes_few_pages() {
    let medium = Medium::default();
    let file = File::on(medium.clone()).expect("an empty storage opens");
    let names: Vec<_> = (0..100).map(|number| format!("log-{number}")).collect();
    let mut written = Vec::new();
    for last in 0..40 {
        let before = medium.written();
        let appends = names.iter().map(|name| file.append(name, last, Bytes::from(vec![1; 200])));
        for appended in futures_util::future::join_all(appends).await {
            assert_eq!(appended.expect("nobody else appends"), last + 1);
        }
        written.push(medium.written() - before);
    }
    written.sort_unstable();
    // A page for each of the logs would be 400 kB; now and then the entries are moved.
    assert!(written[20] < 200_000, "{} bytes for 100 entries of 200 bytes", written[20]);
    for name in &names {
        let page = file.read(name, 0).await.expect("the log is whole");
        assert_eq!(page.entries.len(), 40, "all entries are there, moved or not");
        assert_eq!(file.read(name, 38).await.expect("the log is whole").entries.len(), 2);
    }
}
