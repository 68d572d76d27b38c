//! Finds out whether the log is still the one that this process has read.
//!
//! A log always keeps its last entry. After a purge by hand, or where a server lost its
//! store, another process begins the log anew, and its entries have other incarnations. A
//! process that has read the earlier entries must not write among them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::path::State;

use super::Committer;
use crate::backend::{Log, Page};
use crate::chain::Broken;
use crate::entry::{LogEntry, decode};
use crate::error::ReadError;

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
    /// Reads the last entry that counted again, or what is in its place.
    pub(super) async fn anchor(&mut self) -> LogAnchor {
        let counted = self.chain.counted;
        match self.first_after(counted.saturating_sub(1)).await {
            Ok(Some(EntryOrigin::Own)) => return LogAnchor::Holds,
            Ok(Some(EntryOrigin::Other)) => return self.lost(Broken::Replaced),
            Ok(None) => {}
            Err(error) => return self.unread(error),
        }
        match self.first_after(0).await {
            Ok(Some(EntryOrigin::Own)) => LogAnchor::Unknown,
            Ok(Some(EntryOrigin::Other)) => self.lost(Broken::Replaced),
            Ok(None) => self.lost(Broken::Gone(counted)),
            Err(error) => self.unread(error),
        }
    }

    /// The incarnation of the first entry after `after`. An entry that cannot be read is taken
    /// for another one's.
    async fn first_after(&mut self, after: u64) -> Result<Option<EntryOrigin>, ReadError> {
        let Page { entries, .. } = self.log.read(&self.name, after).await?;
        Ok(entries.first().map(|stored| match decode::<LogEntry>(&stored.entry) {
            Ok(entry) if self.chain.log == Some(entry.log) => EntryOrigin::Own,
            // The end of the incarnation before this one is kept until the next snapshot.
            Ok(entry) if entry.ends() && after == 0 => EntryOrigin::Own,
            Ok(_) | Err(_) => EntryOrigin::Other,
        }))
    }

    fn lost(&mut self, broken: Broken) -> LogAnchor {
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

/// The incarnation of an entry.
#[derive(Clone, Copy, Debug)]
enum EntryOrigin {
    Own,
    Other,
}
