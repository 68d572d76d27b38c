//! [`AppContext`]: the connection from a scope to its app. The context does not know the
//! services.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::task::Poll;

use tokio::runtime::Handle as Runtime;
use tokio::sync::{mpsc, watch};

use super::clock::{ClockWait, PausedClock};
use super::failure_policy::Action;
use super::registry::Registry;
use super::scope::Scope;
use crate::bus::Bus;
use crate::error::Error;
use crate::isolate::isolated;
use crate::sync::Mutex;

/// Shared by an app and all scopes in it.
pub(crate) struct AppContext {
    pub(crate) name: Arc<str>,
    /// The runtime of the users' futures.
    pub(crate) runtime: Runtime,
    pub(crate) bus: Bus,
    pub(crate) clock: Arc<PausedClock>,
    /// Why the app stops; the first reason is kept.
    stop: watch::Sender<Option<StopRequest>>,
    /// The app's state, whose type only the module `app` knows; set before the first hook.
    app: OnceLock<Weak<dyn Any + Send + Sync>>,
    /// The failures that may end in a restart.
    failures: mpsc::UnboundedSender<ServiceFailure>,
    /// The receiver, until the supervisor takes it.
    failed: Mutex<Option<mpsc::UnboundedReceiver<ServiceFailure>>>,
    /// The services and values for the parameters of `new`.
    registry: OnceLock<Arc<Registry>>,
    /// For a child's context, the context of its parent.
    parent: Option<Arc<AppContext>>,
}

/// A service failed.
pub(crate) struct ServiceFailure {
    /// The scope of the life in which the service failed.
    pub(crate) scope: Scope,
    /// The rule of the task that failed.
    pub(crate) action: Action,
    pub(crate) error: Arc<Error>,
}

struct StopRequest {
    reason: StopReason,
    /// Holds the clock until the supervisor has the request.
    waiting: Option<ClockWait>,
}

impl AppContext {
    pub(crate) fn new(name: &str, runtime: Runtime, bus: Bus) -> Arc<Self> {
        let (failures, failed) = mpsc::unbounded_channel();
        Arc::new(Self {
            name: name.into(),
            clock: PausedClock::new(&runtime),
            runtime,
            bus,
            stop: watch::Sender::new(None),
            app: OnceLock::new(),
            failures,
            failed: Mutex::new(Some(failed)),
            registry: OnceLock::new(),
            parent: None,
        })
    }

    /// The context of a child called `name`. The child shares the app's parts, and has a
    /// life of its own.
    pub(crate) fn child(self: &Arc<Self>, name: Arc<str>) -> Arc<Self> {
        let (failures, failed) = mpsc::unbounded_channel();
        Arc::new(Self {
            name,
            runtime: self.runtime.clone(),
            bus: self.bus.clone(),
            clock: Arc::clone(&self.clock),
            stop: watch::Sender::new(None),
            app: OnceLock::new(),
            failures,
            failed: Mutex::new(Some(failed)),
            registry: self.registry.clone(),
            parent: Some(Arc::clone(self)),
        })
    }

    /// Sets the services and values of the app, once.
    pub(crate) fn set_registry(&self, registry: Arc<Registry>) {
        // A scope that is started twice keeps its first app.
        let _first = self.registry.set(registry).is_ok();
    }

    /// The services and values of the app; `None` before the app is started.
    pub(crate) fn registry(&self) -> Option<&Arc<Registry>> {
        self.registry.get()
    }

    pub(crate) fn is_child(&self) -> bool {
        self.parent.is_some()
    }

    /// The context of the app itself.
    pub(crate) fn root(&self) -> &Self {
        std::iter::successors(Some(self), |context| context.parent.as_deref())
            .last()
            .unwrap_or(self)
    }

    /// Lets scopes find the app.
    pub(crate) fn set_app(&self, app: Weak<dyn Any + Send + Sync>) {
        // A scope that is started twice keeps its first app.
        let _first = self.app.set(app).is_ok();
    }

    /// The app's state, unless the app has been dropped.
    pub(crate) fn app(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.app.get()?.upgrade()
    }

    /// Requests a stop of the app. Later reasons are ignored.
    pub(crate) fn request_stop(&self, reason: StopReason) {
        // A later reason contains a user's error, which is dropped after the channel is
        // unlocked.
        let mut request = Some(StopRequest { reason, waiting: Some(self.clock.waiting()) });
        let first = || {
            self.stop.send_if_modified(|stop| {
                let first = stop.is_none();
                if first {
                    *stop = request.take();
                }
                first
            })
        };
        isolated(&"a waker", first);
    }

    /// Whether a stop of the app was requested.
    pub(crate) fn is_stop_requested(&self) -> bool {
        self.stop.borrow().is_some()
    }

    /// Takes the request's hold on the clock, which must last as long as the stop.
    pub(crate) fn take_request(&self) -> ClockWait {
        let waiting = self.clock.waiting();
        self.stop.send_if_modified(|stop| {
            if let Some(request) = stop {
                request.waiting = None;
            }
            false
        });
        waiting
    }

    /// Passes a failure to the supervisor.
    pub(crate) fn report_failure(&self, failure: ServiceFailure) {
        // Fails without a supervisor; the app has then stopped.
        drop(self.failures.send(failure));
    }

    /// Receives the failures reported from now on; for the supervisor.
    pub(crate) fn failures(&self) -> Option<mpsc::UnboundedReceiver<ServiceFailure>> {
        self.failed.lock().take()
    }

    /// Waits until a stop of the app is requested.
    pub(crate) async fn stop_requested(&self) -> StopReason {
        let mut requests = self.stop.subscribe();
        let request = requests.wait_for(Option::is_some).await;
        let reason = request.ok().and_then(|request| Some(request.as_ref()?.reason.clone()));
        reason.unwrap_or(StopReason::Requested)
    }
}

impl AppContext {
    /// Waits until a stop of this life, or of one that it belongs to, is requested.
    pub(crate) async fn any_stop_requested(&self) {
        let contexts = std::iter::successors(Some(self), |context| context.parent.as_deref());
        let mut requests: Vec<_> =
            contexts.map(|context| Box::pin(context.stop_requested())).collect();
        std::future::poll_fn(|cx| {
            let is_ready = requests.iter_mut().any(|request| request.as_mut().poll(cx).is_ready());
            if is_ready { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// Why an app stopped: the first reason, if there are several.
///
/// [`Display`](fmt::Display) continues a sentence after "because".
///
/// ```
/// # use sprag::app::StopReason;
/// assert_eq!(StopReason::Signal("SIGTERM").to_string(), "the process received SIGTERM");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StopReason {
    /// `stop()` was called.
    Requested,
    /// A child stopped because its parent stopped.
    ParentStopped,
    /// The app was dropped.
    Dropped,
    /// A service called `scope.shutdown()`.
    Shutdown {
        /// The service that called it.
        service: Arc<str>,
        /// The exit code for `run`: 0, unless the service chose another one.
        code: u8,
    },
    /// A service failed: one of its tasks panicked or returned an error.
    Failed {
        /// The service that failed.
        service: Arc<str>,
        /// The error of the service.
        error: Arc<Error>,
    },
    /// The process received this signal.
    Signal(&'static str),
    /// The start failed, and the services that had started were stopped.
    NotStarted,
    /// The async runtime of the services has ended.
    RuntimeEnded,
    /// The thread that supervises the app has failed. The services were stopped
    /// nonetheless, unless the report says otherwise.
    SupervisorFailed,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requested => f.write_str("`stop` was called"),
            Self::ParentStopped => f.write_str("its parent stopped"),
            Self::Dropped => f.write_str("the app was dropped"),
            Self::Shutdown { service, .. } => write!(f, "service `{service}` requested the stop"),
            Self::Failed { service, error } => {
                write!(f, "service `{service}` failed: {}", error.text())
            }
            Self::Signal(signal) => write!(f, "the process received {signal}"),
            Self::NotStarted => f.write_str("its start failed"),
            Self::SupervisorFailed => f.write_str("its supervisor failed"),
            Self::RuntimeEnded => f.write_str("its async runtime ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn s10_the_context_of_a_child_leads_to_the_app() {
        let app = AppContext::new("hub", Runtime::current(), Bus::new());
        let child = app.child("hub/tv".into());
        let inner = child.child("hub/tv/remote".into());
        assert_eq!([&app, &child, &inner].map(|one| one.is_child()), [false, true, true]);
        assert!([&app, &child, &inner].iter().all(|one| std::ptr::eq(one.root(), &*app)));
    }
}
