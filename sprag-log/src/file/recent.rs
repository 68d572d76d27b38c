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

    pub(super) fn keep_part(
        &self,
        name: &str,
        sequence: u64,
        index: u64,
        part: &[u8],
    ) -> Result<Done, redb::Error> {
        self.tables.keep_part((name, sequence, index), part)
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

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use tokio::sync::oneshot;

    use super::super::disk::Disk;
    use super::super::keeper::KeepRequest;
    use super::*;

    fn staged(sequences: std::ops::RangeInclusive<u64>) -> Staged {
        let stored = |sequence| Stored { sequence, entry: bytes::Bytes::new() };
        let entries = sequences.map(|sequence| ("a".to_owned(), stored(sequence))).collect();
        Staged { is_moved: false, entries }
    }

    fn sequences(entries: &[Stored]) -> Vec<u64> {
        entries.iter().map(|stored| stored.sequence).collect()
    }

    #[test]
    fn l3_the_memory_has_what_comes_after_a_sequence_or_says_that_it_does_not_know() {
        let mut recent = RecentEntries::default();
        let after = |recent: &RecentEntries, after| Some(sequences(&recent.after("a", after)?));
        assert_eq!((after(&recent, 0), recent.last("a"), recent.of("a").len()), (None, None, 0));
        recent.committed(staged(5..=7));
        assert_eq!([after(&recent, 0), after(&recent, 3)], [None, None]);
        assert_eq!(after(&recent, 4), Some(vec![5, 6, 7]));
        assert_eq!(after(&recent, 6), Some(vec![7]));
        assert_eq!([after(&recent, 7), after(&recent, 9)], [Some(vec![]), Some(vec![])]);
        assert_eq!((recent.last("a"), recent.count), (Some(7), 3));
        recent.committed(staged(8..=8));
        assert_eq!((sequences(&recent.of("a")), recent.count), (vec![5, 6, 7, 8], 4));
        recent.committed(Staged { is_moved: true, ..staged(9..=10) });
        assert_eq!((sequences(&recent.of("a")), recent.count), (vec![9, 10], 2));
        assert!(recent.after("b", 0).is_none() && recent.last("b").is_none());
    }

    fn append(name: &str, last: u64, size: usize) -> KeepRequest {
        let (reply, _) = oneshot::channel();
        KeepRequest::Append { name: name.into(), last, entry: vec![b'x'; size].into(), reply }
    }

    fn opened(folder: &TempDir) -> Disk {
        Disk::open(folder.path()).expect("a folder of sprag")
    }

    /// The sequences of the entries that the memory has, if it knows all after `after`.
    fn recent(disk: &Disk, after: u64) -> Option<Vec<u64>> {
        Some(sequences(&disk.recent("a", after)?.entries))
    }

    fn all(disk: &Disk) -> Vec<u64> {
        sequences(&disk.page("a", 0).expect("the disk is there").entries)
    }

    #[test]
    fn l8_a_large_entry_moves_the_recent_ones_to_the_table_of_all() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let disk = opened(&folder);
        disk.commit(&[append("a", 0, LARGE)]).expect("the disk takes it");
        assert_eq!(recent(&disk, 0), Some(vec![1]));
        let both = [append("a", 1, 1), append("a", 2, LARGE + 1)];
        disk.commit(&both).expect("the disk takes it");
        assert_eq!((recent(&disk, 0), all(&disk)), (None, vec![1, 2, 3]));
        disk.commit(&[append("a", 3, 1)]).expect("the disk takes it");
        assert_eq!((recent(&disk, 3), recent(&disk, 2)), (Some(vec![4]), None));
        assert_eq!(all(&disk), [1, 2, 3, 4]);
        drop(disk);
        assert_eq!(all(&opened(&folder)), [1, 2, 3, 4]);
    }

    #[test]
    fn l8_so_many_entries_are_recent_and_the_next_one_moves_them() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let disk = opened(&folder);
        let first: Vec<_> = (0..MOST - 1).map(|last| append("a", last, 1)).collect();
        disk.commit(&first).expect("the disk takes it");
        disk.commit(&[append("a", MOST - 1, 1)]).expect("the disk takes it");
        assert_eq!(recent(&disk, 0).expect("in memory").len() as u64, MOST);
        disk.commit(&[append("a", MOST, 1)]).expect("the disk takes it");
        assert_eq!((recent(&disk, MOST), recent(&disk, 0)), (Some(vec![MOST + 1]), None));
        // Two moves in one commit.
        let many: Vec<_> = (0..2 * MOST).map(|last| append("a", MOST + 1 + last, 1)).collect();
        disk.commit(&many).expect("the disk takes it");
        assert_eq!(recent(&disk, 3 * MOST), Some(vec![3 * MOST + 1]));
        let rest = disk.page("a", 2 * MOST).expect("the disk is there").entries;
        assert_eq!(sequences(&rest), (2 * MOST + 1..=3 * MOST + 1).collect::<Vec<_>>());
    }

    #[test]
    fn l2_a_condition_is_about_the_last_entry_wherever_that_is() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let disk = opened(&folder);
        let commit = |requests: &[KeepRequest]| disk.commit(requests).expect("the disk takes it");
        // In the same commit.
        let done = commit(&[append("a", 0, 1), append("a", 0, 1), append("b", 0, 1)]);
        assert_eq!(done, [Done::Appended(1), Done::Conflict, Done::Appended(1)]);
        // In memory.
        assert_eq!(commit(&[append("a", 0, 1)]), [Done::Conflict]);
        assert_eq!(commit(&[append("a", 1, LARGE + 1)]), [Done::Appended(2)]);
        // In the table of all.
        assert_eq!(commit(&[append("a", 1, 1), append("b", 0, 1)]), [Done::Conflict; 2]);
        assert_eq!(commit(&[append("a", 2, 1), append("b", 1, 1)]), [3, 2].map(Done::Appended));
    }
}
