//! L1: the log after a crash with unsynced writes, by seed.

use bytes::Bytes;
use sprag_log::{File, Log, Snapshot};
use test_support::each_seed;
use tokio::task::JoinSet;

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
