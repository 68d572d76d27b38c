//! Threads that race: their joint throughput in a fixed time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bench_harness::{Options, Role, Spread};

/// The result of one round.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Done {
    pub(crate) operations: u64,
    pub(crate) writes: u64,
    pub(crate) panics: u64,
    pub(crate) seconds: f64,
}

/// The settings of a race.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Race {
    pub(crate) threads: usize,
    /// The number of writes in ten operations.
    pub(crate) writes_in_ten: u64,
    pub(crate) time: Duration,
}

/// The name of a case.
pub(crate) fn threads_of(threads: usize) -> String {
    format!("{threads} thread{}", if threads == 1 { "" } else { "s" })
}

/// A contestant: runs a round and returns its result.
pub(crate) type Racer<'a> = (Role, &'static str, Box<dyn FnMut(Race) -> Done + 'a>);

/// Runs all racers in turn, round after round; returns operations per second.
pub(crate) fn throughput(
    race: Race,
    options: &Options,
    racers: &mut [Racer<'_>],
) -> Vec<(Role, &'static str, Spread)> {
    let mut samples = vec![Vec::new(); racers.len()];
    for round in 0..options.pick(7, 2) {
        for turn in 0..racers.len() {
            let place = (round + turn) % racers.len();
            let done = (racers[place].2)(race);
            samples[place].push(done.operations as f64 / done.seconds);
        }
    }
    let figure = |(racer, samples): (&mut Racer<'_>, _)| (racer.0, racer.1, Spread::of(samples));
    racers.iter_mut().zip(samples).map(figure).collect()
}

impl Race {
    /// The threads begin together. Each picks reads and writes at random, the same ones in
    /// every round. A call that panics is counted, and its thread continues.
    pub(crate) fn run(self, read: impl Fn() + Sync, write: impl Fn() + Sync) -> Done {
        let (begin, stop) = (Barrier::new(self.threads + 1), AtomicBool::new(false));
        let work = |thread: usize| {
            let (mut done, mut random) = (Done::default(), Random::new(thread as u64 + 1));
            begin.wait();
            while !stop.load(Ordering::Relaxed) {
                for _ in 0..16 {
                    self.step(&mut done, &mut random, &read, &write);
                }
            }
            done
        };
        thread::scope(|scope| {
            let threads: Vec<_> =
                (0..self.threads).map(|thread| scope.spawn(move || work(thread))).collect();
            begin.wait();
            let start = Instant::now();
            thread::sleep(self.time);
            stop.store(true, Ordering::Relaxed);
            let done = threads.into_iter().map(|thread| thread.join().expect("panics are caught"));
            let mut sum = done.fold(Done::default(), Done::plus);
            sum.seconds = start.elapsed().as_secs_f64();
            sum
        })
    }

    fn step(self, done: &mut Done, random: &mut Random, read: impl Fn(), write: impl Fn()) {
        let writes = random.next() % 10 < self.writes_in_ten;
        let call = || if writes { write() } else { read() };
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(()) if writes => done.writes += 1,
            Ok(()) => {}
            Err(_) => done.panics += 1,
        }
        done.operations += 1;
    }
}

impl Done {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            operations: self.operations + other.operations,
            writes: self.writes + other.writes,
            panics: self.panics + other.panics,
            seconds: self.seconds,
        }
    }
}

/// Xorshift: a few instructions, so that the random numbers do not distort the figures.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }
}
