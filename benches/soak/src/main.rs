//! `cargo xtask soak [MINUTES]`: many threads use one process's state for minutes, and each
//! looks at what sprag promises it. All faults that it counts are 0, or the program fails.

mod browsers;
mod caches;
mod events;
mod findings;
mod ledger;
mod log;
mod machine;
mod services;

use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use self::findings::{Counter, Findings};
use self::machine::Usage;

/// The length of one round of all parts. A round ends with everything released.
const ROUND: Duration = Duration::from_secs(10);

/// One part of the load: it starts threads, which end soon after [`Findings::is_over`].
type Part = for<'scope, 'env> fn(&'scope Scope<'scope, 'env>, &'static Findings);

const PARTS: &[Part] =
    &[ledger::load, caches::load, events::load, services::load, browsers::load, log::load];

fn main() -> ExitCode {
    if let [_, argument, folder] = &env::args().collect::<Vec<_>>()[..]
        && argument == log::VICTIM
    {
        return log::write_until_killed(Path::new(folder));
    }
    let minutes = match env::args().nth(1).map(|text| text.parse::<f64>()) {
        None => 10.0,
        Some(Ok(minutes)) if minutes > 0.0 => minutes,
        Some(_) => {
            eprintln!("usage: soak [MINUTES]");
            return ExitCode::from(2);
        }
    };
    let ends = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    // The callbacks of subscribers are `'static`, and the findings last as long as the process.
    let findings: &'static Findings = Box::leak(Box::new(Findings::new()));

    // The first round fills allocators, thread locals and lazy statics.
    round(findings, ROUND.min(ends - Instant::now()));
    let start = Usage::now();
    println!("start  {start}");
    while let Some(left) = ends.checked_duration_since(Instant::now()) {
        round(findings, left.min(ROUND));
        println!("       {}  {findings}", Usage::now());
    }
    let end = Usage::settled(&start);
    println!("end    {end}\n\n{}", findings.table());
    let (leaks, faults) = (end.leaks_since(&start), findings.faults());
    leaks.iter().for_each(|leak| println!("leaked: {leak}"));
    if leaks.is_empty() && faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs all parts at once, for as long as `length`.
fn round(findings: &'static Findings, length: Duration) {
    findings.begin(Instant::now() + length);
    thread::scope(|scope| PARTS.iter().for_each(|part| part(scope, findings)));
    findings.add(Counter::Rounds, 1);
}
