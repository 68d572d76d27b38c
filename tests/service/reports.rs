//! S5, S6: a report is true and short, and says how the app ended.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use sprag::app::{AppHealth, Ended, Limits, StopReason};
use sprag::error::StartError;
use sprag::{prelude::*, start_with};
use test_support::within_async;

use super::support::*;

#[tokio::test]
async fn s5_a_stop_because_of_a_failed_task_is_not_clean() {
    pub struct Failing;
    #[service]
    impl Failing {
        fn new() -> Self {
            Self
        }
        #[task]
        async fn work(&self) -> Result<(), String> {
            Err("disk full".into())
        }
    }
    let service = start_with(Scope::new("failing"), Failing::new()).await.unwrap();
    let report = service.stopped().await;
    assert!(matches!(report.reason(), StopReason::Failed { .. }));
    let work = report.services()[0].step("work").unwrap();
    assert_eq!((work.ended(), work.error()), (Ended::Failed, Some("disk full")));
    assert!(!report.is_clean());
}

/// An error whose `Display` waits for the test.
#[derive(Debug)]
struct Endless(Mutex<mpsc::Receiver<()>>);

impl std::fmt::Display for Endless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let _gone = self.0.lock().unwrap().recv();
        f.write_str("at last")
    }
}

impl std::error::Error for Endless {}

pub struct Talker {
    until: Config<Mutex<Option<mpsc::Receiver<()>>>>,
}

#[service]
impl Talker {
    fn new(until: Config<Mutex<Option<mpsc::Receiver<()>>>>) -> Self {
        Self { until }
    }
    async fn on_stop(&self) -> Result<(), Endless> {
        Err(Endless(Mutex::new(self.until.lock().unwrap().take().unwrap())))
    }
}

app! { pub Talk(Mutex<Option<mpsc::Receiver<()>>>) { Talker } }

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s5_an_error_whose_display_hangs_is_a_hook_that_hangs() {
    let (let_go, until) = mpsc::channel();
    let app = Talk::builder(Mutex::new(Some(until))).limits(short()).start().await.unwrap();
    let report = app.stop().await;
    assert_eq!(report.service("Talker").unwrap().step("on_stop").unwrap().ended(), Ended::Leaked);
    drop(let_go);
}

#[tokio::test]
async fn s5_tasks_that_ended_alike_are_one_step() {
    pub struct Crowd;
    #[service]
    impl Crowd {
        fn new() -> Self {
            Self
        }
        fn on_start(&self, scope: &Scope) -> sprag::Result<()> {
            for _ in 0..10_000 {
                scope.spawn(std::future::pending::<()>())?;
            }
            Ok(())
        }
    }
    // 10,000 tasks may take longer than `short` permits a start.
    let limits = Limits::new().grace(SHORT);
    let crowd = start_with(Scope::new("crowd"), Crowd::new()).limits(limits).await.unwrap();
    let report = crowd.stop().await;
    let steps = report.services()[0].steps();
    assert_eq!((steps.len(), steps[0].count(), steps[0].ended()), (1, 10_000, Ended::Aborted));
    assert_eq!(report.to_string().lines().count(), 3);
    assert!(report.to_string().contains("task aborted × 10000 in"), "{report}");
}

#[tokio::test]
async fn s5_a_task_that_its_user_aborted_is_not_in_the_report() {
    pub struct Calm;
    #[service]
    impl Calm {
        fn new() -> Self {
            Self
        }
        fn on_start(&self, scope: &Scope) -> sprag::Result<()> {
            let task = scope.spawn(std::future::pending::<()>())?;
            scope.spawn({
                let scope = scope.clone();
                async move {
                    scope.cancelled().await;
                    task.abort();
                }
            })?;
            Ok(())
        }
    }
    let calm = start_with(Scope::new("calm"), Calm::new()).await.unwrap();
    let report = calm.stop().await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn s5_no_task_of_the_app_is_alive_after_its_stop() {
    pub struct Plain;
    #[service]
    impl Plain {
        fn new() -> Self {
            Self
        }
        #[task]
        async fn follow(&self, scope: &Scope) {
            scope.cancelled().await;
        }
    }
    for _ in 0..100 {
        let plain = start_with(Scope::new("plain"), Plain::new()).await.unwrap();
        plain.stop().await;
        assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), 0);
    }
}

const ZERO: Duration = Duration::ZERO;

#[tokio::test]
async fn s4_an_interval_of_zero_names_its_service_and_its_hook() {
    pub struct Busy;
    #[service]
    impl Busy {
        fn new() -> Self {
            Self
        }
        #[interval(ZERO)]
        async fn spin(&self) {}
    }
    app! { pub Spinning { Busy } }
    let error = Spinning::start().await.unwrap_err();
    let StartError::Failed { service, step, source, report } = error else { panic!("{error}") };
    assert_eq!((&*service, step), ("Busy", "spin"));
    assert_eq!(source.to_string(), "an interval needs a period longer than zero");
    assert_eq!(report.service("Busy").unwrap().step("spin").unwrap().ended(), Ended::Failed);
}

/// Counts the warnings that are logged on this thread.
#[derive(Clone, Default)]
struct Warnings(Arc<AtomicUsize>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Warnings {
    fn on_event(
        &self,
        event: &tracing::Event<'_>,
        _context: tracing_subscriber::layer::Context<'_, S>,
    ) {
        if *event.metadata().level() == tracing::Level::WARN {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

app! { pub Empty {} }

#[tokio::test]
async fn s6_an_app_that_is_dropped_while_it_runs_says_so() {
    use tracing_subscriber::layer::SubscriberExt;
    let warnings = Warnings::default();
    let subscriber = tracing_subscriber::registry().with(warnings.clone());
    let _logged = tracing::subscriber::set_default(subscriber);

    let app = Empty::start().await.unwrap();
    app.stop().await;
    drop(app);
    assert_eq!(warnings.0.load(Ordering::SeqCst), 0);

    drop(Empty::start().await.unwrap());
    assert_eq!(warnings.0.load(Ordering::SeqCst), 1);
}

pub struct Noted {
    log: Log,
}

#[service]
impl Noted {
    fn new(log: Config<Log>) -> Self {
        Self { log: (*log).clone() }
    }
    async fn on_stop(&self) {
        self.log.say("stopped");
    }
}

app! { pub Noting(Log) { Noted } }

#[tokio::test]
async fn s6_run_until_stops_on_every_way_out() {
    let log = Log::default();
    let body = async |app: &Noting| app.handle::<Noted>().get().unwrap().log.say("body");
    let ((), report) = Noting::builder(log.clone()).run_until(body).await.unwrap();
    assert!(report.is_clean());
    assert_eq!(log.lines(), ["body", "stopped"]);

    let log = Log::default();
    let panics = Noting::builder(log.clone()).run_until(async |_: &Noting| panic!("boom"));
    let run = tokio::task::LocalSet::new();
    let joined = run.run_until(async { tokio::task::spawn_local(panics).await }).await;
    assert!(joined.unwrap_err().is_panic());
    assert_eq!(log.lines(), ["stopped"]);
}

/// Panics in its drop.
#[derive(Debug)]
pub struct Fragile;

impl std::fmt::Display for Fragile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("fragile")
    }
}

impl std::error::Error for Fragile {}

impl Drop for Fragile {
    fn drop(&mut self) {
        panic!("the drop of an error");
    }
}

/// Fails in hooks whose errors are counted.
pub struct Failing;

#[service]
impl Failing {
    fn new() -> Self {
        Self
    }

    #[interval("1ms")]
    async fn tick(&self) -> Result<(), Fragile> {
        Err(Fragile)
    }

    #[listen]
    async fn heard(&self, _: &Poked) -> Result<(), Fragile> {
        Err(Fragile)
    }
}

#[derive(Event, Clone)]
pub struct Poked;

app! { pub Fails { Failing } }

#[tokio::test]
async fn s5_an_error_whose_drop_panics_is_counted_like_others() {
    let app = Fails::start().await.unwrap();
    app.bus().emit(Poked);
    app.bus().emit(Poked);
    let all_failed = |health: &AppHealth| {
        let failures = health.failures("Failing");
        failures.len() == 2 && failures.iter().all(|hook| hook.failed() > 1)
    };
    within_async(Duration::from_secs(60), async {
        while !all_failed(&app.health().await) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let report = app.stop().await;
    assert!(matches!(report.reason(), StopReason::Requested), "{report}");
}

pub struct Ends(u8);

#[service]
impl Ends {
    fn new(code: Config<u8>) -> Self {
        Self(*code)
    }

    #[task]
    async fn end(&self, scope: &Scope) {
        scope.shutdown_with(self.0);
    }
}

app! { pub Ending(u8) { Ends } }

#[tokio::test]
async fn s5_a_service_gives_the_exit_code_and_errors_name_what_has_stopped() {
    for code in [0, 1, 3] {
        let app = Ending::start(code).await.unwrap();
        let ends = app.handle::<Ends>();
        let report = app.stopped().await;
        assert_eq!(report.exit_code(), std::process::ExitCode::from(code));
        assert_eq!(ends.get().err().expect("it has stopped").service(), "Ends");
    }
    let scope = Scope::new("ending");
    start_with(scope.clone(), Ends(0)).await.unwrap().stop().await;
    assert_eq!(scope.spawn(async {}).unwrap_err().service(), "ending");
}
