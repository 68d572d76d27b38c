//! [`EntryChain`]: which entries count.
//!
//! An entry counts if its `prev` is the last entry that counted. All readers decide alike,
//! whatever an engine stored twice or let in beside another entry.

use bytes::Bytes;

use crate::entry::{LogEntry, Unreadable, decode};

/// The end of the chain of entries that count, as one reader has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntryChain {
    /// `None` before the first entry.
    pub(crate) log: Option<u64>,
    /// The sequence of the last entry that counted.
    pub(crate) counted: u64,
    /// The last sequence that was seen, which an append expects.
    pub(crate) seen: u64,
}

/// What a stored entry is to a reader.
#[derive(Debug)]
pub(crate) enum Link {
    /// The next of those that count.
    Counts(LogEntry),
    /// Seen already, or one that does not count.
    Left,
    /// Entries before it are missing.
    Gap,
}

/// Why the log cannot be followed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("the log was destroyed and made anew; open the model again")]
    Replaced,
    #[error("the first entry has no state")]
    Headless,
}

impl EntryChain {
    pub(crate) fn empty() -> Self {
        Self { log: None, counted: 0, seen: 0 }
    }

    /// The chain that a snapshot ends.
    pub(crate) fn at(log: u64, sequence: u64) -> Self {
        Self { log: Some(log), counted: sequence, seen: sequence }
    }

    /// Looks at the entry with `sequence`, the next that this reader gets.
    pub(crate) fn offer(&mut self, sequence: u64, stored: &Bytes) -> Result<Link, Broken> {
        if sequence <= self.seen {
            return Ok(Link::Left);
        }
        let entry: LogEntry = decode(stored)?;
        if self.log.is_some_and(|log| log != entry.log) {
            return self.other_incarnation(&entry, sequence);
        }
        if entry.prev > self.counted {
            return Ok(Link::Gap);
        }
        self.seen = sequence;
        if entry.prev < self.counted {
            return Ok(Link::Left);
        }
        (self.log, self.counted) = (Some(entry.log), sequence);
        Ok(Link::Counts(entry))
    }

    /// An entry that began another incarnation, or one that lost the first place of this
    /// one.
    fn other_incarnation(&mut self, entry: &LogEntry, sequence: u64) -> Result<Link, Broken> {
        if entry.prev == 0 && entry.state.is_some() {
            self.seen = sequence;
            return Ok(Link::Left);
        }
        Err(Broken::Replaced)
    }
}
