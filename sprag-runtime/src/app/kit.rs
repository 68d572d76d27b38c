//! The runtime that `#[sprag::test]` uses: a tokio runtime, a deadline, and the checks at
//! the test's end.

mod alone;
mod residue;

use std::any::Any;
use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::{ExitCode, Termination};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle as Runtime};

use self::residue::{POLL, Residue, SETTLE, settled};
use super::leaks::{self, Started};
use super::report::StopReport;
use super::{Application, StartError};
use crate::bus::{Bus, inside};
use crate::remains;
use crate::service::{AppContext, Scope, StopReason};

/// How many rounds the tasks of a test may run between two checks.
const ROUNDS: usize = 100;

/// The options of one test.
#[derive(Clone, Copy, Debug)]
pub struct TestSettings {
    /// The test's name with the path of its module.
    pub name: &'static str,
    /// The deadline, in real time, whatever `clock` says.
    pub limit: Duration,
    /// The clock of the test's runtime.
    pub clock: TestClock,
    /// How the test may end.
    pub end: TestEnd,
    /// The process of the test.
    pub process: TestProcess,
    /// Whether states and caches may outlive the test.
    pub states: TestStates,
}

/// The clock of a test's runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestClock {
    /// Time passes.
    Real,
    /// Time advances to the next timer when the runtime is idle.
    Paused,
}

/// How a test may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestEnd {
    /// The reports of all that the test started must be clean.
    Clean,
    /// The reports may have any content.
    Unclean,
}

/// The process in which a test runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestProcess {
    /// The process of the harness, which may run other tests at the same time.
    Shared,
    /// A process for this test alone, whose threads and child processes are checked.
    Own,
}

/// The states and caches that a test creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestStates {
    /// All are dropped at the end.
    Dropped,
    /// Some may be kept, in a `static` for example.
    Kept,
}

/// The end of a test.
struct TestResult {
    code: ExitCode,
    /// The names of all that still runs; empty if the test has failed.
    left: Vec<String>,
}

/// Runs `body` on a thread and a runtime of its own.
///
/// # Panics
///
/// If `body` panics. If `body` takes longer than the limit, or leaves something running;
/// the message then names the test. The thread of a test that takes too long is not
/// stopped. If the process of an `Own` test ends before the test.
#[track_caller]
pub fn run_test<F, R>(settings: TestSettings, body: F) -> ExitCode
where
    F: AsyncFnOnce(&TestKit) -> R + Send + 'static,
    R: Termination,
{
    let TestSettings { name, limit, .. } = settings;
    match settings.process {
        TestProcess::Shared => on_thread(settings, body).checked(name),
        TestProcess::Own => alone::in_own_process(name, limit, || {
            let residue = Residue::begin(name);
            let mut result = on_thread(settings, body);
            if result.code == ExitCode::SUCCESS {
                result.left.extend(listeners_left(Bus::global()));
                result.left.extend(residue.left());
            }
            result.checked(name)
        }),
    }
}

impl TestResult {
    fn checked(self, name: &str) -> ExitCode {
        let left = self.left.join("\n- ");
        assert!(left.is_empty(), "`{name}` left something behind:\n- {left}");
        self.code
    }
}

fn on_thread<F, R>(settings: TestSettings, body: F) -> TestResult
where
    F: AsyncFnOnce(&TestKit) -> R + Send + 'static,
    R: Termination,
{
    let TestSettings { name, limit, .. } = settings;
    let (sender, result) = channel();
    let run = move || drop(sender.send(catch_unwind(AssertUnwindSafe(|| run(settings, body)))));
    thread::Builder::new().name(name.to_owned()).spawn(run).expect("a thread starts");
    match result.recv_timeout(limit) {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(RecvTimeoutError::Timeout) => panic!("`{name}` hangs: not done within {limit:?}"),
        Err(RecvTimeoutError::Disconnected) => panic!("`{name}` ended without a result"),
    }
}

fn run<F, R>(settings: TestSettings, body: F) -> TestResult
where
    F: AsyncFnOnce(&TestKit) -> R,
    R: Termination,
{
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(settings.clock == TestClock::Paused);
    let runtime = builder.build().expect("a runtime starts");
    leaks::begin();
    if settings.states == TestStates::Dropped {
        remains::begin();
    }
    let whole = || runtime.block_on(whole_test(settings, body));
    let result = catch_unwind(AssertUnwindSafe(whole));
    // A blocking job that a failed test leaves behind must not hide the test's panic.
    runtime.shutdown_background();
    result.unwrap_or_else(|panic: Box<dyn Any + Send>| resume_unwind(panic))
}

/// The test and the checks. A test that returned an error is not checked.
async fn whole_test<F, R>(settings: TestSettings, body: F) -> TestResult
where
    F: AsyncFnOnce(&TestKit) -> R,
    R: Termination,
{
    let kit = TestKit { settings, bus: OnceCell::new(), own: RefCell::default() };
    let code = body(&kit).await.report();
    let left = if code == ExitCode::SUCCESS { kit.left_behind().await } else { Vec::new() };
    TestResult { code, left }
}

/// The value that a test passes to its body.
pub struct TestKit {
    settings: TestSettings,
    bus: OnceCell<Bus>,
    /// The app of the test.
    own: RefCell<Option<Started>>,
}

impl TestKit {
    /// Starts the app of the test. The test then uses that app's bus.
    ///
    /// # Panics
    ///
    /// When the start fails.
    pub async fn start<A: Application>(
        &self,
        start: impl Future<Output = Result<A, StartError>>,
    ) -> A {
        let app = match start.await {
            Ok(app) => app,
            Err(error) => panic!("the app of `{}` did not start: {error}", self.settings.name),
        };
        let _first = self.bus.set(app.__app().bus().clone()).is_ok();
        *self.own.borrow_mut() = Some(Started::new(&app.__app().supervisor.app));
        app
    }

    /// Runs the test itself, with the test's bus as the current one.
    pub async fn body<F: Future>(&self, body: F) -> F::Output {
        inside(self.bus(), body).await
    }

    /// Stops the app.
    pub async fn stop<A: Application>(&self, app: &A) {
        app.__app().stop().await;
    }

    /// The bus of the app, or the test's own if there is no app.
    pub fn bus(&self) -> Bus {
        self.bus.get_or_init(Bus::new).clone()
    }

    /// A new scope on the bus of the test.
    pub fn scope(&self) -> Scope {
        let name = self.settings.name.rsplit("::").next().unwrap_or_default();
        Scope::in_context(name, AppContext::new(name, Runtime::current(), self.bus()))
    }

    /// Stops all that the test has started, and names what should have ended before.
    async fn left_behind(&self) -> Vec<String> {
        let started = leaks::take();
        let running = started.iter().flat_map(Started::left_running);
        let mut left: Vec<String> = running.map(|name| format!("{name} still runs")).collect();
        let own = self.own.borrow_mut().take();
        if let Some(report) = stopped(own).await {
            left.extend(self.unclean(&report));
        }
        for started in started {
            let was_read = started.was_read();
            let report = stopped(Some(started)).await;
            let checked = |report: &StopReport| !was_read && is_of_a_life(report);
            let unclean = report.filter(checked).and_then(|report| self.unclean(&report));
            // A test that owned its app has dropped it.
            left.extend(unclean.filter(|unclean| !left.contains(unclean)));
        }
        left.extend(tasks_left().await);
        left.extend(self.bus.get().into_iter().flat_map(listeners_left));
        left.extend(settled(remains::alive));
        left
    }

    /// The report, if the test must end cleanly and did not.
    fn unclean(&self, report: &StopReport) -> Option<String> {
        let must = self.settings.end == TestEnd::Clean && !report.is_clean();
        must.then(|| format!("a stop was not clean: {report}"))
    }
}

/// Whether the app had started. The error of a failed start has its report.
fn is_of_a_life(report: &StopReport) -> bool {
    !matches!(report.reason(), StopReason::NotStarted)
}

async fn stopped(started: Option<Started>) -> Option<StopReport> {
    started?.stopped().await
}

/// The listeners of the test's bus: subscriptions, streams and caches that were not dropped.
fn listeners_left(bus: &Bus) -> Vec<String> {
    let left = bus.listeners().into_iter();
    let left = left.map(|(event, count)| match count {
        1 => format!("1 listener of `{event}` is subscribed"),
        n => format!("{n} listeners of `{event}` are subscribed"),
    });
    left.collect()
}

/// The tasks that do not end by themselves within a second, for example because a job on
/// another thread ends. A paused clock does not advance during that time.
async fn tasks_left() -> Option<String> {
    let alive = || Runtime::current().metrics().num_alive_tasks();
    let began = Instant::now();
    loop {
        for _ in 0..ROUNDS {
            if alive() == 0 {
                return None;
            }
            tokio::task::yield_now().await;
        }
        if began.elapsed() > SETTLE {
            break;
        }
        thread::sleep(POLL);
    }
    match alive() {
        0 => None,
        1 => Some("1 task still runs".to_owned()),
        n => Some(format!("{n} tasks still run")),
    }
}

impl fmt::Debug for TestKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestKit").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ends when it was polled so often.
    async fn polled(times: usize) {
        for _ in 0..times {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_task_that_ends_after_many_polls_is_not_left() {
        let task = tokio::spawn(polled(20 * ROUNDS));
        assert_eq!(tasks_left().await, None);
        assert!(task.is_finished());
    }
}
