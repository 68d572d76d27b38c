//! [`Opening`]: recovers a model from its log.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::path::State;
use tokio::sync::watch;

use crate::backend::Log;
use crate::committer::{Beginning, Committer};
use crate::error::OpenError;
use crate::evolution::{Evolution, Migrate};
use crate::logged::{InitialState, Logged};
use crate::queue::queue;
use crate::recovery::{Recovery, recover};
use crate::settings::Settings;
use crate::standing::Standing;

/// How far a recovery has got, as passed to [`Opening::progress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The number of entries that were read so far, after the snapshot.
    pub entries: u64,
    /// The bytes of these entries and of the snapshot.
    pub bytes: u64,
}

type OnProgress = Box<dyn FnMut(Progress) + Send>;

/// A model before its opening; `.await` recovers it.
///
/// Returned by [`open`] and by the engines' `model`.
#[must_use = "an opening does nothing unless it is awaited"]
pub struct Opening<L, T> {
    log: Arc<L>,
    name: Arc<str>,
    initial: T,
    settings: Settings,
    progress: Option<OnProgress>,
    migrate: Option<Migrate>,
}

/// Opens the model `name` on `log`.
///
/// `initial` is the state of an empty log: the first process logs it, and the argument of a later
/// one is used for nothing. A process whose argument is another state than that of the first one
/// logs a warning, if the first state is at most 1 MiB of JSON. `.await` reads the log, so
/// that the model is current. Await it on a tokio runtime, which then runs the model's task.
///
/// # Panics
///
/// When `name` is empty.
pub fn open<L: Log, T>(log: Arc<L>, name: impl Into<Arc<str>>, initial: T) -> Opening<L, T> {
    let name = name.into();
    assert!(!name.is_empty(), "a log needs a name; give it one that is not empty");
    Opening { log, name, initial, settings: Settings::default(), progress: None, migrate: None }
}

impl<L, T> Opening<L, T> {
    /// Sets how long a write may take. The default is 10 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// Sets how long the opening may take while the log is out of reach. The default is 30
    /// s.
    pub fn recovery(mut self, recovery: Duration) -> Self {
        self.settings.recovery = recovery;
        self
    }

    /// Sets how long a stop waits for the writes. The default is 5 s.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Sets how many writes, and how many bytes of their ops, may wait for the log. The
    /// default is 1,024 writes and 16 MiB.
    ///
    /// Writes that have run and are not in the log yet count, with the size that they have in an
    /// entry. At the limit a write waits before it runs for the first time, and
    /// [`try_transact`](Logged::try_transact) fails. At most as many writes wait for their first
    /// run; a caller beyond these waits for a place. The size of a write that has not run is unknown,
    /// since its closure decides what it writes, so the values in these closures do not count.
    pub fn queue(mut self, writes: usize, bytes: usize) -> Self {
        (self.settings.writes, self.settings.bytes) = (writes.max(1), bytes.max(1));
        self
    }

    /// Sets after how many entries, or how many bytes of entries, a snapshot is stored. The
    /// default is 100,000 entries and 16 MiB.
    ///
    /// The limit of bytes is at least the size of the last snapshot, so that snapshots
    /// write at most as much as entries do.
    pub fn snapshots(mut self, entries: u64, bytes: u64) -> Self {
        (self.settings.snapshot_entries, self.settings.snapshot_bytes) = (entries.max(1), bytes);
        self
    }

    /// Converts the JSON of an older type's state to that of this type, before serde reads
    /// it.
    ///
    /// Use this for changes that serde's attributes cannot express: a value that moved, or
    /// has another unit. If an older type wrote the last snapshot, the later entries of
    /// older types are applied to the JSON of its state, and `migrate` runs once, when the
    /// first entry of this type follows or the log ends. It runs once more for the state with which
    /// the log began, to which [`reset`](Logged::reset) goes back. `migrate` is not called for
    /// states of this type, nor for entries that an older process writes while this one runs: stop
    /// the older processes first.
    ///
    /// An error ends the opening with [`OpenError::Misfit`].
    pub fn migrate<E>(
        mut self,
        migrate: impl Fn(serde_json::Value) -> Result<serde_json::Value, E> + Send + Sync + 'static,
    ) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.migrate = Some(Arc::new(move |older| migrate(older).map_err(Into::into)));
        self
    }

    /// Calls `f` after each page of entries that a recovery reads.
    pub fn progress(mut self, f: impl FnMut(Progress) + Send + 'static) -> Self {
        self.progress = Some(Box::new(f));
        self
    }
}

impl<L, T> IntoFuture for Opening<L, T>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    type Output = Result<Logged<T>, OpenError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.open().boxed()
    }
}

impl<L, T> Opening<L, T>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    async fn open(self) -> Result<Logged<T>, OpenError> {
        let Self { log, name, initial, settings, progress, migrate } = self;
        let evolution = Evolution::of::<T>(migrate);
        let recovery = Recovery::new(&*log, &name, initial, progress, evolution);
        let recovered = recover(recovery, settings.recovery).await?;
        let times = (settings.deadline, settings.grace);
        let (writes, queued) = queue(settings.writes);
        let (standing, seen) = watch::channel(Standing::Current);
        let view = recovered.model.view();
        let incarnation = recovered.incarnation().into();
        let initial = InitialState::new(Arc::clone(&recovered.initial));
        let beginning = Beginning {
            log,
            name: Arc::clone(&name),
            model: recovered.model,
            initial: recovered.initial,
            chain: recovered.chain,
            evolution: recovered.evolution,
            settings,
            since_snapshot: recovered.since_snapshot,
            snapshot_size: recovered.snapshot_size,
        };
        tokio::spawn(Committer::new(beginning, queued, standing).run());
        Ok(Logged::new(view, writes, seen, incarnation, initial, times))
    }
}

impl<L, T> fmt::Debug for Opening<L, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").field("name", &self.name).finish_non_exhaustive()
    }
}
