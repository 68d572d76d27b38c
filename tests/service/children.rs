//! S10: children, services that start and stop while an app runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sprag::app::{Child, Ended, ServiceState, StopReason};
use sprag::error::ChildError;
use sprag::prelude::*;
use sprag::service::OnFailure;
use sprag::start_with;
use tokio::sync::watch;

use super::support::*;

/// The parent of the children.
pub struct Devices {
    log: Log,
    scope: Scope,
}

#[service]
impl Devices {
    fn new(log: Config<Log>, scope: &Scope) -> Self {
        scope.own(Owned::new(&log, "parent"));
        Self { log: (*log).clone(), scope: scope.clone() }
    }

    #[task]
    async fn work(&self, scope: &Scope) {
        scope.cancelled().await;
        self.log.say("parent's task ends");
    }

    #[listen]
    fn poked(&self, _: &Poked) {
        self.log.say("parent poked");
    }

    fn on_stop(&self) {
        self.log.say("parent on_stop");
    }
}

pub struct Link {
    log: Log,
    parent: Handle<Devices>,
    address: Config<Address>,
}

pub struct Address(&'static str);

#[service]
impl Link {
    fn new(
        log: Config<Log>,
        parent: Handle<Devices>,
        address: Config<Address>,
        scope: &Scope,
    ) -> Self {
        scope.own(Owned::new(&log, "child"));
        log.say(format!("new {}", scope.name()));
        Self { log: (*log).clone(), parent, address }
    }

    fn on_start(&self) {
        self.log.say("child on_start");
    }

    #[task]
    async fn work(&self, scope: &Scope) {
        scope.cancelled().await;
        self.log.say("child's task ends");
    }

    #[listen]
    fn poked(&self, poked: &Poked) {
        self.log.say(format!("child poked by {}", poked.by));
    }

    #[health]
    fn health(&self) -> Health {
        Health::degraded(format!("no link to {}", self.address.0))
    }

    fn on_stop(&self) {
        self.log.say(format!("child on_stop, parent there: {}", self.parent.is_available()));
    }
}

app! { pub House(Log) { Devices } }

async fn house() -> (House, Scope, Log) {
    let log = Log::default();
    let app = House::start(log.clone()).await.unwrap();
    let scope = app.handle::<Devices>().get().unwrap().scope.clone();
    (app, scope, log)
}

async fn tv(scope: &Scope) -> Child<Link> {
    scope.child_of::<Link>("tv").value(Address("10.0.0.7")).await.unwrap()
}

#[tokio::test]
async fn s10_a_child_has_the_life_of_a_service_and_stops_alone() {
    let (app, scope, log) = house().await;
    let child = tv(&scope).await;
    app.bus().emit(Poked { by: 3 });
    assert_eq!(scope.children(), [("Devices/tv".into(), ServiceState::Running)]);
    assert_eq!((app.name(), child.name()), ("House", "tv"));
    assert!(child.is_ready());
    let report = child.stop().await;

    assert!(report.is_clean(), "{report}");
    assert!(app.is_ready() && child.get().is_err() && scope.children().is_empty());
    assert!(!child.is_ready() && !scope.is_cancelled());
    assert!(log.has("new Devices/tv") && log.has("child poked by 3"));
    let order = ["child on_start", "child poked by 3"];
    assert!(log.at(order[0]) < log.at(order[1]));
    let order = ["child on_stop, parent there: true", "child's task ends", "release child"];
    assert!(order.is_sorted_by_key(|line| log.at(line)), "{:?}", log.lines());
    assert!(!log.has("parent on_stop"));

    let report = app.stop().await;
    assert!(report.is_clean(), "{report}");
    assert!(report.service("Devices").unwrap().children().is_empty() && scope.is_cancelled());
}

/// Needs a service and a value that the house does not have.
pub struct Remote;

#[service]
impl Remote {
    fn new(_own: Handle<Devices>, _other: Handle<Remote>, _address: Config<Address>) -> Self {
        Self
    }
}

#[tokio::test]
async fn s10_a_child_names_what_the_app_does_not_have() {
    let (app, scope, _) = house().await;
    let missing = scope.child_of::<Remote>("remote").await.unwrap_err();
    let ChildError::Missing { types, .. } = missing else { panic!("{missing}") };
    assert!(types.contains("Remote`") && types.contains("Address`"), "{types}");
    assert!(!types.contains("Devices"), "{types}");
    assert!(scope.children().is_empty() && app.stop().await.is_clean());
}

#[tokio::test]
async fn s10_children_stop_before_the_on_stop_of_their_parent() {
    let (app, scope, log) = house().await;
    let _child = tv(&scope).await;
    let report = app.stop().await;

    assert!(report.is_clean(), "{report}");
    let order = [
        "child on_stop, parent there: true",
        "child's task ends",
        "release child",
        "parent on_stop",
        "parent's task ends",
        "release parent",
    ];
    assert!(order.is_sorted_by_key(|line| log.at(line)), "{:?}", log.lines());
    let child = &report.service("Devices").unwrap().children()[0];
    assert_eq!((child.name(), child.ended()), ("Devices/tv", Ended::Finished));
    let refused = scope.child_of::<Link>("radio").value(Address("")).await.unwrap_err();
    assert!(matches!(refused, ChildError::Stopped { .. }), "{refused}");
}

#[tokio::test]
async fn s10_a_name_is_taken_until_its_child_has_stopped() {
    let (app, scope, _) = house().await;
    let child = tv(&scope).await;
    let taken = scope.child_of::<Link>("tv").value(Address("")).await.unwrap_err();
    assert!(matches!(taken, ChildError::NameTaken { .. }), "{taken}");
    child.stop().await;
    assert!(tv(&scope).await.stop().await.is_clean());
    app.stop().await;
}

#[tokio::test]
async fn s10_what_the_app_does_not_have_is_named() {
    let (app, scope, _) = house().await;
    let missing = scope.child_of::<Link>("tv").await.unwrap_err();
    assert!(missing.to_string().starts_with("child `Devices/tv` needs `"), "{missing}");
    assert!(missing.to_string().contains("Address"), "{missing}");
    assert!(scope.children().is_empty());
    app.stop().await;
}

#[tokio::test]
async fn s10_the_health_of_a_child_is_its_parents() {
    let (app, scope, _) = house().await;
    assert_eq!(app.health().await.service("Devices"), Some(&Health::Healthy));
    let child = tv(&scope).await;
    let sick = Health::degraded("`Devices/tv`: no link to 10.0.0.7");
    assert_eq!(app.health().await.service("Devices"), Some(&sick));
    assert_eq!(child.health().await, Health::degraded("no link to 10.0.0.7"));
    child.stop().await;
    assert_eq!(app.health().await.service("Devices"), Some(&Health::Healthy));
    app.stop().await;
}

/// Fails on command, or at its start.
pub struct Weak {
    scope: Scope,
}

#[service]
impl Weak {
    fn new(scope: &Scope) -> Self {
        Self { scope: scope.clone() }
    }

    fn fail(&self) {
        self.scope.spawn_named("work", async { Err::<(), _>("no power") }).unwrap();
    }
}

#[tokio::test]
async fn s10_a_child_that_fails_fails_its_parent() {
    let (app, scope, _) = house().await;
    let child = scope.child("tv", Weak::new).await.unwrap();
    child.get().unwrap().fail();
    let report = app.stopped().await;
    let StopReason::Failed { service, error } = report.reason() else { panic!("{report}") };
    assert_eq!((&**service, error.to_string()), ("Devices/tv", "no power".into()));
}

#[tokio::test]
async fn s10_a_child_that_stops_alone_is_counted() {
    let (app, scope, _) = house().await;
    for _ in 0..2 {
        let child = scope.child("tv", Weak::new).on_failure(OnFailure::stop_alone());
        let child = child.await.unwrap();
        child.get().unwrap().fail();
        let report = child.stopped().await;
        assert!(matches!(report.reason(), StopReason::Failed { .. }), "{report}");
    }
    assert!(app.is_ready());
    let health = app.health().await;
    let failures = &health.failures("Devices")[0];
    assert_eq!((failures.hook(), failures.failed()), ("child", 2));
    assert_eq!(failures.last_error(), Some("tv: task `work` failed: no power"));
    let report = app.stop().await;
    assert!(!report.is_clean());
    assert_eq!(report.exit_code(), std::process::ExitCode::SUCCESS, "the app went on");
}

#[tokio::test]
async fn s8_a_child_restarts_alone() {
    let (app, scope, log) = house().await;
    let lives = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&lives);
    let make = move |scope: &Scope| {
        count.fetch_add(1, Ordering::SeqCst);
        Weak::new(scope)
    };
    let rule = OnFailure::restart(1, Duration::from_secs(60));
    let child = scope.child("tv", make).on_failure(rule).await.unwrap();
    child.get().unwrap().fail();
    while lives.load(Ordering::SeqCst) < 2 || !child.is_ready() {
        tokio::task::yield_now().await;
    }
    assert!(app.is_ready() && !log.has("parent on_stop"));
    child.get().unwrap().fail();
    let report = app.stopped().await;
    assert!(matches!(report.reason(), StopReason::Failed { .. }), "the limit is spent: {report}");
}

#[tokio::test]
async fn s4_a_child_that_cannot_start_leaves_nothing() {
    let (app, scope, log) = house().await;
    let owner = log.clone();
    let make = move |scope: &Scope| -> Result<Weak, &'static str> {
        scope.own(Owned::new(&owner, "half"));
        Err("no screen")
    };
    let error = scope.child("tv", make).await.unwrap_err();
    assert_eq!(error.to_string(), "service `Devices/tv` failed in `new`");
    assert!(log.has("release half") && scope.children().is_empty());
    assert!(app.stop().await.is_clean(), "the caller has the error");
}

#[tokio::test]
async fn s10_children_have_children() {
    let (app, scope, _) = house().await;
    let room = scope.child("room", Weak::new).await.unwrap();
    let inner = room.get().unwrap().scope.clone();
    let lamp = inner.child("lamp", Weak::new).await.unwrap();
    inner.end();
    let report = room.stopped().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.services()[0].children()[0].name(), "Devices/room/lamp");
    assert!(matches!(lamp.stopped().await.reason(), StopReason::ParentStopped));
    assert!(app.is_ready());
    // `shutdown` stops the app, from a child too.
    let room = scope.child("room", Weak::new).await.unwrap();
    room.get().unwrap().scope.shutdown();
    assert!(app.stopped().await.is_clean());
}

#[tokio::test]
async fn s10_a_scope_without_a_service_has_no_children() {
    let error = Scope::new("nobody").child("tv", Weak::new).await.unwrap_err();
    assert!(matches!(error, ChildError::NotRunning { .. }), "{error}");
}

#[tokio::test]
async fn s8_a_service_without_an_app_restarts() {
    let (lives, mut watched) = watch::channel(0);
    let scope = Scope::new("weak");
    let weak = Weak::new(&scope);
    let rule = OnFailure::restart(1, Duration::from_secs(60));
    let make = move |scope: &Scope| {
        lives.send_modify(|lives| *lives += 1);
        Weak::new(scope)
    };
    let weak = start_with(scope, weak).on_failure(rule).restart_with(make).await.unwrap();
    weak.get().unwrap().fail();
    watched.wait_for(|lives| *lives == 1).await.unwrap();
    while !weak.is_ready() {
        tokio::task::yield_now().await;
    }
    assert!(matches!(weak.stop().await.reason(), StopReason::Requested));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_children_that_have_stopped_leave_nothing_behind() {
    let (app, scope, log) = house().await;
    for round in 0..20 {
        let mut lives = tokio::task::JoinSet::new();
        for n in 0..50 {
            let scope = scope.clone();
            lives.spawn(async move {
                let child = scope.child(&format!("{round}/{n}"), Weak::new).await.unwrap();
                assert!(child.stop().await.is_clean());
            });
        }
        lives.join_all().await;
    }
    assert!(scope.children().is_empty());
    drop(log);
    assert!(app.stop().await.is_clean());
}

/// Prints forever.
pub struct Printer;

pub struct Page;

#[service]
impl Printer {
    fn new() -> Self {
        Self
    }

    #[worker(1, queue = 8)]
    async fn print(&self, _: Page) {
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn s10_the_queues_of_a_child_are_in_its_parents_health() {
    let (app, scope, _) = house().await;
    let printer = scope.child("printer", |_| Printer::new()).await.unwrap();
    for _ in 0..3 {
        printer.handle().queue().send(Page).await.unwrap();
    }
    let depths = async || app.health().await.queues("Devices").to_vec();
    while depths().await[0].running() == 0 {
        tokio::task::yield_now().await;
    }
    let [queue] = &depths().await[..] else { panic!("one queue") };
    assert_eq!((queue.worker(), queue.waiting()), ("Devices/printer: print", 2));
    app.stop().await;
}
