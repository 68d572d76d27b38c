//! [`JobChannel`]: the bounded queue of one worker, and the counts of its jobs.
//!
//! The channel outlives a restart of its service. This module knows neither services nor
//! the runtime of the jobs.

use std::any::Any;
use std::sync::Arc;

use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::options::OnStop;
use crate::error::CallError;
use crate::isolate::isolated;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::task::TaskName;

/// A job, and the channel to the caller that waits for its reply.
pub(crate) struct Job<J, R> {
    pub(crate) job: J,
    pub(crate) reply: Option<Reply<R>>,
}

pub(crate) type Reply<R> = oneshot::Sender<Result<R, CallError>>;

/// The bounded queue of one worker.
pub(crate) struct JobChannel<J, R> {
    pub(crate) sender: mpsc::Sender<Job<J, R>>,
    /// Locked by the one task that waits for the next job.
    receiver: AsyncMutex<mpsc::Receiver<Job<J, R>>>,
    pub(crate) meter: Arc<Meter>,
}

/// The state of a queue that does not depend on the type of its jobs.
pub(crate) struct Meter {
    pub(crate) name: &'static str,
    pub(crate) service: Arc<str>,
    pub(crate) on_stop: OnStop,
    /// Set while the service restarts: the workers end, and the waiting jobs stay.
    suspended: AtomicBool,
    /// Set when no more jobs are accepted.
    closed: AtomicBool,
    running: AtomicUsize,
    lost: AtomicUsize,
}

impl<J: Send + 'static, R: Send + 'static> JobChannel<J, R> {
    pub(crate) fn new(
        name: &'static str,
        service: Arc<str>,
        limit: usize,
        on_stop: OnStop,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(limit);
        let meter = Meter {
            name,
            service,
            on_stop,
            suspended: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            running: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
        };
        Self { sender, receiver: AsyncMutex::new(receiver), meter: Arc::new(meter) }
    }

    /// The next job; `None` when the worker must end.
    ///
    /// Once `stop` is cancelled, a suspended queue keeps its jobs, a draining one returns
    /// them until it is empty, and a rejecting one discards them.
    pub(crate) async fn next(&self, stop: &CancellationToken) -> Option<(Job<J, R>, TakenJob)> {
        let mut jobs = self.receiver.lock().await;
        loop {
            if stop.is_cancelled() {
                break;
            }
            tokio::select! {
                job = jobs.recv() => return Some((job?, self.meter.run())),
                () = stop.cancelled() => {}
            }
        }
        if self.meter.suspended.load(Ordering::SeqCst) {
            return None;
        }
        self.close(&mut jobs);
        if self.meter.on_stop == OnStop::Reject {
            self.discard(&mut jobs);
        }
        Some((jobs.recv().await?, self.meter.run()))
    }

    fn close(&self, jobs: &mut mpsc::Receiver<Job<J, R>>) {
        self.meter.closed.store(true, Ordering::SeqCst);
        jobs.close();
    }

    /// Discards the waiting jobs and counts them as lost.
    fn discard(&self, jobs: &mut mpsc::Receiver<Job<J, R>>) {
        while let Ok(Job { job, reply }) = jobs.try_recv() {
            // A job whose caller has gone is not lost: no reply is wanted.
            let is_wanted = reply.as_ref().is_none_or(|reply| !reply.is_closed());
            self.meter.lost.fetch_add(usize::from(is_wanted), Ordering::SeqCst);
            answer(reply, Err(self.meter.lost_call()));
            isolated(&"the drop of a job", || drop(job));
        }
    }
}

/// Replies to the caller, if there is one; `false` if the caller has gone.
pub(crate) fn answer<R>(reply: Option<Reply<R>>, result: Result<R, CallError>) -> bool {
    let sent = |reply: Reply<R>| {
        let refused = isolated(&"the waker of a caller", || reply.send(result));
        match refused {
            Some(Ok(())) => true,
            Some(Err(result)) => {
                isolated(&"the drop of a reply", || drop(result));
                false
            }
            None => true,
        }
    };
    reply.is_some_and(sent)
}

impl Meter {
    /// Counts a job as running until the guard is dropped.
    fn run(self: &Arc<Self>) -> TakenJob {
        self.running.fetch_add(1, Ordering::SeqCst);
        TakenJob { meter: Arc::clone(self), done: false }
    }

    /// Stops accepting jobs, unless the service restarts.
    pub(crate) fn close(&self) {
        if !self.suspended.load(Ordering::SeqCst) {
            self.closed.store(true, Ordering::SeqCst);
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    pub(crate) fn suspend(&self) {
        self.suspended.store(true, Ordering::SeqCst);
    }

    pub(crate) fn resume(&self) {
        self.suspended.store(false, Ordering::SeqCst);
    }

    fn lost_call(&self) -> CallError {
        CallError::Lost { service: Arc::clone(&self.service) }
    }
}

/// A job that a worker has taken. If this is dropped before [`done`](Self::done), the job
/// is lost.
pub(crate) struct TakenJob {
    meter: Arc<Meter>,
    done: bool,
}

impl TakenJob {
    /// Marks the job as handled, successfully or not.
    pub(crate) fn done(mut self) {
        self.done = true;
    }
}

impl Drop for TakenJob {
    fn drop(&mut self) {
        if !self.done {
            self.meter.lost.fetch_add(1, Ordering::SeqCst);
        }
        self.meter.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How many jobs of one worker wait and run.
///
/// [`AppHealth::queues`](crate::app::AppHealth::queues) lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueDepth {
    worker: TaskName,
    waiting: usize,
    running: usize,
    limit: usize,
}

impl QueueDepth {
    /// The depth of this queue, as that of the child `child`.
    pub(crate) fn of_child(self, child: &str) -> Self {
        Self { worker: format!("{child}: {}", self.worker).into(), ..self }
    }

    /// The name of the worker's method. For the worker of a child, the child's name comes
    /// first.
    pub fn worker(&self) -> &str {
        &self.worker
    }

    /// How many jobs wait, including those for which a sender has reserved a place.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// How many jobs are being handled.
    pub fn running(&self) -> usize {
        self.running
    }

    /// How many jobs may wait.
    pub fn limit(&self) -> usize {
        self.limit
    }
}

impl std::fmt::Display for QueueDepth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { worker, waiting, running, limit } = self;
        write!(f, "{worker}: {waiting} of {limit} jobs wait, {running} run")
    }
}

/// The jobs that a worker left when its service stopped.
pub(crate) struct Leftover {
    pub(crate) name: &'static str,
    /// How many were never finished.
    pub(crate) lost: usize,
    /// How many jobs still block a thread.
    pub(crate) leaked: usize,
}

/// A channel of jobs of any type.
pub(crate) trait AnyJobChannel: Send + Sync {
    fn meter(&self) -> &Arc<Meter>;

    fn depth(&self) -> QueueDepth;

    /// Counts the jobs that the ended workers did not finish. Unless the service restarts,
    /// the queue accepts no more jobs and discards the waiting ones, so this must be called
    /// where users' code may run.
    fn abandon(&self) -> Leftover;

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<J: Send + 'static, R: Send + 'static> AnyJobChannel for JobChannel<J, R> {
    fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    fn depth(&self) -> QueueDepth {
        let limit = self.sender.max_capacity();
        QueueDepth {
            worker: self.meter.name.into(),
            waiting: limit - self.sender.capacity(),
            running: self.meter.running.load(Ordering::SeqCst),
            limit,
        }
    }

    fn abandon(&self) -> Leftover {
        if !self.meter.suspended.load(Ordering::SeqCst) {
            self.meter.closed.store(true, Ordering::SeqCst);
            // The lock is free, since no worker waits for a job any more.
            if let Ok(mut jobs) = self.receiver.try_lock() {
                self.close(&mut jobs);
                self.discard(&mut jobs);
            }
        }
        Leftover {
            name: self.meter.name,
            lost: self.meter.lost.swap(0, Ordering::SeqCst),
            leaked: self.meter.running.load(Ordering::SeqCst),
        }
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
