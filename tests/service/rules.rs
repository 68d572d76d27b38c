//! S8: the rules for a failure that `#[service]` and `#[task]` state.

use std::sync::atomic::{AtomicUsize, Ordering};

use sprag::prelude::*;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

#[derive(Default)]
pub struct Runs(AtomicUsize);

pub struct Fails {
    runs: Config<Runs>,
    told: Config<UnboundedSender<usize>>,
}

#[service(restart = on_failure(3, "10s"))]
impl Fails {
    fn new(runs: Config<Runs>, told: Config<UnboundedSender<usize>>) -> Self {
        Self { runs, told }
    }

    #[task]
    async fn once(&self) -> sprag::Result<()> {
        let run = self.runs.0.fetch_add(1, Ordering::SeqCst);
        self.told.send(run)?;
        if run == 0 { Err(sprag::Error::msg("the first run fails")) } else { Ok(()) }
    }

    #[task(on_failure = report)]
    async fn reported(&self) -> sprag::Result<()> {
        Err(sprag::Error::msg("nobody restarts for this"))
    }
}

app! { Hub(Runs, UnboundedSender<usize>) { Fails } }

#[tokio::test]
async fn s8_a_service_restarts_by_the_rule_in_its_attribute() {
    let (told, mut runs) = unbounded_channel();
    let hub = Hub::start(Runs::default(), told).await.unwrap();
    assert_eq!(runs.recv().await, Some(0));
    assert_eq!(runs.recv().await, Some(1), "it was restarted");
    assert!(hub.is_alive());
    hub.stop().await;
}

/// A task of each of its two lives fails and is reported; then the first life fails.
pub struct Twice {
    runs: Config<Runs>,
    scope: Scope,
}

#[service(restart = on_failure(3, "10s"))]
impl Twice {
    fn new(runs: Config<Runs>, scope: &Scope) -> Self {
        Self { runs, scope: scope.clone() }
    }

    #[task(on_failure = report)]
    async fn reported(&self) -> sprag::Result<()> {
        Err(sprag::Error::msg("reported"))
    }

    #[task]
    async fn fatal(&self, scope: &Scope) -> sprag::Result<()> {
        while self.scope.health().await.failures("Twice").is_empty() {
            tokio::task::yield_now().await;
        }
        if self.runs.0.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(sprag::Error::msg("fatal"));
        }
        scope.cancelled().await;
        Ok(())
    }
}

app! { Lives(Runs) { Twice } }

#[tokio::test]
async fn s9_the_failures_of_all_lives_are_listed_once_for_each_hook() {
    let app = Lives::start(Runs::default()).await.unwrap();
    let both = |health: &sprag::app::AppHealth| {
        let failures = health.failures("Twice").iter();
        let failures = failures.map(|hook| (hook.hook().to_owned(), hook.failed()));
        failures.collect::<Vec<_>>() == [("fatal".to_owned(), 1), ("reported".to_owned(), 2)]
    };
    test_support::within_async(std::time::Duration::from_secs(60), async {
        while !both(&app.health().await) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    app.stop().await;
}

#[tokio::test]
async fn s10_a_task_may_loop_without_end() {
    let scope = Scope::new("loop");
    let task = scope.spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    task.unwrap().abort();
}
