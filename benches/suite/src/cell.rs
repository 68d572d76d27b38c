//! The state cell: reads, writes and notifications, one thread at a time.

mod elsewhere;
mod equal;
mod fan_out;
mod leaf;
mod reentrant;
mod root;
mod selectors;
mod size;
mod transactions;

use bench_harness::{Options, Report};

pub(crate) use self::leaf::counter;

/// Measures all scenarios.
pub(crate) fn run(options: &Options, report: &mut Report) {
    leaf::get(options, report);
    leaf::set(options, report);
    elsewhere::set(options, report);
    size::set(options, report);
    fan_out::set(options, report);
    fan_out::by_type(options, report);
    equal::set(options, report);
    root::replace(options, report);
    selectors::set(options, report);
    reentrant::set(options, report);
    transactions::write(options, report);
}
