//! [`each_seed`]: a test that runs once for each of many seeds.

use std::env;
use std::thread;

/// Runs `test` for the seeds from 0 on, on all processors.
///
/// With `{variable}=n` in the environment `test` runs for the seed `n` alone, with
/// `{variable}S=n` for so many seeds; otherwise for `seeds` of them.
pub fn each_seed(variable: &str, seeds: u64, test: impl Fn(u64) + Sync) {
    let number = |variable: &str| env::var(variable).ok()?.parse::<u64>().ok();
    let seeds = match number(variable) {
        Some(seed) => seed..seed + 1,
        None => 0..number(&format!("{variable}S")).unwrap_or(seeds),
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for first in 0..threads {
            let (seeds, test) = (seeds.clone().skip(first).step_by(threads), &test);
            scope.spawn(move || seeds.for_each(test));
        }
    });
}
