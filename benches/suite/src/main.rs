//! The parts that are timed.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    bench_suite::run()
}
