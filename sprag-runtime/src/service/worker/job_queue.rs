//! [`JobQueue`]: enqueues jobs for a worker.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::Works;
use super::channel::{Job, JobChannel, QueueDepth};
use super::job_queues::JobQueues;
use crate::error::{CallError, Refusal, SendJobError};
use crate::service::{Handle, Scope, Service};

/// The queue of a worker, for jobs of type `J` whose replies are of type `R`.
///
/// Use [`Handle::queue`], or in the service's own code [`Scope::queue`], to get one. The
/// queue is bounded: [`send`](Self::send) waits for a free place,
/// [`try_send`](Self::try_send) does not wait, and [`send_timeout`](Self::send_timeout)
/// waits for a limited time. These three do not wait for the job itself;
/// [`call`](Self::call) does, and returns the reply. Cloning increments a counter.
///
/// A queue outlives a restart of its service: the next life handles the waiting jobs, and
/// `send` goes on accepting jobs in between. Before the service has started and once it has
/// stopped, every job is refused.
///
/// ```
/// # use sprag::{prelude::*, start_with};
/// pub struct Thumbnails;
///
/// pub struct Resize {
///     width: u32,
/// }
///
/// #[service]
/// impl Thumbnails {
///     # fn new() -> Self { Self }
///     #[worker(4, queue = 100)]
///     async fn resize(&self, job: Resize) -> sprag::Result<String> {
///         Ok(format!("{} px", job.width))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let thumbnails = start_with(Scope::new("thumbnails"), Thumbnails::new()).await?;
/// let queue = thumbnails.handle().queue();
/// queue.send(Resize { width: 300 }).await?; // waits while 100 jobs wait
/// assert_eq!(queue.call(Resize { width: 64 }).await?, "64 px");
/// # assert!(thumbnails.stop().await.is_clean());
/// # Ok(())
/// # }
/// ```
pub struct JobQueue<J, R = ()> {
    service: Arc<str>,
    /// `None` for a service without an app.
    queues: Option<Arc<JobQueues>>,
    types: PhantomData<fn(J) -> R>,
}

impl<J: Send + 'static, R: Send + 'static> JobQueue<J, R> {
    fn new(service: Arc<str>, queues: Option<Arc<JobQueues>>) -> Self {
        Self { service, queues, types: PhantomData }
    }

    /// Enqueues `job`, and waits for a free place while the queue is full.
    ///
    /// Dropping the future before it is ready drops the job. Do not await this inside the
    /// worker itself: when all its tasks wait for a place, none of them frees one.
    ///
    /// # Errors
    ///
    /// [`Refusal::Stopped`] with the job, if the service does not run.
    pub async fn send(&self, job: J) -> Result<(), SendJobError<J>> {
        self.push(Job { job, reply: None }).await.map_err(|job| self.refused(job, Refusal::Stopped))
    }

    /// Enqueues `job` if the queue has a free place.
    ///
    /// # Errors
    ///
    /// With the job: [`Refusal::Full`], or [`Refusal::Stopped`] if the service does not
    /// run.
    pub fn try_send(&self, job: J) -> Result<(), SendJobError<J>> {
        let Some(channel) = self.channel() else {
            return Err(self.refused(job, Refusal::Stopped));
        };
        channel.sender.try_send(Job { job, reply: None }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(job) => self.refused(job.job, Refusal::Full),
            mpsc::error::TrySendError::Closed(job) => self.refused(job.job, Refusal::Stopped),
        })
    }

    /// Enqueues `job`, waiting at most `limit` for a free place. Time is the runtime's.
    ///
    /// # Errors
    ///
    /// With the job: [`Refusal::TimedOut`], or [`Refusal::Stopped`] if the service does not
    /// run.
    pub async fn send_timeout(&self, job: J, limit: Duration) -> Result<(), SendJobError<J>> {
        let Some(channel) = self.channel() else {
            return Err(self.refused(job, Refusal::Stopped));
        };
        match timeout(limit, channel.sender.reserve()).await {
            Ok(Ok(place)) => {
                place.send(Job { job, reply: None });
                Ok(())
            }
            Ok(Err(_closed)) => Err(self.refused(job, Refusal::Stopped)),
            Err(_late) => Err(self.refused(job, Refusal::TimedOut)),
        }
    }

    /// Enqueues `job`, waits until a worker has done it, and returns the reply.
    ///
    /// Dropping the future withdraws the job, unless a worker has already taken it.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] with the error of the worker, which then does not count as a
    /// failure of the hook; [`CallError::Panicked`]; [`CallError::Lost`] if the service
    /// stopped before the job was done; [`CallError::Stopped`] if the service does not run.
    pub async fn call(&self, job: J) -> Result<R, CallError> {
        let (reply, replied) = oneshot::channel();
        if self.push(Job { job, reply: Some(reply) }).await.is_err() {
            return Err(CallError::Stopped { service: Arc::clone(&self.service) });
        }
        replied.await.unwrap_or_else(|_dropped| Err(self.lost()))
    }

    /// Like [`call`](Self::call), for at most `limit`, including the wait for a place in
    /// the queue. Time is the runtime's.
    ///
    /// # Errors
    ///
    /// [`CallError::TimedOut`] after `limit`. A job that still waited is withdrawn; a job
    /// that a worker had taken is done to its end.
    ///
    /// ```
    /// # use sprag::{prelude::*, start_with};
    /// # use std::time::Duration;
    /// # pub struct Thumbnails;
    /// # pub struct Resize { width: u32 }
    /// # #[service]
    /// # impl Thumbnails {
    /// #     fn new() -> Self { Self }
    /// #     #[worker(1)]
    /// #     async fn resize(&self, job: Resize) -> u32 { job.width }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let thumbnails = start_with(Scope::new("thumbnails"), Thumbnails::new()).await?;
    /// let queue = thumbnails.handle().queue();
    /// let width = queue.call_timeout(Resize { width: 64 }, Duration::from_secs(2)).await?;
    /// assert_eq!(width, 64);
    /// # thumbnails.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn call_timeout(&self, job: J, limit: Duration) -> Result<R, CallError> {
        timeout(limit, self.call(job)).await.unwrap_or_else(|_late| {
            Err(CallError::TimedOut { service: Arc::clone(&self.service), limit })
        })
    }

    /// How many jobs wait and run; `None` if the service does not run.
    pub fn depth(&self) -> Option<QueueDepth> {
        use super::channel::AnyJobChannel as _;
        self.channel().map(|channel| channel.depth())
    }

    /// Returns the job if the queue does not accept it.
    async fn push(&self, job: Job<J, R>) -> Result<(), J> {
        match self.channel() {
            Some(channel) => channel.sender.send(job).await.map_err(|refused| refused.0.job),
            None => Err(job.job),
        }
    }

    fn channel(&self) -> Option<Arc<JobChannel<J, R>>> {
        let channel = self.queues.as_ref()?.get::<J, R>()?;
        (!channel.meter.is_closed()).then_some(channel)
    }

    fn refused(&self, job: J, reason: Refusal) -> SendJobError<J> {
        SendJobError { job, reason, service: Arc::clone(&self.service) }
    }

    fn lost(&self) -> CallError {
        CallError::Lost { service: Arc::clone(&self.service) }
    }
}

impl<J, R> Clone for JobQueue<J, R> {
    fn clone(&self) -> Self {
        let (service, queues) = (Arc::clone(&self.service), self.queues.clone());
        Self { service, queues, types: PhantomData }
    }
}

impl<J, R> fmt::Debug for JobQueue<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobQueue").field("service", &self.service).finish_non_exhaustive()
    }
}

impl<S> Handle<S> {
    /// The queue of the worker that takes the jobs `J`; see [`JobQueue`].
    ///
    /// A handle of [`Handle::new`] has no worker, so its queue refuses every job, unless a
    /// test takes the jobs: see [`Handle::with_jobs`].
    pub fn queue<J>(&self) -> JobQueue<J, S::Reply>
    where
        S: Works<J>,
        J: Send + 'static,
    {
        JobQueue::new(self.shared_name(), self.queues())
    }
}

impl Scope {
    /// The queue of the worker of this service `S` that takes the jobs `J`.
    ///
    /// For the service's own code; other services call [`Handle::queue`]. If `S` is not the
    /// service of this scope, the queue refuses every job.
    ///
    /// ```
    /// # use sprag::{prelude::*, service::JobQueue};
    /// pub struct Thumbnails {
    ///     jobs: JobQueue<Resize>,
    /// }
    ///
    /// pub struct Resize;
    ///
    /// #[service]
    /// impl Thumbnails {
    ///     fn new(scope: &Scope) -> Self {
    ///         Self { jobs: scope.queue::<Self, Resize>() }
    ///     }
    ///
    ///     #[interval("60s")]
    ///     async fn again(&self) {
    ///         let _refused_by_a_full_queue = self.jobs.try_send(Resize).is_err();
    ///     }
    ///
    ///     #[worker(4)]
    ///     async fn resize(&self, _job: Resize) {}
    /// }
    /// ```
    pub fn queue<S, J>(&self) -> JobQueue<J, S::Reply>
    where
        S: Service + Works<J>,
        J: Send + 'static,
    {
        JobQueue::new(self.shared_name(), Some(Arc::clone(self.queues())))
    }
}
