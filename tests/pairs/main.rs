//! I1, I2, I3, I5, D3, D4, D9, C2, C4, C5, C8: a fault at each place where users' code
//! runs, one at a time and two at a time, in each operation of a model, its caches and a
//! bus. After each fault: nothing hangs, the state is the one before or after the
//! operation, as its version says, no callback received any other state, caches are not
//! stale, and all other users are served.
//!
//! A run without faults finds out where users' code runs, and how often; the faults are
//! generated from that, and the test command runs a part of them: `SPRAG_FAULTS=1` runs all.
#![cfg(feature = "serde")]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "these are tests")]

mod operations;
mod plan;
mod trial;
mod users;
mod world;

use self::operations::OPERATIONS;
use self::plan::{Armed, Fault, Site};
use self::trial::Trial;
use self::world::Setting;

/// At which of its runs the code of a site fails: the first ones, and the last.
fn moments(runs: usize) -> impl Iterator<Item = usize> {
    let first = runs.min(3);
    (0..first).chain((runs > first).then(|| runs - 1))
}

/// Each fault that `trial` can have.
fn faults(trial: &Trial) -> Vec<Armed> {
    let runs = trial.runs();
    let at = |(site, runs): (Site, usize)| {
        let fault =
            move |nth| site.faults().iter().map(move |fault| Armed { site, nth, fault: *fault });
        moments(runs).flat_map(fault)
    };
    runs.into_iter().flat_map(at).collect()
}

fn trials() -> impl Iterator<Item = Trial> {
    let settings =
        |operation| Setting::ALL.iter().map(move |setting| Trial::new(operation, *setting));
    OPERATIONS.iter().flat_map(settings)
}

/// Runs `trial` with each of `plans`; what is wrong afterwards.
fn run(trial: &Trial, plans: impl Iterator<Item = Vec<Armed>>) -> (usize, Vec<String>) {
    let mut count = 0;
    let wrong = plans.inspect(|_| count += 1).filter_map(|plan| trial.run(plan).err()).collect();
    (count, wrong)
}

fn expect_none((count, wrong): (usize, Vec<String>)) {
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

#[test]
fn every_operation_works_without_a_fault() {
    trials().for_each(|trial| expect_none(run(&trial, [vec![]].into_iter())));
}

#[test]
fn i5_one_fault() {
    let singles = |(offset, trial): (usize, Trial)| {
        let faults = part(faults(&trial), offset, 3);
        run(&trial, faults.map(|fault| vec![fault]))
    };
    expect_none(trials().enumerate().map(singles).fold((0, vec![]), join));
}

/// Two faults of which none hangs.
#[test]
fn i5_two_faults() {
    let pairs = |(offset, trial): (usize, Trial)| {
        let faults: Vec<_> =
            faults(&trial).into_iter().filter(|armed| armed.fault != Fault::Hang).collect();
        let seconds = |first: &Armed| {
            let first = *first;
            faults.iter().map(move |second| vec![first, *second])
        };
        let pairs = faults.iter().flat_map(seconds);
        let distinct = pairs.filter(|pair| pair[0].moment() != pair[1].moment());
        run(&trial, part(distinct, offset, 199))
    };
    expect_none(trials().enumerate().map(pairs).fold((0, vec![]), join));
}

/// One in `stride` of `all`, another part for each `offset`. `SPRAG_FAULTS` replaces the
/// stride: 1 for all.
fn part<V>(
    all: impl IntoIterator<Item = V>,
    offset: usize,
    stride: usize,
) -> impl Iterator<Item = V> {
    let asked = std::env::var("SPRAG_FAULTS").ok();
    let stride = asked.map_or(stride, |stride| stride.parse().expect("a number"));
    all.into_iter().skip(offset % stride).step_by(stride)
}

fn join(mut all: (usize, Vec<String>), more: (usize, Vec<String>)) -> (usize, Vec<String>) {
    all.1.extend(more.1);
    (all.0 + more.0, all.1)
}
