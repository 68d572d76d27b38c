//! [`each_seed`]: a test that runs once for each of many seeds.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

/// Runs `test` for the seeds from 0 on, on all processors.
///
/// With `{variable}=n` in the environment `test` runs for the seed `n` alone, with
/// `{variable}S=n` for so many seeds; otherwise for `seeds` of them.
///
/// # Panics
///
/// When `test` panics, with the variable and the seed that run it alone.
pub fn each_seed(variable: &str, seeds: u64, test: impl Fn(u64) + Sync) {
    let number = |variable: &str| env::var(variable).ok()?.parse::<u64>().ok();
    let seeds = match number(variable) {
        Some(seed) => seed..seed + 1,
        None => 0..number(&format!("{variable}S")).unwrap_or(seeds),
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let failed = Mutex::new(None);
    thread::scope(|scope| {
        for first in 0..threads {
            let (mut seeds, test) = (seeds.clone().skip(first).step_by(threads), &test);
            let failed = &failed;
            scope.spawn(move || {
                // The panic hook prints the reason.
                let fails = |seed: &u64| catch_unwind(AssertUnwindSafe(|| test(*seed))).is_err();
                if let Some(seed) = seeds.find(fails) {
                    *failed.lock().expect("no panic") = Some(seed);
                }
            });
        }
    });
    if let Some(seed) = failed.into_inner().expect("no panic") {
        panic!("seed {seed} fails; `{variable}={seed}` in the environment runs it alone");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::within;

    const LIMIT: Duration = Duration::from_secs(60);

    #[test]
    fn each_seed_runs_once() {
        let mut seen = within(LIMIT, || {
            let seen = Mutex::new(Vec::new());
            each_seed("SPRAG_SUPPORT_SEED", 9, |seed| seen.lock().expect("no panic").push(seed));
            seen.into_inner().expect("no panic")
        });
        seen.sort_unstable();
        assert_eq!(seen, (0..9).collect::<Vec<_>>());
    }

    #[test]
    fn a_seed_that_fails_is_named_with_the_variable_that_runs_it_alone() {
        let fails = || each_seed("SPRAG_SUPPORT_SEED", 9, |seed| assert_ne!(seed, 7));
        let message = catch_unwind(|| within(LIMIT, fails)).expect_err("one of them fails");
        let message = message.downcast::<String>().expect("a formatted message");
        assert!(message.contains("`SPRAG_SUPPORT_SEED=7`"), "{message}");
    }
}
