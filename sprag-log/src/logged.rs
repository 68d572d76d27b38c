//! [`Logged`]: a model whose writes are durable.

mod applied;
mod collections;
mod initial;
mod values;
mod writes;

use std::fmt;
use std::ops::Deref;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use sprag_runtime::path::State;
use sprag_runtime::service::{Health, ResourceCheck};
use sprag_runtime::{Model, Origin, Resource, Transaction, View};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

pub(crate) use self::initial::InitialState;
use crate::error::{TransactError, WriteError};
use crate::queue::{NotQueued, WriteQueue};
use crate::standing::Standing;
use crate::work::{Answer, Call, WriteJob, WriteKind};

/// How long a release waits beyond the grace.
const LAST_STEP: Duration = Duration::from_secs(1);

/// A model whose state is the state of a log.
///
/// Reading, watching and subscribing work as on every [`View`], in the memory of this
/// process; writes that bypass the log do not compile. Each write is `async`, and returns
/// when it is in the log and visible in this process. A `Logged` is a handle, and cheap to
/// clone. When the last handle is dropped, the waiting writes are still appended, for at
/// most the grace.
///
/// # Writes
///
/// The writes of one process are queued and appended together, one append in flight. They
/// run on the committer's own copy of the state, and run again if another process was
/// first. Closures for [`transact`](Self::transact) must therefore have no side effects.
/// The memory is that of two states, and of the JSON of the log's first state, for
/// [`reset`](Self::reset) and for snapshots.
///
/// Do not await a write in a callback of the same model: it would wait for itself.
///
/// # Versions
///
/// [`version`](View::version) is the sequence of the last entry in the state, and the same
/// number in every process. Versions can have gaps.
pub struct Logged<T: 'static> {
    view: View<T>,
    writes: WriteQueue<T>,
    standing: watch::Receiver<Standing>,
    incarnation: Arc<str>,
    initial: InitialState<T>,
    deadline: Duration,
    /// How long a stop waits for the writes.
    grace: Duration,
    origin: Option<Origin>,
}

impl<T> Clone for Logged<T> {
    fn clone(&self) -> Self {
        Self {
            view: self.view.clone(),
            writes: self.writes.clone(),
            standing: self.standing.clone(),
            incarnation: Arc::clone(&self.incarnation),
            initial: self.initial.clone(),
            origin: self.origin.clone(),
            ..*self
        }
    }
}

/// Dereferences to the model's [`View`], for reading, watching and subscribing.
impl<T> Deref for Logged<T> {
    type Target = View<T>;

    #[inline]
    fn deref(&self) -> &View<T> {
        &self.view
    }
}

impl<T> Logged<T> {
    pub(crate) fn new(
        view: View<T>,
        writes: WriteQueue<T>,
        standing: watch::Receiver<Standing>,
        incarnation: Arc<str>,
        initial: InitialState<T>,
        (deadline, grace): (Duration, Duration),
    ) -> Self {
        Self { view, writes, standing, incarnation, initial, deadline, grace, origin: None }
    }

    /// Returns a handle to the same model whose writes have the deadline `deadline`.
    pub fn within(&self, deadline: Duration) -> Self {
        Self { deadline, ..self.clone() }
    }

    /// Returns a handle to the same model whose writes carry `origin`, in every process.
    ///
    /// If the writes of several callers share an entry, their commit has the
    /// [`origins`](sprag_runtime::Commit::origins) of all of them, in order.
    pub fn by(&self, origin: Origin) -> Self {
        Self { origin: Some(origin), ..self.clone() }
    }

    /// Returns the name of the log's incarnation, in which the versions of this model count:
    /// equal in all processes that read the same log into the same type, and a new one after
    /// the log was destroyed and created again.
    ///
    /// Two processes with one incarnation have one state at one version. The text is hexadecimal.
    pub fn incarnation(&self) -> &str {
        &self.incarnation
    }

    /// Whether this process follows the log: it has met no error since the last entry, and
    /// no entry that it cannot apply.
    ///
    /// If not, reads still work, but may return old values.
    pub fn is_current(&self) -> bool {
        *self.standing.borrow() == Standing::Current
    }

    /// Why the model is not current; `None` if it is.
    pub fn problem(&self) -> Option<String> {
        self.standing.borrow().reason().map(str::to_owned)
    }

    /// Refuses new writes, waits for at most the grace until the earlier ones are in the
    /// log, and releases the log.
    ///
    /// After that, a write in flight fails with [`WriteError::Unknown`], and a waiting one
    /// with [`WriteError::Stopped`]. The state can still be read.
    pub async fn stop(&self) {
        // The committer has ended in both cases.
        let _ = self.writes.stop().await;
    }
}

impl<T: State + Clone + Send + Sync> Logged<T> {
    /// The value of [`is_current`](Self::is_current) as a health, which is a part of that of the
    /// service that owns the model.
    ///
    /// Degraded while the log is out of reach, since reads continue and the model recovers
    /// by itself; unhealthy if this process can no longer follow the log, or the model was
    /// stopped.
    pub fn health(&self) -> Health {
        self.standing.borrow().health(self.name())
    }

    /// Makes several writes as one commit, which is in the log when this returns.
    ///
    /// `f` runs in the committer, on the state of the log with the waiting writes, and runs
    /// again if another process was first. It must have no side effects besides its writes,
    /// must not block, and passes its outcome on as its return value, of which the last one
    /// counts. An `Err` reverts the writes of this call only. A panic reaches this caller
    /// only.
    ///
    /// Dropping the future does not revert the write.
    ///
    /// # Errors
    ///
    /// [`TransactError::Refused`] with the error of `f`; otherwise a [`WriteError`].
    pub async fn transact<U, E, F>(&self, f: F) -> Result<U, TransactError<E>>
    where
        F: FnMut(&mut Transaction<'_, T>) -> Result<U, E> + Send + 'static,
        U: Send + 'static,
        E: Send + 'static,
    {
        let (job, answer) = self.job(transaction(f));
        self.send(job, answer).await.map(|(result, _)| result)
    }

    /// Like [`transact`](Self::transact), but fails if the queue of writes is full.
    ///
    /// # Errors
    ///
    /// Also [`WriteError::Full`].
    pub async fn try_transact<U, E, F>(&self, f: F) -> Result<U, TransactError<E>>
    where
        F: FnMut(&mut Transaction<'_, T>) -> Result<U, E> + Send + 'static,
        U: Send + 'static,
        E: Send + 'static,
    {
        let (job, answer) = self.job(transaction(f));
        let began = job.began();
        match self.writes.try_send(job) {
            Ok(()) => self.answered(answer, began).await.map(|(result, _)| result),
            Err(reason) => Err(TransactError::Write(self.not_queued(reason))),
        }
    }

    /// Appends an empty entry and waits for it. The state then includes all entries, of any
    /// process, that were in the log when this was called.
    ///
    /// # Errors
    ///
    /// A [`WriteError`]: at the deadline [`Unavailable`](WriteError::Unavailable), also while
    /// the entry is on its way, since it writes nothing.
    pub async fn sync(&self) -> Result<(), WriteError> {
        let (job, answer) = self.job(|_| Ok::<_, WriteError>(()));
        let job = WriteJob { kind: WriteKind::Barrier, ..job };
        flat(self.send(job, answer).await.map(|((), _)| ()))
    }

    /// Ends the log of this name, for all processes; the next opening begins a new one, with
    /// its own initial state and another [`incarnation`](Self::incarnation).
    ///
    /// The end is an entry, after the writes that this process made before. Every process that
    /// follows the log stops being current there, and its later writes fail with
    /// [`WriteError::NotCurrent`]; reads continue with the last state. The entries are dropped
    /// from the engine, except the last one. This handle is stopped, as by
    /// [`stop`](Self::stop).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # struct Room { guests: u32 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let log = sprag_log::File::open(tempfile::tempdir()?.path())?;
    /// let room = log.model("room 7", Room::default()).await?;
    /// room.set(Room::PATHS.guests, 3).await?;
    /// room.destroy().await?;
    ///
    /// let again = log.model("room 7", Room::default()).await?;
    /// assert_eq!(again.get(Room::PATHS.guests), 0);
    /// assert_ne!(again.incarnation(), room.incarnation());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn destroy(&self) -> Result<(), WriteError> {
        let (job, answer) = self.job(|_| Ok::<_, WriteError>(()));
        let job = WriteJob { kind: WriteKind::End, ..job };
        flat(self.send(job, answer).await.map(|((), _)| ()))?;
        self.stop().await;
        Ok(())
    }

    /// A write: `f` runs on the draft and makes one commit.
    fn job<U, E, F>(&self, f: F) -> (WriteJob<T>, oneshot::Receiver<Answer<U, E>>)
    where
        F: FnMut(&Model<T>) -> Result<U, E> + Send + 'static,
        U: Send + 'static,
        E: Send + 'static,
    {
        let (call, answer) = Call::new(f);
        let by = self.origin.clone().into_iter().collect();
        let (deadline, waits) = (Instant::now() + self.deadline, self.deadline);
        let kind = WriteKind::Ops;
        (WriteJob { work: Some(Box::new(call)), by, deadline, waits, kind, place: None }, answer)
    }

    /// Queues the write, and waits for its result and the sequence at which it holds.
    async fn send<U, E>(
        &self,
        job: WriteJob<T>,
        answer: oneshot::Receiver<Answer<U, E>>,
    ) -> Result<(U, u64), TransactError<E>> {
        let began = job.began();
        match self.writes.send(job).await {
            Ok(()) => self.answered(answer, began).await,
            Err(reason) => Err(TransactError::Write(self.not_queued(reason))),
        }
    }

    async fn answered<U, E>(
        &self,
        answer: oneshot::Receiver<Answer<U, E>>,
        began: Instant,
    ) -> Result<(U, u64), TransactError<E>> {
        match answer.await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => Err(TransactError::Write(WriteError::Unknown {
                name: self.name().to_owned(),
                waited: began.elapsed().min(self.deadline),
            })),
        }
    }

    fn not_queued(&self, reason: NotQueued) -> WriteError {
        match reason {
            NotQueued::Full => WriteError::Full { name: self.name().to_owned() },
            NotQueued::Late => self.late(),
            NotQueued::Ended => self.stopped(),
        }
    }

    fn stopped(&self) -> WriteError {
        let name = self.name().to_owned();
        match &*self.standing.borrow() {
            Standing::Ended(reason) => WriteError::NotCurrent { name, reason: reason.to_string() },
            _ => WriteError::Stopped { name },
        }
    }

    /// The error of a write whose deadline passed before the write was queued.
    fn late(&self) -> WriteError {
        let reason = self.problem().unwrap_or_else(|| "the queue is full".to_owned());
        WriteError::Unavailable { name: self.name().to_owned(), waited: self.deadline, reason }
    }
}

/// Converts a closure of a transaction to one of a model.
fn transaction<T, U, E>(
    mut f: impl FnMut(&mut Transaction<'_, T>) -> Result<U, E>,
) -> impl FnMut(&Model<T>) -> Result<U, E>
where
    T: State + Clone + Send + Sync,
{
    move |draft| draft.transaction(&mut f)
}

/// Merges the closure's error with the write's own, if both are of the same type.
fn flat<U>(outcome: Result<U, TransactError<WriteError>>) -> Result<U, WriteError> {
    outcome.map_err(|error| match error {
        TransactError::Refused(error) | TransactError::Write(error) => error,
    })
}

/// Releasing a logged model calls [`stop`](Logged::stop), so the writes of a service that
/// owns the model are in the log when the service has ended. Blocks for at most the grace.
impl<T: State + Clone + Send + Sync> Resource for Logged<T> {
    fn release(&self) {
        let stopped = self.writes.stop();
        let (ended, end) = std::sync::mpsc::channel();
        // On a thread of its own, since the caller's thread may run async code.
        let wait = move || {
            // The committer has ended in both cases.
            let _ = stopped.blocking_recv();
            // The caller may have stopped waiting.
            let _ = ended.send(());
        };
        if thread::Builder::new().name("sprag-log-stop".to_owned()).spawn(wait).is_ok() {
            // The committer keeps to the grace, so there is no reason to wait longer.
            let _ = end.recv_timeout(self.grace + LAST_STEP);
        }
    }

    /// The [`health`](Logged::health): the app of a service that owns the model is ready only
    /// while the model is current.
    fn health_check(&self) -> Option<ResourceCheck> {
        let (name, standing) = (self.name().to_owned(), self.standing.clone());
        Some(Box::new(move || standing.borrow().health(&name)))
    }
}

impl<T: fmt::Debug> fmt::Debug for Logged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logged")
            .field("view", &self.view)
            .field("standing", &*self.standing.borrow())
            .finish_non_exhaustive()
    }
}
