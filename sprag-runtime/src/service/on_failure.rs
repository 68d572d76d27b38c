//! [`OnFailure`]: what an app does when a service fails.

use std::time::Duration;

/// What an app does when a service fails: when one of its tasks panics or returns an
/// error.
///
/// The default is [`stop_app`](Self::stop_app). An app's builder sets it for a service,
/// [`Scope::spawn_with`](super::Scope::spawn_with) for a task.
///
/// ```
/// # use sprag::prelude::*;
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// use sprag::service::OnFailure;
/// use std::time::Duration;
///
/// let restart = OnFailure::restart(3, Duration::from_secs(10));
/// let hub = Hub::builder().on_failure::<Player>(restart).start().await?;
/// # hub.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnFailure {
    pub(crate) action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    StopApp,
    StopAlone,
    Restart { times: u32, within: Duration },
    Report,
}

impl OnFailure {
    /// The app stops, with the failure as its reason. For a child, the failure is one of
    /// its parent, whose rule decides.
    pub const fn stop_app() -> Self {
        Self { action: Action::StopApp }
    }

    /// A child stops alone: its parent goes on, and counts the failure in its health and in
    /// its report. For a service of an app this is [`stop_app`](Self::stop_app).
    ///
    /// See [`Scope::child`](super::Scope::child).
    pub const fn stop_alone() -> Self {
        Self { action: Action::StopAlone }
    }

    /// The service restarts, and so do the services that depend on it: at most `times`
    /// within `within`; the next failure stops the app. A service whose stop leaked a task
    /// or a hook does not restart: the app stops.
    ///
    /// The restart waits for 100 ms, twice as long for each restart within `within`, at
    /// most 10 s, each with a random part, so that many services do not restart at once.
    /// During the wait a `Handle` answers [`Unavailable`](crate::error::Unavailable), and the
    /// app is not ready.
    pub const fn restart(times: u32, within: Duration) -> Self {
        Self { action: Action::Restart { times, within } }
    }

    /// The app keeps running. The service is unhealthy, and the report of the stop has the
    /// failure.
    pub const fn report() -> Self {
        Self { action: Action::Report }
    }
}

impl Default for OnFailure {
    fn default() -> Self {
        Self::stop_app()
    }
}
