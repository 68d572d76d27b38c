//! S5: a paused clock does not advance while an app starts, stops or is checked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sprag::prelude::*;
use tokio::time::{Instant, sleep, timeout};

use super::support::Poked;

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
