//! [`Work`]: one caller's write, which may run several times.

use std::time::Duration;

use sprag_runtime::{Model, Origins};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::Instant;

use crate::error::{TransactError, WriteError};
use crate::guard::{Panic, dropped};

/// The result for a caller: the write's own result and the sequence at which it holds, or
/// the payload of a panic.
pub(crate) type Answer<U, E> = Result<Result<(U, u64), TransactError<E>>, Panic>;

/// Represents the error that the work keeps for its caller.
pub(crate) struct WriteRefused;

/// The closure of a caller, and the channel to that caller.
pub(crate) trait Work<T: 'static>: Send {
    /// Runs the closure on the draft, as one commit; [`WriteRefused`] if the closure failed
    /// and wrote nothing.
    fn run(&mut self, draft: &Model<T>) -> Result<(), WriteRefused>;

    /// Passes the result of the last run to the caller. The state that the run read and its
    /// writes are in the log at `sequence`.
    fn finish(self: Box<Self>, sequence: u64);

    fn fail(self: Box<Self>, error: WriteError);

    fn panic(self: Box<Self>, panic: Panic);
}

/// A queued write.
pub(crate) struct WriteJob<T: 'static> {
    /// `None` once the caller has received a reply.
    pub(crate) work: Option<Box<dyn Work<T>>>,
    pub(crate) by: Origins,
    pub(crate) deadline: Instant,
    pub(crate) waits: Duration,
    pub(crate) kind: WriteKind,
    /// The place in the queue; `None` once the write has run.
    pub(crate) place: Option<OwnedSemaphorePermit>,
}

impl<T> WriteJob<T> {
    /// When the caller made the write.
    pub(crate) fn began(&self) -> Instant {
        self.deadline.checked_sub(self.waits).unwrap_or(self.deadline)
    }

    /// How long the caller has waited, which is at most until the deadline.
    pub(crate) fn waited(&self) -> Duration {
        self.began().elapsed().min(self.waits)
    }
}

/// The purpose of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteKind {
    /// Its ops; without any, nothing is appended.
    Ops,
    /// Its place in the log: an entry is appended in any case.
    Barrier,
    /// The end of the log's incarnation, which is an entry too.
    End,
}

/// The work of every write.
pub(crate) struct Call<F, U, E> {
    closure: F,
    result: Option<Result<U, E>>,
    reply: oneshot::Sender<Answer<U, E>>,
}

impl<F, U, E> Call<F, U, E> {
    pub(crate) fn new(closure: F) -> (Self, oneshot::Receiver<Answer<U, E>>) {
        let (reply, answer) = oneshot::channel();
        (Self { closure, result: None, reply }, answer)
    }
}

impl<T: 'static, F, U, E> Work<T> for Call<F, U, E>
where
    F: FnMut(&Model<T>) -> Result<U, E> + Send,
    U: Send,
    E: Send,
{
    fn run(&mut self, draft: &Model<T>) -> Result<(), WriteRefused> {
        self.result = None;
        let result = (self.closure)(draft);
        let outcome = if result.is_ok() { Ok(()) } else { Err(WriteRefused) };
        self.result = Some(result);
        outcome
    }

    fn finish(self: Box<Self>, sequence: u64) {
        let Self { closure, result, reply } = *self;
        if let Some(result) = result {
            let result = result.map(|result| (result, sequence));
            answer(reply, Ok(result.map_err(TransactError::Refused)));
        }
        dropped(closure);
    }

    fn fail(self: Box<Self>, error: WriteError) {
        self.end(Ok(Err(TransactError::Write(error))));
    }

    fn panic(self: Box<Self>, panic: Panic) {
        self.end(Err(panic));
    }
}

impl<F, U, E> Call<F, U, E> {
    /// Replies with `instead` of the result of the closure.
    fn end(self, instead: Answer<U, E>) {
        let Self { closure, result, reply } = self;
        answer(reply, instead);
        dropped(result);
        dropped(closure);
    }
}

/// Replies to a caller. A caller that has gone needs no reply, whose drop is users' code.
fn answer<U, E>(reply: oneshot::Sender<Answer<U, E>>, answer: Answer<U, E>) {
    if let Err(answer) = reply.send(answer) {
        dropped(answer);
    }
}
