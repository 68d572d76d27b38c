//! S10: a thousand children, and a hundred thousand jobs, while their service stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sprag::app::{Ended, Limits};
use sprag::error::CallError;
use sprag::prelude::*;
use test_support::within_async;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

const LIMIT: Duration = Duration::from_secs(120);

/// The steps of all children.
#[derive(Clone)]
pub struct Steps {
    created: watch::Sender<usize>,
    started: Arc<AtomicUsize>,
    stopped: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
}

impl Steps {
    fn new() -> Self {
        let [started, stopped, dropped] = Default::default();
        Self { created: watch::Sender::new(0), started, stopped, dropped }
    }
}

fn count(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::SeqCst)
}

pub struct Device {
    steps: Config<Steps>,
}

#[service]
impl Device {
    fn new(steps: Config<Steps>) -> Self {
        steps.created.send_modify(|created| *created += 1);
        Self { steps }
    }

    async fn on_start(&self) {
        tokio::task::yield_now().await;
        self.steps.started.fetch_add(1, Ordering::SeqCst);
    }

    #[task]
    async fn follow(&self, scope: &Scope) {
        scope.cancelled().await;
    }

    async fn on_stop(&self) {
        self.steps.stopped.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.steps.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

pub struct Devices {
    scope: Scope,
}

#[service]
impl Devices {
    fn new(scope: &Scope) -> Self {
        Self { scope: scope.clone() }
    }
}

app! { pub House(Steps) { Devices } }

/// Starts children one after the other: each third one stops alone, each third one is
/// dropped, the others are held. Returns how many were refused.
async fn visitor(scope: Scope, number: usize) -> usize {
    let (mut held, mut refused) = (Vec::new(), 0);
    for n in 0..100 {
        match scope.child_of::<Device>(&format!("{number}/{n}")).await {
            Ok(child) if n % 3 == 0 => _ = child.stop().await,
            Ok(child) if n % 3 == 1 => drop(child),
            Ok(child) => held.push(child),
            Err(_) => refused += 1,
        }
    }
    refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_a_stop_amid_a_thousand_children_leaves_none() {
    let steps = Steps::new();
    let app = House::start(steps.clone()).await.unwrap();
    let scope = app.handle::<Devices>().get().unwrap().scope.clone();
    let mut visitors = JoinSet::new();
    (0..10).for_each(|number| _ = visitors.spawn(visitor(scope.clone(), number)));
    let mut created = steps.created.subscribe();
    within_async(LIMIT, created.wait_for(|created| *created >= 300)).await.unwrap();

    let report = within_async(LIMIT, app.stop()).await;

    let created = *steps.created.borrow();
    assert_eq!(count(&steps.dropped), created, "{report}");
    assert_eq!(count(&steps.stopped), count(&steps.started), "{report}");
    assert!(scope.children().is_empty());
    let refused: usize = within_async(LIMIT, visitors.join_all()).await.into_iter().sum();
    assert!(refused > 0 && *steps.created.borrow() == created, "none begins after the stop");
}

/// A job that counts its drop.
pub struct Job(Arc<AtomicUsize>);

impl Drop for Job {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

pub struct Belt {
    permits: Config<Semaphore>,
}

#[service]
impl Belt {
    fn new(permits: Config<Semaphore>) -> Self {
        Self { permits }
    }

    #[worker(4, queue = 100_000, on_stop = drain)]
    async fn carry(&self, _: Job) {
        self.permits.acquire().await.unwrap().forget();
    }
}

app! { pub Mill(Semaphore) { Belt } }

#[tokio::test]
async fn s10_all_of_a_hundred_thousand_jobs_are_done_or_in_the_report() {
    let limits = Limits::new().grace(Duration::from_millis(50));
    let mill = Mill::builder(Semaphore::new(1_000)).limits(limits).start().await.unwrap();
    let queue = mill.handle::<Belt>().queue();
    let dropped = Arc::new(AtomicUsize::new(0));
    for _ in 0..99_999 {
        queue.try_send(Job(Arc::clone(&dropped))).unwrap();
    }
    let (caller, job) = (queue.clone(), Job(Arc::clone(&dropped)));
    let calling = tokio::spawn(async move { caller.call(job).await });
    within_async(LIMIT, async {
        while queue.depth().unwrap().waiting() + 1_004 != 100_000 {
            tokio::task::yield_now().await;
        }
    })
    .await;

    let report = within_async(LIMIT, mill.stop()).await;

    let lost = report.service("Belt").unwrap().step("carry").unwrap();
    assert_eq!((lost.ended(), lost.count()), (Ended::Lost, 99_000), "{report}");
    assert_eq!(count(&dropped), 100_000);
    assert!(matches!(calling.await.unwrap(), Err(CallError::Lost { .. })));
}
