//! Starting and stopping again and again, in a process of its own: memory, threads and tasks
//! are the process's.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use peak_alloc::PeakAlloc;
use test_support::within;
use tokio::runtime::Handle as Runtime;

use super::case::{Case, Fault, Leaf, Parent, Trial};
use super::outcome::Threads;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const ROLE: &str = "SPRAG_TEST_ROUNDS";

/// Everything is warm after so many rounds.
const WARM: usize = 40;
const ROUNDS: usize = 400;

#[test]
fn s5_four_hundred_starts_and_stops_leave_memory_threads_and_tasks_where_they_were() {
    let own = Command::new(std::env::current_exe().unwrap())
        .args(["rounds::process_of_the_rounds", "--exact", "--nocapture"])
        .env(ROLE, "yes")
        .output()
        .unwrap();
    assert!(own.status.success(), "{}", String::from_utf8_lossy(&own.stderr));
}

#[test]
fn process_of_the_rounds() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    within(Duration::from_secs(120), || {
        let warm = rounds_on_a_runtime(WARM);
        let after = rounds_on_a_runtime(ROUNDS);
        assert!(after.memory < warm.memory + 20 * ROUNDS, "{warm:?} became {after:?}");
        // A thread of the runtime may take a moment to end.
        while threads() > warm.threads {
            std::thread::yield_now();
        }
    });
}

#[derive(Debug)]
struct Usage {
    memory: usize,
    threads: usize,
}

fn rounds_on_a_runtime(count: usize) -> Usage {
    let runtime = Threads::One.runtime();
    runtime.block_on(rounds(count));
    drop(runtime);
    Usage { memory: MEMORY.current_usage(), threads: threads() }
}

async fn rounds(count: usize) {
    for round in 0..count {
        let case = Case::new("none", Fault::Panic);
        let released = Arc::clone(&case.released);
        let app = Trial::start(case).await.unwrap();
        let scope = app.handle::<Parent>().get().unwrap().scope.clone();
        let child = scope.child_of::<Leaf>("leaf").await.unwrap();
        let report = app.stop().await;
        assert!(report.is_clean(), "{round}: {report}");
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

/// The threads of this process, where the system says how many there are.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}
