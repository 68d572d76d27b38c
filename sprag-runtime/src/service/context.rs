//! [`AppContext`]: what ties a scope to whoever runs it. It knows no service.

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Handle as Runtime;
use tokio::sync::watch;

use crate::bus::Bus;
use crate::error::Error;

/// Shared by an app and all scopes in it.
pub(crate) struct AppContext {
    pub(crate) name: Arc<str>,
    /// Where the users' futures run.
    pub(crate) runtime: Runtime,
    pub(crate) bus: Bus,
    /// Why the app stops; the first reason stays.
    stop: watch::Sender<Option<StopReason>>,
}

impl AppContext {
    pub(crate) fn new(name: &str, runtime: Runtime, bus: Bus) -> Arc<Self> {
        Arc::new(Self { name: name.into(), runtime, bus, stop: watch::Sender::new(None) })
    }

    /// Asks the app to stop. Later reasons are ignored.
    pub(crate) fn request_stop(&self, reason: StopReason) {
        // A reason that comes too late holds a user's error, which is dropped after
        // the channel is unlocked.
        let mut reason = Some(reason);
        self.stop.send_if_modified(|stop| {
            let first = stop.is_none();
            if first {
                *stop = reason.take();
            }
            first
        });
    }

    /// Waits until the app is asked to stop.
    pub(crate) async fn stop_requested(&self) -> StopReason {
        let mut requests = self.stop.subscribe();
        let reason = requests.wait_for(Option::is_some).await;
        reason.ok().and_then(|reason| reason.clone()).unwrap_or(StopReason::Asked)
    }
}

/// Why an app stopped.
///
/// [`Display`](fmt::Display) goes on after "because". The first reason is the one that
/// counts.
///
/// ```
/// # use sprag::app::StopReason;
/// assert_eq!(StopReason::Signal("SIGTERM").to_string(), "the process got SIGTERM");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StopReason {
    /// `stop()` was called.
    Asked,
    /// The app was dropped.
    Dropped,
    /// A service called `scope.shutdown()`.
    Shutdown {
        /// The service that called it.
        service: Arc<str>,
    },
    /// A service failed: one of its tasks panicked or returned an error.
    Failed {
        /// The service that failed.
        service: Arc<str>,
        /// What it failed with.
        error: Arc<Error>,
    },
    /// The process was told to by this signal.
    Signal(&'static str),
    /// The start failed or was dropped, and what had started was stopped again.
    NotStarted,
    /// The async runtime that the services ran on has ended.
    RuntimeEnded,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("it was asked to"),
            Self::Dropped => f.write_str("the app was dropped"),
            Self::Shutdown { service } => write!(f, "service `{service}` asked for it"),
            Self::Failed { service, error } => {
                write!(f, "service `{service}` failed: {}", error.text())
            }
            Self::Signal(signal) => write!(f, "the process got {signal}"),
            Self::NotStarted => f.write_str("it was not started whole"),
            Self::RuntimeEnded => f.write_str("its async runtime ended"),
        }
    }
}
