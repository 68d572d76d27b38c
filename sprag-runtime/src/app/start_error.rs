//! [`StartError`]: why an app did not start.

use std::sync::Arc;
use std::time::Duration;

use super::report::StopReport;
use crate::error::SharedError;
use crate::service::StopReason;

/// Why an app did not start. The services that had started were stopped; the report says
/// how.
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/broken.rs")); } use hub::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// use sprag::error::StartError;
///
/// let error = Hub::start().await.unwrap_err();
/// assert!(error.report().is_some());
/// match error {
///     StartError::Failed { service, step, source, .. } => {
///         assert_eq!(format!("{service}, {step}: {source}"), "Player, new: no screen");
///         assert!(source.get().downcast_ref::<std::io::Error>().is_none());
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A `new`, a hook or a task of a service failed or panicked.
    #[error("service `{service}` failed in `{step}`")]
    Failed {
        /// The service's name.
        service: Arc<str>,
        /// `new`, `on_start` or `a task`.
        step: &'static str,
        /// The error of the step.
        source: SharedError,
        /// How the services that had started were stopped.
        report: StopReport,
    },
    /// A `new` or a hook took too long.
    #[error("service `{service}` took longer than {limit:?} in `{step}`")]
    TimedOut {
        /// The service.
        service: Arc<str>,
        /// `new` or `on_start`.
        step: &'static str,
        /// The limit that the step exceeded.
        limit: Duration,
        /// How the services that had started were stopped.
        report: StopReport,
    },
    /// The whole start took longer than [`Limits::start_total`](crate::app::Limits::start_total).
    #[error(
        "app `{app}` took longer than `start_total` ({limit:?}) to start; {} had not started",
        names(waiting)
    )]
    TotalSpent {
        /// The app's name.
        app: Arc<str>,
        /// The limit of the whole start.
        limit: Duration,
        /// The services that had not started.
        waiting: Vec<Arc<str>>,
        /// How the services that had started were stopped.
        report: StopReport,
    },
    /// A stop of the app was requested before it had started.
    #[error("app `{app}` was stopped while it started: {reason}")]
    Stopped {
        /// The app's name.
        app: Arc<str>,
        /// The reason of the stop.
        reason: StopReason,
        /// How the services that had started were stopped.
        report: StopReport,
    },
    /// The `wants(…)` of services contradict their dependencies or each other.
    #[error("the order of the services' `wants` is a cycle: {cycle}; remove one of its `wants`")]
    Cycle {
        /// The services of the cycle, with the first one repeated at the end.
        cycle: String,
    },
    /// The app's supervisor thread, or its signal handlers, could not be created.
    #[error("app `{app}` cannot be supervised")]
    Supervisor {
        /// The app's name.
        app: Arc<str>,
        /// The operating system's error.
        source: std::io::Error,
    },
}

impl StartError {
    /// How the services that had started were stopped; `None` if no start had begun.
    pub fn report(&self) -> Option<&StopReport> {
        match self {
            Self::Failed { report, .. }
            | Self::TimedOut { report, .. }
            | Self::TotalSpent { report, .. }
            | Self::Stopped { report, .. } => Some(report),
            Self::Cycle { .. } | Self::Supervisor { .. } => None,
        }
    }
}

fn names(services: &[Arc<str>]) -> String {
    let names: Vec<String> = services.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
