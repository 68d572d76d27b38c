//! L1: the log after a crash with unsynced writes, by seed.

use bytes::Bytes;
use sprag_log::{File, Log, Snapshot};
use test_support::each_seed;
use tokio::task::JoinSet;

use crate::Counts;
use crate::faults::Medium;

/// All entries of the log `name`.
async fn entries(file: &File, name: &str) -> Vec<(u64, Bytes)> {
    let page = file.read(name, 0).await.expect("the log is whole");
    assert!(page.is_last, "one page holds them");
    page.entries.into_iter().map(|stored| (stored.sequence, stored.entry)).collect()
}

fn entry(sequence: u64) -> Bytes {
    // Some entries are larger than a page of the engine.
    Bytes::from(vec![sequence as u8; (sequence as usize * 811) % 9_000])
}

/// Appends, crashes and restarts, several times.
async fn lives(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut medium, mut acknowledged, mut covered) = (Medium::default(), 0, 0);
    for _ in 0..3 {
        let file = File::on(medium.clone()).expect("a crash leaves a log that opens");
        let kept = file.load_snapshot("log").await.expect("the log is whole");
        assert!(kept.as_ref().map_or(0, |kept| kept.sequence) >= covered, "a snapshot is lost");
        let stored = entries(&file, "log").await;
        let last = stored.last().map_or(0, |(sequence, _)| *sequence);
        assert!(last >= acknowledged, "{acknowledged} was acknowledged, and {last} is the last");
        for (sequence, bytes) in &stored {
            assert_eq!(*bytes, entry(*sequence), "entry {sequence} is there in part");
        }
        acknowledged = last;
        for _ in 0..random.u64(0..6) {
            let appended = file.append("log", acknowledged, entry(acknowledged + 1)).await;
            acknowledged = appended.expect("nobody else appends");
            if random.u8(0..4) == 0 {
                let snapshot = Snapshot { sequence: acknowledged, body: entry(acknowledged) };
                file.save_snapshot("log", snapshot).await.expect("the disk takes it");
                covered = acknowledged;
            }
        }
        // A last append that may be in flight at the crash.
        let mut unfinished = JoinSet::new();
        let (late, next) = (file.clone(), acknowledged);
        unfinished.spawn(async move { late.append("log", next, entry(next + 1)).await });
        tokio::task::yield_now().await;
        medium = medium.crash(&mut random);
        while unfinished.join_next().await.is_some() {}
    }
}

#[test]
fn l1_what_was_acknowledged_survives_torn_writes_by_seed() {
    each_seed("SPRAG_LOG_SEED", 100, |seed| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime starts");
        let outcome = runtime.block_on(async { tokio::spawn(lives(seed)).await });
        assert!(outcome.is_ok(), "the seed {seed} fails; SPRAG_LOG_SEED={seed} runs it alone");
    });
}

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
        let appends = names.iter().map(|name| file.append(name, last, entry(1).slice(..200)));
        for appended in futures_util::future::join_all(appends).await {
            assert_eq!(appended.expect("nobody else appends"), last + 1);
        }
        written.push(medium.written() - before);
    }
    written.sort_unstable();
    // A page for each of the logs would be 400 kB; now and then the entries are moved.
    assert!(written[20] < 200_000, "{} bytes for 100 entries of 200 bytes", written[20]);
    for name in &names {
        assert_eq!(entries(&file, name).await.len(), 40, "all entries are there, moved or not");
        assert_eq!(file.read(name, 38).await.expect("the log is whole").entries.len(), 2);
    }
}
