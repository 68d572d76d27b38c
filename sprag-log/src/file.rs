//! [`File`]: the embedded engine, which keeps the logs of one process in one folder.
//!
//! [`redb`](https://www.redb.org) provides the format, the checksums and the recovery after
//! a crash. This module does not know models or the content of entries.

mod disk;
mod error;
mod first;
mod held;
mod keeper;
mod parts;
mod recent;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use sprag_runtime::{Bus, Event};
use tokio::sync::{oneshot, watch};
use tokio::task::spawn_blocking;

use self::disk::Disk;
pub use self::error::FileError;
use self::keeper::{KeepRequest, Keeper};
use crate::backend::{Follow, Log, Page, Snapshot, Stored};
use crate::bridge::{Bridging, bridge};
use crate::error::{AppendError, ReadError};
use crate::guard::reason;
use crate::opening::{Opening, open};

/// The logs of one process, in a folder.
///
/// Concurrent writes of all models become one commit of the engine, with one `fsync`. An
/// acknowledged entry is on the disk. It survives the death of the process, and a failure
/// of the machine if the disk keeps the data that it has synced.
///
/// A `File` is a handle, and cheap to clone. The folder is released when the last handle
/// and the last model are dropped; dropping the last one waits for the commit in progress.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
/// # struct Rooms { open: bool }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let log = sprag_log::File::open(folder.path())?;
/// let rooms = log.model("rooms", Rooms::default()).await?;
/// rooms.set(Rooms::PATHS.open, true).await?; // on the disk
/// # rooms.stop().await;
/// # drop((rooms, log));
///
/// let log = sprag_log::File::open(folder.path())?; // after a restart
/// let rooms = log.model("rooms", Rooms::default()).await?;
/// assert!(rooms.get(Rooms::PATHS.open));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct File {
    shared: Arc<FileShared>,
}

#[derive(Debug)]
struct FileShared {
    disk: Arc<Disk>,
    keeper: Keeper,
    /// The number of commits, which wakes the followers.
    commits: watch::Receiver<u64>,
    /// Is dropped when the folder is released, which wakes [`File::close`].
    open: watch::Sender<()>,
}

/// The folder can be opened again when the last handle is dropped: no thread reads or writes
/// then.
impl Drop for FileShared {
    fn drop(&mut self) {
        self.keeper.end();
        self.disk.close();
    }
}

impl File {
    /// Opens the folder, and creates it if necessary. Blocks on the disk, and reads the whole file,
    /// so that damage of any page is an error here and not later.
    ///
    /// # Errors
    ///
    /// A [`FileError`]: another process has the folder open, the folder contains something
    /// else, or its file is damaged. Nothing is overwritten then.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, FileError> {
        Ok(Self::of(Disk::open(folder.as_ref())?))
    }

    /// Opens the logs on a storage other than a file, such as one that injects faults. Its
    /// clones are the same storage: after a failed commit a clone is opened.
    ///
    /// # Errors
    ///
    /// A [`FileError`], as for [`open`](Self::open).
    pub fn on(storage: impl redb::StorageBackend + Clone) -> Result<Self, FileError> {
        Ok(Self::of(Disk::on(storage)?))
    }

    fn of(disk: Disk) -> Self {
        let disk = Arc::new(disk);
        let (counter, commits) = watch::channel(0);
        let keeper = Keeper::start(Arc::clone(&disk), counter);
        let open = watch::Sender::new(());
        Self { shared: Arc::new(FileShared { disk, keeper, commits, open }) }
    }

    /// Opens the model `name`; see [`open`](crate::open()).
    ///
    /// # Panics
    ///
    /// When `name` is empty.
    pub fn model<T>(&self, name: impl Into<Arc<str>>, initial: T) -> Opening<Self, T> {
        open(Arc::new(self.clone()), name, initial)
    }

    /// Carries events between buses; see [`bridge`](crate::bridge()). Useful if an app has
    /// several buses, or to run the same program as on [`Nats`](crate::Nats).
    pub fn bridge<E: Event>(&self, bus: &Bus) -> Bridging<Self, E> {
        bridge(Arc::new(self.clone()), bus)
    }

    /// Waits until the folder is released: all handles and all models of it are dropped, and
    /// no thread has its file open.
    ///
    /// A model that is dropped without [`stop`](crate::Logged::stop) holds the folder until
    /// its last writes are in the log.
    pub async fn close(self) {
        let mut open = self.shared.open.subscribe();
        drop(self);
        // The sender sends nothing, and is dropped at the release.
        let _ = open.changed().await;
    }

    /// Reads on a thread that may block.
    async fn read<U: Send + 'static>(
        &self,
        read: impl FnOnce(&Disk) -> Result<U, redb::Error> + Send + 'static,
    ) -> Result<U, ReadError> {
        let disk = Arc::clone(&self.shared.disk);
        match spawn_blocking(move || read(&disk)).await {
            Ok(outcome) => outcome.map_err(|error| error::of_read(&error)),
            Err(error) => Err(match error.try_into_panic() {
                // The engine panics at some damage.
                Ok(panic) => ReadError::Damaged(reason(panic)),
                // The runtime is shutting down.
                Err(error) => ReadError::Unavailable(error.to_string()),
            }),
        }
    }
}

impl Log for File {
    type Follower = Follower;

    async fn append(&self, name: &str, last: u64, entry: Bytes) -> Result<u64, AppendError> {
        let (reply, outcome) = oneshot::channel();
        let name = name.to_owned();
        self.shared.keeper.send(KeepRequest::Append { name, last, entry, reply });
        outcome.await.unwrap_or_else(|_| Err(AppendError::Unknown("the engine has ended".into())))
    }

    async fn read(&self, name: &str, after: u64) -> Result<Page, ReadError> {
        if let Some(page) = self.shared.disk.recent(name, after) {
            return Ok(page);
        }
        let name = name.to_owned();
        self.read(move |disk| disk.page(&name, after)).await
    }

    fn follow(&self, name: &str, after: u64) -> Follower {
        let commits = self.shared.commits.clone();
        Follower { file: self.clone(), name: name.to_owned(), after, commits }
    }

    async fn save_snapshot(&self, name: &str, snapshot: Snapshot) -> Result<(), ReadError> {
        let (reply, outcome) = oneshot::channel();
        self.shared.keeper.send(KeepRequest::Keep { name: name.to_owned(), snapshot, reply });
        let ended = || Err(ReadError::Unavailable("the engine has ended".into()));
        outcome.await.unwrap_or_else(|_| ended())
    }

    async fn load_snapshot(&self, name: &str) -> Result<Option<Snapshot>, ReadError> {
        let name = name.to_owned();
        self.read(move |disk| disk.snapshot(&name)).await
    }

    /// 64 MiB, so that one entry needs a small part of the memory.
    fn max_entry(&self) -> usize {
        64 << 20
    }
}

/// Follows the entries of one log of a [`File`].
#[derive(Debug)]
pub struct Follower {
    file: File,
    name: String,
    after: u64,
    commits: watch::Receiver<u64>,
}

impl Follow for Follower {
    async fn next(&mut self) -> Result<Vec<Stored>, ReadError> {
        loop {
            // Commits from here on wake the wait below.
            self.commits.mark_unchanged();
            let page = Log::read(&self.file, &self.name, self.after).await?;
            if let Some(last) = page.entries.last() {
                self.after = last.sequence;
                return Ok(page.entries);
            }
            if self.commits.changed().await.is_err() {
                return Err(ReadError::Unavailable("the engine has ended".into()));
            }
        }
    }
}
