//! A model under writers, readers, subscribers that stay, subscribers that come and go, and
//! a replica that follows its changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, Scope};

use futures::StreamExt;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag::state::Changeset;

use crate::findings::{Counter, Findings};

const WRITERS: u32 = 3;
const ACCOUNTS: u32 = 64;

/// Money that moves: the accounts add up to 0 in every commit.
#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Bank {
    accounts: HashMap<u32, i64>,
    transfers: u64,
    /// Each writer's own count of its writes.
    written: HashMap<u32, u64>,
    recent: Vec<u64>,
    is_closed: bool,
}

/// An error of the user's that ends a transaction.
struct Refused;

pub(crate) fn load<'scope>(scope: &'scope Scope<'scope, '_>, findings: &'static Findings) {
    let bank = create_model("bank", Bank::default());
    for writer in 0..WRITERS {
        bank.insert(Bank::PATHS.written, writer, 0);
    }
    scope.spawn({
        let bank = bank.clone();
        move || come_and_go(&bank, findings)
    });
    scope.spawn({
        let bank = bank.clone();
        move || read(&bank, findings)
    });
    scope.spawn({
        let replica = Replica::of(&bank);
        move || replica.follow(findings)
    });
    scope.spawn(move || {
        let guards: Vec<_> = (0..WRITERS).map(|writer| stay(&bank, writer, findings)).collect();
        let own = thread::scope(|scope| {
            let write = |writer| {
                let bank = bank.clone();
                scope.spawn(move || write(&bank, writer, findings))
            };
            let writers: Vec<_> = (0..WRITERS).map(write).collect();
            writers.into_iter().map(|writer| writer.join().unwrap_or_default()).collect::<Vec<_>>()
        });
        bank.flush();
        let state = bank.snapshot();
        for ((writer, own), (_guard, seen)) in own.iter().enumerate().zip(guards) {
            let kept = state.written[&(writer as u32)];
            findings.add(Counter::Lost, own.abs_diff(kept));
            findings.add(Counter::Lost, own.abs_diff(seen.load(Ordering::SeqCst)));
        }
        bank.set(Bank::PATHS.is_closed, true);
    });
}

/// Writes until the round is over; returns the number of writes to the own count.
fn write(bank: &Model<Bank>, writer: u32, findings: &Findings) -> u64 {
    let mut random = StdRng::seed_from_u64(writer.into());
    let mut own = 0;
    while !findings.is_over() {
        transfer(bank, &mut random, findings);
        own += 1;
        bank.set(Bank::PATHS.written.key(writer), own).ok();
        match random.random_range(0..64) {
            0 => bank.update(|bank| bank.recent.truncate(10)),
            1..8 => bank.push(Bank::PATHS.recent, own),
            8..12 => drop(bank.pop(Bank::PATHS.recent)),
            12..14 => bank.retain(Bank::PATHS.recent, |n| n % 3 != 0),
            14 => bank.sort(Bank::PATHS.recent),
            _ => {}
        }
        findings.add(Counter::Writes, 2);
    }
    own
}

/// Moves money in a transaction, of which one in eight fails between its two halves.
fn transfer(bank: &Model<Bank>, random: &mut StdRng, findings: &Findings) {
    let (from, to) = (random.random_range(0..ACCOUNTS), random.random_range(0..ACCOUNTS));
    let (amount, fails) = (random.random_range(1..100), random.random_ratio(1, 8));
    let accounts = Bank::PATHS.accounts;
    let outcome = bank.transaction(|tx| {
        tx.update_or_insert(accounts, from, |money| *money -= amount, || -amount);
        if fails {
            return Err(Refused);
        }
        tx.update_or_insert(accounts, to, |money| *money += amount, || amount);
        tx.update_at(Bank::PATHS.transfers, |transfers| *transfers += 1);
        Ok(())
    });
    findings.expect(outcome.is_err() == fails, Counter::Torn);
    findings.add(Counter::Transactions, 1);
}

/// Looks at whole states, whose accounts add up to 0 and whose versions never go back.
fn read(bank: &Model<Bank>, findings: &Findings) {
    let mut last = 0;
    while !findings.is_over() {
        let (version, state) = bank.versioned();
        findings.expect(state.accounts.values().sum::<i64>() == 0, Counter::Torn);
        findings.expect(version >= last, Counter::OutOfOrder);
        last = version;
        findings.add(Counter::Reads, 1);
        thread::yield_now();
    }
}

/// Subscribes to a writer's count, which rises by one; the counter holds the last one seen.
fn stay(
    bank: &Model<Bank>,
    writer: u32,
    findings: &'static Findings,
) -> (Subscription, Arc<AtomicU64>) {
    let seen = Arc::new(AtomicU64::new(0));
    let last = Arc::clone(&seen);
    let guard = bank.subscribe(Bank::PATHS.written.key(writer), move |written, _| {
        let next = written.copied().unwrap_or_default();
        findings.follows(last.swap(next, Ordering::SeqCst), next);
        findings.add(Counter::Deliveries, 1);
    });
    (guard, seen)
}

/// Subscribes and drops the guard, over and over. At most one call that was taken up before
/// comes after the drop.
fn come_and_go(bank: &Model<Bank>, findings: &'static Findings) {
    while !findings.is_over() {
        let (calls, last) = (Arc::new(AtomicU64::new(0)), AtomicU64::new(0));
        let counted = Arc::clone(&calls);
        let guard = bank.subscribe_now(Bank::PATHS.transfers, move |transfers, _| {
            let before = last.swap(*transfers, Ordering::SeqCst);
            let is_first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            if !is_first {
                findings.follows(before, *transfers);
            }
        });
        thread::yield_now();
        drop(guard);
        let at_drop = calls.load(Ordering::SeqCst);
        bank.flush();
        findings.expect(calls.load(Ordering::SeqCst) <= at_drop + 1, Counter::Doubled);
        findings.add(Counter::Subscriptions, 1);
    }
}

/// A second model that is kept equal to the bank by its changesets.
struct Replica {
    bank: Model<Bank>,
    copy: Model<Bank>,
    /// The bank's version that the copy equals.
    at: u64,
}

impl Replica {
    fn of(bank: &Model<Bank>) -> Self {
        let copy = create_model("copy", Bank::default());
        Self { bank: bank.clone(), copy, at: 0 }
    }

    /// Applies each commit until the bank is closed.
    fn follow(mut self, findings: &Findings) {
        let mut changes = self.bank.changes().bound(256);
        self.begin();
        while !self.copy.get(Bank::PATHS.is_closed) {
            match pollster::block_on(changes.next()) {
                Some(Ok(commit)) => self.take(&commit.changeset(), findings),
                Some(Err(_lagged)) => self.begin(),
                None => return findings.add(Counter::Lost, 1),
            }
        }
        findings.expect(*self.copy.snapshot() == *self.bank.snapshot(), Counter::Lost);
    }

    fn begin(&mut self) {
        let (version, state) = self.bank.versioned();
        self.copy.replace(Bank::clone(&state));
        self.at = version;
    }

    fn take(&mut self, set: &Changeset, findings: &Findings) {
        if set.to <= self.at {
            return; // The state from which the replica began again has it.
        }
        findings.expect(set.from == self.at, Counter::Lost);
        findings.expect(self.copy.apply(set).is_ok(), Counter::Torn);
        self.at = set.to;
        findings.add(Counter::Changesets, 1);
    }
}
