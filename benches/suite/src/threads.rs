//! 1 to 8 threads read a leaf and add one to it, 90/10 and 50/50, while one subscriber
//! follows it.
//!
//! Beside the throughput, the result counts over all runs: lost updates (additions that
//! returned and are not in the sum), calls that panicked, and deliveries out of order (a
//! subscriber receives a value less than the one before). The floor's callback runs under
//! the write lock, which keeps the order and forbids the callback to write. The subscribers
//! of eyeball, `watch` and reactive_stores run on a thread of their own and may skip
//! values; the writers call sprag's subscribers for every value.
//!
//! reactive_stores does not wait for its locks: a read during a write panics, and a write
//! during another write is lost. dioxus-stores' runtime belongs to one thread, so it does
//! not take part.

mod racers;

use std::panic;
use std::time::Duration;

use bench_harness::{Options, Report, Spread, Unit};

use self::racers::{Contender, contenders};
use crate::race::{Race, Racer, threads_of, throughput};

/// Measures all mixes and numbers of threads, and counts the faults.
pub(crate) fn run(options: &Options, report: &mut Report) {
    let contenders = contenders();
    // The panics are counted; printing thousands of messages would distort the figures.
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
