//! [`Unavailable`], [`Stopped`] and [`WaitError`]: the errors of services that are not
//! running.

use std::sync::Arc;

/// The service is not running at this moment.
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let hub = Hub::start().await?;
/// let player = hub.handle::<Player>();
/// hub.stop().await;
/// let unavailable = player.get().err().expect("it was stopped");
/// assert_eq!(unavailable.to_string(), "service `Player` is not running");
/// assert_eq!(unavailable.service(), "Player");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("service `{service}` is not running")]
pub struct Unavailable {
    pub(crate) service: Arc<str>,
}

impl Unavailable {
    /// The service's name.
    pub fn service(&self) -> &str {
        &self.service
    }
}

/// The service has stopped; its scope starts no more tasks.
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # use sprag::{prelude::*, start_with};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let scope = Scope::new("player");
/// start_with(scope.clone(), Player::new()).await?.stop().await;
///
/// let stopped = scope.spawn(async {}).unwrap_err();
/// assert_eq!(stopped.service(), "player");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("service `{service}` has stopped; its scope starts nothing any more")]
pub struct Stopped {
    pub(crate) service: Arc<str>,
}

impl Stopped {
    /// The service's name.
    pub fn service(&self) -> &str {
        &self.service
    }
}

/// Why a wait for a service ended without it; see
/// [`Scope::wait_for`](crate::service::Scope::wait_for).
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # use sprag::{error::WaitError, prelude::*, start_with};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let scope = Scope::new("player");
/// let player = start_with(scope.clone(), Player::new()).await?;
/// let error = scope.wait_for::<String>().await.unwrap_err();
/// assert_eq!(error.to_string(), "`alloc::string::String` is not in the app");
/// assert!(scope.wait_for::<Player>().await.is_ok());
/// # player.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// No service of the app is a `service`.
    #[error("`{service}` is not in the app")]
    NotInApp {
        /// The type or the trait.
        service: &'static str,
    },
    /// The waiting service stops.
    #[error(transparent)]
    Stopped {
        /// The waiting service.
        source: Stopped,
    },
}
