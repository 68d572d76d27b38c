//! The memory part: the same code with an allocator that counts.

use std::alloc::System;
use std::error::Error;

use bench_suite::Counts;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<(), Box<dyn Error>> {
    bench_suite::run_memory(|| {
        let stats = ALLOCATOR.stats();
        Counts {
            bytes: stats.bytes_allocated as isize - stats.bytes_deallocated as isize,
            allocations: stats.allocations + stats.reallocations,
        }
    })
}
