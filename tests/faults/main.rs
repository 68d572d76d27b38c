//! S4, S5, S8: what each way to fail does in each place where users' code runs, on both
//! runtimes, and that starting and stopping again and again leaves nothing behind. The
//! table is a page of the docs; `SPRAG_BLESS=1` writes it anew.
#![cfg(feature = "service")]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "these are tests")]

use std::fmt::Write as _;
use std::future::pending;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sprag::app::{Ended, Limits, ServiceReport, StopReason, StopReport};
use sprag::prelude::*;
use sprag::service::OnFailure;
use test_support::within;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// A step that hangs misses this; any other step keeps it, also on a busy machine.
const SHORT: Duration = Duration::from_millis(200);

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Panic,
    Error,
    Hang,
}

const PLACES: &[&str] = &[
    "new",
    "on_start",
    "task",
    "interval",
    "listener",
    "async listener",
    "health",
    "on_stop",
    "on_stopped",
    "cleanup",
    "drop",
    "child",
];

/// One case, and what its service reports.
pub struct Case {
    place: &'static str,
    how: How,
    go: watch::Receiver<bool>,
    called: watch::Sender<usize>,
    released: Arc<AtomicUsize>,
}

impl Case {
    fn fault(&self, place: &str) -> Option<How> {
        (self.place == place).then(|| {
            self.called.send_modify(|called| *called += 1);
            self.how
        })
    }

    fn now(&self, place: &str) -> Result<(), &'static str> {
        match self.fault(place) {
            Some(How::Panic) => panic!("some panic"),
            Some(How::Error) => Err("some error"),
            _ => Ok(()),
        }
    }

    async fn later(&self, place: &str) -> Result<(), &'static str> {
        match self.fault(place) {
            Some(How::Panic) => panic!("some panic"),
            Some(How::Error) => Err("some error"),
            Some(How::Hang) => pending().await,
            None => Ok(()),
        }
    }
}

#[derive(Event, Clone)]
pub struct Poked;

/// Released after `Faulty`, whatever `Faulty` does.
pub struct Base;

#[service]
impl Base {
    fn new(case: Config<Case>, scope: &Scope) -> Self {
        let released = Arc::clone(&case.released);
        scope.cleanup(move || _ = released.fetch_add(1, Ordering::SeqCst));
        Self
    }
}

pub struct Faulty {
    case: Config<Case>,
}

#[service(depends_on(Base))]
impl Faulty {
    async fn new(case: Config<Case>, scope: &Scope) -> Result<Self, &'static str> {
        let own = case.clone();
        scope.cleanup(move || own.now("cleanup").unwrap());
        case.later("new").await?;
        Ok(Self { case })
    }

    async fn on_start(&self) -> Result<(), &'static str> {
        self.case.later("on_start").await
    }

    #[task]
    async fn task(&self, scope: &Scope) -> Result<(), &'static str> {
        let mut go = self.case.go.clone();
        let _cancelled = scope.until_cancelled(go.wait_for(|go| *go)).await.is_none();
        self.case.later("task").await
    }

    #[interval("1ms")]
    async fn interval(&self) -> Result<(), &'static str> {
        self.case.later("interval").await
    }

    #[listen]
    fn listener(&self, _: &Poked) -> Result<(), &'static str> {
        self.case.now("listener")
    }

    #[listen]
    async fn async_listener(&self, _: &Poked) -> Result<(), &'static str> {
        self.case.later("async listener").await
    }

    #[health]
    async fn health(&self) -> Result<(), &'static str> {
        self.case.later("health").await
    }

    async fn on_stop(&self) -> Result<(), &'static str> {
        self.case.later("on_stop").await
    }

    async fn on_stopped(&self) -> Result<(), &'static str> {
        self.case.later("on_stopped").await
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        if self.case.place == "drop" {
            self.case.now("drop").unwrap();
        }
    }
}

/// A child whose task fails.
pub struct Leaf {
    case: Config<Case>,
}

#[service]
impl Leaf {
    fn new(case: Config<Case>) -> Self {
        Self { case }
    }

    #[task]
    async fn task(&self) -> Result<(), &'static str> {
        self.case.later("child").await
    }
}

pub struct Parent {
    scope: Scope,
}

#[service]
impl Parent {
    fn new(scope: &Scope) -> Self {
        Self { scope: scope.clone() }
    }
}

app! { pub Trial(Case) { Faulty, Base, Parent } }

fn runtimes() -> [(&'static str, Runtime); 2] {
    let many = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    [
        ("one thread", Builder::new_current_thread().enable_all().build().unwrap()),
        ("two threads", many),
    ]
}

/// What the case leads to, as a sentence of the table.
async fn outcome(place: &'static str, how: How) -> String {
    let (go, waits) = watch::channel(false);
    let (called, mut calls) = watch::channel(0);
    let released = Arc::new(AtomicUsize::new(0));
    let case = Case { place, how, go: waits, called, released: Arc::clone(&released) };
    let limits = Limits::new().start_hook(SHORT).stop_hook(SHORT).grace(SHORT);
    let told = match Trial::builder(case).limits(limits).start().await {
        Err(error) => format!("no start; {}", told(error.report().expect("it was begun"))),
        Ok(app) => {
            go.send(true).unwrap();
            app.bus().emit(Poked);
            if place == "child" {
                let scope = app.handle::<Parent>().get().unwrap().scope.clone();
                let child = scope.child_of::<Leaf>("leaf").on_failure(OnFailure::stop_alone());
                let _child = child.await.unwrap();
            }
            let health = app.health().await.service("Faulty").cloned();
            if ["task", "interval", "listener", "async listener", "child"].contains(&place) {
                calls.wait_for(|calls| *calls > 0).await.unwrap();
            }
            if place == "child" && how != How::Hang {
                while !app.handle::<Parent>().get().unwrap().scope.children().is_empty() {
                    tokio::task::yield_now().await;
                }
            }
            let fails = place == "task" && how != How::Hang;
            let report = if fails { app.stopped().await } else { app.stop().await };
            match health {
                Some(Health::Unhealthy(_)) if place == "health" => {
                    format!("unhealthy; {}", told(&report))
                }
                _ => told(&report),
            }
        }
    };
    assert_eq!(released.load(Ordering::SeqCst), 1, "{place}, {how:?}: {told}");
    told
}

fn told(report: &StopReport) -> String {
    let mut told: Vec<String> = Vec::new();
    if let StopReason::Failed { .. } = report.reason() {
        told.push("the app stops".into());
    }
    report.services().iter().for_each(|service| tell(service, &mut told));
    if told.is_empty() {
        told.push(if report.is_clean() { "clean" } else { "not clean" }.into());
    }
    told.join(", ")
}

fn tell(service: &ServiceReport, told: &mut Vec<String>) {
    let steps = service.steps().iter().filter(|step| step.ended() > Ended::Finished);
    told.extend(steps.map(|step| format!("`{}` {}", step.name(), step.ended())));
    let failures = service.failures().iter();
    told.extend(failures.map(|hook| format!("`{}` counted", hook.hook())));
    service.children().iter().for_each(|child| tell(child, told));
}

/// The places whose code is synchronous cannot hang asynchronously, and what returns
/// nothing cannot return an error.
fn exists(place: &str, how: How) -> bool {
    match how {
        How::Panic => true,
        How::Error => !["cleanup", "drop"].contains(&place),
        How::Hang => !["listener", "cleanup", "drop"].contains(&place),
    }
}

fn table() -> String {
    let mut page = String::from(
        "# Faults\n\nWhat a fault of a service leads to: the row is where it happens, the column \
         how. In all cases the stop ends within its limits, and the services that the faulty one \
         depends on are released after it. `tests/faults` runs each case on a runtime of one thread \
         and on one of two, which must agree, and writes this page.\n\n\
         | place | panic | error | async hang |\n|---|---|---|---|\n",
    );
    for &place in PLACES {
        let cells = [How::Panic, How::Error, How::Hang].map(|how| {
            if !exists(place, how) {
                return "–".to_owned();
            }
            let [one, two] = runtimes().map(|(_, runtime)| runtime.block_on(outcome(place, how)));
            assert_eq!(one, two, "{place}, {how:?}");
            one
        });
        writeln!(page, "| {place} | {} |", cells.join(" | ")).unwrap();
    }
    page
}

#[test]
fn s5_each_fault_ends_as_the_page_says() {
    let page = within(Duration::from_secs(60), table);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/internals/faults.md");
    if std::env::var_os("SPRAG_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(page, written, "run it with SPRAG_BLESS=1");
}

/// The threads of this process, where the system tells.
fn threads() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/task").ok()?.count())
}

#[test]
fn s5_four_hundred_starts_and_stops_leave_nothing_behind() {
    within(Duration::from_secs(60), || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for round in 0..400 {
                let (go, waits) = watch::channel(true);
                let released = Arc::new(AtomicUsize::new(0));
                let case = Case {
                    place: "none",
                    how: How::Panic,
                    go: waits,
                    called: watch::Sender::new(0),
                    released: Arc::clone(&released),
                };
                let app = Trial::start(case).await.unwrap();
                let scope = app.handle::<Parent>().get().unwrap().scope.clone();
                let _child = scope.child_of::<Leaf>("leaf").await.unwrap();
                let report = app.stop().await;
                assert!(report.is_clean(), "{round}: {report}");
                drop((app, scope, _child, go));
                // The supervisor's thread drops the app's values when it ends.
                while Arc::strong_count(&released) > 1 {
                    tokio::task::yield_now().await;
                }
            }
            while tokio::runtime::Handle::current().metrics().num_alive_tasks() > 0 {
                tokio::task::yield_now().await;
            }
        });
        drop(runtime);
        // The other test of this process may run a few more.
        assert!(threads().is_none_or(|threads| threads < 100), "{:?}", threads());
    });
}
