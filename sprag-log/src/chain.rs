//! [`EntryChain`]: which entries count.
//!
//! An entry counts if its `prev` is the last entry that counted, by its sequence and its
//! checksum. All readers therefore decide alike, even if an engine stores an entry twice or
//! accepts two entries for one position.

use bytes::Bytes;

use crate::entry::{LogEntry, Unreadable, checksum, decode};

/// The end of the chain of counting entries, as one reader has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntryChain {
    /// The incarnation of the log; `None` before the first entry.
    pub(crate) log: Option<u64>,
    /// The sequence of the last entry that counted.
    pub(crate) counted: u64,
    /// The checksum of that entry.
    pub(crate) sum: u32,
    /// The last sequence that was seen, which the next append passes as its condition.
    pub(crate) seen: u64,
    /// Whether the last entry that counted ended the incarnation.
    pub(crate) is_ended: bool,
}

/// The position of a stored entry in a reader's chain.
#[derive(Debug)]
pub(crate) enum Link {
    /// The next counting entry.
    Counts(LogEntry),
    /// An entry that was seen before, or that does not count.
    Left,
    /// Entries before it are missing.
    Gap,
    /// The first entry of another incarnation, or one that follows another entry at the sequence
    /// of the last one that counted. It does not count, unless the entries of this chain are gone:
    /// a server has lost them, and others took their sequences.
    Rival,
}

/// Why the log cannot be followed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("the log was destroyed; open the model again to begin a new one")]
    Destroyed,
    #[error("the log was destroyed and made anew; open the model again")]
    Replaced,
    #[error(
        "the log has another entry at sequence {0} than the one that this process has read: a server has lost entries; open the model again"
    )]
    Forked(u64),
    #[error("the entry at sequence {0}, the last one that this process has read, is gone")]
    Gone(u64),
    #[error("the first entry has no state")]
    Headless,
}

impl EntryChain {
    pub(crate) fn empty() -> Self {
        Self { log: None, counted: 0, sum: 0, seen: 0, is_ended: false }
    }

    /// The chain up to a snapshot.
    pub(crate) fn at(log: u64, sequence: u64, sum: u32) -> Self {
        Self { log: Some(log), counted: sequence, sum, seen: sequence, is_ended: false }
    }

    /// Adds the next stored entry to the chain.
    pub(crate) fn offer(&mut self, sequence: u64, stored: &Bytes) -> Result<Link, Broken> {
        if sequence <= self.seen {
            return Ok(Link::Left);
        }
        let entry: LogEntry = decode(stored)?;
        let begins = self.is_ended && entry.prev == self.counted && entry.state.is_some();
        if self.log.is_some_and(|log| log != entry.log) && !begins {
            return self.other_incarnation(&entry);
        }
        if entry.prev > self.counted {
            return Ok(Link::Gap);
        }
        if entry.prev == self.counted && entry.prev_sum != self.sum {
            return Ok(Link::Rival);
        }
        self.seen = sequence;
        if entry.prev < self.counted {
            return Ok(Link::Left);
        }
        (self.log, self.counted, self.is_ended) = (Some(entry.log), sequence, entry.ends());
        self.sum = checksum(stored).unwrap_or_default();
        Ok(Link::Counts(entry))
    }

    /// Adds the entry that this process appended after the last counting one, and that no other
    /// entry can precede.
    pub(crate) fn extend(&mut self, sequence: u64, entry: &LogEntry, stored: &Bytes) {
        self.sum = checksum(stored).unwrap_or_default();
        (self.counted, self.seen, self.is_ended) = (sequence, sequence, entry.ends());
    }

    /// Skips the entry at `sequence`, which is a [`Link::Rival`] that lost.
    pub(crate) fn skip(&mut self, sequence: u64) {
        self.seen = sequence;
    }

    /// Reads again what follows the last entry that counted: an entry that was left out may be
    /// before one that was seen and does not count.
    pub(crate) fn rewind(&mut self) {
        self.seen = self.counted;
    }

    /// Decides about an entry of another incarnation: a later one, or a rival of this one.
    fn other_incarnation(&self, entry: &LogEntry) -> Result<Link, Broken> {
        let is_rival = entry.prev < self.counted.max(1) && entry.state.is_some();
        if is_rival { Ok(Link::Rival) } else { Err(Broken::Replaced) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;
    use crate::entry::{LogEntryId, LoggedWrite, encode};

    /// An entry of the incarnation `log` after the one at `prev`.
    fn entry(log: u64, prev: u64, prev_sum: u32) -> LogEntry {
        let (id, fingerprint, writes) = (LogEntryId(1, prev), 0, Vec::new());
        LogEntry { log, prev, prev_sum, id, fingerprint, state: None, writes }
    }

    fn first(log: u64, prev: u64, prev_sum: u32) -> Bytes {
        let state = Some(to_raw_value(&0).expect("JSON"));
        stored(&LogEntry { state, ..entry(log, prev, prev_sum) })
    }

    fn stored(entry: &LogEntry) -> Bytes {
        encode(entry).expect("JSON")
    }

    fn sum(stored: &Bytes) -> u32 {
        checksum(stored).expect("an entry")
    }

    /// A chain whose last entries are at 3 and 5.
    fn chain() -> (EntryChain, [Bytes; 2]) {
        let mut chain = EntryChain::empty();
        let begin = first(1, 0, 0);
        let second = stored(&entry(1, 3, sum(&begin)));
        assert!(matches!(chain.offer(3, &begin), Ok(Link::Counts(_))));
        assert!(matches!(chain.offer(5, &second), Ok(Link::Counts(_))));
        (chain, [begin, second])
    }

    #[test]
    fn l3_an_entry_counts_once_and_behind_the_last_one_alone() {
        let (mut chain, [begin, second]) = chain();
        assert_eq!((chain.counted, chain.sum, chain.seen), (5, sum(&second), 5));
        let before = chain.clone();
        for sequence in [3, 5] {
            assert!(matches!(chain.offer(sequence, &second), Ok(Link::Left)));
        }
        assert!(matches!(chain.offer(6, &stored(&entry(1, 6, 0))), Ok(Link::Gap)));
        assert_eq!(chain, before);
        for late in [&begin, &second] {
            let sequence = chain.seen + 1;
            assert!(matches!(chain.offer(sequence, late), Ok(Link::Left)));
            assert_eq!((chain.counted, chain.seen), (5, sequence));
        }
    }

    #[test]
    fn l2_an_entry_behind_another_history_is_a_rival() {
        let (mut chain, [_, second]) = chain();
        let rival = stored(&entry(1, 5, sum(&second) ^ 1));
        assert!(matches!(chain.offer(6, &rival), Ok(Link::Rival)));
        assert_eq!(chain.seen, 5);
        chain.skip(6);
        assert!(matches!(chain.offer(7, &stored(&entry(1, 5, sum(&second)))), Ok(Link::Counts(_))));
    }

    #[test]
    fn l3a_an_entry_of_another_incarnation_is_a_late_beginning_or_replaces_the_log() {
        let (mut chain, [_, second]) = chain();
        let before = chain.clone();
        assert!(matches!(chain.offer(6, &first(2, 0, 0)), Ok(Link::Rival)));
        assert!(matches!(chain.offer(6, &first(2, 4, 0)), Ok(Link::Rival)));
        for other in [first(2, 5, sum(&second)), stored(&entry(2, 4, 0)), stored(&entry(2, 5, 0))] {
            assert!(matches!(chain.offer(6, &other), Err(Broken::Replaced)));
        }
        assert_eq!(chain, before);
        let mut empty = EntryChain::at(1, 0, 0);
        assert!(matches!(empty.offer(1, &first(2, 0, 0)), Ok(Link::Rival)));
    }

    #[test]
    fn l3a_a_new_incarnation_begins_behind_the_end_of_the_one_before() {
        let (mut chain, [_, second]) = chain();
        let ops = to_raw_value(&[(); 0]).expect("JSON");
        let end = LoggedWrite { id: 1, by: Default::default(), ops, ends: true };
        let end = stored(&LogEntry { writes: vec![end], ..entry(1, 5, sum(&second)) });
        assert!(matches!(chain.offer(6, &end), Ok(Link::Counts(_))));
        assert!(chain.is_ended);
        let ended = chain.clone();
        let stateless = stored(&entry(2, 6, sum(&end)));
        assert!(matches!(chain.offer(7, &stateless), Err(Broken::Replaced)));
        assert!(matches!(chain.offer(7, &first(2, 7, sum(&end))), Err(Broken::Replaced)));
        assert_eq!(chain, ended);
        assert!(matches!(chain.offer(7, &first(2, 6, sum(&end))), Ok(Link::Counts(_))));
        assert_eq!((chain.log, chain.counted, chain.is_ended), (Some(2), 7, false));
    }

    #[test]
    fn l3_an_entry_that_was_left_out_is_read_again_before_one_that_does_not_count() {
        let (mut chain, [begin, second]) = chain();
        let left_out = stored(&entry(1, 5, sum(&second)));
        let last = stored(&entry(1, 6, sum(&left_out)));
        assert!(matches!(chain.offer(7, &begin), Ok(Link::Left)));
        assert!(matches!(chain.offer(8, &last), Ok(Link::Gap)));
        chain.rewind();
        assert!(matches!(chain.offer(6, &left_out), Ok(Link::Counts(_))));
        assert!(matches!(chain.offer(7, &begin), Ok(Link::Left)));
        assert!(matches!(chain.offer(8, &last), Ok(Link::Counts(_))));
    }
}
