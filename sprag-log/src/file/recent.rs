//! [`RecentEntries`]: the entries that are not in the table of all entries yet.
//!
//! In that table each log has its own pages, so that a commit of a hundred logs would write a
//! hundred pages and more. A commit therefore adds its entries to the end of one small table,
//! which is also in memory, and now and then one commit moves them all.

use std::collections::HashMap;

use redb::{ReadableTable, ReadableTableMetadata};

use super::disk::{Done, Tables};
use crate::backend::{Snapshot, Stored};

/// How many entries the small table has at most.
const MOST: u64 = 2_048;
/// An entry with more bytes goes to the table of all entries at once.
const LARGE: usize = 4 << 10;

/// The small table, in memory.
#[derive(Debug, Default)]
pub(super) struct RecentEntries {
    logs: HashMap<String, Vec<Stored>>,
    count: u64,
}

impl RecentEntries {
    /// The entries of `name` after the sequence `after`; `None` if the log may have others.
    pub(super) fn after(&self, name: &str, after: u64) -> Option<Vec<Stored>> {
        let entries = self.logs.get(name)?;
        let first = entries.first().filter(|first| first.sequence <= after + 1)?;
        // The sequences of one log have no gaps here.
        let known = usize::try_from(after + 1 - first.sequence).ok()?;
        Some(entries.get(known..).unwrap_or_default().to_vec())
    }

    /// All entries of `name`.
    pub(super) fn of(&self, name: &str) -> Vec<Stored> {
        self.logs.get(name).cloned().unwrap_or_default()
    }

    fn last(&self, name: &str) -> Option<u64> {
        Some(self.logs.get(name)?.last()?.sequence)
    }

    /// Applies the effect of a commit.
    pub(super) fn committed(&mut self, staged: Staged) {
        if staged.is_moved {
            *self = Self::default();
        }
        self.count += staged.entries.len() as u64;
        for (name, stored) in staged.entries {
            self.logs.entry(name).or_default().push(stored);
        }
    }
}

/// The effect of a commit on the small table.
#[derive(Debug, Default)]
pub(super) struct Staged {
    /// Whether the earlier entries are in the table of all entries now.
    is_moved: bool,
    entries: Vec<(String, Stored)>,
}

/// The writes of one commit.
pub(super) struct CommitWrites<'a> {
    tables: Tables<'a>,
    before: &'a RecentEntries,
    staged: Staged,
    /// The last sequences of the logs that this commit wrote.
    lasts: HashMap<String, u64>,
}

impl<'a> CommitWrites<'a> {
    pub(super) fn new(tables: Tables<'a>, before: &'a RecentEntries) -> Self {
        Self { tables, before, staged: Staged::default(), lasts: HashMap::new() }
    }

    pub(super) fn finish(self) -> Staged {
        self.staged
    }

    pub(super) fn append(
        &mut self,
        name: &str,
        expected: u64,
        entry: &bytes::Bytes,
    ) -> Result<Done, redb::Error> {
        let last = self.last(name)?;
        if last != expected {
            return Ok(Done::Conflict);
        }
        let stored = Stored { sequence: last + 1, entry: entry.clone() };
        self.lasts.insert(name.to_owned(), stored.sequence);
        self.insert(name, stored)?;
        Ok(Done::Appended(last + 1))
    }

    fn insert(&mut self, name: &str, stored: Stored) -> Result<(), redb::Error> {
        let is_large = stored.entry.len() > LARGE;
        if is_large || self.count() >= MOST {
            self.move_all()?;
        }
        if is_large {
            self.tables.entries.insert((name, stored.sequence), &*stored.entry)?;
            return Ok(());
        }
        let value = (name, stored.sequence, &*stored.entry);
        self.tables.recent.insert(self.count(), value)?;
        self.staged.entries.push((name.to_owned(), stored));
        Ok(())
    }

    /// How many entries the small table has.
    fn count(&self) -> u64 {
        let before = if self.staged.is_moved { 0 } else { self.before.count };
        before + self.staged.entries.len() as u64
    }

    /// The sequence of the last entry, which no snapshot drops.
    fn last(&self, name: &str) -> Result<u64, redb::Error> {
        match self.lasts.get(name).copied().or_else(|| self.before.last(name)) {
            Some(last) => Ok(last),
            None => self.tables.last(name),
        }
    }

    pub(super) fn keep(&mut self, name: &str, snapshot: &Snapshot) -> Result<Done, redb::Error> {
        self.move_all()?;
        self.tables.keep(name, snapshot)
    }

    fn move_all(&mut self) -> Result<(), redb::Error> {
        self.staged = Staged { is_moved: true, entries: Vec::new() };
        self.tables.move_recent()
    }
}

impl Tables<'_> {
    /// Moves all entries of the small table to the table of all entries.
    pub(super) fn move_recent(&mut self) -> Result<(), redb::Error> {
        if self.recent.is_empty()? {
            return Ok(());
        }
        for recent in self.recent.iter()? {
            let recent = recent?.1;
            let (name, sequence, entry) = recent.value();
            self.entries.insert((name, sequence), entry)?;
        }
        self.recent.retain(|_, _| false)?;
        Ok(())
    }
}
