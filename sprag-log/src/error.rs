//! One error type for each boundary that can fail.

use std::time::Duration;

use sprag_runtime::error::Absent;

/// Why an engine did not append an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The log has another last sequence; the entry is not stored.
    #[error("another entry was appended first")]
    Conflict,
    /// The entry is larger than the engine takes; the entry is not stored.
    #[error("the entry has {bytes} bytes and the log takes {limit}")]
    TooLarge {
        /// The entry's size.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// The log is out of reach, and the entry was not sent.
    #[error("the log is out of reach: {0}")]
    Unavailable(String),
    /// The entry was sent, and the outcome is not known; it may be stored, now or later.
    #[error("the outcome of the append is not known: {0}")]
    Unknown(String),
}

/// Why an engine could not read, or keep a snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The log is out of reach; a later call may succeed.
    #[error("the log is out of reach: {0}")]
    Unavailable(String),
    /// What is stored is not what was written.
    #[error("the log is damaged: {0}")]
    Damaged(String),
}

/// Why a write to a [`Logged`](crate::Logged) failed.
///
/// Nothing is written, except after [`Unknown`](Self::Unknown).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The place is not there.
    #[error(transparent)]
    Absent(#[from] Absent),
    /// The write was sent and the deadline passed before its outcome was known: it may be
    /// in the log, now or later. The state shows it then, once.
    #[error("whether the write to `{name}` is in the log was not known within {waited:?}")]
    Unknown {
        /// The log's name.
        name: String,
        /// The deadline.
        waited: Duration,
    },
    /// The deadline passed before the write was in the log; it is not, and it will not be.
    #[error("the write to `{name}` was not in the log within {waited:?}: {reason}")]
    Unavailable {
        /// The log's name.
        name: String,
        /// The deadline.
        waited: Duration,
        /// What stood against it.
        reason: String,
    },
    /// What the write does is larger than an entry of the log may be.
    #[error(
        "the write to `{name}` has {bytes} bytes, and an entry takes {limit}; write smaller parts"
    )]
    TooLarge {
        /// The log's name.
        name: String,
        /// The size of what the write does.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// As many writes wait as may; only writes that begin with `try_` fail so.
    #[error("the queue of `{name}` is full; wait, or write less")]
    Full {
        /// The log's name.
        name: String,
    },
    /// A value cannot be written as JSON, or is not read back as it was written.
    #[error("a value that was written to `{name}` cannot be logged: {reason}")]
    Unwritable {
        /// The log's name.
        name: String,
        /// What serde says of the value.
        reason: String,
    },
    /// This process cannot follow the log any more, and so does not write.
    #[error("`{name}` is not current: {reason}")]
    NotCurrent {
        /// The log's name.
        name: String,
        /// Why, and at which entry.
        reason: String,
    },
    /// The model was stopped.
    #[error("`{name}` is stopped")]
    Stopped {
        /// The log's name.
        name: String,
    },
}

/// Why a [`Logged::transact`](crate::Logged::transact) failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransactError<E> {
    /// The closure returned an error, and its writes are taken back.
    #[error(transparent)]
    Refused(E),
    /// The write failed.
    #[error(transparent)]
    Write(WriteError),
}

/// Why a logged model was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The log was out of reach for as long as the opening may take.
    #[error("`{name}` was not recovered within {waited:?}: {reason}")]
    Unavailable {
        /// The log's name.
        name: String,
        /// How long the opening may take.
        waited: Duration,
        /// What stood against it.
        reason: String,
    },
    /// An entry or a snapshot is not what was written. Nothing was changed.
    #[error("the log `{name}` is damaged at sequence {sequence}: {reason}")]
    Damaged {
        /// The log's name.
        name: String,
        /// The sequence of the first entry that cannot be trusted.
        sequence: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The engine cannot read what it stored. Nothing was changed.
    #[error("the log `{name}` cannot be read: {reason}")]
    Engine {
        /// The log's name.
        name: String,
        /// What the engine says.
        reason: String,
    },
    /// The state, or an entry, does not fit the type. Nothing was changed.
    #[error("the log `{name}` does not fit the type at sequence {sequence}: {reason}")]
    Misfit {
        /// The log's name.
        name: String,
        /// The sequence of the entry, or of the snapshot.
        sequence: u64,
        /// What serde, or the place, says.
        reason: String,
    },
    /// The initial state cannot be logged.
    #[error("the initial state of `{name}` cannot be logged: {reason}")]
    Initial {
        /// The log's name.
        name: String,
        /// Why.
        reason: String,
    },
}
