//! A model on a log in a folder: writes that were acknowledged are there when the log is opened
//! again, and a subscriber observes each of them once, in order.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Scope;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_log::{File, FileError, Logged};

use crate::findings::{Counter, Findings};

const WRITERS: usize = 4;

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Tally {
    written: [u64; WRITERS],
}

/// Writes to a log until the round is over, opens the log again, and compares.
pub(crate) fn load<'scope>(scope: &'scope Scope<'scope, '_>, findings: &'static Findings) {
    scope.spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let outcome = runtime.map_err(Into::into).and_then(|rt| rt.block_on(round(findings)));
        if let Err(error) = outcome {
            eprintln!("the log: {error}");
            findings.add(Counter::Lost, 1);
        }
    });
}

type Outcome<V> = Result<V, Box<dyn std::error::Error + Send + Sync>>;

async fn round(findings: &'static Findings) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let acknowledged = write(folder.path(), findings).await?;
    let file = reopen(folder.path()).await?;
    let tally = file.model("tally", Tally::default()).await?;
    let kept = tally.snapshot().written;
    for (kept, acknowledged) in kept.iter().zip(acknowledged) {
        findings.add(Counter::Lost, kept.abs_diff(acknowledged));
    }
    tally.stop().await;
    Ok(())
}

/// Opens the folder once the log that was stopped has let go of it: a thread of the engine may
/// hold the file for a moment longer than the model.
async fn reopen(folder: &Path) -> Outcome<File> {
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        match File::open(folder) {
            Err(FileError::InUse { .. }) if Instant::now() < patience => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            opened => return Ok(opened?),
        }
    }
}

async fn write(folder: &Path, findings: &'static Findings) -> Outcome<Vec<u64>> {
    let file = File::open(folder)?;
    let tally = file.model("tally", Tally::default()).await?;
    let seen: Arc<[AtomicU64; WRITERS]> = Arc::default();
    let last = Arc::clone(&seen);
    let guard = tally.subscribe(Tally::PATHS.written, move |written, _| {
        for (last, next) in last.iter().zip(written) {
            let before = last.swap(*next, Ordering::SeqCst);
            if before != *next {
                findings.follows(before, *next);
            }
        }
        findings.add(Counter::Deliveries, 1);
    });
    let writers: Vec<_> =
        (0..WRITERS).map(|own| tokio::spawn(count(tally.clone(), own, findings))).collect();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.push(writer.await?);
    }
    drop(guard);
    tally.stop().await;
    Ok(acknowledged)
}

/// Writes to the own count until the round is over; the last one that was acknowledged.
async fn count(tally: Logged<Tally>, own: usize, findings: &'static Findings) -> u64 {
    let mut acknowledged = 0;
    while !findings.is_over() {
        let next = acknowledged + 1;
        match tally.set(Tally::PATHS.written.at(own), next).await {
            Ok(_) => acknowledged = next,
            Err(error) => {
                eprintln!("the log: {error}");
                findings.add(Counter::Lost, 1);
                break;
            }
        }
        findings.expect(tally.snapshot().written[own] == next, Counter::Stale);
        findings.add(Counter::Entries, 1);
    }
    acknowledged
}
