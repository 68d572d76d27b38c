//! Starting and stopping again and again, in a process of its own: memory, threads and tasks
//! are the process's.

use std::ops::Range;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use peak_alloc::PeakAlloc;
use sprag::prelude::*;
use sprag::service::{OnFailure, ProcessCommand};
use test_support::within;
use tokio::runtime::Handle as Runtime;
use tokio::task::JoinSet;

use super::case::{Case, Fault, Leaf, Parent, Trial};
use super::outcome::Threads;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const ROLE: &str = "SPRAG_TEST_ROUNDS";

/// The number of children in the process of their test.
const CHILDREN: &str = "SPRAG_TEST_CHILDREN";

/// Everything is warm after so many rounds.
const WARM: usize = 40;
const ROUNDS: usize = 400;

/// A restart takes its delay of 100 to 200 ms.
const RESTART_EVERY: usize = 20;

fn alone(test: &str, (role, value): (&str, &str)) {
    let own = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(role, value)
        .output()
        .unwrap();
    assert!(own.status.success(), "{}", String::from_utf8_lossy(&own.stderr));
}

#[test]
fn s10_children_that_have_stopped_leave_memory_and_tasks_where_they_were() {
    alone("rounds::process_of_the_children", (CHILDREN, "2000"));
}

#[test]
fn process_of_the_children() {
    let Ok(count) = std::env::var(CHILDREN) else { return };
    let count: usize = count.parse().unwrap();
    within(Duration::from_secs(600), move || {
        let runtime = Threads::Two.runtime();
        let (warm, after) = runtime.block_on(async {
            let app = Trial::start(Case::new("none", Fault::Panic)).await.unwrap();
            let scope = app.handle::<Parent>().get().unwrap().scope.clone();
            children(&scope, 0..200).await;
            let warm = usage();
            children(&scope, 200..count + 200).await;
            let after = usage();
            assert!(app.stop().await.is_clean());
            (warm, after)
        });
        println!("{warm:?}, after {count} children {after:?}");
        assert!(after.0 < warm.0 + 16_384, "{warm:?} bytes became {after:?}");
    });
}

/// Starts and stops so many children, 50 at a time.
async fn children(scope: &Scope, numbers: Range<usize>) {
    let (_, tasks) = usage();
    for first in numbers.clone().step_by(50) {
        let mut lives = JoinSet::new();
        for n in first..(first + 50).min(numbers.end) {
            let scope = scope.clone();
            lives.spawn(async move {
                let child = scope.child_of::<Leaf>(&format!("leaf {n}")).await.unwrap();
                assert!(child.stop().await.is_clean());
            });
        }
        lives.join_all().await;
    }
    // The threads that release the last ones may take a moment to end.
    while threads() > 8 || usage().1 > tasks {
        tokio::task::yield_now().await;
    }
}

/// The memory in bytes, and the number of tasks.
fn usage() -> (usize, usize) {
    (MEMORY.current_usage(), Runtime::current().metrics().num_alive_tasks())
}

#[test]
fn s5_four_hundred_starts_and_stops_leave_memory_threads_and_tasks_where_they_were() {
    alone("rounds::process_of_the_rounds", (ROLE, "yes"));
}

#[test]
fn process_of_the_rounds() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    within(Duration::from_secs(600), || {
        let warm = rounds_on_a_runtime(WARM);
        let after = rounds_on_a_runtime(ROUNDS);
        assert!(after.memory < warm.memory + 16_384, "{warm:?} became {after:?}");
        // A thread of the runtime may take a moment to end, and to close its files.
        while threads() > warm.threads || files() > warm.files {
            std::thread::yield_now();
        }
    });
}

#[derive(Debug)]
struct Usage {
    memory: usize,
    threads: usize,
    files: usize,
}

fn rounds_on_a_runtime(count: usize) -> Usage {
    let runtime = Threads::One.runtime();
    runtime.block_on(rounds(count));
    drop(runtime);
    Usage { memory: MEMORY.current_usage(), threads: threads(), files: files() }
}

async fn rounds(count: usize) {
    for round in 0..count {
        let case = Case::new("none", Fault::Panic);
        let released = Arc::clone(&case.released);
        let rule = OnFailure::restart(1, Duration::from_secs(10));
        let app = Trial::builder(case).on_failure::<Parent>(rule).start().await.unwrap();
        let restarts = round % RESTART_EVERY == 0;
        if restarts {
            restart(&app).await;
        }
        let scope = app.handle::<Parent>().get().unwrap().scope.clone();
        let child = scope.child_of::<Leaf>("leaf").await.unwrap();
        scope.process(ProcessCommand::new("sleep").arg("600")).await.unwrap();
        let report = app.stop().await;
        // The failure before a restart is in the report.
        assert!(report.is_clean() != restarts, "{round}: {report}");
        drop((app, scope, child, report));
        // The supervisor's thread drops the app's values when it ends.
        while Arc::strong_count(&released) > 1 {
            tokio::task::yield_now().await;
        }
    }
    while Runtime::current().metrics().num_alive_tasks() > 0 {
        tokio::task::yield_now().await;
    }
}

/// Lets `Parent` fail, and waits for its next life.
async fn restart(app: &Trial) {
    let scope = app.handle::<Parent>().get().unwrap().scope.clone();
    scope.spawn(async { Err::<(), _>("some error") }).unwrap();
    while app.health().await.restarts("Parent") == 0 || !app.is_ready() {
        tokio::task::yield_now().await;
    }
}

/// The open files of this process, where the system says how many there are.
fn files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// The threads of this process, where the system says how many there are.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}
