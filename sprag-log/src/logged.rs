//! [`Logged`]: a model whose writes are durable.

mod applied;
mod collections;
mod writes;

use std::fmt;
use std::ops::Deref;
use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use sprag_runtime::path::State;
use sprag_runtime::service::Health;
use sprag_runtime::{Model, Origin, Resource, Transaction, View};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use crate::committer::Command;
use crate::error::{TransactError, WriteError};
use crate::standing::Standing;
use crate::work::{Answer, Call, WriteJob};

/// What a release waits for beyond the grace.
const LAST_STEP: Duration = Duration::from_secs(1);

/// A model whose state is the state of a log.
///
/// It reads, watches and subscribes as every [`View`] does, in the memory of this process;
/// what would write past the log does not compile. Each write is `async` and returns when
/// it is in the log and this process sees it. A `Logged` is a handle: cloning it is cheap.
/// When the last one is dropped, the writes that wait are still appended, for as long as
/// the grace.
///
/// # Writes
///
/// Writes of one process wait in a queue and travel together, one append in flight. They
/// run on a state of the committer's own, and again after another process was first, so
/// that a closure that is given to [`transact`](Self::transact) has no side effects. The
/// memory is that of two states.
///
/// A write that is awaited in a callback of the same model waits for itself.
///
/// # Versions
///
/// [`version`](View::version) is the sequence of the last entry in the state: the same
/// number in every process. It may jump.
pub struct Logged<T: 'static> {
    view: View<T>,
    commands: mpsc::Sender<Command<T>>,
    standing: watch::Receiver<Standing>,
    deadline: Duration,
    /// How long a stop waits for the writes.
    grace: Duration,
    origin: Option<Origin>,
}

impl<T> Clone for Logged<T> {
    fn clone(&self) -> Self {
        Self {
            view: self.view.clone(),
            commands: self.commands.clone(),
            standing: self.standing.clone(),
            origin: self.origin.clone(),
            ..*self
        }
    }
}

/// A logged model reads, watches and subscribes as its [`View`] does.
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
        commands: mpsc::Sender<Command<T>>,
        standing: watch::Receiver<Standing>,
        (deadline, grace): (Duration, Duration),
    ) -> Self {
        Self { view, commands, standing, deadline, grace, origin: None }
    }

    /// The same model; the writes of this handle may take `deadline`.
    pub fn within(&self, deadline: Duration) -> Self {
        Self { deadline, ..self.clone() }
    }

    /// The same model; the writes of this handle carry `origin`, in every process.
    ///
    /// Where the writes of several callers are one entry, their commit has the
    /// [`origins`](sprag_runtime::Commit::origins) of all, in order.
    pub fn by(&self, origin: Origin) -> Self {
        Self { origin: Some(origin), ..self.clone() }
    }

    /// Whether this process follows the log: no error since the last entry, and none that
    /// it cannot take.
    ///
    /// Reads go on where it does not, and may be old.
    pub fn is_current(&self) -> bool {
        *self.standing.borrow() == Standing::Current
    }

    /// Why the model is not current; `None` where it is.
    pub fn trouble(&self) -> Option<String> {
        self.standing.borrow().reason().map(str::to_owned)
    }

    /// Refuses new writes, waits until those that were made are in the log, for as long as
    /// the grace, and lets go of the log.
    ///
    /// A write that is in flight then fails with [`WriteError::Unknown`], and one that
    /// waits with [`WriteError::Stopped`]. The state can still be read.
    pub async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.commands.send(Command::Stop(done)).await.is_ok() {
            // The committer ends either way.
            let _ = stopped.await;
        }
    }
}

impl<T: State + Clone + Send + Sync> Logged<T> {
    /// [`is_current`](Self::is_current) as the health of the service that owns the model.
    ///
    /// Degraded while the log is out of reach, since reads go on and all heals by itself;
    /// unhealthy where this process does not follow the log any more, or the model is
    /// stopped.
    pub fn health(&self) -> Health {
        match &*self.standing.borrow() {
            Standing::Current => Health::Healthy,
            Standing::Away(reason) => Health::degraded(format!("{}: {reason}", self.name())),
            Standing::Ended(reason) => Health::unhealthy(format!("{}: {reason}", self.name())),
            Standing::Stopped => Health::unhealthy(format!("{} is stopped", self.name())),
        }
    }

    /// Several writes as one commit, which are in the log when this returns.
    ///
    /// `f` runs in the committer, on the state of the log and the writes that wait, and
    /// again after another process was first: it has no side effects but the writes, and
    /// gives its outcome as its return value, of which the last counts. It may not block.
    /// An `Err` takes back the writes of this call only. A panic is this caller's.
    ///
    /// Dropping the future does not take the write back.
    ///
    /// # Errors
    ///
    /// [`TransactError::Refused`] with the error of `f`; else a [`WriteError`].
    pub async fn transact<U, E, F>(&self, f: F) -> Result<U, TransactError<E>>
    where
        F: FnMut(&mut Transaction<'_, T>) -> Result<U, E> + Send + 'static,
        U: Send + 'static,
        E: Send + 'static,
    {
        let (job, answer) = self.job(transaction(f));
        self.send(job, answer).await.map(|(result, _)| result)
    }

    /// As [`transact`](Self::transact), and fails where as many writes wait as may.
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
        match self.commands.try_send(Command::Write(job)) {
            Ok(()) => self.answered(answer).await.map(|(result, _)| result),
            Err(TrySendError::Full(_)) => {
                Err(TransactError::Write(WriteError::Full { name: self.name().to_owned() }))
            }
            Err(TrySendError::Closed(_)) => Err(TransactError::Write(self.stopped())),
        }
    }

    /// Appends an empty entry and waits for it: what was in the log when this was called,
    /// of any process, is in the state when it returns.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn sync(&self) -> Result<(), WriteError> {
        let (job, answer) = self.job(|_| Ok::<_, WriteError>(()));
        let job = WriteJob { is_barrier: true, ..job };
        flat(self.send(job, answer).await.map(|((), _)| ()))
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
        (WriteJob { work: Some(Box::new(call)), by, deadline, waits, is_barrier: false }, answer)
    }

    /// Queues the write, and waits for its result and the sequence at which it holds.
    async fn send<U, E>(
        &self,
        job: WriteJob<T>,
        answer: oneshot::Receiver<Answer<U, E>>,
    ) -> Result<(U, u64), TransactError<E>> {
        match timeout_at(job.deadline, self.commands.send(Command::Write(job))).await {
            Ok(Ok(())) => self.answered(answer).await,
            Ok(Err(_)) => Err(TransactError::Write(self.stopped())),
            Err(_) => Err(TransactError::Write(self.late())),
        }
    }

    async fn answered<U, E>(
        &self,
        answer: oneshot::Receiver<Answer<U, E>>,
    ) -> Result<(U, u64), TransactError<E>> {
        match answer.await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => Err(TransactError::Write(WriteError::Unknown {
                name: self.name().to_owned(),
                waited: self.deadline,
            })),
        }
    }

    fn stopped(&self) -> WriteError {
        let name = self.name().to_owned();
        match &*self.standing.borrow() {
            Standing::Ended(reason) => WriteError::NotCurrent { name, reason: reason.to_string() },
            _ => WriteError::Stopped { name },
        }
    }

    /// The deadline passed before the write was in the queue.
    fn late(&self) -> WriteError {
        let reason = self.trouble().unwrap_or_else(|| "the queue is full".to_owned());
        WriteError::Unavailable { name: self.name().to_owned(), waited: self.deadline, reason }
    }
}

/// A closure of a transaction as one of a model.
fn transaction<T, U, E>(
    mut f: impl FnMut(&mut Transaction<'_, T>) -> Result<U, E>,
) -> impl FnMut(&Model<T>) -> Result<U, E>
where
    T: State + Clone + Send + Sync,
{
    move |draft| draft.transaction(&mut f)
}

/// The write's own error, where the closure's is one, too.
fn flat<U>(outcome: Result<U, TransactError<WriteError>>) -> Result<U, WriteError> {
    outcome.map_err(|error| match error {
        TransactError::Refused(error) | TransactError::Write(error) => error,
    })
}

/// The release of a logged model is its [`stop`](Logged::stop): a service that owns the model
/// has what was written in the log when it has ended. Blocks for as long as the grace.
impl<T: State + Clone + Send + Sync> Resource for Logged<T> {
    fn release(&self) {
        let (commands, (done, stopped)) = (self.commands.clone(), oneshot::channel());
        let (ended, end) = std::sync::mpsc::channel();
        // A thread of its own, since the caller's may be one that runs async code.
        let wait = move || {
            if commands.blocking_send(Command::Stop(done)).is_ok() {
                // The committer ends either way.
                let _ = stopped.blocking_recv();
            }
            // The caller may have given up.
            let _ = ended.send(());
        };
        if thread::Builder::new().name("sprag-log-stop".to_owned()).spawn(wait).is_ok() {
            // The committer keeps to the grace, and has no more time than the caller gives.
            let _ = end.recv_timeout(self.grace + LAST_STEP);
        }
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
