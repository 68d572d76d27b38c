//! Stores in browsers, beside a plain axum broadcast of the same bytes, and beside `ws` and
//! `socket.io` on Node.js where there is one:
//! `cargo xtask bench web` (W9).
//!
//! A server is this program in a process of its own; `readers` are its connections.

mod readers;
mod server;

use std::error::Error;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bench_harness::{Options, Report, Role, Spread, Unit};
use server::{Kind, Peer, Server};
use tokio::runtime::Runtime;

/// The crates whose versions belong to the results.
const CRATES: &[&str] = &["axum", "tokio"];

/// How long a server is idle before it begins to commit.
const IDLE: Duration = Duration::from_secs(4);

/// The commits of a second.
const RATE: u32 = 100;

/// The figures of one run of a server.
struct Turn {
    p50: f64,
    p99: f64,
    /// Bytes of the server for each stream that is idle.
    idle: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(kind) = words.first().and_then(|word| Kind::named(word)) {
        let rate = words.get(1).ok_or("a server needs a rate")?.parse()?;
        return Ok(runtime.block_on(server::serve(kind, rate))?);
    }
    let options = Options::from_args()?;
    if !options.wants("web") {
        return Ok(());
    }
    let mut report = Report::new("web");
    let kinds: Vec<Kind> = [Kind::Broadcast, Kind::Store]
        .into_iter()
        .chain(Peer::all().into_iter().map(Kind::Peer))
        .collect();
    for count in [options.pick(100, 10), options.pick(1_000, 50)] {
        readers_of(&runtime, &options, &mut report, &kinds, count)?;
    }
    Ok(report.write(&options, CRATES)?)
}

/// The kinds of servers in turns, each with `count` readers.
fn readers_of(
    runtime: &Runtime,
    options: &Options,
    report: &mut Report,
    kinds: &[Kind],
    count: usize,
) -> io::Result<()> {
    let mut turns: Vec<Vec<Turn>> = kinds.iter().map(|_| Vec::new()).collect();
    for _ in 0..options.pick(5, 1) {
        for (kind, turns) in kinds.iter().zip(&mut turns) {
            turns.push(runtime.block_on(turn(*kind, count, options))?);
        }
    }
    let case = format!("{count} readers");
    let mut add = |scenario, unit, figure: fn(&Turn) -> f64| {
        let spread = |turns: &[Turn]| Spread::of(turns.iter().map(figure).collect());
        let figures = kinds.iter().zip(&turns).map(|(kind, turns)| {
            let (role, name) = match kind {
                Kind::Broadcast => (Role::Floor, "plain broadcast"),
                Kind::Store => (Role::Sprag, "sprag-web"),
                Kind::Peer(_) => (Role::Peer, kind.name()),
            };
            (role, name, spread(turns))
        });
        report.add(scenario, &case, unit, figures);
    };
    add("delay of a commit, median", Unit::Nanoseconds, |turn| turn.p50);
    add("delay of a commit, 99 of 100", Unit::Nanoseconds, |turn| turn.p99);
    add("memory of an idle stream", Unit::Bytes, |turn| turn.idle);
    Ok(())
}

async fn turn(kind: Kind, count: usize, options: &Options) -> io::Result<Turn> {
    let seconds = options.pick(5, 1);
    let server = Server::start(kind, RATE)?;
    let before = server.memory()?;
    let streams = readers::open(kind, server.port, count).await?;
    let idle = server.memory()?.saturating_sub(before) as f64 / count as f64;
    let period = IDLE + Duration::from_secs(seconds);
    let mut delays = readers::delays(streams, period).await;
    delays.sort_unstable();
    let at = |share: usize| delays.get(delays.len() * share / 100).copied().unwrap_or(0) as f64;
    Ok(Turn { p50: at(50), p99: at(99), idle })
}

/// Nanoseconds since 1970, the same in both processes.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right");
    u64::try_from(since.as_nanos()).expect("the year is before 2554")
}
