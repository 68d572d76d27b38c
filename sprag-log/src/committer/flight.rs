//! [`AppendFlight`]: the entry that is being appended.
//!
//! An append that is acknowledged at the sequence after the last one that was seen counts:
//! no other entry can be between the two. An append that fails, or gets no reply, decides
//! nothing. The first entry that counts after the flight's `prev` decides: that entry is this
//! one, or this one never counts. Until then the same entry is appended again, since at most
//! one of its copies can count.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::path::State;
use tokio::time::{Instant, sleep};

use super::Committer;
use super::anchor::LogAnchor;
use crate::backend::{Log, Page};
use crate::chain::EntryChain;
use crate::entry::{LogEntry, LogEntryId, encode};
use crate::error::{AppendError, ReadError, WriteError};

/// How long the follower may take to deliver an acknowledged entry.
const CONFIRM: Duration = Duration::from_millis(250);
/// After how many appends of one entry a log that brings no other entry is doubtful.
const DOUBTFUL: u32 = 3;

pub(super) struct AppendFlight {
    pub(super) id: LogEntryId,
    entry: Arc<LogEntry>,
    /// The stored form of the entry.
    body: Bytes,
    /// Whether an append of the entry that has ended may have stored it.
    is_sent: bool,
    /// Whether an append of the entry is running.
    is_flying: bool,
    /// How often the entry was appended.
    attempts: u32,
    /// When the entry was made.
    pub(super) began: Instant,
    /// When the last append of the entry began.
    pub(super) appended: Instant,
}

impl AppendFlight {
    /// Whether a copy of the entry may be stored, now or later.
    pub(super) fn may_be_stored(&self) -> bool {
        self.is_sent || self.is_flying
    }
}

/// The result of a step of a flight.
pub(super) enum FlightStep {
    Appended(Result<u64, AppendError>),
    Read(Result<Page, ReadError>),
}

impl<T, L> Committer<T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    /// Sends the next entry, if writes wait and none is in flight.
    pub(super) fn start(&mut self) {
        let waits = self.flight.is_some() || self.resume.is_some();
        if waits || self.backlog.is_empty() || self.is_ended() {
            return;
        }
        let writes = loop {
            self.backlog.fill();
            let writes = self.backlog.send();
            if !writes.is_empty() {
                break writes;
            }
            self.backlog.confirm(self.chain.counted);
            if self.backlog.is_empty() {
                return;
            }
        };
        self.made += 1;
        let id = LogEntryId(self.process, self.made);
        let EntryChain { log, counted: prev, sum: prev_sum, .. } = self.chain;
        let log = log.unwrap_or_default();
        let fingerprint = self.evolution.types.own();
        let entry = LogEntry { log, prev, prev_sum, id, fingerprint, state: None, writes };
        match encode(&entry) {
            Ok(body) => {
                self.end_rerun();
                let began = Instant::now();
                self.contends.get_or_insert(began);
                self.flight = Some(AppendFlight {
                    id,
                    entry: Arc::new(entry),
                    body,
                    is_sent: false,
                    is_flying: false,
                    attempts: 0,
                    began,
                    appended: began,
                });
                self.append();
            }
            Err(error) => self.end(&error.to_string()),
        }
    }

    /// Appends the entry in flight; after a pause, unless this is the first attempt.
    fn append(&mut self) {
        let Some(flight) = &mut self.flight else { return };
        let (log, name, body) =
            (Arc::clone(&self.log), Arc::clone(&self.name), flight.body.clone());
        let (pause, last) = (pause(flight.attempts), self.chain.seen);
        (flight.attempts, flight.is_flying) = (flight.attempts + 1, true);
        flight.appended = Instant::now() + pause;
        self.step = Some(
            async move {
                if !pause.is_zero() {
                    sleep(pause).await;
                }
                FlightStep::Appended(log.append(&name, last, body).await)
            }
            .boxed(),
        );
    }

    pub(super) async fn stepped(&mut self, step: FlightStep) {
        match step {
            FlightStep::Appended(outcome) => self.appended(outcome).await,
            FlightStep::Read(Ok(page)) => {
                let brings_nothing = page.is_last && page.entries.is_empty();
                self.take_in(page.entries).await;
                let doubts = brings_nothing && self.doubts();
                let anchor = if doubts { self.anchor().await } else { LogAnchor::Holds };
                match self.flight {
                    // A log that is read, and not written, is still out of reach.
                    Some(_) if page.is_last => self.append(),
                    Some(_) => self.look(Duration::ZERO),
                    None if anchor == LogAnchor::Unknown => self.look(retry()),
                    // After the end this has no effect.
                    None => self.reached(),
                }
            }
            FlightStep::Read(Err(ReadError::Unavailable(reason))) => {
                self.away(&reason);
                self.look(retry());
            }
            FlightStep::Read(Err(ReadError::Damaged(reason))) => self.end(&reason),
        }
    }

    async fn appended(&mut self, outcome: Result<u64, AppendError>) {
        if outcome.is_err() {
            self.end_series();
        }
        let Some(flight) = &mut self.flight else { return };
        flight.is_flying = false;
        match outcome {
            Ok(sequence) => {
                flight.is_sent = true;
                self.reached();
                self.acknowledged(sequence).await;
            }
            Err(AppendError::Conflict) => self.look(Duration::ZERO),
            Err(AppendError::Unknown(reason)) => {
                flight.is_sent = true;
                self.away(&reason);
                self.look(Duration::ZERO);
            }
            Err(AppendError::Unavailable(reason)) => {
                let is_sent = flight.is_sent;
                self.away(&reason);
                if is_sent { self.look(retry()) } else { self.retreat() }
            }
            Err(AppendError::TooLarge { bytes, limit }) => self.refuse_sent(bytes, limit),
        }
    }

    /// Takes in the acknowledged entry, if its sequence follows the last one that was seen.
    /// No entry can be between the two then. Otherwise the follower delivers those between,
    /// and then the entry.
    async fn acknowledged(&mut self, sequence: u64) {
        if sequence != self.chain.seen + 1 {
            self.end_series();
            return self.look(CONFIRM);
        }
        match self.proof().await {
            LogAnchor::Holds => {}
            LogAnchor::Lost => return,
            LogAnchor::Unknown => return self.look(retry()),
        }
        let Some(AppendFlight { entry, body, .. }) = &self.flight else { return };
        let (entry, bytes) = (Arc::clone(entry), body.len());
        self.chain.extend(sequence, &entry, body);
        self.count(bytes);
        self.confirm(sequence, &entry);
    }

    /// Reads the entries after the last one that was seen, after `pause`.
    pub(super) fn look(&mut self, pause: Duration) {
        let (log, name, after) = (Arc::clone(&self.log), Arc::clone(&self.name), self.chain.seen);
        self.step = Some(
            async move {
                if !pause.is_zero() {
                    sleep(pause).await;
                }
                FlightStep::Read(log.read(&name, after).await)
            }
            .boxed(),
        );
    }

    /// Whether the log may not be the one that this process has read: the log refuses the entry
    /// in flight and has no other one in its place, or was out of reach.
    fn doubts(&self) -> bool {
        self.flight.as_ref().is_none_or(|flight| flight.attempts >= DOUBTFUL)
    }

    /// Handles an entry that was not sent: its writes wait, and may fail by their
    /// deadlines.
    fn retreat(&mut self) {
        (self.flight, self.step) = (None, None);
        self.backlog.unsend();
        self.resume = Some(Instant::now() + retry());
    }

    /// Fails the writes of an entry that exceeds the engine's limit, contrary to the limit
    /// that it announced.
    fn refuse_sent(&mut self, bytes: usize, limit: usize) {
        (self.flight, self.step) = (None, None);
        let (name, model) = (self.name.to_string(), &self.model);
        let error = || WriteError::TooLarge { name: name.clone(), bytes, limit };
        self.backlog.fail_sent(error, || T::clone(&model.snapshot()));
    }
}

/// How long to wait before the next append. There is no pause before the second one, since
/// jitter there starves the process that lost; later pauses grow, with jitter.
fn pause(attempts: u32) -> Duration {
    match attempts {
        0 | 1 => Duration::ZERO,
        _ => Duration::from_micros(fastrand::u64(0..500) << attempts.min(10)),
    }
}

/// How long to wait for a log that is out of reach.
pub(super) fn retry() -> Duration {
    Duration::from_millis(fastrand::u64(50..150))
}

#[cfg(test)]
mod tests {
    use super::super::idle::{Caller, IdleCommitter, anchored, called, error, idle, ms, write};
    use super::*;
    use crate::backend::Stored;
    use crate::settings::Settings;
    use crate::standing::Standing;

    /// A committer with an entry in flight, and the caller of its write.
    fn flying() -> (IdleCommitter, Caller) {
        let (mut committer, _writes) = anchored(Settings::default());
        let (job, caller) = called();
        committer.backlog.push(job);
        committer.start();
        (committer, caller)
    }

    fn in_flight(committer: &mut IdleCommitter) -> &mut AppendFlight {
        committer.flight.as_mut().expect("an entry is in flight")
    }

    fn page(entries: Vec<Stored>) -> Page {
        Page { entries, is_last: true }
    }

    fn standing(committer: &IdleCommitter) -> Standing {
        committer.standing.borrow().clone()
    }

    /// How long the next step takes.
    async fn step(committer: &mut IdleCommitter) -> Duration {
        let began = Instant::now();
        let step = committer.step.take().expect("a step runs").await;
        assert!(matches!(step, FlightStep::Read(Ok(_))), "the log is read");
        began.elapsed()
    }

    #[tokio::test]
    async fn l9_one_entry_is_in_flight_and_none_in_a_pause_or_without_writes_or_after_the_end() {
        let (mut committer, _writes) = anchored(Settings::default());
        committer.start();
        assert!(committer.flight.is_none(), "no write waits");
        committer.backlog.push(write());
        committer.resume = Some(Instant::now());
        committer.start();
        assert!(committer.flight.is_none(), "it pauses");
        committer.resume = None;
        committer.start();
        committer.backlog.push(write());
        committer.start();
        let flight = in_flight(&mut committer);
        assert_eq!(
            (flight.id.1, flight.attempts, flight.is_flying, flight.is_sent),
            (1, 1, true, false)
        );
        committer.flight = None;
        committer.start();
        assert_eq!(in_flight(&mut committer).id.1, 2, "each entry has a number of its own");
        committer.end("of the test");
        committer.start();
        assert!(committer.flight.is_none(), "it has ended");
    }

    #[tokio::test]
    async fn l2_an_entry_may_be_stored_from_its_first_append_until_one_is_refused() {
        let (mut committer, _caller) = flying();
        let flight = in_flight(&mut committer);
        for (is_flying, is_sent) in [(true, false), (false, true), (true, true), (false, false)] {
            (flight.is_flying, flight.is_sent) = (is_flying, is_sent);
            assert_eq!(flight.may_be_stored(), is_flying || is_sent);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn l2_a_conflict_is_looked_up_and_decides_nothing() {
        let (mut committer, mut caller) = flying();
        committer.appended(Err(AppendError::Conflict)).await;
        assert!(!in_flight(&mut committer).may_be_stored());
        assert_eq!(standing(&committer), Standing::Current);
        assert_eq!(step(&mut committer).await, Duration::ZERO);
        assert!(error(&mut caller).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn l2_an_unknown_outcome_is_looked_up_and_the_entry_may_be_stored() {
        let (mut committer, mut caller) = flying();
        committer.appended(Err(AppendError::Unknown("of the test".into()))).await;
        let flight = in_flight(&mut committer);
        assert_eq!((flight.is_flying, flight.is_sent), (false, true));
        assert_eq!(standing(&committer).reason(), Some("of the test"));
        assert_eq!(step(&mut committer).await, Duration::ZERO);
        // Later the log is out of reach, and the entry may still be stored.
        committer.appended(Err(AppendError::Unavailable("later".into()))).await;
        assert!(in_flight(&mut committer).is_sent && committer.resume.is_none());
        assert!((ms(50)..ms(150)).contains(&step(&mut committer).await));
        committer.end("of the test");
        assert!(matches!(error(&mut caller), Some(WriteError::Unknown { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn l5_an_entry_that_was_not_sent_is_taken_back_and_its_writes_wait() {
        let (mut committer, mut caller) = flying();
        committer.appended(Err(AppendError::Unavailable("of the test".into()))).await;
        assert!(committer.flight.is_none() && committer.step.is_none());
        let pause = committer.resume.expect("it pauses") - Instant::now();
        assert!((ms(50)..ms(150)).contains(&pause), "{pause:?}");
        assert_eq!(committer.backlog.len(), 1);
        committer.end("of the test");
        assert!(matches!(error(&mut caller), Some(WriteError::NotCurrent { .. })));
    }

    #[tokio::test]
    async fn l2_an_own_entry_that_is_delivered_does_not_count_where_the_one_before_it_is_gone() {
        for is_gone in [false, true] {
            let (mut committer, _caller) = flying();
            let entry = in_flight(&mut committer).body.clone();
            if is_gone {
                committer.log.entries.lock().expect("no panic").clear();
            }
            committer.take_in(vec![Stored { sequence: 8, entry }]).await;
            assert_eq!(committer.chain.counted, if is_gone { 7 } else { 8 });
            assert_eq!(committer.is_ended(), is_gone);
        }
    }

    #[tokio::test]
    async fn l4a_an_entry_that_flies_at_the_end_is_unknown() {
        let (mut committer, mut caller) = flying();
        committer.end("of the test");
        assert!(matches!(error(&mut caller), Some(WriteError::Unknown { .. })));
    }

    #[tokio::test]
    async fn l4a_an_entry_above_the_limit_of_the_engine_fails_its_writes_alone() {
        let (mut committer, mut caller) = flying();
        let (job, mut behind) = called();
        committer.backlog.push(job);
        committer.appended(Err(AppendError::TooLarge { bytes: 9, limit: 8 })).await;
        let error_of_it = error(&mut caller);
        let is_expected =
            matches!(error_of_it, Some(WriteError::TooLarge { bytes: 9, limit: 8, .. }));
        assert!(is_expected, "{error_of_it:?}");
        assert!(committer.flight.is_none() && committer.step.is_none());
        assert_eq!((committer.backlog.len(), error(&mut behind).is_none()), (1, true));
    }

    #[tokio::test(start_paused = true)]
    async fn l2_an_acknowledged_entry_counts_at_the_next_sequence_and_is_looked_up_at_another() {
        let (mut committer, _caller) = flying();
        committer.appended(Ok(8)).await;
        assert!(committer.flight.is_none());
        assert_eq!((committer.chain.counted, committer.model.version()), (8, 8));
        assert_eq!(*committer.model.snapshot(), 1);

        let (mut committer, _caller) = flying();
        committer.away("of the test");
        committer.appended(Ok(9)).await;
        assert!(in_flight(&mut committer).is_sent);
        assert_eq!((committer.chain.counted, standing(&committer)), (7, Standing::Current));
        assert_eq!(step(&mut committer).await, CONFIRM);
    }

    #[tokio::test(start_paused = true)]
    async fn l2_an_entry_is_appended_again_when_the_rest_of_the_log_is_read() {
        fastrand::seed(1);
        let (mut committer, _caller) = flying();
        committer.appended(Err(AppendError::Conflict)).await;
        let part = Page { entries: Vec::new(), is_last: false };
        committer.stepped(FlightStep::Read(Ok(part))).await;
        assert_eq!(in_flight(&mut committer).attempts, 1, "the log has more");
        assert_eq!(step(&mut committer).await, Duration::ZERO);
        for attempts in [2, 3] {
            committer.stepped(FlightStep::Read(Ok(page(Vec::new())))).await;
            let now = Instant::now();
            let flight = in_flight(&mut committer);
            assert_eq!((flight.attempts, flight.is_flying), (attempts, true));
            assert!(flight.appended >= now && (attempts > 2 || flight.appended == now));
        }
        in_flight(&mut committer).attempts = 30;
        let (now, longest) = (Instant::now(), ms(1));
        committer.stepped(FlightStep::Read(Ok(page(Vec::new())))).await;
        assert!(in_flight(&mut committer).appended > now + longest, "the pauses grow");
    }

    #[tokio::test]
    async fn l7_a_log_that_refuses_an_entry_three_times_and_has_no_other_is_doubted() {
        for (attempts, is_ended) in [(2, false), (3, true)] {
            let (mut committer, _caller) = flying();
            committer.log.entries.lock().expect("no panic").clear();
            in_flight(&mut committer).attempts = attempts;
            committer.stepped(FlightStep::Read(Ok(page(Vec::new())))).await;
            assert_eq!(committer.is_ended(), is_ended, "{attempts} appends");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn l5_a_log_that_is_read_and_holds_is_in_reach_again() {
        let (mut committer, _writes) = anchored(Settings::default());
        committer.away("of the test");
        committer.stepped(FlightStep::Read(Ok(page(Vec::new())))).await;
        assert_eq!(standing(&committer), Standing::Current);

        // A reply that is older than what this process has read says nothing.
        let (mut committer, _writes) = anchored(Settings::default());
        let older = committer.log.entries.lock().expect("no panic")[0].clone();
        let older = Stored { sequence: 6, ..older };
        *committer.log.entries.lock().expect("no panic") = vec![older];
        committer.away("of the test");
        committer.stepped(FlightStep::Read(Ok(page(Vec::new())))).await;
        assert!(matches!(standing(&committer), Standing::Away { .. }));
        assert!((ms(50)..ms(150)).contains(&step(&mut committer).await));
    }

    #[tokio::test(start_paused = true)]
    async fn l5_a_read_that_fails_is_made_again_and_damage_ends_the_process() {
        let (mut committer, _writes) = idle(Settings::default());
        let away = Err(ReadError::Unavailable("of the test".into()));
        committer.stepped(FlightStep::Read(away)).await;
        assert_eq!(standing(&committer).reason(), Some("of the test"));
        assert!((ms(50)..ms(150)).contains(&step(&mut committer).await));
        let damaged = Err(ReadError::Damaged("of the test".into()));
        committer.stepped(FlightStep::Read(damaged)).await;
        assert_eq!(standing(&committer), Standing::Ended("of the test".into()));
    }

    #[test]
    fn l9_the_pauses_before_an_append_grow_up_to_half_a_second() {
        fastrand::seed(1);
        let longest = |attempts| (0..300).map(|_| pause(attempts)).max().expect("some");
        assert_eq!((longest(0), longest(1)), (Duration::ZERO, Duration::ZERO));
        let limit = |attempts: u32| Duration::from_micros(500 << attempts);
        for attempts in 2..=10 {
            let longest = longest(attempts);
            assert!(longest < limit(attempts) && longest > limit(attempts) / 2, "{longest:?}");
        }
        assert!(longest(40) < limit(10));
    }

    #[test]
    fn l5_a_log_out_of_reach_is_tried_again_after_a_tenth_of_a_second() {
        let all: Vec<_> = (0..100).map(|_| retry()).collect();
        let range = Duration::from_millis(50)..Duration::from_millis(150);
        assert!(all.iter().all(|retry| range.contains(retry)), "{all:?}");
    }
}
