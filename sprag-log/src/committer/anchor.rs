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
            Ok(entry) if (entry.prev, entry.prev_sum) == (counted, sum) && after > 0 => {
                EntryOrigin::Same
            }
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
