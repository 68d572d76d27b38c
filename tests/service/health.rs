//! S9: the health of services and apps.

use std::io;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use sprag::service::ResourceCheck;
use sprag::{app::Ended, prelude::*};

use super::edges::Disk;
use super::support::short;

pub struct Moody {
    how: Config<Mutex<Health>>,
}

#[service]
impl Moody {
    fn new(how: Config<Mutex<Health>>) -> Self {
        Self { how }
    }

    #[health]
    async fn health(&self) -> Result<Health, io::Error> {
        match &*self.how.lock().unwrap() {
            Health::Unhealthy(why) if why == "error" => Err(io::Error::other("cannot tell")),
            Health::Unhealthy(why) if why == "panic" => panic!("ill"),
            health => Ok(health.clone()),
        }
    }
}

app! { pub Clinic(Mutex<Health>) { Moody, Disk } }

#[tokio::test]
async fn s9_an_app_is_as_well_as_its_worst_service() {
    let app = Clinic::start(Mutex::new(Health::Healthy)).await.unwrap();
    assert_eq!(app.health().await.status(), Health::Healthy);
    let moody = app.handle::<Moody>();
    for (health, said) in [
        (Health::degraded("slow"), Health::degraded("`Moody`: slow")),
        (Health::unhealthy("error"), Health::unhealthy("`Moody`: cannot tell")),
        (Health::unhealthy("panic"), Health::unhealthy("`Moody`: its health check panicked: ill")),
    ] {
        *moody.get().unwrap().how.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = health;
        assert_eq!(app.health().await.status(), said);
        assert_eq!(app.health().await.service("Disk"), Some(&Health::Healthy));
        moody.get().unwrap().how.clear_poison();
    }
    app.stop().await;
    assert_eq!(app.health().await.service("Disk"), Some(&Health::unhealthy("it is not running")));
}

/// Its check reports its call and blocks until the test releases it.
pub struct Stuck {
    gate: Config<Gate>,
}

pub struct Gate {
    entered: mpsc::Sender<()>,
    go: Mutex<mpsc::Receiver<()>>,
}

#[service]
impl Stuck {
    fn new(gate: Config<Gate>) -> Self {
        Self { gate }
    }

    #[health]
    fn health(&self) -> Health {
        self.gate.entered.send(()).unwrap();
        let _gone = self.gate.go.lock().unwrap().recv();
        Health::Healthy
    }
}

app! { pub Jammed(Gate) { Stuck } }

fn gate() -> (Gate, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let ((entered, inside), (let_go, go)) = (mpsc::channel(), mpsc::channel());
    (Gate { entered, go: Mutex::new(go) }, inside, let_go)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s9_checks_join_the_one_that_runs_and_never_pile_up() {
    let (gate, inside, let_go) = gate();
    let app = Jammed::builder(gate).limits(short()).start().await.unwrap();
    let late = Health::unhealthy("its health check took longer than 150ms");
    for _ in 0..20 {
        let (one, other) = tokio::join!(app.health(), app.health());
        assert_eq!((one.service("Stuck"), other.service("Stuck")), (Some(&late), Some(&late)));
    }
    assert_eq!(inside.iter().take(1).count() + inside.try_iter().count(), 1, "one call");

    let_go.send(()).unwrap();
    let_go.send(()).unwrap();
    // The call returns, and a later one is made.
    while app.health().await.service("Stuck") == Some(&late) {
        tokio::task::yield_now().await;
    }
    drop(let_go);
    let report = app.stop().await;
    let [late] = report.service("Stuck").unwrap().failures() else { panic!("{report}") };
    assert_eq!((late.hook(), late.last_error()), ("health", Some("took longer than 150ms")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s5_a_check_that_does_not_return_is_in_the_report() {
    let (gate, inside, let_go) = gate();
    let app = Jammed::builder(gate).limits(short()).start().await.unwrap();
    app.health().await;
    inside.recv().unwrap();
    let report = app.stop().await;
    assert_eq!(report.service("Stuck").unwrap().step("health").unwrap().ended(), Ended::Leaked);
    assert!(!report.is_clean());
    drop(let_go);
}

/// A resource whose health the test sets.
#[derive(Clone, Default)]
pub struct Line(Arc<Mutex<Health>>);

impl Line {
    fn set(&self, health: Health) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = health;
    }

    fn health(&self) -> Health {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Health::Unhealthy(why) if why == "panic" => panic!("ill"),
            health => health.clone(),
        }
    }
}

impl Resource for Line {
    fn release(&self) {}

    fn health_check(&self) -> Option<ResourceCheck> {
        let line = self.clone();
        Some(Box::new(move || line.health()))
    }
}

/// Owns a line as a field, and others through its scope.
pub struct Exchange {
    line: Line,
}

#[service(own(line))]
impl Exchange {
    fn new(scope: &Scope, lines: Config<[Line; 5]>) -> Self {
        let [line, alone, boxed, listed, _] = (*lines).clone();
        scope.own(alone);
        scope.own(Box::new(boxed));
        scope.own(vec![None, Some(listed)]);
        Self { line }
    }
}

/// Has a hook of its own beside the last line.
pub struct Operator {
    own: Line,
    line: Line,
}

#[service(own(line))]
impl Operator {
    fn new(lines: Config<[Line; 5]>, own: Config<Line>) -> Self {
        Self { own: (*own).clone(), line: lines[4].clone() }
    }

    #[health]
    async fn health(&self) -> Health {
        self.own.health()
    }
}

/// The same as [`Operator`], with a hook that may block.
pub struct Clerk {
    own: Line,
    line: Line,
}

#[service(own(line))]
impl Clerk {
    fn new(lines: Config<[Line; 5]>, own: Config<Line>) -> Self {
        Self { own: (*own).clone(), line: lines[4].clone() }
    }

    #[health]
    fn health(&self) -> Health {
        self.own.health()
    }
}

app! { pub Phones([Line; 5], Line) { Exchange, Operator, Clerk } }

#[tokio::test]
async fn s9_a_service_is_as_well_as_its_worst_resource_and_its_app_is_ready_while_all_work() {
    let lines: [Line; 5] = Default::default();
    let app = Phones::start(lines.clone(), Line::default()).await.unwrap();
    for (at, line) in lines.iter().enumerate() {
        assert!(app.is_ready() && app.health().await.status().is_healthy());
        let services: &[&str] = if at < 4 { &["Exchange"] } else { &["Operator", "Clerk"] };
        for (set, found) in [
            (Health::degraded("noise"), Health::degraded("noise")),
            (Health::unhealthy("cut"), Health::unhealthy("cut")),
            (Health::unhealthy("panic"), Health::unhealthy("the check of a resource panicked")),
        ] {
            line.set(set);
            let health = app.health().await;
            let ill = health.services().filter(|(_, health)| !health.is_healthy());
            let expected: Vec<_> = services.iter().map(|service| (*service, &found)).collect();
            assert_eq!(ill.collect::<Vec<_>>(), expected, "line {at}");
            assert!(!app.is_ready(), "line {at}: {found}");
        }
        line.set(Health::Healthy);
    }
    assert!(app.is_ready());
    app.stop().await;
}

#[tokio::test]
async fn s9_a_hook_is_the_health_of_its_service_unless_a_resource_is_worse() {
    let (lines, own): ([Line; 5], Line) = Default::default();
    let app = Phones::start(lines.clone(), own.clone()).await.unwrap();
    let of = |level: u8, why: &str| match level {
        0 => Health::Healthy,
        1 => Health::degraded(why),
        _ => Health::unhealthy(why),
    };
    for (hook, line) in (0..3).flat_map(|hook| (0..3).map(move |line| (hook, line))) {
        own.set(of(hook, "hook"));
        lines[4].set(of(line, "line"));
        let worse = if line > hook { of(line, "line") } else { of(hook, "hook") };
        let health = app.health().await;
        for service in ["Operator", "Clerk"] {
            assert_eq!(health.service(service), Some(&worse), "{service} of {hook} and {line}");
        }
        assert_eq!(app.is_ready(), line == 0, "a hook does not count");
    }
    app.stop().await;
}
