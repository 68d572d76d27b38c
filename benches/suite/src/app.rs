//! An app with 100 services is started and stopped: ten chains of ten, each service with
//! a start and a stop hook and a task that runs until it is cancelled.
//!
//! The floor starts the services one after the other and stops them in reverse: it has no
//! deadlines, no report, no rollback and no parallel steps. No crate of the comparison
//! offers this.

mod services;

use std::time::{Duration, Instant};

use bench_harness::{Contest, Options, Report, Role};
use tokio::runtime::Runtime;

use self::services::{ByHand, Hundred};

/// Start and stop.
pub(crate) fn run(options: &Options, report: &mut Report) {
    let runtime = &Runtime::new().expect("the system gives threads");
    let scenario = "app of 100 services";
    Contest::new(scenario, "start")
        .add_batches(Role::Floor, "by hand", |count| {
            (0..count).map(|_| runtime.block_on(by_hand()).0).sum()
        })
        .add_batches(Role::Sprag, "sprag", |count| {
            (0..count).map(|_| runtime.block_on(sprag()).0).sum()
        })
        .run(options, report);
    Contest::new(scenario, "stop")
        .add_batches(Role::Floor, "by hand", |count| {
            (0..count).map(|_| runtime.block_on(by_hand()).1).sum()
        })
        .add_batches(Role::Sprag, "sprag", |count| {
            (0..count).map(|_| runtime.block_on(sprag()).1).sum()
        })
        .run(options, report);
}

/// How long a start and a stop took.
async fn by_hand() -> (Duration, Duration) {
    let begin = Instant::now();
    let mut running = Vec::with_capacity(100);
    for _ in 0..100 {
        running.push(ByHand::start().await);
    }
    let started = begin.elapsed();
    while let Some(service) = running.pop() {
        service.stop().await;
    }
    (started, begin.elapsed() - started)
}

/// How long a start and a stop took.
async fn sprag() -> (Duration, Duration) {
    let begin = Instant::now();
    let app = Hundred::start().await.expect("no service fails");
    let started = begin.elapsed();
    let report = app.stop().await;
    let stopped = begin.elapsed() - started;
    assert!(report.is_clean(), "{report}");
    (started, stopped)
}
