//! Transactions: what fails is taken back while others read, write, subscribe and hold
//! snapshots.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use shuttle::thread;
use sprag::prelude::*;

use crate::explored::{self, Log, join, spawn};

const SCHEDULES: usize = 2_000;

/// Explores [`SCHEDULES`] of `scenario`.
fn explore(scenario: impl Fn() + Send + Sync + Clone + 'static) {
    explored::explore(SCHEDULES, scenario);
}

/// The two accounts add up to 0, and no note is ever committed.
#[derive(Model, Clone, Default, PartialEq, Debug)]
struct Bank {
    left: i64,
    right: i64,
    notes: HashMap<u64, u64>,
}

#[derive(Clone, Copy)]
enum End {
    Commit,
    Error,
    Panic,
}

/// Moves 1 from the left to the right, and ends as `end` says between the two.
fn transfer(bank: &Model<Bank>, end: End) {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        bank.transaction(|tx| {
            tx.update_at(Bank::PATHS.left, |left| *left -= 1);
            thread::yield_now();
            if !matches!(end, End::Commit) {
                tx.insert(Bank::PATHS.notes, 1, 1);
            }
            match end {
                End::Commit => {}
                End::Error => return Err("refused"),
                End::Panic => resume_unwind(Box::new("panicked")),
            }
            tx.update_at(Bank::PATHS.right, |right| *right += 1);
            Ok(())
        })
    }));
    assert_eq!(outcome.is_err(), matches!(end, End::Panic));
}

fn mover(bank: &Model<Bank>, ends: &'static [End]) -> impl FnOnce() + Send + 'static {
    let bank = bank.clone();
    move || ends.iter().for_each(|end| transfer(&bank, *end))
}

#[test]
fn d9_no_reader_sees_half_of_what_is_committed_or_taken_back() {
    explore(|| {
        let bank = create_model("bank", Bank::default());
        let reader = {
            let bank = bank.clone();
            move || {
                // A snapshot that is held makes the first write of a transaction copy.
                let seen = [bank.versioned(), bank.versioned(), bank.versioned()];
                for (version, state) in &seen {
                    assert_eq!(state.left, -(*version as i64));
                    assert_eq!((state.left + state.right, state.notes.len()), (0, 0));
                }
            }
        };
        let movers = [
            spawn(mover(&bank, &[End::Commit, End::Error])),
            spawn(mover(&bank, &[End::Panic, End::Commit])),
        ];

        join(movers.into_iter().chain([spawn(reader)]));

        let state = Bank { left: -2, right: 2, ..Bank::default() };
        assert_eq!((bank.version(), &*bank.snapshot()), (2, &state));
    });
}

#[test]
fn d9_i3_subscribers_are_shown_what_was_committed_and_nothing_else() {
    explore(|| {
        let bank = create_model("bank", Bank::default());
        let (log, notes) = (Log::default(), Log::default());
        let (shown, noted) = (log.clone(), notes.clone());
        let _left = bank.subscribe(Bank::PATHS.left, move |left, _| shown.push(*left));
        let _notes = bank.subscribe(Bank::PATHS.notes, move |notes, _| noted.push(notes.len()));

        join([
            spawn(mover(&bank, &[End::Error, End::Commit])),
            spawn(mover(&bank, &[End::Commit, End::Panic])),
            spawn(mover(&bank, &[End::Commit])),
        ]);
        bank.flush();

        assert_eq!((log.take(), notes.take()), (vec![-1, -2, -3], vec![]));
    });
}

#[test]
fn d9_a_subscriber_that_comes_between_is_shown_no_write_that_is_taken_back() {
    explore(|| {
        let bank = create_model("bank", Bank::default());
        let log = Log::default();
        let newcomer = {
            let (bank, shown) = (bank.clone(), log.clone());
            move || {
                let now = bank.subscribe_now(Bank::PATHS.left, move |left, _| shown.push(*left));
                thread::yield_now();
                now.detach();
            }
        };

        join([
            spawn(mover(&bank, &[End::Error, End::Commit])),
            spawn(newcomer),
            spawn(mover(&bank, &[End::Panic])),
        ]);
        bank.flush();

        let seen = log.take();
        assert!(seen == [0, -1] || seen == [-1], "{seen:?}");
    });
}

#[test]
fn d9_a_write_beside_a_transaction_that_is_taken_back_stays() {
    explore(|| {
        let bank = create_model("bank", Bank::default());
        let plain = {
            let bank = bank.clone();
            move || {
                bank.set(Bank::PATHS.right, 7);
                bank.insert(Bank::PATHS.notes, 2, 2);
            }
        };

        join([spawn(mover(&bank, &[End::Error, End::Panic])), spawn(plain)]);

        let state = Bank { left: 0, right: 7, notes: HashMap::from([(2, 2)]) };
        assert_eq!((bank.version(), &*bank.snapshot()), (2, &state));
    });
}
