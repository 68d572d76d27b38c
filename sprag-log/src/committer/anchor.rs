//! Finds out whether the log is still the one that this process has read.
//!
//! A log always keeps its last entry. After a purge by hand, or where a server lost its
//! store, another process begins the log anew, and its entries have other incarnations. A
//! process that has read the earlier entries must not write among them. A server that lost its
//! last entries, as one that was restored from an older copy, keeps the incarnation; other
//! processes may then reach the sequence that this one has read. Each entry therefore names the
//! checksum of the one before it, and a process that has not written for a moment reads its last
//! entry again before it acknowledges a write.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::path::State;
use tokio::time::Instant;

use super::Committer;
use crate::backend::{Log, Page};
use crate::chain::{Broken, EntryChain};
use crate::entry::{LogEntry, checksum, decode};
use crate::error::ReadError;

/// For how long a log that had an entry counts as having it on one connection. Where a cluster
/// loses entries behind a connection that lasts, several servers end and start again, and others
/// write as many entries, which together take longer.
const PROOF: Duration = Duration::from_millis(250);

/// The last proof that the log has the entry at the end of the chain.
#[derive(Debug)]
pub(super) struct AnchorProof {
    pub(super) at: Instant,
    /// How often the engine had connected by then.
    connects: u64,
}

/// Whether the log has what this process has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogAnchor {
    Holds,
    /// Another incarnation is in its place, or nothing; the committer has ended.
    Lost,
    /// The log is out of reach, or its reply is older than what this process has read, as a
    /// server's that is cut off.
    Unknown,
}

impl<T, L> Committer<T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    /// Whether an own entry that is stored counts: the log has the entry before it, or had it a
    /// moment ago.
    pub(super) async fn proof(&mut self) -> LogAnchor {
        let connects = self.log.connects();
        let holds = |proof: &AnchorProof| proof.connects == connects && proof.at.elapsed() <= PROOF;
        if self.proven.as_ref().is_some_and(holds) { LogAnchor::Holds } else { self.anchor().await }
    }

    /// Prolongs the proof after an own entry that counts.
    pub(super) fn prolong_proof(&mut self) {
        if let Some(proof) = &mut self.proven {
            proof.at = Instant::now();
        }
    }

    /// Reads the last entry that counted again, or what is in its place.
    pub(super) async fn anchor(&mut self) -> LogAnchor {
        let (counted, connects) = (self.chain.counted, self.log.connects());
        match self.first_after(counted.saturating_sub(1)).await {
            Ok(Some(EntryOrigin::Same)) => {
                self.proven = Some(AnchorProof { at: Instant::now(), connects });
                return LogAnchor::Holds;
            }
            Ok(Some(EntryOrigin::Own)) => return LogAnchor::Unknown,
            Ok(Some(EntryOrigin::Fork)) => return self.lost(Broken::Forked(counted)),
            Ok(Some(EntryOrigin::Other)) => return self.lost(Broken::Replaced),
            Ok(None) => {}
            Err(error) => return self.unread(error),
        }
        match self.first_after(0).await {
            Ok(Some(EntryOrigin::Same | EntryOrigin::Own)) => LogAnchor::Unknown,
            Ok(Some(EntryOrigin::Fork)) => self.lost(Broken::Forked(counted)),
            Ok(Some(EntryOrigin::Other)) => self.lost(Broken::Replaced),
            Ok(None) => self.lost(Broken::Gone(counted)),
            Err(error) => self.unread(error),
        }
    }

    /// The incarnation of the first entry after `after`. An entry that cannot be read is taken
    /// for another one's.
    async fn first_after(&mut self, after: u64) -> Result<Option<EntryOrigin>, ReadError> {
        let Page { entries, .. } = self.log.read(&self.name, after).await?;
        let EntryChain { counted, sum, .. } = self.chain;
        Ok(entries.first().map(|stored| match decode::<LogEntry>(&stored.entry) {
            Ok(_) if stored.sequence == counted && checksum(&stored.entry) == Some(sum) => {
                EntryOrigin::Same
            }
            // A snapshot of another process ends with the next entry.
            Ok(entry) if (entry.prev, entry.prev_sum) == (counted, sum) => EntryOrigin::Same,
            Ok(entry) if stored.sequence == counted && self.chain.log == Some(entry.log) => {
                EntryOrigin::Fork
            }
            Ok(entry) if self.chain.log == Some(entry.log) => EntryOrigin::Own,
            // The end of the incarnation before this one is kept until the next snapshot.
            Ok(entry) if entry.ends() && after == 0 => EntryOrigin::Own,
            Ok(_) | Err(_) => EntryOrigin::Other,
        }))
    }

    /// Ends. An entry in flight follows an entry that is gone, so it never counts.
    fn lost(&mut self, broken: Broken) -> LogAnchor {
        if !matches!(broken, Broken::Gone(_)) {
            self.flight = None;
            self.backlog.unsend();
        }
        self.end(&broken.to_string());
        LogAnchor::Lost
    }

    fn unread(&mut self, error: ReadError) -> LogAnchor {
        match error {
            ReadError::Unavailable(reason) => {
                self.away(&reason);
                LogAnchor::Unknown
            }
            ReadError::Damaged(reason) => {
                self.end(&reason);
                LogAnchor::Lost
            }
        }
    }
}

/// The relation of a stored entry to the last one that counted.
#[derive(Clone, Copy, Debug)]
enum EntryOrigin {
    /// The entry is the last one that counted.
    Same,
    /// The entry has the sequence of the last one that counted, and is another one.
    Fork,
    /// Another entry of the same incarnation.
    Own,
    /// An entry of another incarnation, or of another program.
    Other,
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::idle::idle;
    use super::*;
    use crate::backend::Stored;
    use crate::entry::{LogEntryId, LoggedWrite, encode};
    use crate::settings::Settings;

    /// The incarnation that the committer has read.
    const OWN: u64 = 1;

    struct Made(LogEntry);

    impl Made {
        fn by(log: u64, process: u64) -> Self {
            let id = LogEntryId(process, 1);
            let (prev, prev_sum, fingerprint) = (0, 0, 0);
            Self(LogEntry { log, prev, prev_sum, id, fingerprint, state: None, writes: vec![] })
        }

        fn after(mut self, prev: u64, entry: &Bytes) -> Bytes {
            (self.0.prev, self.0.prev_sum) = (prev, checksum(entry).expect("an entry"));
            self.stored()
        }

        fn ending(mut self) -> Bytes {
            let ops = serde_json::value::to_raw_value(&[(); 0]).expect("JSON");
            self.0.writes.push(LoggedWrite { id: 0, by: Default::default(), ops, ends: true });
            self.stored()
        }

        fn stored(&self) -> Bytes {
            encode(&self.0).expect("JSON")
        }
    }

    /// The relation of `entries` to a process that has read `last` at `counted`, and the reason
    /// if the process has ended.
    async fn found(counted: u64, last: &Bytes, entries: &[(u64, Bytes)]) -> (LogAnchor, String) {
        let (mut committer, _commands) = idle(Settings::default());
        let sum = checksum(last).expect("an entry");
        committer.chain = EntryChain::at(OWN, counted, sum);
        let stored =
            |(sequence, entry): &(u64, Bytes)| Stored { sequence: *sequence, entry: entry.clone() };
        committer.log.entries.lock().expect("no panic").extend(entries.iter().map(stored));
        let anchor = committer.anchor().await;
        assert_eq!(committer.proven.is_some(), anchor == LogAnchor::Holds);
        let reason = committer.standing.borrow().reason().unwrap_or_default().to_owned();
        assert_eq!(committer.is_ended(), anchor == LogAnchor::Lost, "{reason}");
        (anchor, reason)
    }

    #[tokio::test]
    async fn l2_a_log_holds_with_the_last_entry_or_with_the_next_one_after_a_snapshot() {
        let last = Made::by(OWN, 1).stored();
        let next = Made::by(OWN, 2).after(7, &last);
        let holds = (LogAnchor::Holds, String::new());
        assert_eq!(found(7, &last, &[(7, last.clone())]).await, holds);
        assert_eq!(found(7, &last, &[(3, next.clone()), (7, last.clone())]).await, holds);
        assert_eq!(found(7, &last, &[(9, next)]).await, holds);
        let second = Made::by(OWN, 2).after(1, &last);
        assert_eq!(found(1, &last, &[(2, second)]).await, holds);
    }

    #[tokio::test]
    async fn l2_an_older_reply_says_nothing_about_a_log() {
        let last = Made::by(OWN, 1).stored();
        let other = Made::by(OWN, 2).stored();
        let unknown = (LogAnchor::Unknown, String::new());
        assert_eq!(found(7, &last, &[(6, other.clone())]).await, unknown);
        // The log has later entries, and this process reads them first.
        let later = Made::by(OWN, 2).after(8, &other);
        assert_eq!(found(7, &last, &[(9, later)]).await, unknown);
        // As much as a cut-off server has that knows the end of the earlier incarnation.
        assert_eq!(found(7, &last, &[(3, Made::by(2, 2).ending())]).await, unknown);
    }

    #[tokio::test]
    async fn l2_another_log_in_the_place_of_this_one_ends_the_process() {
        let last = Made::by(OWN, 1).stored();
        let fork = Made::by(OWN, 2).stored();
        let other = Made::by(2, 2).stored();
        for (entries, part) in [
            (vec![(7, fork)], "has another entry at sequence 7"),
            (vec![(7, other.clone())], "made anew"),
            (vec![(7, Made::by(2, 2).ending())], "made anew"),
            (vec![(9, Made::by(2, 2).after(7, &other))], "made anew"),
            (vec![(7, Bytes::from_static(b"of another program"))], "made anew"),
            (vec![(3, other)], "made anew"),
            (vec![], "the entry at sequence 7"),
        ] {
            let (anchor, reason) = found(7, &last, &entries).await;
            assert_eq!(anchor, LogAnchor::Lost, "{part}");
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn l2_a_proof_lasts_a_moment_and_one_connection() {
        let last = Made::by(OWN, 1).stored();
        let (mut committer, _commands) = idle(Settings::default());
        committer.chain = EntryChain::at(OWN, 7, checksum(&last).expect("an entry"));
        let entries = |committer: &mut super::super::idle::IdleCommitter, stored: Vec<Stored>| {
            *committer.log.entries.lock().expect("no panic") = stored;
        };
        entries(&mut committer, vec![Stored { sequence: 7, entry: last }]);
        assert_eq!(committer.proof().await, LogAnchor::Holds);
        entries(&mut committer, vec![]);
        tokio::time::advance(PROOF).await;
        assert_eq!(committer.proof().await, LogAnchor::Holds, "it is not read again");
        committer.prolong_proof();
        tokio::time::advance(PROOF).await;
        assert_eq!(committer.proof().await, LogAnchor::Holds, "it was prolonged");
        let connects = committer.proven.as_mut().map(|proof| &mut proof.connects);
        *connects.expect("a proof") += 1;
        assert_eq!(committer.proof().await, LogAnchor::Lost);
    }

    #[tokio::test(start_paused = true)]
    async fn l2_a_proof_from_before_a_while_is_made_anew() {
        let (mut committer, _commands) = idle(Settings::default());
        committer.proven = Some(AnchorProof { at: Instant::now(), connects: 0 });
        tokio::time::advance(PROOF + Duration::from_millis(1)).await;
        assert_eq!(committer.proof().await, LogAnchor::Lost);
    }
}
