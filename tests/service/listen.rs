//! S5: events and calls in flight when a service stops.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use sprag::app::{Ended, Limits};
use sprag::{prelude::*, start_with};
use test_support::within_async;
use tokio::sync::Semaphore;

use super::support::*;

/// Handles one event for each permit.
pub struct Slow {
    permits: Config<Semaphore>,
    handled: AtomicUsize,
    log: Log,
}

#[service]
impl Slow {
    fn new(permits: Config<Semaphore>, log: Config<Log>) -> Self {
        Self { permits, handled: AtomicUsize::new(0), log: (*log).clone() }
    }

    #[listen]
    async fn poked(&self, _event: &Poked) {
        self.permits.acquire().await.unwrap().forget();
        self.handled.fetch_add(1, Ordering::SeqCst);
    }

    fn on_stop(&self) {
        self.log.say(format!("on_stop after {}", self.handled.load(Ordering::SeqCst)));
    }
}

app! { pub Sluggish(Semaphore, Log) { Slow } }

#[tokio::test]
async fn s5_events_that_wait_for_an_async_listener_are_delivered_before_on_stop() {
    let log = Log::default();
    let app = Sluggish::start(Semaphore::new(0), log.clone()).await.unwrap();
    let permits = app.handle::<Slow>().get().unwrap().permits.clone();
    (0..3_000).for_each(|by| app.bus().emit(Poked { by }));

    let stopping = app.stop();
    permits.add_permits(3_000);
    let report = stopping.await;

    assert!(report.is_clean(), "{report}");
    assert_eq!(log.lines(), ["on_stop after 3000"]);
}

#[tokio::test]
async fn s5_events_that_are_not_delivered_within_the_grace_are_in_the_report() {
    let log = Log::default();
    let app = Sluggish::builder(Semaphore::new(2), log.clone()).limits(short());
    let app = app.start().await.unwrap();
    (0..10).for_each(|by| app.bus().emit(Poked { by }));

    let report = app.stop().await;

    let lost = report.service("Slow").unwrap().step("poked").unwrap();
    assert_eq!((lost.ended(), lost.count()), (Ended::Lost, 8));
    assert!(!report.is_clean());
    assert!(report.to_string().contains("poked lost 8 in"), "{report}");
    assert_eq!(log.lines(), ["on_stop after 2"]);
}

pub struct Base {
    log: Log,
}

#[service]
impl Base {
    fn new(log: Config<Log>) -> Self {
        Self { log: (*log).clone() }
    }

    fn on_stop(&self) {
        self.log.say("base stops");
    }
}

/// Its listener reports its call and blocks until the test releases it.
pub struct Listener {
    base: Handle<Base>,
    entered: mpsc::Sender<()>,
    go: Mutex<mpsc::Receiver<()>>,
    log: Log,
}

pub struct Gate {
    entered: mpsc::Sender<()>,
    go: Mutex<Option<mpsc::Receiver<()>>>,
}

#[service]
impl Listener {
    fn new(base: Handle<Base>, gate: Config<Gate>, log: Config<Log>) -> Self {
        let go = Mutex::new(gate.go.lock().unwrap().take().unwrap());
        Self { base, entered: gate.entered.clone(), go, log: (*log).clone() }
    }

    #[listen]
    fn poked(&self, _event: &Poked) {
        self.entered.send(()).unwrap();
        let _gone = self.go.lock().unwrap().recv();
        self.log.say(format!("listened, base: {}", self.base.is_available()));
    }

    fn on_stop(&self) {
        self.log.say("listener stops");
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.log.say("listener dropped");
    }
}

app! { pub Pair(Log, Gate) { Listener, Base } }

#[tokio::test]
async fn s5_a_stop_waits_for_the_calls_of_listeners_in_flight() {
    within_async(LIMIT, async {
        let (log, (entered, inside), (let_go, go)) =
            (Log::default(), mpsc::channel(), mpsc::channel());
        let gate = Gate { entered, go: Mutex::new(Some(go)) };
        let app = Pair::start(log.clone(), gate).await.unwrap();
        let bus = app.bus().clone();
        let emitter = std::thread::spawn(move || bus.emit(Poked { by: 1 }));
        inside.recv().unwrap();

        let stopping = app.stop();
        while app.bus().listener_count::<Poked>() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(log.lines(), Vec::<String>::new(), "the stop waits");
        let_go.send(()).unwrap();
        let report = stopping.await;

        let stopped = ["listened, base: true", "listener stops", "listener dropped", "base stops"];
        assert_eq!(log.lines(), stopped, "{report}");
        assert!(report.is_clean(), "{report}");
        emitter.join().unwrap();
    })
    .await;
}

#[tokio::test]
async fn s5_a_listener_that_does_not_return_is_reported_as_leaked() {
    within_async(LIMIT, async {
        let (log, (entered, inside), (let_go, go)) =
            (Log::default(), mpsc::channel(), mpsc::channel());
        let gate = Gate { entered, go: Mutex::new(Some(go)) };
        let app = Pair::builder(log.clone(), gate).limits(short()).start().await.unwrap();
        let bus = app.bus().clone();
        let emitter = std::thread::spawn(move || bus.emit(Poked { by: 1 }));
        inside.recv().unwrap();

        let report = app.stop().await;

        assert_eq!(
            report.service("Listener").unwrap().step("listen").unwrap().ended(),
            Ended::Leaked
        );
        assert!(!report.is_clean());
        assert!(log.has("base stops"));
        drop(let_go);
        emitter.join().unwrap();
        assert!(log.has("listener dropped"));
    })
    .await;
}

#[tokio::test]
async fn s5_an_event_that_comes_after_the_stop_has_begun_calls_no_listener() {
    let (log, (entered, inside), (let_go, go)) = (Log::default(), mpsc::channel(), mpsc::channel());
    let gate = Gate { entered, go: Mutex::new(Some(go)) };
    let app = Pair::start(log.clone(), gate).await.unwrap();
    drop(let_go);
    app.stop().await;
    app.bus().emit(Poked { by: 1 });
    assert!(inside.try_recv().is_err());
}

#[tokio::test]
async fn s5_failures_of_listeners_are_counted_in_the_health_and_the_report() {
    pub struct Grumpy;
    #[service]
    impl Grumpy {
        fn new() -> Self {
            Self
        }
        #[listen]
        fn poked(&self, event: &Poked) -> Result<(), String> {
            assert_ne!(event.by, 3, "three");
            Err(format!("not {}", event.by))
        }
    }
    app! { pub Grump { Grumpy } }
    let app = Grump::start().await.unwrap();
    (1..=3).for_each(|by| app.bus().emit(Poked { by }));

    let health = app.health().await;
    let hook = &health.failures("Grumpy")[0];
    assert_eq!((hook.hook(), hook.failed(), hook.lost()), ("poked", 3, 0));
    assert!(hook.last_error().unwrap().contains("three"));
    assert!(health.status().is_healthy());

    let report = app.stop().await;
    assert_eq!(report.service("Grumpy").unwrap().failures().len(), 1);
    assert!(!report.is_clean());
    assert!(report.to_string().contains("while it ran, poked failed 3 times"), "{report}");
}

#[tokio::test]
async fn s5_the_limit_of_a_queue_may_be_the_services() {
    pub struct Forgetful {
        limit: usize,
    }
    #[service]
    impl Forgetful {
        fn new(limit: Config<usize>) -> Self {
            Self { limit: *limit }
        }
        #[listen(queue = self.limit, when_full = drop_oldest)]
        async fn poked(&self, _event: &Poked) {}
    }
    let service = Forgetful::new(Config::new(2));
    let scope = Scope::new("forgetful");
    let bus = scope.bus().clone();
    let service = start_with(scope, service).await.unwrap();
    (0..5).for_each(|by| bus.emit(Poked { by }));
    let report = service.stop().await;
    assert_eq!(report.services()[0].failures()[0].lost(), 3, "{report}");
}

#[tokio::test]
async fn s5_infinite_limits_do_not_limit() {
    pub struct Plain {
        log: Log,
    }
    #[service]
    impl Plain {
        fn new(log: Config<Log>) -> Self {
            Self { log: (*log).clone() }
        }
        fn on_start(&self, scope: &Scope) -> sprag::Result<()> {
            scope.interval(Duration::MAX, || async {})?;
            scope.timeout(Duration::MAX, || async {})?;
            Ok(())
        }
        fn on_stop(&self) {
            self.log.say("stopped");
        }
        #[health]
        fn health(&self) -> Health {
            Health::Healthy
        }
    }
    let limits = Limits::new()
        .start_hook(Duration::MAX)
        .start_total(Duration::MAX)
        .stop_hook(Duration::MAX)
        .stop_total(Duration::MAX)
        .grace(Duration::MAX);
    let log = Log::default();
    let plain = Plain::new(Config::new(log.clone()));
    let plain = start_with(Scope::new("plain"), plain).limits(limits).await.unwrap();
    assert!(plain.health().await.is_healthy());
    let report = plain.stop().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(log.lines(), ["stopped"]);
}

#[tokio::test]
async fn s5_an_async_listener_is_given_the_events_one_after_the_other() {
    pub struct Listening {
        log: Log,
    }
    #[service]
    impl Listening {
        fn new(log: Config<Log>) -> Self {
            Self { log: (*log).clone() }
        }
        #[listen]
        async fn poked(&self, event: &Poked) -> Result<(), String> {
            self.log.say(format!("begin {}", event.by));
            tokio::task::yield_now().await;
            self.log.say(format!("end {}", event.by));
            Err("reported, and it goes on".into())
        }
        fn on_stop(&self, scope: &Scope) {
            assert_eq!(scope.bus().listener_count::<Poked>(), 0, "it was unsubscribed before");
        }
    }
    let (log, scope) = (Log::default(), Scope::new("listening"));
    let bus = scope.bus().clone();
    let service = Listening::new(Config::new(log.clone()));
    let service = start_with(scope, service).await.unwrap();
    bus.emit(Poked { by: 1 });
    bus.emit(Poked { by: 2 });
    while !log.has("end 2") {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.lines(), ["begin 1", "end 1", "begin 2", "end 2"]);
    bus.emit(Poked { by: 3 });
    let report = service.stop().await;
    assert_eq!(log.lines().last().unwrap(), "end 3", "it is delivered before `on_stop`");
    let failures = &report.services()[0].failures()[0];
    assert_eq!((failures.hook(), failures.failed()), ("poked", 3));
    assert_eq!(bus.listener_count::<Poked>(), 0);
}
