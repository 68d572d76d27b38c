//! The timed parts.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    bench_suite::run()
}
