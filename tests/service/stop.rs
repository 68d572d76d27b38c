//! S5: the steps of a stop, their order and their deadlines.

use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

use sprag::prelude::*;
use sprag::{
    app::{Ended, Limits},
    start_with,
};
use test_support::within;

use super::support::*;

pub struct Orderly {
    log: Log,
}

#[service]
impl Orderly {
    fn new(log: Config<Log>, bus: Bus) -> Self {
        bus.emit(Poked { by: 0 });
        Self { log: (*log).clone() }
    }

    fn on_start(&self, scope: &Scope) {
        scope.bus().emit(Poked { by: 1 });
        scope.own(Owned::new(&self.log, "owned"));
    }

    #[listen]
    fn poked(&self, event: &Poked) {
        self.log.say(format!("poked by {}", event.by));
    }

    #[task]
    async fn follow(&self, scope: &Scope) {
        self.log.say("task begins");
        scope.cancelled().await;
        self.log.say("task ends");
    }

    fn on_stop(&self, scope: &Scope) {
        scope.bus().emit(Poked { by: 2 });
        self.log.say(format!("on_stop, cancelled: {}", scope.is_cancelled()));
    }
}

app! { pub Order(Log) { Orderly } }

#[tokio::test]
async fn s5_listeners_attach_before_on_start_and_leave_before_on_stop() {
    let log = Log::default();
    let app = Order::start(log.clone()).await.unwrap();
    while !log.has("task begins") {
        tokio::task::yield_now().await;
    }
    assert!(app.is_ready() && app.is_alive());

    let report = app.stop().await;

    assert!(!app.is_ready() && !app.is_alive());
    assert_eq!(
        log.lines(),
        [
            "poked by 1",
            "task begins",
            "on_stop, cancelled: false",
            "task ends",
            "release owned",
            "drop owned",
        ]
    );
    let service = report.service("Orderly").unwrap();
    assert_eq!(service.step("on_stop").unwrap().ended(), Ended::Finished);
    assert_eq!(service.step("follow").unwrap().ended(), Ended::Finished);
}

#[tokio::test]
async fn s5_a_task_that_does_not_listen_is_aborted_after_the_grace() {
    pub struct Deaf;
    #[service]
    impl Deaf {
        fn new() -> Self {
            Self
        }
        #[task]
        async fn deaf(&self) {
            std::future::pending::<()>().await;
        }
    }
    let service = start_with(Scope::new("deaf"), Deaf::new()).limits(short()).await.unwrap();
    let report = service.stop().await;
    let step = report.services()[0].step("deaf").unwrap();
    assert_eq!(step.ended(), Ended::Aborted);
    assert!(step.took() >= SHORT, "{report}");
    assert_eq!(
        step.error(),
        Some("it did not end within 150ms after `scope.cancelled()`"),
        "the report says why the stop took so long"
    );
    assert!(!report.is_clean());
}

#[tokio::test]
async fn s5_a_hook_that_takes_too_long_is_aborted_and_a_failing_task_is_reported() {
    pub struct Late;
    #[service]
    impl Late {
        fn new() -> Self {
            Self
        }
        async fn on_stop(&self) {
            std::future::pending::<()>().await;
        }
        #[task]
        async fn follow(&self, scope: &Scope) -> Result<(), String> {
            scope.cancelled().await;
            Err("the last write failed".into())
        }
    }
    let service = start_with(Scope::new("late"), Late::new()).limits(short()).await.unwrap();
    let report = service.stop().await;
    let steps = &report.services()[0];
    assert_eq!(steps.step("on_stop").unwrap().ended(), Ended::TimedOut);
    let follow = steps.step("follow").unwrap();
    assert_eq!((follow.ended(), follow.error()), (Ended::Failed, Some("the last write failed")));
    let text = report.to_string();
    assert!(text.contains("follow failed in") && text.contains("on_stop timed out in"), "{text}");
}

/// Blocks its thread until the test releases it.
pub struct Blocking {
    until: Mutex<mpsc::Receiver<()>>,
    owned: Owned,
}

#[service(own(owned))]
impl Blocking {
    fn new(until: Config<Mutex<Option<mpsc::Receiver<()>>>>, log: Config<Log>) -> Self {
        let until = Mutex::new(until.lock().unwrap().take().unwrap());
        Self { until, owned: Owned::new(&log, "owned") }
    }

    fn on_stop(&self) {
        let _gone = self.until.lock().unwrap().recv();
        self.owned.log.say("let go");
    }
}

app! { pub Blocked(Log, Mutex<Option<mpsc::Receiver<()>>>) { Blocking } }

#[test]
fn s5_deadlines_hold_although_a_hook_blocks_the_only_thread() {
    within(LIMIT, || {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        let (log, (let_go, until)) = (Log::default(), mpsc::channel());
        let app = Blocked::builder(log.clone(), Mutex::new(Some(until))).limits(short());
        let app = runtime.block_on(app.start()).unwrap();

        let report = runtime.block_on(app.stop());

        let step = report.service("Blocking").unwrap().step("on_stop").unwrap().clone();
        assert_eq!(step.ended(), Ended::Leaked);
        assert!(step.took() < Duration::from_secs(3), "{report}");
        assert_eq!(log.lines(), ["release owned"], "release goes on after a leak");
        assert!(!report.is_clean());
        drop(let_go);
        drop(runtime);
        assert!(log.has("let go"));
    });
}

#[tokio::test(start_paused = true)]
async fn s5_a_paused_clock_times_nothing_out() {
    pub struct Patient;
    #[service]
    impl Patient {
        fn new() -> Self {
            Self
        }
        async fn on_start(&self) {
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
        async fn on_stop(&self) {
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
    }
    let service = start_with(Scope::new("patient"), Patient::new()).await.unwrap();
    let report = service.stop().await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn s5_when_the_total_is_spent_each_remaining_step_still_gets_its_moment() {
    let log = Log::default();
    let limits = Limits::new().stop_total(Duration::ZERO);
    let app = Order::builder(log.clone()).limits(limits).start().await.unwrap();
    while !log.has("task begins") {
        tokio::task::yield_now().await;
    }
    let report = app.stop().await;
    assert_eq!(report.service("Orderly").unwrap().ended(), Ended::Finished, "{report}");
    assert!(log.has("drop owned"));
}

#[tokio::test]
async fn s5_release_continues_after_panics_and_hangs() {
    struct Nasty;
    impl Drop for Nasty {
        fn drop(&mut self) {
            panic!("a payload that panics when it is dropped");
        }
    }
    pub struct Plain;
    #[service]
    impl Plain {
        fn new() -> Self {
            Self
        }
        async fn on_stop(&self) {
            std::panic::panic_any(Nasty);
        }
    }
    let (log, scope) = (Log::default(), Scope::new("plain"));
    let (let_go, until) = mpsc::channel::<()>();
    scope.own(Owned::new(&log, "bottom"));
    scope.adopt(Nasty);
    scope.cleanup(|| panic!("boom"));
    scope.cleanup(move || {
        let _gone = until.recv();
    });
    // Panics that end within the limit beside any load.
    let limits = short().stop_hook(Duration::from_secs(3));
    let service = start_with(scope, Plain::new()).limits(limits).await.unwrap();

    let report = service.stop().await;

    let steps: Vec<Ended> = report.services()[0].steps().iter().map(|step| step.ended()).collect();
    assert_eq!(steps, [Ended::Panicked, Ended::Leaked, Ended::Panicked, Ended::Panicked]);
    assert_eq!(log.lines(), ["release bottom", "drop bottom"]);
    drop(let_go);
}

#[tokio::test]
async fn s5_finished_tasks_leave_no_trace() {
    pub struct Busy;
    #[service]
    impl Busy {
        fn new() -> Self {
            Self
        }
    }
    let scope = Scope::new("busy");
    let service = start_with(scope.clone(), Busy::new()).await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..1000 {
        tasks.push(scope.spawn(async {}).unwrap());
    }
    while !tasks.iter().all(sprag::service::Task::is_finished) {
        tokio::task::yield_now().await;
    }
    let report = service.stop().await;
    assert_eq!(report.services()[0].steps().len(), 0);
}

#[tokio::test]
async fn s5_errors_and_panics_of_a_stopping_service_do_not_affect_other_services() {
    #[derive(Debug)]
    struct Unspeakable;
    impl std::fmt::Display for Unspeakable {
        fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no words");
        }
    }
    impl std::error::Error for Unspeakable {}
    pub struct Rude;
    #[service]
    impl Rude {
        fn new(log: Config<Log>, scope: &Scope) -> Self {
            let log = (*log).clone();
            scope.cleanup(move || log.say("released"));
            Self
        }
        async fn on_stop(&self) -> sprag::Result<()> {
            Err(Unspeakable)?
        }
        #[task]
        async fn follow(&self, scope: &Scope) -> Result<(), Unspeakable> {
            scope.cancelled().await;
            Err(Unspeakable)
        }
    }
    impl Drop for Rude {
        fn drop(&mut self) {
            panic!("the last word");
        }
    }
    app! { pub Market(Log) { Rude, Orderly } }
    let log = Log::default();
    let app = Market::start(log.clone()).await.unwrap();

    let report = app.stop().await;

    let rude: Vec<_> = report.service("Rude").unwrap().steps().iter().collect();
    let ended: Vec<_> = rude.iter().map(|step| (step.name(), step.ended())).collect();
    assert_eq!(
        ended,
        [("on_stop", Ended::Failed), ("follow", Ended::Failed), ("release", Ended::Panicked),]
    );
    assert_eq!(rude[2].error(), Some("the last word"));
    assert!(log.has("released"));
    assert_eq!(report.service("Orderly").unwrap().ended(), Ended::Finished);
    assert!(!report.is_clean());
}

/// Its task writes until it is cancelled, and once more.
pub struct Buffered {
    buffer: std::sync::atomic::AtomicUsize,
    log: Log,
}

#[service]
impl Buffered {
    fn new(log: Config<Log>) -> Self {
        Self { buffer: Default::default(), log: (*log).clone() }
    }

    #[task]
    async fn write(&self, scope: &Scope) {
        let write = || self.buffer.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        write();
        scope.cancelled().await;
        tokio::task::yield_now().await;
        write();
    }

    async fn on_stop(&self) {
        self.log.say("accepts no more");
    }

    async fn on_stopped(&self) {
        tokio::task::yield_now().await;
        let written = self.buffer.load(std::sync::atomic::Ordering::SeqCst);
        self.log.say(format!("flushed {written}"));
    }
}

app! { pub Files(Log) { Buffered } }

#[tokio::test]
async fn s5_on_stopped_runs_after_the_tasks_have_ended() {
    let log = Log::default();
    let app = Files::start(log.clone()).await.unwrap();
    let buffered = app.handle::<Buffered>();
    let written = || buffered.get().unwrap().buffer.load(std::sync::atomic::Ordering::SeqCst);
    while written() == 0 {
        tokio::task::yield_now().await;
    }
    let report = app.stop().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(log.lines(), ["accepts no more", "flushed 2"]);
    let steps: Vec<&str> =
        report.service("Buffered").unwrap().steps().iter().map(|step| step.name()).collect();
    assert_eq!(steps, ["on_stop", "write", "on_stopped"]);
}
