//! [`Log`]: the five things that an engine does.
//!
//! An engine stores bytes and knows no model. It need not be exact: see
//! [`Log::append`].

use std::future::Future;

use bytes::Bytes;

use crate::error::{AppendError, ReadError};

/// An engine that keeps logs, one for each name.
///
/// [`File`](crate::File) is one. Another engine implements this trait, and
/// [`open`](crate::open) makes models on it.
///
/// Each log is a sequence of entries. The sequences of one log rise and may jump.
pub trait Log: Send + Sync + 'static {
    /// What [`follow`](Self::follow) gives.
    type Follower: Follow;

    /// Appends `entry` to the log `name`, if the log's last sequence is `last` (0 for an
    /// empty log), and returns the entry's sequence.
    ///
    /// The condition saves work and decides nothing: each entry carries the sequence of the
    /// one before it, and every reader leaves out an entry that follows another one. An
    /// engine may store two entries that expect the same sequence, or one entry twice.
    ///
    /// # Errors
    ///
    /// An [`AppendError`] that says whether the entry may be stored.
    fn append(
        &self,
        name: &str,
        last: u64,
        entry: Bytes,
    ) -> impl Future<Output = Result<u64, AppendError>> + Send;

    /// The entries after the sequence `after`, in order, as many as one page holds.
    ///
    /// # Errors
    ///
    /// A [`ReadError`].
    fn read(&self, name: &str, after: u64) -> impl Future<Output = Result<Page, ReadError>> + Send;

    /// The entries after the sequence `after`, as they come.
    fn follow(&self, name: &str, after: u64) -> Self::Follower;

    /// Keeps `snapshot` as the latest one, and then drops entries before its sequence.
    ///
    /// The entry at its sequence stays, since it counts: without it, a reader that has not
    /// seen it could take a copy of an older entry behind it for one that counts.
    ///
    /// A snapshot that is older than the latest one is not kept.
    ///
    /// # Errors
    ///
    /// A [`ReadError`].
    fn save_snapshot(
        &self,
        name: &str,
        snapshot: Snapshot,
    ) -> impl Future<Output = Result<(), ReadError>> + Send;

    /// The latest snapshot, if there is one.
    ///
    /// # Errors
    ///
    /// A [`ReadError`].
    fn load_snapshot(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Option<Snapshot>, ReadError>> + Send;

    /// The largest entry, in bytes.
    fn max_entry(&self) -> usize {
        usize::MAX
    }
}

/// The entries of a log as they come.
pub trait Follow: Send + 'static {
    /// Waits for the next entries; never an empty list.
    ///
    /// # Errors
    ///
    /// A [`ReadError`]. The next call goes on after the last entry that was returned.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Stored>, ReadError>> + Send;
}

/// An entry, as an engine stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the log.
    pub sequence: u64,
    /// What was appended.
    pub entry: Bytes,
}

/// Entries that were read in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In order.
    pub entries: Vec<Stored>,
    /// Whether the log had no further entry when the page was read.
    pub is_last: bool,
}

/// The whole state at one sequence, as an engine keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The sequence of the last entry in the state.
    pub sequence: u64,
    /// The state, with its checksum.
    pub body: Bytes,
}
