//! One error type for each boundary that can fail.

use std::time::Duration;

use sprag_runtime::error::Absent;

/// Why an engine did not append an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The log's last sequence is another one; the entry is not stored.
    #[error("another entry was appended first")]
    Conflict,
    /// The entry is larger than the engine's limit; the entry is not stored.
    #[error("the entry has {bytes} bytes, but the log accepts at most {limit}")]
    TooLarge {
        /// The entry's size.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// The log is out of reach, and the entry was not sent.
    #[error("the log is out of reach: {0}")]
    Unavailable(String),
    /// The entry was sent, and the outcome is unknown; it may be stored, now or later.
    #[error("the outcome of the append is unknown: {0}")]
    Unknown(String),
}

/// Why an engine could not read, or not keep a snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The log is out of reach; a later call may succeed.
    #[error("the log is out of reach: {0}")]
    Unavailable(String),
    /// The stored bytes differ from those that were written.
    #[error("the log is damaged: {0}")]
    Damaged(String),
}

/// Why a write to a [`Logged`](crate::Logged) failed.
///
/// Nothing was written, except possibly after [`Unknown`](Self::Unknown).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The place does not exist.
    #[error(transparent)]
    Absent(#[from] Absent),
    /// The write was sent, and its outcome was not known at the deadline, or at the end of a
    /// stop; or a snapshot of another process has covered the outcome. The write may be in the
    /// log, now or later; the state then has it, once.
    #[error("the outcome of the write to `{name}` was unknown after {waited:?}")]
    Unknown {
        /// The log's name.
        name: String,
        /// How long the write was waited for: the deadline, or less.
        waited: Duration,
    },
    /// The deadline passed before the write was in the log; the write is not in the log,
    /// and will not be.
    #[error("the write to `{name}` was not in the log within {waited:?}: {reason}")]
    Unavailable {
        /// The log's name.
        name: String,
        /// The deadline.
        waited: Duration,
        /// The last problem.
        reason: String,
    },
    /// The ops of the write are larger than the limit of an entry.
    #[error(
        "the write to `{name}` has {bytes} bytes, but an entry has at most {limit}; write smaller parts"
    )]
    TooLarge {
        /// The log's name.
        name: String,
        /// The size of the ops.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// The queue of writes is full. Only [`try_transact`](crate::Logged::try_transact) fails with
    /// this; other writes wait.
    #[error("the queue of `{name}` is full; wait, or write less")]
    Full {
        /// The log's name.
        name: String,
    },
    /// A value cannot be written as JSON, or would be read back as another value.
    #[error("a value that was written to `{name}` cannot be logged: {reason}")]
    Unwritable {
        /// The log's name.
        name: String,
        /// The error of serde.
        reason: String,
    },
    /// serde does not read the state with which the log began. Only
    /// [`reset`](crate::Logged::reset) fails with this.
    #[error("the initial state of `{name}` cannot be read: {reason}; write a state with `replace`")]
    Initial {
        /// The log's name.
        name: String,
        /// The error of serde.
        reason: String,
    },
    /// This process can no longer follow the log, and therefore does not write.
    #[error("`{name}` is not current: {reason}")]
    NotCurrent {
        /// The log's name.
        name: String,
        /// The reason, and the entry.
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
    /// The closure returned an error; its writes were reverted.
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
    /// The log was out of reach for the whole time that the opening may take.
    #[error("`{name}` was not recovered within {waited:?}: {reason}")]
    Unavailable {
        /// The log's name.
        name: String,
        /// How long the opening may take.
        waited: Duration,
        /// The last problem.
        reason: String,
    },
    /// An entry or a snapshot differs from what was written. Nothing was changed.
    #[error("the log `{name}` is damaged at sequence {sequence}: {reason}")]
    Damaged {
        /// The log's name.
        name: String,
        /// The sequence of the first damaged entry.
        sequence: u64,
        /// The difference.
        reason: String,
    },
    /// The engine cannot read its own data. Nothing was changed.
    #[error("the log `{name}` cannot be read: {reason}")]
    Engine {
        /// The log's name.
        name: String,
        /// The engine's error.
        reason: String,
    },
    /// The state, or an entry, does not match the type. Nothing was changed.
    #[error("the log `{name}` does not fit the type at sequence {sequence}: {reason}")]
    Misfit {
        /// The log's name.
        name: String,
        /// The sequence of the entry, or of the snapshot.
        sequence: u64,
        /// The error of serde, or the place.
        reason: String,
    },
    /// The initial state cannot be logged.
    #[error("the initial state of `{name}` cannot be logged: {reason}")]
    Initial {
        /// The log's name.
        name: String,
        /// The reason.
        reason: String,
    },
}
