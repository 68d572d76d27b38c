//! [`Disk`]: the tables of a folder's database.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use parking_lot::{MappedRwLockReadGuard, RwLock, RwLockReadGuard};
use redb::{
    Builder, Database, ReadableDatabase, ReadableTable, StorageBackend, Table, TableDefinition,
    TableHandle, WriteTransaction,
};

use super::error::{FileError, of_opening};
use super::keeper::KeepRequest;
use crate::log::{Page, Snapshot, Stored};

/// The one file of a folder.
const FILE: &str = "sprag.redb";

/// Entries by their log's name and their sequence.
const ENTRIES: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("entries");
/// The latest snapshot of each log: its sequence and its body.
const SNAPSHOTS: TableDefinition<'_, &str, (u64, &[u8])> = TableDefinition::new("snapshots");
/// Distinguishes the database from those of other programs.
const ABOUT: TableDefinition<'_, &str, &str> = TableDefinition::new("sprag-log");
const FORMAT: (&str, &str) = ("format", "1");

/// The maximal number and size of the entries of one page, which has at least one entry.
const PAGE: (usize, usize) = (4_096, 4 << 20);

/// A database is compacted when it is opened if more than half of it, and at least this
/// many bytes, are unused.
const UNUSED: u64 = 8 << 20;

#[derive(Debug)]
pub(super) struct Disk {
    /// `None` for a storage that is not a file.
    folder: Option<PathBuf>,
    /// `None` after a failed commit, until the file is open again.
    database: RwLock<Option<Database>>,
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
        let io = |source| FileError::Io { folder: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(io)?;
        let file = folder.join(FILE);
        if !file.exists()
            && let Some(other) = fs::read_dir(folder).map_err(io)?.next()
        {
            let reason =
                format!("the folder contains `{}`", other.map_err(io)?.file_name().display());
            return Err(FileError::Foreign { folder: folder.to_owned(), reason });
        }
        let database = builder(folder.to_owned()).create(&file);
        let database = database.map_err(|error| of_opening(folder.to_owned(), error))?;
        Self::of(database, Some(folder))
    }

    pub(super) fn on(storage: impl StorageBackend) -> Result<Self, FileError> {
        let database = builder(PathBuf::new()).create_with_backend(storage);
        Self::of(database.map_err(|error| of_opening(PathBuf::new(), error))?, None)
    }

    fn of(mut database: Database, folder: Option<&Path>) -> Result<Self, FileError> {
        let place = || folder.map(Path::to_owned).unwrap_or_default();
        let damaged =
            |error: redb::Error| FileError::Damaged { folder: place(), reason: error.to_string() };
        if let Some(reason) = foreign(&database).map_err(damaged)? {
            return Err(FileError::Foreign { folder: place(), reason });
        }
        if unused(&database).map_err(damaged)? > UNUSED {
            let compacted = database.compact().map_err(|error| damaged(error.into()))?;
            tracing::info!(folder = %place().display(), compacted, "made the log's file smaller");
        }
        let database = RwLock::new(Some(database));
        Ok(Self { folder: folder.map(Path::to_owned), database })
    }

    /// Opens the file again after a failed commit, since the engine accepts no further
    /// commit.
    pub(super) fn reopen(&self) {
        let Some(folder) = &self.folder else { return };
        self.close();
        match builder(folder.clone()).create(folder.join(FILE)) {
            Ok(database) => *self.database.write() = Some(database),
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
        let mut done = Vec::with_capacity(requests.len());
        {
            let mut tables = Tables::of(&transaction)?;
            for request in requests {
                done.push(match request {
                    KeepRequest::Append { name, last, entry, .. } => {
                        tables.append(name, *last, entry)?
                    }
                    KeepRequest::Keep { name, snapshot, .. } => tables.keep(name, snapshot)?,
                });
            }
        }
        transaction.commit()?;
        Ok(done)
    }

    /// The entries of `name` after the sequence `after`.
    pub(super) fn page(&self, name: &str, after: u64) -> Result<Page, redb::Error> {
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
        Ok(page)
    }

    pub(super) fn snapshot(&self, name: &str) -> Result<Option<Snapshot>, redb::Error> {
        let database = self.database()?;
        let transaction = database.begin_read()?;
        let snapshots = transaction.open_table(SNAPSHOTS)?;
        Ok(snapshots.get(name)?.map(|stored| {
            let (sequence, body) = stored.value();
            Snapshot { sequence, body: Bytes::copy_from_slice(body) }
        }))
    }
}

fn builder(folder: PathBuf) -> Builder {
    let mut builder = Database::builder();
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
    transaction.commit()?;
    Ok(None)
}

/// How many bytes of the file are unused, if more than half are.
fn unused(database: &Database) -> Result<u64, redb::Error> {
    let transaction = database.begin_write()?;
    let stats = transaction.stats()?;
    let all = stats.allocated_pages() * stats.page_size() as u64;
    transaction.abort()?;
    let stored = stats.stored_bytes() + stats.metadata_bytes();
    Ok(if all > 2 * stored { all - stored } else { 0 })
}

/// The tables of one commit.
struct Tables<'a> {
    entries: Table<'a, (&'static str, u64), &'static [u8]>,
    snapshots: Table<'a, &'static str, (u64, &'static [u8])>,
}

impl<'a> Tables<'a> {
    fn of(transaction: &'a WriteTransaction) -> Result<Self, redb::Error> {
        let entries = transaction.open_table(ENTRIES)?;
        Ok(Self { entries, snapshots: transaction.open_table(SNAPSHOTS)? })
    }

    fn append(&mut self, name: &str, expected: u64, entry: &[u8]) -> Result<Done, redb::Error> {
        let last = self.last(name)?;
        if last != expected {
            return Ok(Done::Conflict);
        }
        self.entries.insert((name, last + 1), entry)?;
        Ok(Done::Appended(last + 1))
    }

    /// The sequence of the last entry, which no snapshot drops.
    fn last(&self, name: &str) -> Result<u64, redb::Error> {
        match self.entries.range((name, 0)..=(name, u64::MAX))?.next_back() {
            Some(entry) => Ok(entry?.0.value().1),
            None => Ok(0),
        }
    }

    fn keep(&mut self, name: &str, snapshot: &Snapshot) -> Result<Done, redb::Error> {
        let present = self.snapshots.get(name)?.map(|stored| stored.value().0);
        if present.is_none_or(|present| present < snapshot.sequence) {
            self.snapshots.insert(name, (snapshot.sequence, &*snapshot.body))?;
            self.entries.retain_in((name, 0)..(name, snapshot.sequence), |_, _| false)?;
        }
        Ok(Done::Kept)
    }
}
