//! [`JobReceiver`]: the jobs of a fake, for the tests of services that enqueue jobs.

use std::fmt;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Works;
use super::channel::{AnyJobChannel as _, JobChannel, Reply, TakenJob, answer};
use super::options::OnStop;
use crate::error::{BoxError, CallError, Error, SharedError};
use crate::service::Handle;

/// How many jobs can wait for a fake.
const QUEUE: usize = 1_024;

/// The name of a fake's worker in errors.
const WORKER: &str = "fake";

impl<S> Handle<S> {
    /// Makes a handle of [`Handle::new`] accept jobs of type `J`, which the test takes from
    /// the returned receiver. At most 1,024 jobs wait.
    ///
    /// # Panics
    ///
    /// If the jobs already have a worker or a receiver.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Resize { width: u32 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// pub struct Thumbnails;
    ///
    /// #[service]
    /// impl Thumbnails {
    ///     fn new() -> Self {
    ///         Self
    ///     }
    ///
    ///     #[worker(4)]
    ///     async fn resize(&self, job: Resize) -> String {
    ///         unimplemented!("asks the graphics card")
    ///     }
    /// }
    ///
    /// let (thumbnails, jobs) = Handle::new(Thumbnails).with_jobs::<Resize>();
    /// let queue = thumbnails.queue(); // in the service under test
    /// let test = async {
    ///     let (job, reply) = jobs.next().await;
    ///     reply.send(format!("{} px", job.width));
    /// };
    /// let (answer, ()) = tokio::join!(queue.call(Resize { width: 64 }), test);
    /// assert_eq!(answer?, "64 px");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "without the receiver the jobs are refused"]
    pub fn with_jobs<J>(self) -> (Self, JobReceiver<J, S::Reply>)
    where
        S: Works<J>,
        J: Send + 'static,
    {
        let queues = self.queues_or_new();
        assert!(
            queues.get::<J, S::Reply>().is_none(),
            "the jobs of `{}` already have a worker; call `with_jobs` once, on `Handle::new`",
            self.name()
        );
        let new = || JobChannel::new(WORKER, self.shared_name(), QUEUE, OnStop::Reject);
        let channel = queues.get_or_insert(new);
        (self, JobReceiver { channel, never: CancellationToken::new() })
    }
}

/// The jobs of a fake; see [`Handle::with_jobs`]. Once this is dropped, jobs are refused,
/// and the callers of waiting jobs get [`CallError::Lost`].
pub struct JobReceiver<J: Send + 'static, R: Send + 'static = ()> {
    channel: Arc<JobChannel<J, R>>,
    never: CancellationToken,
}

impl<J: Send + 'static, R: Send + 'static> JobReceiver<J, R> {
    /// The next job and its reply. Waits forever if no job comes.
    pub async fn next(&self) -> (J, JobReply<R>) {
        let service = Arc::clone(&self.channel.meter.service);
        loop {
            if let Some((taken, running)) = self.channel.next(&self.never).await {
                return (taken.job, JobReply { reply: taken.reply, running, service });
            }
        }
    }
}

impl<J: Send + 'static, R: Send + 'static> Drop for JobReceiver<J, R> {
    fn drop(&mut self) {
        let _lost = self.channel.abandon();
    }
}

impl<J: Send + 'static, R: Send + 'static> fmt::Debug for JobReceiver<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let depth = self.channel.depth();
        f.debug_struct("JobReceiver").field("depth", &depth).finish_non_exhaustive()
    }
}

/// The reply to one job of a fake. If this is dropped without a reply, the job's caller
/// gets [`CallError::Lost`].
pub struct JobReply<R> {
    /// `None` for a job that was sent without a caller that waits for its reply.
    reply: Option<Reply<R>>,
    running: TakenJob,
    service: Arc<str>,
}

impl<R> JobReply<R> {
    /// Replies with `value` as the worker's result. Does nothing for a job without a
    /// caller.
    pub fn send(self, value: R) {
        self.running.done();
        answer(self.reply, Ok(value));
    }

    /// Replies with an error, as a failing worker does.
    pub fn fail(self, error: impl Into<BoxError>) {
        self.running.done();
        let source = SharedError::new(Arc::new(Error::new(error)));
        answer(
            self.reply,
            Err(CallError::Failed { service: self.service, worker: WORKER, source }),
        );
    }
}

impl<R> fmt::Debug for JobReply<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_called = self.reply.is_some();
        f.debug_struct("JobReply").field("is_called", &is_called).finish_non_exhaustive()
    }
}
