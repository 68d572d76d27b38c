//! [`Logged`]: a model whose writes are durable.

mod applied;
mod writes;

use std::fmt;
use std::ops::Deref;
use std::panic::resume_unwind;
use std::time::Duration;

use sprag_runtime::path::State;
use sprag_runtime::{Origin, Resource, Transaction, View};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use crate::committer::Command;
use crate::error::{TransactError, WriteError};
use crate::standing::Standing;
use crate::work::{Answer, Call, WriteJob};

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
    origin: Option<Origin>,
}

impl<T> Clone for Logged<T> {
    fn clone(&self) -> Self {
        let Self { view, commands, standing, deadline, origin } = self;
        let (commands, standing) = (commands.clone(), standing.clone());
        Self { view: view.clone(), commands, standing, deadline: *deadline, origin: origin.clone() }
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
        deadline: Duration,
    ) -> Self {
        Self { view, commands, standing, deadline, origin: None }
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
        let (job, answer) = self.job(f);
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
        let (job, answer) = self.job(f);
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
        let (job, answer) = self.job(|_: &mut Transaction<'_, T>| Ok::<_, WriteError>(()));
        let job = WriteJob { is_barrier: true, ..job };
        flat(self.send(job, answer).await.map(|((), _)| ()))
    }

    fn job<U, E, F>(&self, f: F) -> (WriteJob<T>, oneshot::Receiver<Answer<U, E>>)
    where
        F: FnMut(&mut Transaction<'_, T>) -> Result<U, E> + Send + 'static,
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

/// The write's own error, where the closure's is one, too.
fn flat<U>(outcome: Result<U, TransactError<WriteError>>) -> Result<U, WriteError> {
    outcome.map_err(|error| match error {
        TransactError::Refused(error) | TransactError::Write(error) => error,
    })
}

/// A logged model holds nothing that a service must release; [`Logged::stop`] waits for its
/// writes.
impl<T: State + Clone + Send + Sync> Resource for Logged<T> {
    fn release(&self) {}
}

impl<T: fmt::Debug> fmt::Debug for Logged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logged")
            .field("view", &self.view)
            .field("standing", &*self.standing.borrow())
            .finish_non_exhaustive()
    }
}
