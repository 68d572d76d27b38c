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
                    _ if anchor == LogAnchor::Lost => {}
                    // A log that is read, and not written, is still out of reach.
                    Some(_) if page.is_last => self.append(),
                    Some(_) => self.look(Duration::ZERO),
                    None if anchor == LogAnchor::Unknown => self.look(retry()),
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
    use super::*;

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
