//! A life in a process of its own, which says what it finds and what is acknowledged, and is
//! killed while it writes.

use std::io::{BufRead, BufReader, Read, Write, stdout};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;
use std::{env, process};

use sprag_log::Logged;
use tokio::task::spawn_blocking;

use super::tally::{Counts, Found, MODELS, Tally, WRITERS, count, model};
use super::{Outcome, opened};
use crate::findings::Counter;

/// The argument with which this program is the victim; the folder follows.
pub(crate) const VICTIM: &str = "--write-until-killed";

/// Starts the process and kills it at `ends`; returns what was acknowledged.
pub(crate) async fn kill(folder: &Path, found: Found, ends: Instant) -> Outcome<Counts> {
    let mut victim = Command::new(env::current_exe()?);
    victim.arg(VICTIM).arg(folder).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut victim = victim.spawn()?;
    let said = victim.stdout.take().expect("the output is piped");
    let reading = spawn_blocking(move || listen(said, found));
    tokio::time::sleep_until(ends.into()).await;
    victim.kill()?;
    victim.wait()?;
    found.findings.add(Counter::Kills, 1);
    Ok(reading.await?)
}

/// Reads what the process says until it ends: first what it has found, then each acknowledgement.
fn listen(said: impl Read, found: Found) -> Counts {
    let (mut counts, mut opened) = (found.acknowledged, [false; MODELS]);
    for line in BufReader::new(said).lines().map_while(Result::ok) {
        let mut words = line.split(' ').map_while(|word| word.parse().ok());
        let (Some(model), Some(written)) = (words.next(), array(words)) else { break };
        let model = model as usize;
        if !std::mem::replace(&mut opened[model], true) {
            found.compare(model, written);
        }
        for (count, written) in counts[model].iter_mut().zip(written) {
            *count = written.max(*count);
        }
    }
    counts
}

fn array(words: impl Iterator<Item = u64>) -> Option<[u64; WRITERS]> {
    words.collect::<Vec<_>>().try_into().ok()
}

/// The process that is killed.
pub(crate) fn write_until_killed(folder: &Path) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|rt| rt.block_on(write_all(folder)));
    if let Err(error) = outcome {
        eprintln!("the log of a process that is killed: {error}");
    }
    ExitCode::FAILURE
}

async fn write_all(folder: &Path) -> Outcome<()> {
    let file = opened(folder).await?;
    let mut writers = Vec::new();
    for number in 0..MODELS {
        let tally = model(&file, number).await?;
        let written = tally.snapshot().written;
        say(number, written);
        writers.extend((0..WRITERS).map(|own| tokio::spawn(write(tally.clone(), number, own))));
    }
    for writer in writers {
        writer.await?;
    }
    Ok(())
}

async fn write(tally: Logged<Tally>, number: usize, own: usize) {
    let mut acknowledged = [0; WRITERS];
    acknowledged[own] = tally.snapshot().written[own];
    while count(&tally, own).await.is_ok() {
        acknowledged[own] += 1;
        say(number, acknowledged);
    }
}

/// One line with the number of a model and counts of its writers, where 0 says nothing. Ends the
/// process once no other one listens.
fn say(number: usize, counts: [u64; WRITERS]) {
    let counts = counts.map(|count| count.to_string()).join(" ");
    if writeln!(stdout().lock(), "{number} {counts}").is_err() {
        process::exit(0);
    }
}
