//! S9: the health of services and apps.

use std::io;
use std::sync::{Mutex, mpsc};

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
