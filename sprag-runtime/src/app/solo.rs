//! [`start_with`]: one service, without an app.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use super::crew::{Crew, Member};
use super::error::StartError;
use super::health::health;
use super::limits::Limits;
use super::report::StopReport;
use super::supervisor::{Host, launch};
use crate::error::Error;
use crate::service::expansion::Instance;
use crate::service::{
    BoxFuture, Handle, Health, Ref, Scope, Service, Slot, StopReason, Unavailable, wire,
};
use crate::sync::Mutex;

/// Runs one service without an app: in a test, or in a program that has no other.
///
/// Make a [`Scope`], call the service's `new` as the plain function it is, and
/// await this. From there on it has the life it would have in an app, on the same
/// code: listeners, `on_start`, tasks, deadlines, release.
///
/// # Errors
///
/// As for the start of an app.
pub fn start_with<S: Service + Send + Sync>(scope: Scope, service: S) -> StartWith<S> {
    StartWith { scope, service, limits: Limits::new(), start: StartWith::start }
}

/// A service that is about to start; await it.
///
/// ```
/// # use sprag::{Limits, Scope, service, start_with};
/// # pub struct Player;
/// # #[service]
/// # impl Player { fn new() -> Self { Self } }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let scope = Scope::new("player");
/// let player = start_with(scope.clone(), Player::new()).limits(Limits::new()).await?;
/// # player.stop().await;
/// # Ok(())
/// # }
/// ```
#[must_use = "the service does not start until this is awaited"]
pub struct StartWith<S> {
    scope: Scope,
    service: S,
    limits: Limits,
    /// Known since `start_with`, so that nothing here asks for a `Service` again: a
    /// mistake is one error, where the service is given.
    start: fn(Self) -> BoxFuture<Result<Solo<S>, StartError>>,
}

impl<S> StartWith<S> {
    /// How long starting and stopping may take.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::start_with;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     pub fn title(&self) -> &str { "Alien" }
    /// # }
    /// # use std::time::Duration;
    /// # use sprag::Limits;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let limits = Limits::new().start_hook(Duration::from_secs(1));
    /// let player = start_with(Scope::new("player"), Player::new()).limits(limits).await?;
    /// # player.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

impl<S: Service + Send + Sync> StartWith<S> {
    fn start(self) -> BoxFuture<Result<Solo<S>, StartError>> {
        Box::pin(async move {
            let Self { scope, service, limits, .. } = self;
            let (link, name) = (Arc::clone(scope.link()), scope.name().to_owned());
            let slot = Arc::new(Slot::new(&name));
            let handle = Handle::to_slot(Arc::clone(&slot), Instance::get::<S>);
            let service = Mutex::new(Some(service));
            let create = Box::new(move |scope: &Scope| -> BoxFuture<_> {
                let (service, scope) = (service.lock().take(), scope.clone());
                Box::pin(async move {
                    let gone = || Error::msg("the service was given away at its first start");
                    Ok(wire(service.ok_or_else(gone)?, &scope))
                })
            });
            let member = Member::new(&name, slot, scope, create);
            let crew = Crew::new(link, limits, vec![member], vec![Vec::new()]);
            Ok(Solo { host: launch(crew, false).await?, handle })
        })
    }
}

impl<S> IntoFuture for StartWith<S> {
    type Output = Result<Solo<S>, StartError>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        (self.start)(self)
    }
}

impl<S> fmt::Debug for StartWith<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartWith").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// One running service without an app. Dropping it asks the service to stop and
/// does not wait.
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::start_with;
/// # pub struct Player;
/// # #[service]
/// # impl Player {
/// #     fn new() -> Self { Self }
/// #     pub fn title(&self) -> &str { "Alien" }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let player = start_with(Scope::new("player"), Player::new()).await?;
/// assert_eq!(player.get()?.title(), "Alien");
/// assert!(player.stop().await.is_clean());
/// assert!(player.get().is_err());
/// # Ok(())
/// # }
/// ```
pub struct Solo<S> {
    host: Host,
    handle: Handle<S>,
}

impl<S> Solo<S> {
    /// The service.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] once it has stopped.
    ///
    /// As [`Handle::get`].
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::start_with;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     pub fn title(&self) -> &str { "Alien" }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let player = start_with(Scope::new("player"), Player::new()).await?;
    /// assert_eq!(player.get()?.title(), "Alien");
    /// # player.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self) -> Result<Ref<S>, Unavailable> {
        self.handle.get()
    }

    /// A handle to the service.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::start_with;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     pub fn title(&self) -> &str { "Alien" }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let player = start_with(Scope::new("player"), Player::new()).await?;
    /// let handle = player.handle(); // for the `new` of another service
    /// assert!(handle.is_available());
    /// # player.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn handle(&self) -> Handle<S> {
        self.handle.clone()
    }

    /// Asks the service to stop, and waits until it has; see [`App::stop`].
    ///
    /// [`App::stop`]: super::App::stop
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::start_with;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     pub fn title(&self) -> &str { "Alien" }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let player = start_with(Scope::new("player"), Player::new()).await?;
    /// assert!(player.stop().await.is_clean());
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(&self) -> impl Future<Output = StopReport> + Send + use<S> {
        self.host.crew.link.request_stop(StopReason::Asked);
        let crew = Arc::clone(&self.host.crew);
        async move { crew.stopped().await }
    }

    /// Waits until the service has stopped, without asking it to.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::start_with;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     pub fn title(&self) -> &str { "Alien" }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let player = start_with(Scope::new("player"), Player::new()).await?;
    /// player.stop().await;
    /// assert!(player.stopped().await.is_clean()); // the same report
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stopped(&self) -> StopReport {
        self.host.crew.stopped().await
    }

    /// How the service is.
    ///
    /// As [`App::health`](super::App::health) for one service.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::start_with;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     pub fn title(&self) -> &str { "Alien" }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let player = start_with(Scope::new("player"), Player::new()).await?;
    /// assert!(player.health().await.is_healthy());
    /// # player.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn health(&self) -> Health {
        let health = health(&self.host.crew).await;
        health.services().next().map_or(Health::Healthy, |(_, health)| health.clone())
    }

    /// Whether the service has started and is not being stopped.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::start_with;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     pub fn title(&self) -> &str { "Alien" }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let player = start_with(Scope::new("player"), Player::new()).await?;
    /// assert!(player.ready());
    /// player.stop().await;
    /// assert!(!player.ready());
    /// # Ok(())
    /// # }
    /// ```
    pub fn ready(&self) -> bool {
        self.host.crew.is_ready()
    }
}

impl<S> fmt::Debug for Solo<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Solo").field("handle", &self.handle).finish_non_exhaustive()
    }
}
