//! Applies the entries of the log to the state.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::Changeset;
use sprag_runtime::path::State;
use tokio::time::{Instant, sleep};

use super::anchor::LogAnchor;
use super::flight::AppendFlight;
use super::{Committer, Followed};
use crate::backend::{Follow, Log, Snapshot, Stored};
use crate::chain::{Broken, EntryChain, Link};
use crate::entry::LogEntry;
use crate::error::ReadError;
use crate::replay::{Misfit, applied, replaced};

/// More entries than this that arrive together become one commit.
const ONE_BY_ONE: usize = 64;
/// How often entries may be missing before the process stops following.
const MAX_GAPS: u32 = 20;

/// Waits for `pause`, and then for the follower's next result.
pub(super) fn follow<F: Follow>(
    mut follower: F,
    pause: Duration,
) -> BoxFuture<'static, Followed<F>> {
    async move {
        if !pause.is_zero() {
            sleep(pause).await;
        }
        let outcome = follower.next().await;
        (follower, outcome)
    }
    .boxed()
}

impl<T, L> Committer<T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    pub(super) async fn followed(&mut self, (follower, outcome): Followed<L::Follower>) {
        match outcome {
            Ok(entries) => {
                self.reached();
                self.next = Some(follow(follower, Duration::ZERO));
                self.take_in(entries).await;
            }
            Err(ReadError::Unavailable(reason)) => {
                self.away(&reason);
                drop(follower);
                self.follow_after(super::flight::retry());
                // A read finds out that the log is in reach again, also while no entry comes.
                if self.step.is_none() {
                    self.look(super::flight::retry());
                }
            }
            Err(ReadError::Damaged(reason)) => self.end(&reason),
        }
    }

    /// Processes entries as they were stored, in order.
    pub(super) async fn take_in(&mut self, entries: Vec<Stored>) {
        let mut others = ForeignEntries {
            entries: Vec::new(),
            sequence: 0,
            one_by_one: entries.len() <= ONE_BY_ONE,
            began: Instant::now(),
        };
        for Stored { sequence, entry } in entries {
            let before = self.chain.clone();
            match self.chain.offer(sequence, &entry) {
                Ok(Link::Counts(link)) => {
                    if self.is_own(&link) && !self.keeps(before).await {
                        return;
                    }
                    self.count(entry.len());
                    self.counted(sequence, link, &mut others);
                }
                Ok(Link::Left) => {}
                Ok(Link::Gap) => {
                    self.make(&mut others);
                    return self.close_gap().await;
                }
                Ok(Link::Rival) => {
                    self.make(&mut others);
                    match self.anchor().await {
                        LogAnchor::Holds => self.chain.skip(sequence),
                        LogAnchor::Lost => return,
                        LogAnchor::Unknown => return self.follow_anew(),
                    }
                }
                Err(broken) => {
                    self.make(&mut others);
                    return self.end(&format!("at sequence {sequence}: {broken}"));
                }
            }
            if self.is_ended() {
                return;
            }
            if self.chain.is_ended {
                self.make(&mut others);
                return self.end(&Broken::Destroyed.to_string());
            }
        }
        self.make(&mut others);
    }

    /// Whether the own entry that this process has received counts: the log still has the entry
    /// before it, the last one of `before`. Otherwise the entry is received again, or the
    /// committer has ended.
    async fn keeps(&mut self, before: EntryChain) -> bool {
        let after = std::mem::replace(&mut self.chain, before);
        match self.proof().await {
            LogAnchor::Holds => {
                self.chain = after;
                return true;
            }
            LogAnchor::Lost => {}
            LogAnchor::Unknown => self.follow_anew(),
        }
        false
    }

    fn is_own(&self, entry: &LogEntry) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.id == entry.id)
    }

    fn counted(&mut self, sequence: u64, entry: LogEntry, others: &mut ForeignEntries) {
        if self.is_own(&entry) {
            self.make(others);
            return self.confirm(sequence, &entry);
        }
        self.requests.fulfil(entry.id);
        others.entries.push(entry);
        others.sequence = sequence;
        if others.one_by_one {
            self.make(others);
        }
    }

    /// Confirms that the entry in flight is in the log: the model gets the commit, and then
    /// the callers their results.
    pub(super) fn confirm(&mut self, sequence: u64, entry: &LogEntry) {
        if let Err(misfit) = self.applied(sequence, std::slice::from_ref(entry)) {
            return self.end(&misfit.at(sequence));
        }
        let flight = self.flight.take();
        (self.step, self.contends) = (None, None);
        self.prolong_proof();
        let answered = self.backlog.confirm(sequence);
        if let Some(flight) = flight {
            self.give_turn(&flight);
            self.expect(answered, flight.began);
            self.extend_series(flight.began);
        }
        if entry.ends() { self.destroyed(sequence) } else { self.save() }
    }

    /// Applies the entries of other processes, as one commit, below the waiting writes.
    fn make(&mut self, others: &mut ForeignEntries) {
        let entries = std::mem::take(&mut others.entries);
        if entries.is_empty() || self.is_ended() {
            return;
        }
        // Another entry has the position that the entry in flight expected, so it never
        // counts.
        if let Some(flight) = &self.flight {
            self.backlog.halve_share();
            self.request_turn(flight.id);
        }
        (self.flight, self.step) = (None, None);
        self.end_series();
        let model = &self.model;
        self.backlog.take_all_back(|| T::clone(&model.snapshot()));
        let outcome = self.applied(others.sequence, &entries);
        self.backlog.sequence = others.sequence;
        match outcome {
            Ok(set) => {
                if self.backlog.draft.apply(&set).is_err() {
                    self.backlog.draft.reset(T::clone(&self.model.snapshot()));
                }
                self.backlog.run_all_again();
                self.take_turn(others.began);
            }
            Err(misfit) => self.end(&misfit.at(others.sequence)),
        }
    }

    fn applied(&mut self, sequence: u64, entries: &[LogEntry]) -> Result<Changeset, Misfit> {
        applied(&self.model, sequence, entries, &mut self.evolution)
    }

    /// Handles missing entries: they were dropped behind a snapshot, or the follower
    /// skipped them.
    async fn close_gap(&mut self) {
        self.gaps += 1;
        match self.log.load_snapshot(&self.name).await {
            Ok(Some(snapshot)) if snapshot.sequence > self.chain.counted => self.leap(&snapshot),
            Ok(_) if self.gaps > MAX_GAPS => {
                let after = self.chain.counted;
                self.end(&format!("the entries after sequence {after} are gone"));
            }
            Ok(_) => {}
            Err(ReadError::Unavailable(reason)) => self.away(&reason),
            Err(ReadError::Damaged(reason)) => self.end(&reason),
        }
        if !self.is_ended() {
            self.chain.rewind();
            self.follow_anew();
        }
    }

    /// Continues from a snapshot. Unless the entry in flight was certainly not stored, it
    /// is unknown whether the snapshot contains it; what wrote nothing runs again in any case.
    fn leap(&mut self, snapshot: &Snapshot) {
        if self.flight.as_ref().is_some_and(AppendFlight::may_be_stored) {
            self.backlog.give_up_sent(|_| true);
        }
        (self.flight, self.step) = (None, None);
        let model = &self.model;
        self.backlog.take_all_back(|| T::clone(&model.snapshot()));
        let sequence = snapshot.sequence;
        match replaced(&self.model, self.chain.log, snapshot, &mut self.evolution) {
            Ok(chain) => {
                self.chain = chain;
                self.proven = None;
                self.backlog.sequence = sequence;
                self.backlog.draft.reset(T::clone(&self.model.snapshot()));
                self.backlog.run_all_again();
            }
            Err(misfit) => self.end(&misfit.at(sequence)),
        }
    }
}

/// Entries of other processes that are still to be applied.
struct ForeignEntries {
    entries: Vec<LogEntry>,
    /// The sequence of the last one.
    sequence: u64,
    one_by_one: bool,
    /// When this process began to read them.
    began: Instant,
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::json;
    use serde_json::value::to_raw_value;

    use super::super::idle::{IdleCommitter, called, called_barrier, error, idle, ms};
    use super::*;
    use crate::entry::{LogEntryId, LoggedWrite, checksum, encode};
    use crate::error::WriteError;
    use crate::replay::encoded;
    use crate::settings::Settings;

    /// The next `count` entries of another process, which set the state to 1, 2 and so on.
    fn entries(committer: &IdleCommitter, count: u64) -> Vec<Stored> {
        let EntryChain { counted, sum, .. } = committer.chain;
        let (mut prev, mut prev_sum) = (counted, sum);
        let entry = |number| {
            let ops = to_raw_value(&json!([["=", [], number]])).expect("JSON");
            let write = LoggedWrite { id: number, by: Default::default(), ops, ends: false };
            let (id, fingerprint) =
                (LogEntryId(committer.process ^ 1, number), committer.evolution.types.own());
            let writes = vec![write];
            let entry = LogEntry { log: 1, prev, prev_sum, id, fingerprint, state: None, writes };
            let entry = encode(&entry).expect("JSON");
            (prev, prev_sum) = (prev + 1, checksum(&entry).expect("an entry"));
            Stored { sequence: prev, entry }
        };
        (1..=count).map(entry).collect()
    }

    /// The states that a subscriber receives when `count` entries arrive together.
    async fn received(count: u64) -> Vec<u64> {
        let (mut committer, _writes) = idle(Settings::default());
        let received = Arc::new(Mutex::new(Vec::new()));
        let states = Arc::clone(&received);
        let guard = committer.model.subscribe(
            |state: &u64| *state,
            move |state, _| states.lock().expect("no panic").push(*state),
        );
        guard.detach();
        let entries = entries(&committer, count);
        committer.take_in(entries).await;
        assert_eq!(committer.chain.counted, 7 + count);
        assert_eq!(committer.model.version(), 7 + count);
        received.lock().expect("no panic").clone()
    }

    #[tokio::test]
    async fn l3a_entries_that_arrive_together_are_one_commit_if_they_are_many() {
        assert_eq!(received(64).await, (1..=64).collect::<Vec<_>>());
        assert_eq!(received(65).await, [65]);
        assert_eq!(received(1_000).await, [1_000]);
    }

    #[tokio::test]
    async fn l8_a_gap_is_closed_by_a_later_snapshot_alone() {
        let (mut committer, _writes) = idle(Settings::default());
        for (sequence, is_read) in [(7, false), (8, true)] {
            let snapshot = Snapshot { sequence, body: "damaged".into() };
            *committer.log.snapshot.lock().expect("no panic") = Some(snapshot);
            committer.close_gap().await;
            assert_eq!(committer.is_ended(), is_read, "a snapshot at {sequence}");
        }
    }

    struct Cut;

    impl Follow for Cut {
        async fn next(&mut self) -> Result<Vec<Stored>, ReadError> {
            Err(ReadError::Unavailable("of the test".into()))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn l5_a_follower_that_is_cut_says_so_at_once_and_pauses_before_it_follows() {
        let began = Instant::now();
        let (_, outcome) = follow(Cut, Duration::ZERO).await;
        // Later the log may be in reach again.
        assert!(outcome.is_err() && began.elapsed().is_zero());
        let _ = follow(Cut, ms(50)).await;
        assert_eq!(began.elapsed(), ms(50));
    }

    #[tokio::test]
    async fn l5_a_write_that_flies_is_unknown_after_a_snapshot_and_a_sync_is_made_again() {
        let (mut committer, _writes) = idle(Settings::default());
        let ((write, mut writer), (barrier, mut reader)) = (called(), called_barrier());
        committer.push(write);
        committer.push(barrier);
        committer.start();
        assert!(committer.flight.as_ref().is_some_and(AppendFlight::may_be_stored));
        let (chain, types) = (EntryChain::at(1, 9, 0), &committer.evolution.types);
        let body = encoded(&chain, types, &committer.initial, &5_u64).expect("JSON");
        committer.leap(&Snapshot { sequence: 9, body });
        let error_of_it = error(&mut writer);
        assert!(matches!(error_of_it, Some(WriteError::Unknown { .. })), "{error_of_it:?}");
        assert!(committer.flight.is_none() && reader.try_recv().is_err());
        assert_eq!((committer.backlog.len(), *committer.model.snapshot()), (1, 5));
        committer.start();
        assert!(committer.flight.is_some(), "the sync is an entry behind the snapshot");
    }
}
