//! S4: a start that fails leaves nothing behind.

use std::io;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use sprag::app::{Ended, Limits};
use sprag::prelude::*;
use test_support::within;
use tokio::sync::Notify;

use super::support::*;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    Fail,
    Panic,
    Hang,
}

#[derive(Debug, thiserror::Error)]
#[error("no connection")]
pub struct NoConnection {
    source: io::Error,
}

pub struct Ready {
    log: Log,
}

#[service]
impl Ready {
    fn new(log: Config<Log>, scope: &Scope) -> Self {
        scope.own(Owned::new(&log, "ready"));
        Self { log: (*log).clone() }
    }

    async fn on_stop(&self) {
        self.log.say("ready stops");
    }
}

pub struct Failing {
    log: Log,
    how: How,
    owned: Owned,
}

#[service(own(owned), depends_on(Ready))]
impl Failing {
    fn new(how: Config<How>, log: Config<Log>, scope: &Scope) -> Self {
        scope.own(Owned::new(&log, "failing"));
        Self { how: *how, owned: Owned::new(&log, "field"), log: (*log).clone() }
    }

    async fn on_start(&self) -> Result<(), NoConnection> {
        match self.how {
            How::Fail => Err(NoConnection { source: io::Error::other("refused") }),
            How::Panic => panic!("boom"),
            How::Hang => std::future::pending().await,
        }
    }

    fn on_stop(&self) {
        self.log.say(format!("never started: {}", self.owned.name));
    }
}

pub struct Never;

#[service(depends_on(Failing))]
impl Never {
    fn new(log: Config<Log>) -> Self {
        log.say("never");
        Self
    }
}

app! { pub Broken(Log, How) { Ready, Failing, Never } }

async fn broken(how: How) -> (Log, sprag::error::StartError) {
    let log = Log::default();
    let limits = if how == How::Hang { short() } else { Limits::new() };
    let error = Broken::builder(log.clone(), how).limits(limits).start().await.unwrap_err();
    (log, error)
}

#[tokio::test]
async fn s4_a_failing_start_unwinds_its_service_then_the_others() {
    for how in [How::Fail, How::Panic, How::Hang] {
        let (log, error) = broken(how).await;
        assert_eq!(
            log.lines(),
            [
                "release failing",
                "drop failing",
                "release field",
                "drop field",
                "ready stops",
                "release ready",
                "drop ready",
            ],
            "{how:?}"
        );
        let report = error.report().unwrap();
        assert!(!report.is_clean(), "{report}");
        let ended = report.service("Failing").unwrap().step("on_start").unwrap().ended();
        let expected = match how {
            How::Fail => Ended::Failed,
            How::Panic => Ended::Panicked,
            How::Hang => Ended::TimedOut,
        };
        assert_eq!(ended, expected);
        assert_eq!(report.service("Ready").unwrap().ended(), Ended::Finished);
        assert_eq!(report.services().len(), 2, "`Never` was never begun");
    }
}

#[tokio::test]
async fn s4_the_first_error_is_reported_with_its_sources() {
    let (_, error) = broken(How::Fail).await;
    let text = format!("{:#}", sprag::Error::from(error));
    assert_eq!(text, "service `Failing` failed in `on_start`: no connection: refused");

    let (_, error) = broken(How::Panic).await;
    let text = format!("{:#}", sprag::Error::from(error));
    assert_eq!(text, "service `Failing` failed in `on_start`: panicked: boom");

    let (_, error) = broken(How::Hang).await;
    assert!(error.to_string().contains("longer than"), "{error}");
}

#[tokio::test]
async fn s4_a_dropped_start_rolls_back() {
    pub struct Slow;
    #[service(depends_on(Ready))]
    impl Slow {
        async fn new(reached: Config<Arc<Notify>>) -> Self {
            reached.notify_one();
            std::future::pending().await
        }
    }
    app! { pub Sluggish(Log, Arc<Notify>) { Ready, Slow } }
    let (log, reached) = (Log::default(), Arc::new(Notify::new()));
    let starting = tokio::spawn(Sluggish::start(log.clone(), Arc::clone(&reached)));
    reached.notified().await;

    starting.abort();
    assert!(starting.await.unwrap_err().is_cancelled());

    while !log.has("drop ready") {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.lines(), ["ready stops", "release ready", "drop ready"]);
}

#[tokio::test]
async fn s4_the_stop_after_a_failed_start_has_a_fresh_budget() {
    // Longer than a step gets when the time is spent.
    const LONG: Duration = Duration::from_millis(100);
    pub struct Slow {
        log: Log,
    }
    #[service]
    impl Slow {
        fn new(log: Config<Log>) -> Self {
            Self { log: (*log).clone() }
        }
        async fn on_stop(&self) {
            tokio::time::sleep(LONG).await;
            self.log.say("stopped in order");
        }
    }
    pub struct Hangs;
    #[service(depends_on(Slow))]
    impl Hangs {
        async fn new() -> Self {
            std::future::pending().await
        }
    }
    app! { pub Stuck(Log) { Slow, Hangs } }
    let log = Log::default();
    let limits = Limits::new().start_total(LONG);
    let error = Stuck::builder(log.clone()).limits(limits).start().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "app `Stuck` took longer than `start_total` (100ms) to start; `Hangs` had not started"
    );
    assert_eq!(log.lines(), ["stopped in order"]);
}

pub struct Stubborn {
    owned: Owned,
}

#[service(own(owned))]
impl Stubborn {
    fn new(log: Config<Log>, until: Config<Mutex<Option<mpsc::Receiver<()>>>>) -> Self {
        let until = until.lock().unwrap().take().unwrap();
        let _gone = until.recv().is_err();
        Self { owned: Owned::new(&log, "owned") }
    }
}

app! { pub Blocked(Log, Mutex<Option<mpsc::Receiver<()>>>) { Stubborn } }

#[test]
fn s4_s5_a_new_that_blocks_is_reported_and_its_late_service_is_released() {
    within(LIMIT, || {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        let (log, (let_go, until)) = (Log::default(), mpsc::channel());
        let app = Blocked::builder(log.clone(), Mutex::new(Some(until))).limits(short());

        let error = runtime.block_on(app.start()).unwrap_err();

        let report = error.report().unwrap();
        let step = report.service("Stubborn").unwrap().step("new").expect("it is told of");
        assert_eq!(step.ended(), Ended::Leaked);
        assert!(!report.is_clean());
        assert!(log.lines().is_empty());
        drop(let_go);
        // Waits for what runs on it.
        drop(runtime);
        assert_eq!(log.lines(), ["release owned", "drop owned"]);
    });
}
