//! 1 to 8 threads read a leaf and add one to it, 90/10 and 50/50, while one subscriber
//! follows it.
//!
//! Beside the throughput stand, over all runs: lost updates (additions that returned and
//! are not in the sum), calls that panicked, and deliveries out of order (a subscriber
//! that sees a value that is less than the one before). By hand the callback runs
//! under the write lock, which keeps the order and forbids it to write. eyeball's,
//! `watch`'s and reactive_stores' subscribers follow on a thread of their own and may
//! skip values; sprag's are called for every one, by the writers.
//!
//! reactive_stores does not wait for its locks: a read that meets a write panics, and a
//! write that meets another is lost. dioxus-stores' runtime belongs to one thread, so that it takes no part.

mod racers;

use std::panic;
use std::time::Duration;

use bench_harness::{Options, Report, Spread, Unit};

use self::racers::{Contender, contenders};
use crate::race::{Race, Racer, threads_of, throughput};

/// Measures all mixes and numbers of threads, and counts what went wrong.
pub(crate) fn run(options: &Options, report: &mut Report) {
    let contenders = contenders();
    // They are counted, and thousands of messages would be the slower part.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    for (scenario, writes_in_ten) in
        [("threads: 90 % reads, 10 % writes", 1), ("threads: 50 % reads, 50 % writes", 5)]
    {
        for threads in [1, 2, 4, 8] {
            let time = Duration::from_millis(options.pick(60, 20));
            let race = Race { threads, writes_in_ten, time };
            let mut racers: Vec<Racer<'_>> = contenders.iter().map(Contender::racer).collect();
            let figures = throughput(race, options, &mut racers);
            report.add(scenario, &threads_of(threads), Unit::PerSecond, figures);
        }
    }
    panic::set_hook(hook);
    count_faults(&contenders, report);
}

fn count_faults(contenders: &[Contender], report: &mut Report) {
    let faults: Vec<_> =
        contenders.iter().map(|contender| (contender, contender.faults())).collect();
    for (case, count) in [
        ("lost updates", |faults: &racers::Faults| faults.lost),
        ("panics", |faults: &racers::Faults| faults.panics),
        ("out of order", |faults: &racers::Faults| faults.out_of_order),
        ("writes in all", |faults: &racers::Faults| faults.writes),
    ] as [(&str, fn(&racers::Faults) -> u64); 4]
    {
        let figures = faults.iter().map(|(contender, faults)| {
            (contender.role, contender.name, Spread::exactly(count(faults) as f64))
        });
        report.add("threads: faults in all runs", case, Unit::Count, figures);
    }
}
