//! [`Log`]: the operations of an engine.
//!
//! An engine stores bytes and does not know models. It need not be exact: see
//! [`Log::append`].

use std::future::Future;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::error::{AppendError, ReadError};

/// An engine that keeps logs, one for each name.
///
/// [`File`](crate::File) is an engine. Other engines implement this trait;
/// [`open`](crate::open) opens models on any engine.
///
/// Each log is a sequence of entries. The sequence numbers of one log increase and can have
/// gaps.
pub trait Log: Send + Sync + 'static {
    /// The type that [`follow`](Self::follow) returns.
    type Follower: Follow;

    /// Appends `entry` to the log `name`, if the log's last sequence is `last` (0 for an
    /// empty log), and returns the entry's sequence.
    ///
    /// The condition saves work, but correctness does not depend on it: each entry carries
    /// the sequence and the checksum of the entry before it, and every reader skips an entry that
    /// follows another one. An engine may store two entries with the same condition, or one entry
    /// twice.
    ///
    /// # Errors
    ///
    /// An [`AppendError`], which says whether the entry may be stored.
    fn append(
        &self,
        name: &str,
        last: u64,
        entry: Bytes,
    ) -> impl Future<Output = Result<u64, AppendError>> + Send;

    /// Appends `entry` behind the last one, and returns the entry's sequence.
    ///
    /// A [bridge](crate::bridge()) appends so: its entries need no position, and without a
    /// condition none of the processes that send at once is refused. `last` is the last
    /// sequence that the caller knows. The default [appends](Self::append) on the condition
    /// that it still is, which is enough for an engine that only one process has open.
    ///
    /// # Errors
    ///
    /// An [`AppendError`].
    fn append_last(
        &self,
        name: &str,
        last: u64,
        entry: Bytes,
    ) -> impl Future<Output = Result<u64, AppendError>> + Send {
        self.append(name, last, entry)
    }

    /// The entries after the sequence `after`, in order, up to the size of a page.
    ///
    /// # Errors
    ///
    /// A [`ReadError`].
    fn read(&self, name: &str, after: u64) -> impl Future<Output = Result<Page, ReadError>> + Send;

    /// Follows the entries after the sequence `after`.
    fn follow(&self, name: &str, after: u64) -> Self::Follower;

    /// Keeps `snapshot` as the latest one, and then drops entries before its sequence.
    ///
    /// The entry at the snapshot's sequence stays, since it counts: without it, a new
    /// reader could accept a later copy of an older entry as one that counts.
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

    /// The latest snapshot, if the log has one.
    ///
    /// # Errors
    ///
    /// A [`ReadError`].
    fn load_snapshot(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Option<Snapshot>, ReadError>> + Send;

    /// Sends `message` to the other processes that have the log `name` open, without storing
    /// it.
    ///
    /// Where several processes write to one log, a process that is late requests a turn with
    /// such a message. A message may be lost, and the function must not block. The default
    /// sends nothing, which is enough for an engine that only one process has open.
    fn notify(&self, _name: &str, _message: Bytes) {}

    /// The messages that other processes [send](Self::notify) from now on. Own messages may be
    /// among them.
    fn notices(&self, name: &str) -> BoxStream<'static, Bytes> {
        let _ = name;
        stream::pending().boxed()
    }

    /// How often this engine has connected to the store of its logs.
    ///
    /// A server that was away may come back with an older store, so a model reads its last entry
    /// again before it acknowledges the first write on a new connection. The default is for an
    /// engine without connections.
    fn connects(&self) -> u64 {
        0
    }

    /// The maximal size of an entry, in bytes.
    fn max_entry(&self) -> usize {
        usize::MAX
    }
}

/// The entries of a log, as they are appended.
pub trait Follow: Send + 'static {
    /// Waits for the next entries; the list is never empty.
    ///
    /// # Errors
    ///
    /// A [`ReadError`]. The next call continues after the last returned entry.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Stored>, ReadError>> + Send;
}

/// An entry in an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The entry's position in the log.
    pub sequence: u64,
    /// The appended bytes.
    pub entry: Bytes,
}

/// Entries of one read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The entries, in order.
    pub entries: Vec<Stored>,
    /// Whether the log had no further entries when the page was read.
    pub is_last: bool,
}

/// The whole state at one sequence, in an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The sequence of the last entry that the state includes.
    pub sequence: u64,
    /// The state, with its checksum.
    pub body: Bytes,
}
