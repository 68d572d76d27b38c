//! S9: a service's view of its app, and its requests to the app.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use sprag::app::{Ended, ServiceState, StopReason};
use sprag::prelude::*;
use tokio::sync::Notify;

use super::support::*;

pub struct Probe {
    scope: Scope,
    log: Log,
}

#[service]
impl Probe {
    fn new(scope: &Scope, log: Config<Log>) -> Self {
        Self { scope: scope.clone(), log: (*log).clone() }
    }

    #[task]
    async fn watch(&self, scope: &Scope) {
        scope.stopping().await;
        self.log.say(format!("stopping, cancelled: {}", scope.is_cancelled()));
    }

    async fn on_stop(&self) {
        while !self.log.has("stopping, cancelled: false") {
            tokio::task::yield_now().await;
        }
        self.log.say(format!("ready: {}", self.scope.is_ready()));
    }
}

pub struct Patient {
    log: Log,
}

#[service(depends_on(Probe))]
impl Patient {
    async fn new(log: Config<Log>, go: Config<Arc<Notify>>) -> Self {
        log.say("new");
        go.notified().await;
        Self { log: (*log).clone() }
    }

    #[health]
    fn health(&self) -> Health {
        Health::degraded(format!("{} lines", self.log.lines().len()))
    }
}

app! { pub Ward(Log, Arc<Notify>) { Patient, Probe } }

#[tokio::test]
async fn s9_a_service_sees_readiness_health_states_and_the_stop_of_its_app() {
    let (log, go) = (Log::default(), Arc::new(Notify::new()));
    let starting = tokio::spawn(Ward::start(log.clone(), Arc::clone(&go)));
    while !log.has("new") {
        tokio::task::yield_now().await;
    }
    let in_new = Instant::now();
    while in_new.elapsed() < Duration::from_millis(1) {
        tokio::task::yield_now().await;
    }
    go.notify_one();
    let app = starting.await.unwrap().unwrap();
    let scope = app.handle::<Probe>().get().unwrap().scope.clone();

    assert!(scope.is_ready());
    assert_eq!(scope.health().await, app.health().await);
    assert_eq!(scope.health().await.service("Patient"), Some(&Health::degraded("1 lines")));
    let names: Vec<_> = scope.services();
    assert_eq!(
        names,
        [("Patient".into(), ServiceState::Running), ("Probe".into(), ServiceState::Running)]
    );
    let starts = app.start_report();
    assert_eq!((starts[0].service(), starts[0].waited_for()), ("Patient", Some("Probe")));
    assert_eq!(starts[1].waited_for(), None);
    assert!(starts[0].took() >= Duration::from_millis(1), "{}", starts[0]);
    let [patient, probe] = [0, 1].map(|at: usize| starts[at].to_string());
    assert!(patient.starts_with("Patient: waited ") && !probe.contains("last for"), "{probe}");
    assert!(patient.contains(", last for Probe, started in "), "{patient}");
    assert!(app.stopping().now_or_never().is_none());

    let report = app.stop().await;

    assert!(app.stopping().now_or_never().is_some());
    assert!(report.is_clean(), "{report}");
    assert_eq!(log.lines(), ["new", "stopping, cancelled: false", "ready: false"]);
    assert!(app.services().iter().all(|(_, state)| *state == ServiceState::Stopped));
}

#[tokio::test]
async fn s9_a_service_stops_its_app_with_an_error() {
    let (log, go) = (Log::default(), Arc::new(Notify::new()));
    go.notify_one();
    let app = Ward::start(log, go).await.unwrap();
    app.handle::<Probe>().get().unwrap().scope.fail("the disk is full");
    let report = app.stopped().await;
    let StopReason::Failed { service, error } = report.reason() else { panic!("{report}") };
    assert_eq!((&**service, error.to_string()), ("Probe", "the disk is full".into()));
    assert!(!report.is_clean());
    let step = report.service("Probe").unwrap().step("fail").expect("the failure is its own");
    assert_eq!((step.ended(), step.error()), (Ended::Failed, Some("the disk is full")));
}

/// Fails while its app stops.
pub struct Late {
    scope: Scope,
}

#[service]
impl Late {
    fn new(scope: &Scope) -> Self {
        Self { scope: scope.clone() }
    }

    fn on_stopped(&self) {
        self.scope.fail("the rest is not flushed");
        self.scope.fail("a second error");
    }
}

app! { pub LateOnly { Late } }

#[tokio::test]
async fn s5_a_service_that_fails_while_its_app_stops_is_in_the_report() {
    let report = LateOnly::start().await.unwrap().stop().await;
    assert!(matches!(report.reason(), StopReason::Requested), "the first reason: {report}");
    let step = report.service("Late").unwrap().step("fail").expect("it is a step");
    assert_eq!((step.count(), step.error()), (2, Some("the rest is not flushed")));
    assert_eq!(report.exit_code(), std::process::ExitCode::FAILURE);
    assert!(!report.is_clean());
}
