//! [`Disk`]: the tables of a folder's database.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use bytes::Bytes;
use parking_lot::{MappedRwLockReadGuard, RwLock, RwLockReadGuard};
use redb::backends::FileBackend;
use redb::{
    Builder, Database, ReadableDatabase, ReadableTable, StorageBackend, Table, TableDefinition,
    TableHandle, WriteTransaction,
};

use super::error::{FileError, of_first_read, of_opening};
use super::first::{create, create_folder, is_there, other_than};
use super::held::HeldStorage;
use super::keeper::KeepRequest;
use super::recent::{CommitWrites, RecentEntries};
use crate::backend::{Page, Snapshot, Stored};
use crate::guard::{guarded, reason};

/// The one file of a folder.
const FILE: &str = "sprag.redb";

/// Entries by their log's name and their sequence.
const ENTRIES: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("entries");
/// The entries that are not in [`ENTRIES`] yet, in order: their log's name and sequence.
const RECENT: TableDefinition<'_, u64, (&str, u64, &[u8])> = TableDefinition::new("recent");
/// The latest snapshot of each log: its sequence and its body, or the last part of it.
const SNAPSHOTS: TableDefinition<'_, &str, (u64, &[u8])> = TableDefinition::new("snapshots");
/// The other parts of large snapshots, by their log's name, the snapshot's sequence and their
/// index. Those of a snapshot that [`SNAPSHOTS`] does not have are not valid.
const PARTS: TableDefinition<'_, PartKey<'_>, &[u8]> = TableDefinition::new("parts");
type PartKey<'a> = (&'a str, u64, u64);
/// Distinguishes the database from those of other programs.
const ABOUT: TableDefinition<'_, &str, &str> = TableDefinition::new("sprag-log");
const FORMAT: (&str, &str) = ("format", "1");

/// The maximal number and size of the entries of one page, which has at least one entry.
const PAGE: (usize, usize) = (4_096, 4 << 20);

/// A database is compacted when it is opened if more than this many bytes are unused, and more
/// than so many times the stored ones. The engine gives a large value up to twice its size, and
/// needs as much again to move the value, so that a compacted file may have three unused parts.
const UNUSED: u64 = 8 << 20;
const UNUSED_TIMES: u64 = 4;

/// The memory in which the engine keeps pages of the file, in bytes. A log is read from its
/// start once, and appended to at its end, so that more would hold pages that nothing reads; the
/// engine would take up to 1 GiB.
const CACHE: usize = 16 << 20;

pub(super) struct Disk {
    folder: PathBuf,
    /// Opens the file or the storage, also again after a failed commit.
    open: Box<OpenDatabase>,
    /// `None` after a failed commit, until the file is open again.
    database: RwLock<Option<Database>>,
    recent: RwLock<RecentEntries>,
}

type OpenDatabase = dyn Fn() -> Result<Database, FileError> + Send + Sync;

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("database", &self.database).finish_non_exhaustive()
    }
}

/// The result of one request of a commit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Done {
    Appended(u64),
    Conflict,
    Kept,
}

impl Disk {
    pub(super) fn open(folder: &Path) -> Result<Self, FileError> {
        let (first, file) = (first_opening(folder)?, folder.join(FILE));
        let folder = folder.to_owned();
        let open = {
            let folder = folder.clone();
            move || {
                let io = |source| FileError::Io { folder: folder.clone(), source };
                let file = OpenOptions::new().read(true).write(true).open(&file).map_err(io)?;
                let storage = FileBackend::new(file);
                opened(&folder, storage.map_err(|error| of_opening(folder.clone(), error))?)
            }
        };
        Self::of(folder, open, first)
    }

    pub(super) fn on(storage: impl StorageBackend + Clone) -> Result<Self, FileError> {
        Self::of(PathBuf::new(), move || opened(Path::new(""), storage.clone()), None)
    }

    /// Opens the database by `open`, unless `first` is the open one.
    fn of(
        folder: PathBuf,
        open: impl Fn() -> Result<Database, FileError> + Send + Sync + 'static,
        first: Option<Database>,
    ) -> Result<Self, FileError> {
        let first = first.map_or_else(|| undamaged(&folder, &open), Ok);
        let mut database = first?;
        let failed = |error| of_first_read(folder.clone(), error);
        if is_mostly_unused(&database).map_err(failed)? {
            let compacted = database.compact().map_err(|error| failed(error.into()))?;
            tracing::info!(folder = %folder.display(), compacted, "made the log's file smaller");
        }
        move_recent(&database).map_err(failed)?;
        let database = RwLock::new(Some(database));
        Ok(Self { folder, open: Box::new(open), database, recent: RwLock::default() })
    }

    /// Opens the file again after a failed commit, since the engine accepts no further
    /// commit.
    pub(super) fn reopen(&self) {
        self.close();
        let failed = |error| of_first_read(self.folder.clone(), error);
        let opened = undamaged(&self.folder, &self.open);
        match opened.and_then(|database| {
            move_recent(&database).map_err(failed)?;
            Ok(database)
        }) {
            Ok(database) => {
                *self.recent.write() = RecentEntries::default();
                *self.database.write() = Some(database);
            }
            Err(error) => tracing::error!(%error, "the log's file cannot be opened again"),
        }
    }

    /// Closes the file, after the accesses in progress.
    pub(super) fn close(&self) {
        *self.database.write() = None;
    }

    /// The database, which stays open while the guard is there.
    fn database(&self) -> Result<MappedRwLockReadGuard<'_, Database>, redb::Error> {
        let closed = |_| io::Error::other("the log's file is closed").into();
        RwLockReadGuard::try_map(self.database.read(), Option::as_ref).map_err(closed)
    }

    /// Executes `requests` in one durable commit.
    pub(super) fn commit(&self, requests: &[KeepRequest]) -> Result<Vec<Done>, redb::Error> {
        if self.database.read().is_none() {
            self.reopen();
        }
        let database = self.database()?;
        let transaction = database.begin_write()?;
        let recent = self.recent.read();
        let mut done = Vec::with_capacity(requests.len());
        let staged = {
            let mut commit = CommitWrites::new(Tables::of(&transaction)?, &recent);
            for request in requests {
                done.push(match request {
                    KeepRequest::Append { name, last, entry, .. } => {
                        commit.append(name, *last, entry)?
                    }
                    KeepRequest::Keep { name, snapshot, .. } => commit.keep(name, snapshot)?,
                    KeepRequest::Part { name, sequence, index, part } => {
                        commit.keep_part(name, *sequence, *index, part)?
                    }
                });
            }
            commit.finish()
        };
        drop(recent);
        transaction.commit()?;
        self.recent.write().committed(staged);
        Ok(done)
    }

    /// The entries of `name` after the sequence `after`, if the memory has them.
    pub(super) fn recent(&self, name: &str, after: u64) -> Option<Page> {
        let entries = self.recent.read().after(name, after)?;
        Some(Page { entries, is_last: true })
    }

    /// The entries of `name` after the sequence `after`.
    pub(super) fn page(&self, name: &str, after: u64) -> Result<Page, redb::Error> {
        // Taken first: entries that are moved after this point are in the table then.
        let recent = self.recent.read().of(name);
        let database = self.database()?;
        let transaction = database.begin_read()?;
        let entries = transaction.open_table(ENTRIES)?;
        let (mut page, mut bytes) = (Page { entries: Vec::new(), is_last: true }, 0);
        for entry in entries.range((name, after.saturating_add(1))..=(name, u64::MAX))? {
            if page.entries.len() >= PAGE.0 || bytes >= PAGE.1 {
                page.is_last = false;
                break;
            }
            let (key, value) = entry?;
            let entry = Bytes::copy_from_slice(value.value());
            bytes += entry.len();
            page.entries.push(Stored { sequence: key.value().1, entry });
        }
        if page.is_last {
            let last = page.entries.last().map_or(after, |last| last.sequence);
            page.entries.extend(recent.into_iter().filter(|stored| stored.sequence > last));
        }
        Ok(page)
    }

    pub(super) fn snapshot(&self, name: &str) -> Result<Option<Snapshot>, redb::Error> {
        let database = self.database()?;
        let transaction = database.begin_read()?;
        let snapshots = transaction.open_table(SNAPSHOTS)?;
        let Some(stored) = snapshots.get(name)? else { return Ok(None) };
        let ((sequence, last), mut body) = (stored.value(), Vec::new());
        let parts = transaction.open_table(PARTS)?;
        for part in parts.range((name, sequence, 0)..=(name, sequence, u64::MAX))? {
            body.extend_from_slice(part?.1.value());
        }
        body.extend_from_slice(last);
        Ok(Some(Snapshot { sequence, body: body.into() }))
    }
}

/// The database of a folder that has had none; `None` if the folder has one.
fn first_opening(folder: &Path) -> Result<Option<Database>, FileError> {
    let io = |source| FileError::Io { folder: folder.to_owned(), source };
    create_folder(folder).map_err(io)?;
    if is_there(&folder.join(FILE)).map_err(io)? {
        return Ok(None);
    }
    if let Some(other) = other_than(folder, FILE).map_err(io)? {
        let reason = format!("the folder contains `{}`", other.display());
        return Err(FileError::Foreign { folder: folder.to_owned(), reason });
    }
    undamaged(folder, || create(folder, FILE, |storage| checked(folder, storage)))
}

/// Opens a database. The engine panics at some damage.
fn undamaged<U>(
    folder: &Path,
    open: impl FnOnce() -> Result<U, FileError>,
) -> Result<U, FileError> {
    guarded(open).unwrap_or_else(|panic| {
        Err(FileError::Damaged { folder: folder.to_owned(), reason: reason(panic) })
    })
}

/// Opens the database on `storage`, which is unchanged if one of its pages is damaged, or if it is
/// another program's.
fn opened(folder: &Path, storage: impl StorageBackend) -> Result<Database, FileError> {
    let held = HeldStorage::new(storage);
    let database = checked(folder, &held)?;
    held.release().map_err(|source| FileError::Io { folder: folder.to_owned(), source })?;
    Ok(database)
}

/// Reads the whole database, and writes nothing to the storage behind `held`.
fn checked<S: StorageBackend>(folder: &Path, held: &HeldStorage<S>) -> Result<Database, FileError> {
    let failed = |error| of_opening(folder.to_owned(), error);
    let opened = builder(folder.to_owned()).create_with_backend(held.clone());
    let mut database = opened.map_err(failed)?;
    database.check_integrity().map_err(failed)?;
    if let Some(reason) =
        foreign(&database).map_err(|error| of_first_read(folder.to_owned(), error))?
    {
        return Err(FileError::Foreign { folder: folder.to_owned(), reason });
    }
    Ok(database)
}

fn builder(folder: PathBuf) -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    builder.set_repair_callback(move |session| {
        let progress = session.progress();
        tracing::warn!(
            folder = %folder.display(), progress,
            "the log was not closed; it goes back to its last whole commit"
        );
    });
    builder
}

/// Creates the tables of a new database. `Some` is the reason why the database is another
/// program's.
fn foreign(database: &Database) -> Result<Option<String>, redb::Error> {
    let transaction = database.begin_write()?;
    let names: Vec<_> = transaction.list_tables()?.map(|table| table.name().to_owned()).collect();
    let reason = {
        let mut about = transaction.open_table(ABOUT)?;
        let format = about.get(FORMAT.0)?.map(|format| format.value().to_owned());
        match format {
            Some(format) if format == FORMAT.1 => None,
            Some(format) => Some(format!("its format is {format}, and this version reads 1")),
            None if names.is_empty() => {
                about.insert(FORMAT.0, FORMAT.1)?;
                None
            }
            None => Some(format!("`{FILE}` belongs to another program")),
        }
    };
    if reason.is_some() {
        transaction.abort()?;
        return Ok(reason);
    }
    Tables::of(&transaction)?;
    transaction.open_table(PARTS)?;
    transaction.commit()?;
    Ok(None)
}

/// Whether the file is mostly unused.
fn is_mostly_unused(database: &Database) -> Result<bool, redb::Error> {
    let transaction = database.begin_write()?;
    let stats = transaction.stats()?;
    transaction.abort()?;
    // The free pages are among the fragmented bytes.
    Ok(exceeds(stats.fragmented_bytes(), stats.stored_bytes()))
}

/// Whether so many unused bytes are too many beside the stored ones.
fn exceeds(unused: u64, stored: u64) -> bool {
    unused > UNUSED.max(UNUSED_TIMES * stored)
}

/// Moves the entries that the last process left in the small table, and drops the parts of
/// snapshots that it did not finish.
fn move_recent(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    let mut tables = Tables::of(&transaction)?;
    tables.move_recent()?;
    tables.drop_unfinished()?;
    drop(tables);
    transaction.commit()?;
    Ok(())
}

/// The tables of one commit.
pub(super) struct Tables<'a> {
    transaction: &'a WriteTransaction,
    pub(super) entries: Table<'a, (&'static str, u64), &'static [u8]>,
    pub(super) recent: Table<'a, u64, (&'static str, u64, &'static [u8])>,
    snapshots: Table<'a, &'static str, (u64, &'static [u8])>,
}

impl<'a> Tables<'a> {
    fn of(transaction: &'a WriteTransaction) -> Result<Self, redb::Error> {
        let entries = transaction.open_table(ENTRIES)?;
        let recent = transaction.open_table(RECENT)?;
        let snapshots = transaction.open_table(SNAPSHOTS)?;
        Ok(Self { transaction, entries, recent, snapshots })
    }

    /// The sequence of the last entry of the table of all entries.
    pub(super) fn last(&self, name: &str) -> Result<u64, redb::Error> {
        match self.entries.range((name, 0)..=(name, u64::MAX))?.next_back() {
            Some(entry) => Ok(entry?.0.value().1),
            None => Ok(0),
        }
    }

    /// Keeps the snapshot and drops the entries that it covers. No entry is recent.
    pub(super) fn keep(&mut self, name: &str, snapshot: &Snapshot) -> Result<Done, redb::Error> {
        let sequence = snapshot.sequence;
        if self.is_next(name, sequence)? {
            self.snapshots.insert(name, (sequence, &*snapshot.body))?;
            self.entries.retain_in((name, 0)..(name, sequence), |_, _| false)?;
            let mut parts = self.transaction.open_table(PARTS)?;
            parts.retain_in((name, 0, 0)..(name, sequence, 0), |_, _| false)?;
        }
        Ok(Done::Kept)
    }

    /// Keeps a part of a snapshot, which is valid once the snapshot is kept.
    pub(super) fn keep_part(&self, key: PartKey<'_>, part: &[u8]) -> Result<Done, redb::Error> {
        if self.is_next(key.0, key.1)? {
            self.transaction.open_table(PARTS)?.insert(key, part)?;
        }
        Ok(Done::Kept)
    }

    /// Whether a snapshot at `sequence` is newer than the kept one.
    fn is_next(&self, name: &str, sequence: u64) -> Result<bool, redb::Error> {
        Ok(self.kept(name)?.is_none_or(|kept| kept < sequence))
    }

    /// The sequence of the kept snapshot.
    fn kept(&self, name: &str) -> Result<Option<u64>, redb::Error> {
        Ok(self.snapshots.get(name)?.map(|stored| stored.value().0))
    }

    /// Drops the parts of snapshots that were not finished. Reads one part of each snapshot.
    fn drop_unfinished(&self) -> Result<(), redb::Error> {
        let mut parts = self.transaction.open_table(PARTS)?;
        let mut from = (String::new(), 0);
        loop {
            let next = parts.range((&*from.0, from.1, 0)..)?.next().transpose()?;
            let Some((name, sequence)) = next.map(|(key, _)| {
                let (name, sequence, _) = key.value();
                (name.to_owned(), sequence)
            }) else {
                return Ok(());
            };
            if self.kept(&name)? != Some(sequence) {
                let all = (&*name, sequence, 0)..=(&*name, sequence, u64::MAX);
                parts.retain_in(all, |_, _| false)?;
            }
            from = (name, sequence + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use tokio::sync::oneshot;

    use super::*;

    /// A request to append an entry of `size` bytes.
    fn append(name: &str, last: u64, size: usize) -> KeepRequest {
        let (reply, _) = oneshot::channel();
        KeepRequest::Append { name: name.into(), last, entry: vec![b'x'; size].into(), reply }
    }

    fn keep(name: &str, sequence: u64) -> KeepRequest {
        keep_as(name, sequence, "body")
    }

    fn keep_as(name: &str, sequence: u64, body: &'static str) -> KeepRequest {
        let (reply, _) = oneshot::channel();
        let snapshot = Snapshot { sequence, body: Bytes::from_static(body.as_bytes()) };
        KeepRequest::Keep { name: name.into(), snapshot, reply }
    }

    fn opened(folder: &TempDir) -> Disk {
        Disk::open(folder.path()).expect("a folder of sprag")
    }

    /// The first and the last sequence of a page, and whether the page is the last one.
    fn ends(disk: &Disk, after: u64) -> (Option<u64>, Option<u64>, bool) {
        let page = disk.page("a", after).expect("the disk is there");
        let sequence = |stored: Option<&Stored>| stored.map(|stored| stored.sequence);
        (sequence(page.entries.first()), sequence(page.entries.last()), page.is_last)
    }

    #[test]
    fn l8_a_page_ends_after_so_many_entries_and_the_next_one_has_the_rest() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let disk = opened(&folder);
        let requests: Vec<_> = (0..6_200).map(|last| append("a", last, 1)).collect();
        let done = disk.commit(&requests).expect("the disk takes it");
        assert_eq!((done[0], done[6_199]), (Done::Appended(1), Done::Appended(6_200)));
        assert_eq!(ends(&disk, 0), (Some(1), Some(4_096), false));
        assert_eq!(ends(&disk, 4_096), (Some(4_097), Some(6_200), true));
        // The last ones are in the small table.
        assert_eq!(ends(&disk, 6_190), (Some(6_191), Some(6_200), true));
        assert_eq!(ends(&disk, 6_200), (None, None, true));
        assert!(disk.recent("a", 6_000).is_none());
        assert_eq!(disk.recent("a", 6_190).expect("in memory").entries.len(), 10);
    }

    #[test]
    fn l8_a_page_ends_after_so_many_bytes() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let disk = opened(&folder);
        let requests: Vec<_> = (0..3).map(|last| append("a", last, PAGE.1 / 2)).collect();
        disk.commit(&requests).expect("the disk takes it");
        assert_eq!(ends(&disk, 0), (Some(1), Some(2), false));
        assert_eq!(ends(&disk, 2), (Some(3), Some(3), true));
    }

    #[test]
    fn l8_unused_bytes_are_too_many_above_a_size_and_above_the_stored_ones() {
        for (most, stored) in [(UNUSED, 0), (UNUSED, 1), (4 * UNUSED, UNUSED)] {
            assert!(!exceeds(most, stored) && exceeds(most + 1, stored), "{stored}");
        }
    }

    #[test]
    fn l8_a_file_that_is_mostly_unused_is_made_smaller_at_the_opening() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let size = || folder.path().join(FILE).metadata().expect("the file is there").len();
        let disk = opened(&folder);
        let requests: Vec<_> = (0..3).map(|last| append("a", last, 4 << 20)).collect();
        disk.commit(&requests).expect("the disk takes it");
        drop(disk);
        let full = size();
        assert!(full > (12 << 20) + UNUSED, "{full} bytes: the engine rounds up");
        let disk = opened(&folder);
        assert_eq!(size(), full, "most of it is stored");
        disk.commit(&[append("a", 3, 1), keep("a", 4)]).expect("the disk takes it");
        drop(disk);
        let disk = opened(&folder);
        assert!(size() < 1 << 20, "{} bytes for a snapshot and an entry", size());
        assert_eq!(ends(&disk, 0), (Some(4), Some(4), true));
    }

    #[test]
    fn l8_an_older_snapshot_replaces_nothing_and_one_of_the_same_sequence_neither() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let disk = opened(&folder);
        let requests: Vec<_> = (0..5).map(|last| append("a", last, 1)).collect();
        disk.commit(&requests).expect("the disk takes it");
        for (sequence, body) in [(3, "third"), (2, "second"), (3, "again"), (5, "fifth")] {
            let kept = disk.commit(&[keep_as("a", sequence, body)]).expect("the disk takes it");
            assert_eq!(kept, [Done::Kept]);
            let latest = disk.snapshot("a").expect("the disk is there").expect("a snapshot");
            let expected = if sequence == 5 { (5, "fifth") } else { (3, "third") };
            assert_eq!((latest.sequence, &*latest.body), (expected.0, expected.1.as_bytes()));
            assert_eq!(ends(&disk, 0), (Some(expected.0), Some(5), true));
        }
        assert!(disk.snapshot("b").expect("the disk is there").is_none());
    }

    #[test]
    fn l7_parts_of_a_snapshot_are_valid_once_the_snapshot_is_kept_and_dropped_at_the_opening() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let part = |sequence, index, part: &'static str| KeepRequest::Part {
            name: "a".into(),
            sequence,
            index,
            part: Bytes::from_static(part.as_bytes()),
        };
        let commit = |disk: &Disk, requests: &[KeepRequest]| {
            disk.commit(requests).expect("the disk takes it");
        };
        let body = |disk: &Disk| {
            let kept = disk.snapshot("a").expect("the disk is there")?;
            Some((kept.sequence, String::from_utf8(kept.body.into()).expect("text")))
        };
        let disk = opened(&folder);
        let appends: Vec<_> = (0..5).map(|last| append("a", last, 1)).collect();
        commit(&disk, &appends);
        commit(&disk, &[part(2, 0, "one "), part(2, 1, "two ")]);
        assert_eq!(body(&disk), None);
        drop(disk);

        let disk = opened(&folder);
        // The parts of the process before are gone: these are others.
        commit(&disk, &[part(2, 0, "1 ")]);
        commit(&disk, &[keep_as("a", 2, "last")]);
        assert_eq!(body(&disk), Some((2, "1 last".to_owned())));
        // An older snapshot, and one of the same sequence, change nothing.
        commit(&disk, &[part(2, 0, "other "), part(1, 0, "older "), keep_as("a", 2, "other")]);
        commit(&disk, &[part(3, 0, "unfinished ")]);
        assert_eq!(body(&disk), Some((2, "1 last".to_owned())));
        drop(disk);

        let disk = opened(&folder);
        assert_eq!(body(&disk), Some((2, "1 last".to_owned())));
        commit(&disk, &[keep_as("a", 3, "short")]);
        assert_eq!(body(&disk), Some((3, "short".to_owned())));
    }

    #[test]
    fn l7_another_format_is_refused_and_named() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        drop(opened(&folder));
        let database = Database::create(folder.path().join(FILE)).expect("it is closed");
        let transaction = database.begin_write().expect("it is ours");
        let mut about = transaction.open_table(ABOUT).expect("the table is there");
        about.insert(FORMAT.0, "2").expect("the disk takes it");
        drop(about);
        transaction.commit().expect("the disk takes it");
        drop(database);
        let refused = Disk::open(folder.path()).expect_err("a later format");
        let FileError::Foreign { reason, .. } = refused else { panic!("{refused}") };
        assert_eq!(reason, "its format is 2, and this version reads 1");
    }
}
