//! Workers: methods that do the jobs of a bounded queue.

mod channel;
mod fake;
mod job_queue;
mod job_queues;
mod options;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub(crate) use channel::Leftover;
use channel::{Job, JobChannel, Reply, TakenJob, answer};
pub(crate) use job_queues::JobQueues;

pub use channel::QueueDepth;
pub use fake::{JobReceiver, JobReply};
pub use job_queue::JobQueue;
pub use options::WorkerOptions;

use super::Service;
use super::failure_policy::{Action, OnFailure};
use super::hook_calls::HookCalls;
use super::scope::Scope;
use super::wiring::{Attachment, BoxFuture, Wiring};
use crate::error::{CallError, Error, Result, SharedError};
use crate::isolate::isolated;
use crate::task::{Guarded, GuardedEnd, TaskFailure, panicked};

/// A service with a worker for jobs of type `J`.
///
/// `#[worker]` implements this trait, once for each worker of a service.
#[diagnostic::on_unimplemented(
    message = "service `{Self}` has no worker for `{J}`",
    label = "no worker of `{Self}` takes this job",
    note = "a method in its `#[service]` block is one: `#[worker(4)] async fn work(&self, job: {J})`"
)]
pub trait Works<J> {
    /// The return type of the worker's method, without its error.
    type Reply: Send + 'static;
}

/// The job of a service without workers: there is none.
///
/// Such a service implements [`Works`] for this type alone, because the compiler says the
/// sentence of the trait only where a type has an impl of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoJob {}

impl<S: Service + Send + Sync> Wiring<S> {
    /// Adds an async worker.
    pub fn worker<J, Fut>(
        &mut self,
        name: &'static str,
        options: WorkerOptions,
        hook: impl Fn(Arc<S>, J, Scope) -> Fut + Send + Sync + 'static,
    ) where
        S: Works<J>,
        J: Send + 'static,
        Fut: Future<Output = Result<S::Reply>> + Send + 'static,
    {
        let (this, scope, hook) = (self.service(), self.scope.clone(), Arc::new(hook));
        self.add_worker(name, options, move |job, running, settle| {
            let (this, scope, hook) = (Arc::clone(&this), scope.clone(), Arc::clone(&hook));
            Box::pin(async move {
                let end = Guarded::new(async { hook(this, job, scope).await }).await;
                running.done();
                settle.end(end);
            })
        });
    }

    /// Adds a worker that may block its thread.
    pub fn worker_blocking<J>(
        &mut self,
        name: &'static str,
        options: WorkerOptions,
        hook: impl Fn(&S, J, &Scope) -> Result<S::Reply> + Send + Sync + 'static,
    ) where
        S: Works<J>,
        J: Send + 'static,
    {
        let (this, scope, hook) = (self.service(), self.scope.clone(), Arc::new(hook));
        self.add_worker(name, options, move |job, running, settle| {
            let (this, scope, hook) = (Arc::clone(&this), scope.clone(), Arc::clone(&hook));
            let call = move || {
                let end = GuardedEnd::of(|| scope.site(name).call(|| hook(&this, job, &scope)));
                drop(this);
                running.done();
                // Here and not in the task: the thread of the runtime may be blocked.
                settle.end(end);
            };
            Box::pin(async move { drop(tokio::task::spawn_blocking(call).await) })
        });
    }

    fn add_worker<J: Send + 'static, R: Send + 'static>(
        &mut self,
        name: &'static str,
        options: WorkerOptions,
        handle: impl Fn(J, TakenJob, Settle<R>) -> BoxFuture<()> + Send + Sync + 'static,
    ) {
        let (service, limit) = (self.scope.shared_name(), options.queue.max(1));
        let channel = self
            .scope
            .queues()
            .get_or_insert(|| JobChannel::new(name, service, limit, options.on_stop));
        let attach = move |scope: &Scope| {
            if options.workers == 0 || options.queue == 0 {
                return Err(Error::msg(NOTHING));
            }
            let handle = Arc::new(handle);
            let failures = Arc::new(WorkerFailures {
                scope: scope.clone(),
                calls: scope.calls(name.into()),
                worker: name,
                on_failure: options.on_failure,
                halted: CancellationToken::new(),
            });
            for _ in 0..options.workers {
                let (channel, handle, stop) =
                    (Arc::clone(&channel), Arc::clone(&handle), scope.workers().token().clone());
                let failures = Arc::clone(&failures);
                scope.spawn_worker(name, work(channel, stop, failures, handle))?;
            }
            Ok(())
        };
        self.wired.background.push(Attachment { name, attach: Box::new(attach) });
    }
}

const NOTHING: &str = "a worker and its queue need a number greater than zero";

/// Does one job after the other, until `stop` is cancelled and no job remains.
async fn work<J, R, F>(
    channel: Arc<JobChannel<J, R>>,
    stop: CancellationToken,
    failures: Arc<WorkerFailures>,
    handle: Arc<F>,
) where
    J: Send + 'static,
    R: Send + 'static,
    F: Fn(J, TakenJob, Settle<R>) -> BoxFuture<()>,
{
    while let Some((Job { job, reply }, running)) = next(&channel, &stop, &failures.halted).await {
        if reply.as_ref().is_some_and(Reply::is_closed) {
            running.done();
            isolated(&"the drop of a job", || drop(job));
            continue;
        }
        let _call = failures.calls.begin();
        handle(job, running, Settle { failures: Arc::clone(&failures), reply }).await;
    }
}

/// The next job. Once a job has failed whose rule restarts the service, the jobs wait for the
/// next life, or for the stop of the app.
async fn next<J: Send + 'static, R: Send + 'static>(
    channel: &JobChannel<J, R>,
    stop: &CancellationToken,
    halted: &CancellationToken,
) -> Option<(Job<J, R>, TakenJob)> {
    if let Some(next) = halted.run_until_cancelled(channel.next(stop)).await {
        return next;
    }
    stop.cancelled().await;
    channel.next(stop).await
}

/// The way of the result of one job to its caller, or to the counters of failures.
struct Settle<R> {
    failures: Arc<WorkerFailures>,
    reply: Option<Reply<R>>,
}

impl<R> Settle<R> {
    fn end(self, end: GuardedEnd<R>) {
        self.failures.settle(end, self.reply);
    }
}

/// The failures of one worker.
struct WorkerFailures {
    scope: Scope,
    calls: HookCalls,
    worker: &'static str,
    on_failure: Option<OnFailure>,
    /// Cancelled by a failure that restarts the service.
    halted: CancellationToken,
}

impl WorkerFailures {
    fn settle<R>(&self, end: GuardedEnd<R>, reply: Option<Reply<R>>) {
        match end {
            GuardedEnd::Value(value) => drop(answer(reply, Ok(value))),
            GuardedEnd::Failed(TaskFailure { error, text }) => {
                let error = Arc::new(error);
                let (service, source) =
                    (self.scope.shared_name(), SharedError::new(Arc::clone(&error)));
                let failed = CallError::Failed { service, worker: self.worker, source };
                if !answer(reply, Err(failed)) {
                    self.failed(&text, error);
                }
            }
            GuardedEnd::Panicked(message) => {
                let text = panicked(&message);
                let (service, worker) = (self.scope.shared_name(), self.worker);
                answer(reply, Err(CallError::Panicked { service, worker, message }));
                self.failed(&text, Arc::new(Error::msg(&text)));
            }
        }
    }

    fn failed(&self, text: &str, error: Arc<Error>) {
        self.calls.failed(text);
        if let Some(rule) = self.on_failure {
            if let Action::Restart { .. } = rule.action {
                self.halted.cancel();
            }
            self.scope.part_failed(&self.worker.into(), text, error, rule);
        }
    }
}
