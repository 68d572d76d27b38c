//! S8: what an app does when a service fails.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use sprag::app::{Ended, StopReason};
use sprag::prelude::*;
use sprag::service::OnFailure;
use tokio::sync::watch;

use super::support::*;

/// The data that the services of these tests share.
pub struct Stage {
    log: Log,
    /// How many lives of `Weak` fail.
    failing: AtomicUsize,
    lives: watch::Sender<usize>,
}

impl Stage {
    fn new(failing: usize) -> (Self, Log, watch::Receiver<usize>) {
        let (lives, watched) = watch::channel(0);
        let log = Log::default();
        (Self { log: log.clone(), failing: AtomicUsize::new(failing), lives }, log, watched)
    }
}

pub struct Base;

#[service]
impl Base {
    fn new(stage: Config<Stage>) -> Self {
        stage.log.say("base");
        Self
    }
}

/// Fails in its task for as long as the stage says.
pub struct Weak {
    stage: Config<Stage>,
}

#[service(depends_on(Base))]
impl Weak {
    fn new(stage: Config<Stage>) -> Self {
        stage.log.say("weak");
        Self { stage }
    }

    #[task]
    async fn work(&self, scope: &Scope) -> Result<(), String> {
        self.stage.lives.send_modify(|lives| *lives += 1);
        let fails = |left: usize| left.checked_sub(1);
        if self.stage.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails).is_ok() {
            return Err("disk full".into());
        }
        scope.cancelled().await;
        Ok(())
    }
}

pub struct Top {
    weak: Handle<Weak>,
    log: Log,
}

#[service]
impl Top {
    fn new(weak: Handle<Weak>, stage: Config<Stage>) -> Self {
        stage.log.say(format!("top, weak: {}", weak.is_available()));
        Self { weak, log: stage.log.clone() }
    }

    fn on_stop(&self) {
        self.log.say(format!("top stops, weak: {}", self.weak.is_available()));
    }
}

pub struct Follower;

#[service(wants(Weak))]
impl Follower {
    fn new(stage: Config<Stage>) -> Self {
        stage.log.say("follower");
        Self
    }
}

app! { pub Tower(Stage) { Top, Weak, Base, Follower } }

const TEN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn s8_a_service_that_fails_restarts_with_its_dependents() {
    let (stage, log, mut lives) = Stage::new(1);
    let rule = OnFailure::restart(3, TEN);
    let app = Tower::builder(stage).on_failure::<Weak>(rule).start().await.unwrap();
    let (weak, top) = (app.handle::<Weak>(), app.handle::<Top>());

    lives.wait_for(|lives| *lives == 2).await.unwrap();
    while !app.is_ready() {
        tokio::task::yield_now().await;
    }

    assert!(weak.is_available() && top.is_available(), "handles stay valid");
    let health = app.health().await;
    assert_eq!(["Weak", "Top", "Base"].map(|name| health.restarts(name)), [1, 1, 0]);
    let count = |line: &str| log.lines().iter().filter(|other| *other == line).count();
    assert_eq!((count("base"), count("follower")), (1, 1), "they do not depend on it");
    assert_eq!((count("weak"), count("top, weak: true")), (2, 2));
    assert_eq!(count("top stops, weak: true"), 1);

    let report = app.stop().await;
    let failures = report.service("Weak").unwrap().failures();
    assert_eq!((failures[0].hook(), failures[0].failed()), ("work", 1));
    assert_eq!(failures[0].last_error(), Some("disk full"));
    assert!(!report.is_clean());
    assert_eq!(report.exit_code(), std::process::ExitCode::SUCCESS, "it recovered");
}

#[tokio::test]
async fn s8_too_many_failures_stop_the_app() {
    let (stage, _, lives) = Stage::new(usize::MAX);
    let rule = OnFailure::restart(2, TEN);
    let app = Tower::builder(stage).on_failure::<Weak>(rule).start().await.unwrap();
    let report = app.stopped().await;
    let StopReason::Failed { service, error } = report.reason() else { panic!("{report}") };
    assert_eq!((&**service, error.to_string()), ("Weak", "disk full".into()));
    assert_eq!(*lives.borrow(), 3, "the first life and two restarts");
}

#[tokio::test]
async fn s8_without_a_rule_a_failure_stops_the_app() {
    let (stage, ..) = Stage::new(1);
    let app = Tower::start(stage).await;
    let reason = match app {
        Ok(app) => app.stopped().await.reason().clone(),
        // The task failed before the last service had started.
        Err(error) => error.report().unwrap().reason().clone(),
    };
    assert!(matches!(reason, StopReason::Failed { .. }));
}

#[tokio::test]
async fn s8_a_failure_that_is_only_reported_makes_its_service_unhealthy() {
    let (stage, _, mut lives) = Stage::new(1);
    let app = Tower::builder(stage).on_failure::<Weak>(OnFailure::report()).start().await.unwrap();
    lives.wait_for(|lives| *lives == 1).await.unwrap();
    let unhealthy = Health::unhealthy("task `work` failed: disk full");
    while app.health().await.service("Weak") != Some(&unhealthy) {
        tokio::task::yield_now().await;
    }
    assert!(app.is_ready());
    let health = app.health().await;
    let [failed] = health.failures("Weak") else { panic!("{health}") };
    assert_eq!((failed.hook(), failed.failed()), ("work", 1));
    let report = app.stop().await;
    assert!(matches!(report.reason(), StopReason::Requested));
    assert!(!report.is_clean());
}

#[tokio::test]
async fn s8_a_stop_during_a_restart_starts_nothing_more() {
    let (stage, log, _) = Stage::new(usize::MAX);
    let rule = OnFailure::restart(u32::MAX, TEN);
    let app = Tower::builder(stage).on_failure::<Weak>(rule).start().await.unwrap();
    while app.is_ready() {
        tokio::task::yield_now().await;
    }
    let weak = app.handle::<Weak>();
    while weak.is_available() {
        tokio::task::yield_now().await;
    }
    assert!(weak.get().is_err(), "unavailable meanwhile");
    let report = app.stop().await;
    assert!(matches!(report.reason(), StopReason::Requested), "{report}");
    assert_eq!(report.services().len(), 4);
    let lives = log.lines().iter().filter(|line| *line == "weak").count();
    drop(app);
    assert_eq!(log.lines().iter().filter(|line| *line == "weak").count(), lives);
}

/// The number of lives of each twin.
pub struct Twins(watch::Sender<[usize; 2]>);

/// Fails in its first life; its second `new` waits for the second life of the other one.
pub struct Twin<const N: usize> {
    twins: Config<Twins>,
}

#[service(restart = on_failure(1, "10s"))]
impl<const N: usize> Twin<N> {
    async fn new(twins: Config<Twins>) -> Self {
        twins.0.send_modify(|lives| lives[N] += 1);
        let mut lives = twins.0.subscribe();
        let is_first = lives.borrow_and_update()[N] == 1;
        let both = |lives: &[usize; 2]| is_first || lives.iter().all(|life| *life == 2);
        lives.wait_for(both).await.expect("the sender lives");
        Self { twins }
    }

    #[task]
    async fn fail(&self, scope: &Scope) -> Result<(), String> {
        let lives = self.twins.0.borrow()[N];
        if lives == 1 {
            return Err("first life".into());
        }
        scope.cancelled().await;
        Ok(())
    }
}

app! { pub Pair(Twins) { Twin<0>, Twin<1> } }

#[tokio::test]
async fn s8_independent_services_restart_at_the_same_time() {
    let (sender, mut lives) = watch::channel([0; 2]);
    let app = Pair::start(Twins(sender)).await.unwrap();
    lives.wait_for(|lives| *lives == [2, 2]).await.unwrap();
    let (one, other) = (app.handle::<Twin<0>>(), app.handle::<Twin<1>>());
    while !(app.is_ready() && one.is_available() && other.is_available()) {
        tokio::task::yield_now().await;
    }
    let report = app.stop().await;
    assert!(matches!(report.reason(), StopReason::Requested), "{report}");
}

/// Coordinates a life of `Leaky`, whose task blocks, with the test.
pub struct Gate {
    blocked: mpsc::Sender<()>,
    until: Mutex<Option<mpsc::Receiver<()>>>,
}

pub struct Wait;

/// Blocks in a task that cannot be aborted.
pub struct Leaky {
    gate: Config<Gate>,
    scope: Scope,
}

#[service]
impl Leaky {
    fn new(gate: Config<Gate>, scope: &Scope) -> Self {
        Self { gate, scope: scope.clone() }
    }

    #[task]
    async fn block(&self) {
        let until = self.gate.until.lock().unwrap().take().expect("it has one life");
        self.gate.blocked.send(()).unwrap();
        let _gone = until.recv();
    }

    #[worker(1)]
    async fn wait(&self, _job: Wait) {
        std::future::pending::<()>().await;
    }

    fn fail(&self) {
        self.scope.spawn_named("fail", async { Err::<(), _>("disk full") }).unwrap();
    }
}

app! { pub Leaks(Gate) { Leaky } }

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s8_a_leaked_task_forbids_the_restart() {
    let ((blocked, blocks), (let_go, until)) = (mpsc::channel(), mpsc::channel());
    let gate = Gate { blocked, until: Mutex::new(Some(until)) };
    let rule = OnFailure::restart(3, TEN);
    let app = Leaks::builder(gate).limits(short()).on_failure::<Leaky>(rule).start().await.unwrap();
    let queue = app.handle::<Leaky>().queue();
    queue.send(Wait).await.unwrap();
    while queue.depth().unwrap().running() == 0 {
        tokio::task::yield_now().await;
    }
    queue.send(Wait).await.unwrap();
    blocks.recv().unwrap();
    // From here: a task that a blocked worker spawns would wait for that worker.
    app.handle::<Leaky>().get().unwrap().fail();
    let report = app.stopped().await;
    assert!(matches!(report.reason(), StopReason::Failed { .. }), "{report}");
    let leaky = report.service("Leaky").unwrap();
    assert_eq!(leaky.step("block").unwrap().ended(), Ended::Leaked);
    let lost = leaky.steps().iter().filter(|step| step.name() == "wait");
    assert_eq!(lost.map(|step| step.count()).sum::<usize>(), 2, "in hand, and in the queue");
    drop(let_go);
}
