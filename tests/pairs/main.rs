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
mod trial;
mod users;
mod world;

use test_support::faults::{Armed, Fault, each, pairs, part};

use self::operations::OPERATIONS;
use self::trial::Trial;
use self::world::Setting;

/// Each fault that `trial` can have.
fn faults(trial: &Trial) -> Vec<Armed> {
    each(&trial.runs(), 3)
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
        let faults = part(faults(&trial), offset, 5);
        run(&trial, faults.map(|fault| vec![fault]))
    };
    expect_none(trials().enumerate().map(singles).fold((0, vec![]), join));
}

/// Runs one in `stride` of the pairs of faults of which as many hang as `hang` says.
fn expect_pairs(stride: usize, hang: usize) {
    let hanging = |pair: &Vec<Armed>| pair.iter().filter(|it| it.fault == Fault::Hang).count();
    let some = |(offset, trial): (usize, Trial)| {
        let faults = faults(&trial);
        let pairs = pairs(&faults).filter(|pair| hanging(pair) == hang);
        run(&trial, part(pairs, offset, stride))
    };
    expect_none(trials().enumerate().map(some).fold((0, vec![]), join));
}

#[test]
fn i5_two_faults() {
    expect_pairs(499, 0);
}

#[test]
fn i2_i5_a_hang_beside_another_fault() {
    expect_pairs(1_499, 1);
}

fn join(mut all: (usize, Vec<String>), more: (usize, Vec<String>)) -> (usize, Vec<String>) {
    all.1.extend(more.1);
    (all.0 + more.0, all.1)
}
