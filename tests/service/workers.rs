//! S10: workers, their bounded queues, and what becomes of the jobs.

use std::sync::Arc;
use std::time::Duration;

use sprag::app::Ended;
use sprag::error::{CallError, Refusal};
use sprag::service::JobQueue;
use sprag::{prelude::*, start_with};
use test_support::within_async;
use tokio::sync::Semaphore;

use super::support::*;

const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug, PartialEq)]
pub struct Resize(u32);

/// Handles a job for each permit.
pub struct Thumbnails {
    permits: Arc<Semaphore>,
    log: Log,
    width: usize,
}

#[service]
impl Thumbnails {
    fn new(permits: Config<Arc<Semaphore>>, log: Config<Log>) -> Self {
        Self { permits: (*permits).clone(), log: (*log).clone(), width: 2 }
    }

    #[worker(self.width, queue = 3)]
    async fn resize(&self, job: Resize, scope: &Scope) -> Result<u32, String> {
        self.log.say(format!("begins {}", job.0));
        self.permits.acquire().await.unwrap().forget();
        assert_ne!(job.0, 99, "ninety-nine");
        self.log.say(format!("ends {} of {}", job.0, scope.name()));
        if job.0 == 13 { Err("thirteen".into()) } else { Ok(job.0 * 2) }
    }

    fn on_stop(&self) {
        self.log.say("on_stop");
    }

    fn on_stopped(&self) {
        self.log.say("on_stopped");
    }
}

app! { pub Images(Arc<Semaphore>, Log) { Thumbnails } }

async fn images(permits: usize) -> (Images, Arc<Semaphore>, Log) {
    let (permits, log) = (Arc::new(Semaphore::new(permits)), Log::default());
    let app = Images::builder(Arc::clone(&permits), log.clone()).limits(short());
    (app.start().await.unwrap(), permits, log)
}

async fn until(log: &Log, lines: usize) {
    within_async(LIMIT, async {
        while log.lines().len() < lines {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

fn begun(log: &Log) -> usize {
    log.lines().iter().filter(|line| line.starts_with("begins")).count()
}

#[tokio::test]
async fn s10_a_call_brings_the_reply_of_the_worker() {
    let (app, _, _) = images(10).await;
    let queue = app.handle::<Thumbnails>().queue();
    assert_eq!(queue.call(Resize(4)).await.unwrap(), 8);
    assert_eq!(queue.call_timeout(Resize(5), LIMIT).await.unwrap(), 10);
    let report = app.stop().await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn s10_as_many_jobs_run_as_there_are_workers_and_the_queue_is_bounded() {
    let (app, permits, log) = images(0).await;
    let queue = app.handle::<Thumbnails>().queue();
    for n in 0..5 {
        queue.send(Resize(n)).await.unwrap();
    }
    until(&log, 2).await;

    let full = queue.try_send(Resize(5)).unwrap_err();
    assert_eq!((full.reason(), full.into_job()), (Refusal::Full, Resize(5)));
    let late = queue.send_timeout(Resize(6), Duration::from_millis(1)).await.unwrap_err();
    assert_eq!((late.reason(), late.into_job()), (Refusal::TimedOut, Resize(6)));
    assert_eq!(begun(&log), 2);
    let depth = &app.health().await.queues("Thumbnails")[0].clone();
    assert_eq!((depth.worker(), depth.limit()), ("resize", 3));
    assert_eq!((depth.waiting(), depth.running()), (3, 2));
    let shown = app.health().await.to_string();
    assert!(shown.contains("resize: 3 of 3 jobs wait, 2 run"), "{shown}");

    let sending = queue.send(Resize(7));
    permits.add_permits(6);
    within_async(LIMIT, sending).await.unwrap();
    assert!(app.stop().await.is_clean());
    assert_eq!(begun(&log), 6);
}

#[tokio::test]
async fn s10_jobs_that_wait_at_the_stop_are_drained_between_on_stop_and_on_stopped() {
    let (app, permits, log) = images(0).await;
    let queue = app.handle::<Thumbnails>().queue();
    for n in 0..5 {
        queue.send(Resize(n)).await.unwrap();
    }
    permits.add_permits(5);

    let report = app.stop().await;

    assert!(report.is_clean(), "{report}");
    let ends = (0..5).map(|n| log.at(&format!("ends {n} of Thumbnails")));
    assert!(ends.max().unwrap() < log.at("on_stopped"));
    let refused = queue.try_send(Resize(9)).unwrap_err();
    assert_eq!(refused.reason(), Refusal::Stopped);
    assert!(matches!(queue.call(Resize(9)).await, Err(CallError::Stopped { .. })));
}

#[tokio::test]
async fn s10_jobs_that_are_not_done_within_the_grace_are_lost_and_the_report_says_so() {
    let (app, _, log) = images(1).await;
    let queue = app.handle::<Thumbnails>().queue();
    for n in 0..5 {
        queue.send(Resize(n)).await.unwrap();
    }
    until(&log, 3).await;
    let calling = tokio::spawn({
        let queue = queue.clone();
        async move { queue.call(Resize(7)).await }
    });
    within_async(LIMIT, async {
        while queue.depth().unwrap().waiting() < 3 {
            tokio::task::yield_now().await;
        }
    })
    .await;

    let report = app.stop().await;

    let lost = report.service("Thumbnails").unwrap().step("resize").unwrap();
    assert_eq!((lost.ended(), lost.count()), (Ended::Lost, 5), "{report}");
    assert!(!report.is_clean());
    assert!(log.has("on_stopped"));
    assert!(matches!(calling.await.unwrap(), Err(CallError::Lost { .. })));
}

#[tokio::test]
async fn s10_a_failed_job_is_its_callers_or_else_it_is_counted() {
    let (app, _, _) = images(10).await;
    let queue = app.handle::<Thumbnails>().queue();
    let failed = queue.call(Resize(13)).await.unwrap_err();
    assert_eq!(failed.to_string(), "service `Thumbnails` failed in `resize`");
    let CallError::Failed { source, worker, .. } = failed else { panic!("{failed}") };
    assert_eq!((source.to_string().as_str(), worker), ("thirteen", "resize"));
    assert!(app.health().await.failures("Thumbnails").is_empty(), "the caller has the error");

    let panicked = queue.call(Resize(99)).await.unwrap_err();
    assert!(matches!(panicked, CallError::Panicked { .. }), "{panicked}");
    queue.send(Resize(13)).await.unwrap();
    let report = app.stop().await;
    let failures = report.service("Thumbnails").unwrap().failures();
    assert_eq!((failures[0].hook(), failures[0].failed()), ("resize", 2));
    assert!(!report.is_clean());
}

#[tokio::test]
async fn s10_a_call_that_takes_too_long_withdraws_the_job_that_waits() {
    let (app, permits, log) = images(0).await;
    let queue = app.handle::<Thumbnails>().queue();
    for n in 0..2 {
        queue.send(Resize(n)).await.unwrap();
    }
    until(&log, 2).await;
    let late = queue.call_timeout(Resize(7), Duration::from_millis(1)).await.unwrap_err();
    assert!(matches!(late, CallError::TimedOut { .. }), "{late}");
    permits.add_permits(2);
    assert!(app.stop().await.is_clean());
    assert!(!log.has("begins 7"));
}

#[tokio::test]
async fn s10_a_queue_of_a_service_that_has_not_started_refuses_the_job() {
    let handle = Handle::new(Thumbnails {
        permits: Arc::new(Semaphore::new(0)),
        log: Log::default(),
        width: 1,
    });
    assert_eq!(handle.queue().try_send(Resize(1)).unwrap_err().reason(), Refusal::Stopped);
}

/// Handles a job until the queue accepts no more.
pub struct Rejecting {
    jobs: JobQueue<Resize>,
}

#[service]
impl Rejecting {
    fn new(scope: &Scope) -> Self {
        Self { jobs: scope.queue::<Self, Resize>() }
    }

    #[worker(1, on_stop = reject)]
    async fn resize(&self, _job: Resize) {
        while self.jobs.depth().is_some() {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn s10_jobs_that_wait_are_lost_where_the_worker_rejects_them() {
    let scope = Scope::new("rejecting");
    let service = Rejecting::new(&scope);
    let service = start_with(scope, service).await.unwrap();
    let queue = service.handle().queue();
    assert!(service.is_ready());
    for n in 0..4 {
        queue.send(Resize(n)).await.unwrap();
    }
    within_async(LIMIT, async {
        while queue.depth().unwrap().running() < 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let report = service.stop().await;
    assert!(!service.is_ready());
    let lost = report.services()[0].step("resize").unwrap();
    assert_eq!((lost.ended(), lost.count()), (Ended::Lost, 3), "{report}");
    assert!(!report.is_clean());
}

/// Its second life handles what the first one has left.
pub struct Fragile {
    log: Log,
}

pub struct Break;

#[service(restart = on_failure(3, "60s"))]
impl Fragile {
    fn new(log: Config<Log>) -> Self {
        log.say("new");
        Self { log: (*log).clone() }
    }

    #[worker(1, on_failure = restart(3, "60s"))]
    async fn resize(&self, job: Resize) -> sprag::Result<()> {
        self.log.say(format!("resizes {}", job.0));
        if job.0 == 0 { Err(sprag::Error::msg("zero")) } else { Ok(()) }
    }

    #[worker(1)]
    async fn wait(&self, _job: Break) {
        std::future::pending::<()>().await;
    }
}

app! { pub Breakable(Log) { Fragile } }

#[tokio::test]
async fn s8_the_jobs_that_wait_outlive_a_restart_and_the_one_in_hand_is_reported() {
    let log = Log::default();
    let app = Breakable::builder(log.clone()).limits(short()).start().await.unwrap();
    let (queue, waits) = (app.handle::<Fragile>().queue(), app.handle::<Fragile>().queue());
    waits.send(Break).await.unwrap();
    waits.send(Break).await.unwrap();
    within_async(LIMIT, async {
        while waits.depth().unwrap().running() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    queue.send(Resize(0)).await.unwrap();
    within_async(LIMIT, async {
        while log.lines().iter().filter(|line| *line == "new").count() < 2 || !app.is_ready() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    queue.send(Resize(7)).await.unwrap();
    until(&log, 4).await;

    assert_eq!(log.lines(), ["new", "resizes 0", "new", "resizes 7"]);
    let health = app.health().await;
    let hooks = health.failures("Fragile").iter().map(|hook| (hook.hook(), hook.failed()));
    assert_eq!(hooks.collect::<Vec<_>>(), [("resize", 1), ("wait", 1)]);
    assert_eq!(waits.depth().unwrap().running(), 1, "the second `Break` has outlived");
    let report = app.stop().await;
    assert_eq!(report.service("Fragile").unwrap().step("wait").unwrap().count(), 1, "{report}");
}

#[tokio::test]
async fn s8_a_service_that_restarts_handles_no_further_job_in_its_failed_life() {
    let log = Log::default();
    let app = Breakable::start(log.clone()).await.unwrap();
    let queue = app.handle::<Fragile>().queue();
    for n in 0..20 {
        queue.send(Resize(n)).await.unwrap();
    }
    until(&log, 22).await;

    let later = (1..20).map(|n| format!("resizes {n}"));
    let first = ["new", "resizes 0", "new"].map(str::to_owned);
    assert_eq!(log.lines(), first.into_iter().chain(later).collect::<Vec<_>>());
    app.stop().await;
}

/// Enqueues its own jobs, which block their thread.
pub struct Blocking {
    jobs: JobQueue<Resize, u32>,
    log: Log,
}

#[service]
impl Blocking {
    fn new(scope: &Scope, log: Config<Log>) -> Self {
        Self { jobs: scope.queue::<Self, Resize>(), log: (*log).clone() }
    }

    fn on_start(&self) -> sprag::Result<()> {
        self.jobs.try_send(Resize(1))?;
        Ok(())
    }

    #[worker(2)]
    fn resize(&self, job: Resize) -> u32 {
        self.log.say(format!("{:?}", std::thread::current().id()));
        Bus::current().emit(Poked { by: job.0 });
        job.0
    }

    #[listen]
    fn poked(&self, event: &Poked) {
        self.log.say(format!("poked {}", event.by));
    }
}

app! { pub Blocks(Log) { Blocking } }

#[tokio::test]
async fn s10_a_worker_that_is_not_async_runs_on_a_thread_that_may_block() {
    let log = Log::default();
    let app = Blocks::start(log.clone()).await.unwrap();
    assert_eq!(app.handle::<Blocking>().queue().call(Resize(3)).await.unwrap(), 3);
    let here = format!("{:?}", std::thread::current().id());
    assert!(app.stop().await.is_clean());
    assert_eq!(log.lines().len(), 4);
    assert!(log.has("poked 1") && log.has("poked 3"), "the worker's bus is the app's");
    assert!(!log.has(&here));
}

#[tokio::test]
async fn s10_a_test_takes_the_jobs_of_a_fake() {
    let fake =
        || Thumbnails { permits: Arc::new(Semaphore::new(0)), log: Log::default(), width: 0 };
    let (handle, jobs) = Handle::new(fake()).with_jobs::<Resize>();
    let queue = handle.queue();
    queue.send(Resize(1)).await.unwrap();
    let (job, reply) = jobs.next().await;
    reply.send(0); // no caller waits for it
    assert_eq!(job, Resize(1));

    let replies = async {
        for _ in 0..3 {
            match jobs.next().await {
                (Resize(13), reply) => reply.fail("thirteen"),
                (Resize(99), reply) => drop(reply),
                (Resize(width), reply) => reply.send(width * 2),
            }
        }
        drop(jobs);
    };
    let calls = async {
        let doubled = queue.call(Resize(4)).await.unwrap();
        let failed = queue.call(Resize(13)).await.unwrap_err().to_string();
        let lost = queue.call(Resize(99)).await.unwrap_err();
        (doubled, failed, lost)
    };
    let ((doubled, failed, lost), ()) =
        within_async(LIMIT, async { tokio::join!(calls, replies) }).await;
    assert_eq!(doubled, 8);
    assert!(failed.contains("failed"), "{failed}");
    assert!(matches!(lost, CallError::Lost { .. }), "{lost}");
    assert_eq!(queue.send(Resize(5)).await.unwrap_err().reason(), Refusal::Stopped);
    assert_eq!(
        Handle::new(fake()).queue().try_send(Resize(5)).unwrap_err().reason(),
        Refusal::Stopped
    );
}

#[tokio::test]
async fn s10_a_worker_needs_a_number_greater_than_zero() {
    let (permits, log) = (Arc::new(Semaphore::new(0)), Log::default());
    let service = Thumbnails { permits, log, width: 0 };
    let error = start_with(Scope::new("thumbnails"), service).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "a worker and its queue need a number greater than zero");
}
