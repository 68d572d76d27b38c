//! [`StartError`]: why an app did not start.

use std::sync::Arc;
use std::time::Duration;

use super::report::StopReport;
use crate::error::Error;
use crate::service::StopReason;

/// Why an app did not start. Everything that had started was stopped again, of
/// which the report tells.
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::StartError;
/// # pub struct Player;
/// # #[service]
/// # impl Player {
/// #     fn new() -> sprag::Result<Self> { Err(sprag::Error::msg("no screen")) }
/// # }
/// # app! { pub Hub { Player } }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// match Hub::start().await {
///     Err(StartError::Failed { service, step, source, .. }) => {
///         assert_eq!(format!("{service}, {step}: {source}"), "Player, new: no screen");
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A `new` or a hook of a service, or one of its tasks, failed or panicked.
    #[error("service `{service}` failed in `{step}`")]
    Failed {
        /// The service.
        service: Arc<str>,
        /// `new`, `on_start` or `a task`.
        step: &'static str,
        /// What it failed with.
        source: SharedError,
        /// How the rest was stopped again.
        report: StopReport,
    },
    /// A `new` or a hook took too long.
    #[error("service `{service}` took longer than {limit:?} in `{step}`")]
    TimedOut {
        /// The service.
        service: Arc<str>,
        /// `new` or `on_start`.
        step: &'static str,
        /// How long it was given.
        limit: Duration,
        /// How the rest was stopped again.
        report: StopReport,
    },
    /// The app was told to stop before it had started.
    #[error("app `{app}` was stopped while it started: {reason}")]
    Stopped {
        /// The app.
        app: Arc<str>,
        /// Who told it to.
        reason: StopReason,
        /// How the rest was stopped again.
        report: StopReport,
    },
    /// The services' `wants(…)` contradict their dependencies or each other.
    #[error("the order that `wants` asks for is a cycle: {cycle}; remove one of its `wants`")]
    Cycle {
        /// The services, the first one repeated at the end.
        cycle: String,
    },
    /// The thread that runs the app, or its signal handlers, could not be made.
    #[error("app `{app}` cannot be supervised")]
    Supervisor {
        /// The app.
        app: Arc<str>,
        /// What the operating system said.
        source: std::io::Error,
    },
}

impl StartError {
    /// How what had started was stopped again; `None` if nothing had.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::StartError;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> sprag::Result<Self> { Err(sprag::Error::msg("no screen")) }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let error = Hub::start().await.unwrap_err();
    /// assert!(error.report().expect("it was begun").is_clean());
    /// # Ok(())
    /// # }
    /// ```
    pub fn report(&self) -> Option<&StopReport> {
        match self {
            Self::Failed { report, .. }
            | Self::TimedOut { report, .. }
            | Self::Stopped { report, .. } => Some(report),
            Self::Cycle { .. } | Self::Supervisor { .. } => None,
        }
    }
}

/// A user's error as the source of another: a shared [`Error`].
///
/// Cloning costs a counter.
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::StartError;
/// # pub struct Player;
/// # #[service]
/// # impl Player {
/// #     fn new() -> sprag::Result<Self> { Err(sprag::Error::msg("no screen")) }
/// # }
/// # app! { pub Hub { Player } }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let error = Hub::start().await.unwrap_err();
/// let StartError::Failed { source, .. } = error else { panic!("{error}") };
/// assert_eq!(source.to_string(), "no screen");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SharedError {
    error: Arc<Error>,
}

impl SharedError {
    pub(crate) fn new(error: Arc<Error>) -> Self {
        Self { error }
    }

    /// The user's error.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::StartError;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> sprag::Result<Self> { Err(sprag::Error::msg("no screen")) }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let error = Hub::start().await.unwrap_err();
    /// let StartError::Failed { source, .. } = error else { panic!("{error}") };
    /// assert!(source.get().downcast_ref::<std::io::Error>().is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self) -> &Error {
        &self.error
    }
}

impl std::fmt::Debug for SharedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&*self.error, f)
    }
}

impl std::fmt::Display for SharedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&*self.error, f)
    }
}

impl std::error::Error for SharedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}
