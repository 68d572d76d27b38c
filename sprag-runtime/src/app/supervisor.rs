//! The thread that runs an app's life, on the real clock.
//!
//! The thread has a runtime of its own: on the app's runtime a blocking hook would delay
//! the deadlines, and a test that pauses the clock would let every hook time out at once.
//! No user code runs on the thread, log subscribers included. If the lifecycle panics
//! nonetheless, the thread still stops the services.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::hangup::Emit;
use super::report::StopReport;
use super::restart_order::restart_failed;
use super::shared::AppState;
use super::start::{StartFailure, start_all};
use super::start_error::StartError;
use super::stop::stop_all;
use crate::error::{Result, SharedError};
use crate::isolate::{discard, isolated, quietly};
use crate::service::StopReason;

/// How long the end of the sentinel may take if the runtime is blocked.
const SENTINEL: Duration = Duration::from_millis(50);

/// The signals that an app handles.
#[derive(Default)]
pub(crate) struct WatchedSignals {
    /// Whether SIGINT and SIGTERM stop the app.
    pub(crate) stop: bool,
    /// Emits the event of a SIGHUP.
    pub(crate) hangup: Option<Emit>,
}

impl WatchedSignals {
    fn watch(self, app: &AppState) -> io::Result<()> {
        if self.stop {
            app.watch_signals()?;
        }
        self.hangup.map_or(Ok(()), |emit| app.watch_hangup(emit))
    }
}

/// Starts the app; answers when the app runs, or has failed and was rolled back.
///
/// Dropping the future rolls the start back, too.
pub(crate) async fn launch(
    app: AppState,
    signals: WatchedSignals,
) -> Result<SupervisorHandle, StartError> {
    let app = Arc::new(app);
    let _waiting = app.context.clock.waiting();
    app.context.set_app(weak(&app));
    #[cfg(feature = "test")]
    super::leaks::note(&app);
    #[cfg(feature = "metrics")]
    app.measure_from_now_on();
    let (answer, answered) = oneshot::channel();
    let thread = std::thread::Builder::new().name(format!("sprag {}", app.context.name));
    let supervised = Arc::clone(&app);
    thread
        .spawn(move || supervise(supervised, signals, answer))
        .map_err(|source| supervisor_error(&app, source))?;
    answered.await.unwrap_or_else(|_| {
        Err(supervisor_error(&app, io::Error::other("the thread that supervises it has ended")))
    })
}

/// The state of an app, as its context refers to it.
pub(super) fn weak(app: &Arc<AppState>) -> Weak<dyn Any + Send + Sync> {
    let app: Weak<AppState> = Arc::downgrade(app);
    app
}

/// A running app. Dropping this requests a stop of the app.
pub(crate) struct SupervisorHandle {
    pub(crate) app: Arc<AppState>,
    dropped: Dropped,
}

/// The effect of dropping a [`SupervisorHandle`].
enum Dropped {
    Stops,
    Nothing,
}

impl SupervisorHandle {
    fn new(app: &Arc<AppState>) -> Self {
        Self { app: Arc::clone(app), dropped: Dropped::Stops }
    }

    /// The app, which goes on without this handle.
    pub(crate) fn keep(mut self) -> Arc<AppState> {
        self.dropped = Dropped::Nothing;
        Arc::clone(&self.app)
    }

    /// Stops the app, and waits until it has stopped. The stop begins at the call.
    pub(crate) fn stop(&self) -> impl Future<Output = StopReport> + Send + use<> {
        self.app.context.request_stop(StopReason::Requested);
        let app = Arc::clone(&self.app);
        async move { app.stopped().await }
    }
}

impl Drop for SupervisorHandle {
    fn drop(&mut self) {
        let context = &self.app.context;
        let goes_on = matches!(self.dropped, Dropped::Nothing);
        if goes_on || context.is_stop_requested() || self.app.is_stopped() {
            return;
        }
        let app = &*context.name;
        if !context.is_child() {
            quietly(|| {
                tracing::warn!(
                    app,
                    "the app was dropped; it stops, but nothing waits for the stop"
                );
            });
        }
        context.request_stop(StopReason::Dropped);
    }
}

pub(super) type Answer = oneshot::Sender<Result<SupervisorHandle, StartError>>;

fn supervise(app: Arc<AppState>, signals: WatchedSignals, answer: Answer) {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    match builder.enable_time().build() {
        Ok(runtime) => {
            match signals.watch(&app) {
                Ok(()) => run(&runtime, &app, run_lifecycle(&app, answer, &())),
                Err(source) => refuse(&app, answer, source),
            }
            // Threads that hang in the release of a user's value are abandoned.
            runtime.shutdown_background();
        }
        Err(source) => refuse(&app, answer, source),
    }
    // The last reference may drop the app's values.
    isolated(&"the drop of an app's values", || drop(app));
}

/// Runs `lifecycle`. If it panics, the started services are stopped nonetheless. A report
/// is published in any case.
fn run(runtime: &Runtime, app: &Arc<AppState>, lifecycle: impl Future<Output = ()>) {
    let stop = async {
        let report = stop_all(app, StopReason::SupervisorFailed).await;
        app.publish(report);
    };
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| runtime.block_on(lifecycle))) {
        discard(payload);
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| runtime.block_on(stop))) {
            discard(payload);
        }
    }
    if !app.is_stopped() {
        app.publish(app.report_of(StopReason::SupervisorFailed, Duration::ZERO));
    }
}

/// Answers that the app cannot be supervised; no service was started.
fn refuse(app: &Arc<AppState>, answer: Answer, source: io::Error) {
    app.publish(app.report_of(StopReason::NotStarted, Duration::ZERO));
    reply(answer, Err(supervisor_error(app, source)));
}

/// A task that never ends by itself, so its end shows that the app's runtime has ended. A
/// child uses the runtime of its parent, which watches it.
struct Sentinel(Option<JoinHandle<()>>);

impl Sentinel {
    fn of(app: &AppState) -> Self {
        let own = !app.context.is_child();
        Self(own.then(|| app.context.runtime.spawn(std::future::pending::<()>())))
    }

    /// Waits until the app's runtime has ended.
    async fn ended(&mut self) {
        match &mut self.0 {
            Some(task) => drop(task.await.is_err()),
            None => std::future::pending().await,
        }
    }

    async fn end(self) {
        if let Some(task) = self.0.filter(|task| !task.is_finished()) {
            task.abort();
            let _blocked = timeout(SENTINEL, task).await.is_err();
        }
    }
}

/// An observer of the end of a life, called on the supervisor's thread.
pub(super) trait LifeObserver {
    /// Called when the started services begin to stop, with the reason.
    fn stops(&self, _reason: &StopReason) {}

    /// Called when all services have stopped, before the report is published.
    fn stopped(&self, _report: &StopReport) {}
}

impl LifeObserver for () {}

/// Runs the life of an app, from the first hook to the last release.
pub(super) async fn run_lifecycle(
    app: &Arc<AppState>,
    mut answer: Answer,
    observer: &impl LifeObserver,
) {
    // Stored in the app, which outlives this runtime and must detect its end.
    let _first = app.supervisor.set(tokio::runtime::Handle::current()).is_ok();
    let mut sentinel = Sentinel::of(app);
    let starting = app.context.clock.waiting();
    match start(app, &mut answer, &mut sentinel).await {
        Ok(()) => {
            app.mark_ready();
            app.log_started();
            reply(answer, Ok(SupervisorHandle::new(app)));
            drop(starting);
            let reason = until_stop(app, &mut sentinel).await;
            observer.stops(&reason);
            finish(app, reason, sentinel, observer).await;
        }
        Err(failure) => {
            let report = finish(app, failure.reason(), sentinel, observer).await;
            reply(answer, Err(failure.into_error(app, report)));
        }
    }
}

/// Waits until the app must stop. Services that fail until then are restarted.
async fn until_stop(app: &Arc<AppState>, sentinel: &mut Sentinel) -> StopReason {
    let cancel = CancellationToken::new();
    let mut restarts = std::pin::pin!(restart_failed(app, &cancel));
    let reason = tokio::select! {
        biased;
        reason = app.context.stop_requested() => reason,
        () = sentinel.ended() => StopReason::RuntimeEnded,
        Some(reason) = &mut restarts => return reason,
    };
    cancel.cancel();
    // The restarts in progress end first, so that no service starts during the stop.
    let _too_late = restarts.await;
    reason
}

/// Stops the services and publishes the report.
async fn finish(
    app: &Arc<AppState>,
    reason: StopReason,
    sentinel: Sentinel,
    observer: &impl LifeObserver,
) -> StopReport {
    let _stopping = app.context.take_request();
    let report = stop_all(app, reason).await;
    sentinel.end().await;
    observer.stopped(&report);
    app.publish(report.clone());
    report
}

/// Answers the caller of the start. If the caller has gone, the answer is dropped, and a
/// `SupervisorHandle` in it requests a stop.
fn reply(answer: Answer, result: Result<SupervisorHandle, StartError>) {
    // The waker, and the drop of an error, are users' code.
    isolated(&"the answer to a start", || drop(answer.send(result)));
}

/// Starts the services, unless the start is interrupted.
async fn start(
    app: &Arc<AppState>,
    answer: &mut Answer,
    sentinel: &mut Sentinel,
) -> Result<(), StartFailure> {
    let cancel = CancellationToken::new();
    let mut starting = std::pin::pin!(start_all(app, &cancel));
    let interrupted = tokio::select! {
        biased;
        started = &mut starting => return started,
        reason = app.context.stop_requested() => reason,
        () = answer.closed() => StopReason::Dropped,
        () = sentinel.ended() => StopReason::RuntimeEnded,
    };
    cancel.cancel();
    // Any failure from here on is caused by the interruption.
    let _called_off = starting.await.is_err();
    Err(StartFailure::Interrupted(interrupted))
}

impl StartFailure {
    fn reason(&self) -> StopReason {
        match self {
            Self::RuntimeEnded => StopReason::RuntimeEnded,
            Self::Interrupted(reason) => reason.clone(),
            _ => StopReason::NotStarted,
        }
    }

    fn into_error(self, app: &AppState, report: StopReport) -> StartError {
        let reason = self.reason();
        match self {
            Self::Failed { service, step, error } => {
                let source = SharedError::new(Arc::new(error));
                StartError::Failed { service, step, source, report }
            }
            Self::TimedOut { service, step, limit } => {
                StartError::TimedOut { service, step, limit, report }
            }
            Self::TotalSpent => {
                let (app_name, limit) = (Arc::clone(&app.context.name), app.limits.start_total);
                StartError::TotalSpent { app: app_name, limit, waiting: app.not_started(), report }
            }
            Self::Interrupted(StopReason::Failed { service, error }) => {
                let source = SharedError::new(error);
                StartError::Failed { service, step: "a task", source, report }
            }
            Self::Cancelled | Self::RuntimeEnded | Self::Interrupted(_) => {
                StartError::Stopped { app: Arc::clone(&app.context.name), reason, report }
            }
        }
    }
}

fn supervisor_error(app: &AppState, source: io::Error) -> StartError {
    StartError::Supervisor { app: Arc::clone(&app.context.name), source }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::super::graph::ServiceOrder;
    use super::super::limits::Limits;
    use super::super::report::Ended;
    use super::super::shared::ServiceCell;
    use super::super::start::start_all;
    use super::*;
    use crate::bus::Bus;
    use crate::error::Error;
    use crate::service::{AppContext, BoxFuture, Scope, ServiceSlot};

    /// An app whose one service fails to be created, after its scope has got a resource.
    fn app(name: &'static str) -> (Arc<AppState>, Arc<AtomicBool>) {
        let context = AppContext::new(name, tokio::runtime::Handle::current(), Bus::new());
        let released = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&released);
        let create = Box::new(move |scope: &Scope| -> BoxFuture<_> {
            let flag = Arc::clone(&flag);
            scope.cleanup(move || flag.store(true, Ordering::SeqCst));
            Box::pin(async { Err(Error::msg("no disk")) })
        });
        let scope = Scope::in_context("db", Arc::clone(&context));
        let cell = ServiceCell::new("db", Arc::new(ServiceSlot::new("db")), scope, create);
        (
            Arc::new(AppState::new(context, Limits::new(), vec![cell], ServiceOrder::single())),
            released,
        )
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn s5_a_supervisor_that_fails_goes_on_stopping() {
        let (app, released) = app("failing");
        let supervised = Arc::clone(&app);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            run(&runtime.unwrap(), &supervised, async {
                let _failed = start_all(&supervised, &CancellationToken::new()).await.is_err();
                panic!("the supervisor fails");
            });
        });
        let report = app.stopped().await;
        thread.join().unwrap();

        assert!(matches!(report.reason(), StopReason::SupervisorFailed), "{report}");
        assert!(released.load(Ordering::SeqCst));
        assert_eq!(report.service("db").unwrap().step("new").unwrap().ended(), Ended::Failed);
        assert!(!report.is_clean());
    }

    #[tokio::test]
    async fn s5_a_service_that_was_not_stopped_is_in_the_report() {
        let (app, _) = app("lost");
        app.services[0].state(|state| state.begun = true);
        let took = Duration::from_secs(3);
        let report = app.report_of(StopReason::Requested, took);
        assert_eq!(report.took(), took);
        assert_eq!(report.service("db").unwrap().ended(), Ended::Skipped);
        assert!(!report.is_clean());
    }

    #[tokio::test]
    async fn s4_an_app_that_cannot_be_supervised_answers_with_the_error() {
        let (app, released) = app("refused");
        let (answer, answered) = oneshot::channel();
        refuse(&app, answer, io::Error::other("no clock"));

        let Ok(Err(StartError::Supervisor { source, .. })) = answered.await else {
            panic!("the start is refused")
        };
        assert_eq!(source.to_string(), "no clock");
        let report = app.stopped().await;
        assert!(matches!(report.reason(), StopReason::NotStarted), "{report}");
        assert!(!released.load(Ordering::SeqCst), "nothing was made");
    }

    #[tokio::test]
    async fn s4_a_start_says_why_it_was_called_off() {
        let (app, _) = app("ended");
        let report = || app.report_of(StopReason::NotStarted, Duration::ZERO);
        let reason = |failure: StartFailure| match failure.into_error(&app, report()) {
            StartError::Stopped { reason, .. } => reason,
            other => panic!("{other}"),
        };
        assert!(matches!(reason(StartFailure::RuntimeEnded), StopReason::RuntimeEnded));
        assert!(matches!(reason(StartFailure::Cancelled), StopReason::NotStarted));
        let dropped = StartFailure::Interrupted(StopReason::Dropped);
        assert!(matches!(reason(dropped), StopReason::Dropped));
    }

    #[tokio::test]
    async fn s4_an_app_stops_with_its_handle_unless_the_handle_is_given_up() {
        let (app, _) = app("kept");
        drop(SupervisorHandle::new(&app).keep());
        assert!(!app.context.is_stop_requested());
        drop(SupervisorHandle::new(&app));
        assert!(app.context.is_stop_requested());
        assert!(matches!(app.context.stop_requested().await, StopReason::Dropped));
        drop(app.context.take_request());
    }

    #[tokio::test]
    async fn s5_a_child_is_stopped_on_the_threads_of_its_app() {
        let (app, _) = app("parent");
        let scope = Scope::in_context("tv", Arc::clone(&app.context));
        let create = Box::new(|_: &Scope| -> BoxFuture<_> { unreachable!("it does not start") });
        let service = ServiceCell::new("tv", Arc::new(ServiceSlot::new("tv")), scope, create);
        let child = AppState::child(&app, Limits::new(), service);
        let threads = u32::try_from(app.stop_threads.available_permits()).unwrap();
        let _all = app.stop_threads.acquire_many(threads).await.unwrap();
        assert_eq!(child.stop_threads.available_permits(), 0);
    }

    #[tokio::test]
    async fn s9_a_service_has_a_state_in_each_part_of_its_life() {
        use super::super::ServiceState;
        use super::super::report::ServiceReport;

        let (app, _) = app("alive");
        let cell = &app.services[0];
        assert_eq!(cell.state(|state| state.of()), ServiceState::Waiting);
        cell.state(|state| state.begun = true);
        assert_eq!(cell.state(|state| state.of()), ServiceState::Starting);
        cell.state(|state| state.running = true);
        assert_eq!(cell.state(|state| state.of()), ServiceState::Running);
        cell.state(|state| (state.running, state.stopping) = (false, true));
        assert_eq!(cell.state(|state| state.of()), ServiceState::Stopping);
        cell.state(|state| state.report = Some(ServiceReport::not_stopped(&cell.name)));
        assert_eq!(cell.state(|state| state.of()), ServiceState::Stopped);
    }

    #[tokio::test]
    async fn s5_the_stop_of_a_child_takes_no_longer_than_the_rest_of_its_parents() {
        let (app, _) = app("child");
        let (rest, hour) = (app.limits.stop_total / 2, Duration::from_secs(3_600));
        assert!(app.budget_of_stop().limit(hour) > rest);
        app.stop_within(super::super::budget::Budget::new(rest, Duration::ZERO));
        assert!(app.budget_of_stop().limit(hour) <= rest);
    }
}
