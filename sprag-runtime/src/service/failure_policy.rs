//! [`OnFailure`]: the rule for the failure of a service.

use std::time::Duration;

/// The rule for the failure of a service, which fails when one of its tasks panics or
/// returns an error.
///
/// The default is [`stop_app`](Self::stop_app). Set the rule of a service on the app's
/// builder, and that of a task with [`Scope::spawn_with`](super::Scope::spawn_with).
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
    /// Stops the app, with the failure as its reason. For a child, the failure is passed to
    /// the parent, whose rule decides.
    pub const fn stop_app() -> Self {
        Self { action: Action::StopApp }
    }

    /// Stops the child alone. The parent goes on, and counts the failure in its health and
    /// in its report. For a service of an app this is [`stop_app`](Self::stop_app).
    ///
    /// See [`Scope::child`](super::Scope::child).
    pub const fn stop_alone() -> Self {
        Self { action: Action::StopAlone }
    }

    /// Restarts the service and the services that depend on it, at most `times` times
    /// within `within`; the next failure stops the app. A service whose stop leaked a task
    /// or a hook does not restart: the app stops.
    ///
    /// The first restart is delayed by 100 ms, each further one within `within` by twice
    /// the delay before, up to 10 s. Each delay has a random part, so that many services do
    /// not restart at once. During the delay a `Handle` returns
    /// [`Unavailable`](crate::error::Unavailable), and the app is not ready.
    pub const fn restart(times: u32, within: Duration) -> Self {
        Self { action: Action::Restart { times, within } }
    }

    /// Keeps the app running. The service becomes unhealthy, and the report of the stop
    /// contains the failure.
    pub const fn report() -> Self {
        Self { action: Action::Report }
    }
}

impl Default for OnFailure {
    fn default() -> Self {
        Self::stop_app()
    }
}
