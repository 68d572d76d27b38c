//! S5: intervals and timeouts run on the clock of the runtime, and a paused clock does not
//! advance while an app starts, stops or is checked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sprag::{prelude::*, start_with};
use tokio::time::{Instant, sleep, timeout};

use super::support::{Log, Poked};

/// Counts the minutes by which the clock advances.
pub struct Minutes {
    passed: Config<AtomicUsize>,
}

#[service]
impl Minutes {
    fn new(passed: Config<AtomicUsize>) -> Self {
        Self { passed }
    }

    #[interval("60s")]
    fn minute(&self) {
        self.passed.fetch_add(1, Ordering::SeqCst);
    }

    #[listen]
    async fn poked(&self, _event: &Poked) {
        tokio::task::yield_now().await;
    }
}

pub struct Sleeper;

#[service(depends_on(Minutes))]
impl Sleeper {
    async fn new() -> Self {
        sleep(Duration::from_secs(1)).await;
        Self
    }

    #[health]
    async fn health(&self) -> Health {
        sleep(Duration::from_secs(1)).await;
        Health::Healthy
    }

    async fn on_stop(&self) {
        sleep(Duration::from_secs(1)).await;
    }

    #[task]
    async fn end_slowly(&self, scope: &Scope) {
        scope.cancelled().await;
        sleep(Duration::from_secs(1)).await;
    }
}

app! { pub Clocks(AtomicUsize) { Minutes, Sleeper } }

#[tokio::test(start_paused = true)]
async fn s5_a_paused_clock_passes_the_time_that_hooks_sleep_and_no_more() {
    for _ in 0..20 {
        let began = Instant::now();
        let start = Clocks::start(AtomicUsize::new(0));
        let app = timeout(Duration::from_secs(30), start).await.expect("in time").unwrap();
        let minutes = app.handle::<Minutes>().get().unwrap().passed.clone();
        assert_eq!(began.elapsed().as_secs(), 1, "the `new` of `Sleeper`");

        assert!(app.health().await.status().is_healthy());
        assert_eq!(began.elapsed().as_secs(), 2, "its health check");

        app.bus().emit(Poked { by: 1 });
        let report = timeout(Duration::from_secs(30), app.stop()).await.expect("in time");
        assert!(report.is_clean(), "{report}");
        assert_eq!(began.elapsed().as_secs(), 4, "its `on_stop` and its task");
        assert_eq!(minutes.load(Ordering::SeqCst), 0);
    }
}

/// Its hooks start, check and stop children, one of which sleeps.
pub struct Nursery;

#[service]
impl Nursery {
    fn new() -> Self {
        Self
    }

    async fn on_start(&self, scope: &Scope) -> sprag::Result<()> {
        for name in 0..20 {
            let child = scope.child(&name.to_string(), |_| Quick).await?;
            assert!(child.health().await.is_healthy());
        }
        let sleeper = scope.child("sleeper", |_| Sleeper).await?;
        sleeper.stop().await;
        let (one, other) =
            tokio::join!(scope.child("one", |_| Quick), scope.child("other", |_| Quick));
        tokio::join!(one?.stop(), other?.stop(), sleep(Duration::from_secs(1)));
        Ok(())
    }
}

pub struct Quick;

#[service]
impl Quick {
    fn new() -> Self {
        Self
    }

    #[interval("60s")]
    async fn tick(&self) {}

    async fn on_start(&self) {}

    async fn on_stop(&self) {}
}

app! { pub Children { Nursery } }

#[tokio::test(start_paused = true)]
async fn s5_a_paused_clock_does_not_pass_while_a_hook_waits_for_its_children() {
    for _ in 0..20 {
        let began = Instant::now();
        let app = Children::start().await.unwrap();
        // The `on_stop` and the task of `Sleeper`, and the `sleep` of `Nursery`.
        assert_eq!(began.elapsed().as_secs(), 3);
        let report = app.stop().await;
        assert!(report.is_clean(), "{report}");
        assert_eq!(began.elapsed().as_secs(), 3);
    }
}

#[tokio::test]
async fn s5_intervals_and_timeouts_run_on_the_runtime_clock_and_outlive_their_errors() {
    pub struct Ticking {
        log: Log,
    }
    #[service]
    impl Ticking {
        #[interval("60s")]
        async fn tick(&self) -> Result<(), &'static str> {
            self.log.say("tick");
            Err("reported, and it goes on")
        }
        #[interval("60s")]
        fn tock(&self) {
            self.log.say("tock");
            panic!("reported, and it goes on");
        }
        fn new(log: Config<Log>) -> Self {
            Self { log: (*log).clone() }
        }
        fn on_start(&self, scope: &Scope) -> sprag::Result<()> {
            let log = self.log.clone();
            scope.timeout(Duration::from_secs(90), move || async move { log.say("timeout") })?;
            Ok(())
        }
    }
    let log = Log::default();
    let service = Ticking::new(Config::new(log.clone()));
    let service = start_with(Scope::new("ticking"), service).await.unwrap();
    tokio::time::pause();
    sleep(Duration::from_secs(59)).await;
    assert_eq!(log.lines(), Vec::<String>::new());
    sleep(Duration::from_secs(62)).await;
    let mut lines = log.lines();
    lines[..2].sort();
    lines[3..].sort();
    assert_eq!(lines, ["tick", "tock", "timeout", "tick", "tock"]);
    assert!(service.is_ready());
    let report = service.stop().await;
    let failures = report.services()[0].failures();
    let counts: Vec<_> = failures.iter().map(|hook| (hook.hook(), hook.failed())).collect();
    assert_eq!(counts, [("tick", 2), ("tock", 2)]);
    assert_eq!(failures[1].last_error(), Some("panicked: reported, and it goes on"));
    assert!(!report.is_clean());
    assert_eq!(report.exit_code(), std::process::ExitCode::SUCCESS, "it went on");
}
