//! A life in this process: writers and readers of several models, each of which is open twice, as
//! in two processes. A reader observes each write of each writer once, in order (L3), a writer
//! its own at once (L4), and a synced reader all (L2).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sprag::prelude::*;
use sprag_log::{File, Logged};
use tokio::task::JoinHandle;

use super::tally::{Counts, Found, MODELS, Tally, WRITERS, count, model};
use super::{Outcome, opened};
use crate::findings::{Counter, Findings};

/// A model of which one half writes and the other one reads.
struct Pair {
    writing: Logged<Tally>,
    reading: Logged<Tally>,
    _watching: Subscription,
    reader: JoinHandle<()>,
    writers: Vec<JoinHandle<()>>,
    acknowledged: Arc<[AtomicU64; WRITERS]>,
}

/// Ends when all writers have ended; returns what was acknowledged.
pub(crate) async fn close(folder: &Path, found: Found, ends: Instant) -> Outcome<Counts> {
    let file = opened(folder).await?;
    let pairs = begin(&file, found, ends).await?;
    let mut counts = Counts::default();
    for (pair, counts) in pairs.into_iter().zip(&mut counts) {
        *counts = pair.close(found.findings).await?;
    }
    file.close().await;
    // The folder is free at once.
    drop(File::open(folder)?);
    Ok(counts)
}

/// Drops all handles while the writers write; returns what was acknowledged.
pub(crate) async fn drop_all(folder: &Path, found: Found, ends: Instant) -> Outcome<Counts> {
    let file = opened(folder).await?;
    let pairs = begin(&file, found, ends + Duration::from_secs(60)).await?;
    tokio::time::sleep_until(ends.into()).await;
    let mut counts = Counts::default();
    for (pair, counts) in pairs.into_iter().zip(&mut counts) {
        *counts = pair.abort().await;
    }
    Ok(counts)
}

async fn begin(file: &File, found: Found, ends: Instant) -> Outcome<Vec<Pair>> {
    let mut pairs = Vec::new();
    for number in 0..MODELS {
        let (writing, reading) = (model(file, number).await?, model(file, number).await?);
        let written = writing.snapshot().written;
        found.compare(number, written);
        pairs.push(Pair::begin(writing, reading, written, found.findings, ends));
    }
    Ok(pairs)
}

impl Pair {
    fn begin(
        writing: Logged<Tally>,
        reading: Logged<Tally>,
        written: [u64; WRITERS],
        findings: &'static Findings,
        ends: Instant,
    ) -> Self {
        let _watching = watch(&reading, written, findings);
        let acknowledged = Arc::new(written.map(AtomicU64::new));
        let start = |own| {
            let (writing, reading) = (writing.clone(), reading.clone());
            let acknowledged = Arc::clone(&acknowledged);
            tokio::spawn(write(writing, reading, own, acknowledged, findings, ends))
        };
        let writers = (0..WRITERS).map(start).collect();
        let reader = tokio::spawn(read(reading.clone(), findings, ends));
        Self { writing, reading, _watching, reader, writers, acknowledged }
    }

    async fn close(self, findings: &Findings) -> Outcome<[u64; WRITERS]> {
        for writer in self.writers {
            writer.await?;
        }
        self.reader.await?;
        self.reading.sync().await?;
        let (written, read) = (self.writing.versioned(), self.reading.versioned());
        findings.expect(written.1 == read.1, Counter::Lost);
        // The barrier of the reader is an entry, which the writer may see later.
        findings.expect(written.0 <= read.0, Counter::OutOfOrder);
        self.writing.stop().await;
        self.reading.stop().await;
        Ok(self.acknowledged.each_ref().map(|count| count.load(Ordering::SeqCst)))
    }

    async fn abort(self) -> [u64; WRITERS] {
        for task in self.writers.iter().chain([&self.reader]) {
            task.abort();
        }
        for task in self.writers.into_iter().chain([self.reader]) {
            // It was aborted.
            let _ = task.await;
        }
        self.acknowledged.each_ref().map(|count| count.load(Ordering::SeqCst))
    }
}

/// A subscriber that observes each count of each writer rise by one.
fn watch(
    reading: &Logged<Tally>,
    written: [u64; WRITERS],
    findings: &'static Findings,
) -> Subscription {
    let last = written.map(AtomicU64::new);
    reading.subscribe(Tally::PATHS.written, move |written, _| {
        for (last, next) in last.iter().zip(written) {
            let before = last.swap(*next, Ordering::SeqCst);
            if before != *next {
                findings.follows(before, *next);
            }
        }
        findings.add(Counter::Deliveries, 1);
    })
}

/// Counts, with an answer for each, until the life ends.
async fn write(
    writing: Logged<Tally>,
    reading: Logged<Tally>,
    own: usize,
    acknowledged: Arc<[AtomicU64; WRITERS]>,
    findings: &'static Findings,
    ends: Instant,
) {
    let mut last_total = 0;
    while !findings.is_over() && Instant::now() < ends {
        let total = match count(&writing, own).await {
            Ok(total) => total,
            Err(error) => {
                eprintln!("the log: {error}");
                return findings.add(Counter::Lost, 1);
            }
        };
        let next = acknowledged[own].fetch_add(1, Ordering::SeqCst) + 1;
        findings.expect(total > last_total, Counter::OutOfOrder);
        last_total = total;
        findings.expect(writing.snapshot().written[own] == next, Counter::Stale);
        findings.add(Counter::Entries, 1);
        if next % 16 == 0 && reading.sync().await.is_ok() {
            findings.expect(reading.snapshot().written[own] >= next, Counter::Stale);
        }
    }
}

/// Reads whole states whose totals never fall.
async fn read(reading: Logged<Tally>, findings: &'static Findings, ends: Instant) {
    let mut last = 0;
    while !findings.is_over() && Instant::now() < ends {
        let state = reading.snapshot();
        findings.expect(state.is_whole(), Counter::Torn);
        findings.expect(state.total >= last, Counter::OutOfOrder);
        last = state.total;
        findings.add(Counter::Reads, 1);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
