//! [`start_with`]: one service, without an app.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use super::child::IntoService;
use super::graph::ServiceOrder;
use super::health_checks::check_all;
use super::limits::Limits;
use super::report::StopReport;
use super::shared::{AppState, Factory, ServiceCell};
use super::start_error::StartError;
use super::supervisor::{SupervisorHandle, WatchedSignals, launch};
use crate::error::{Error, Result, Unavailable};
use crate::service::expansion::{Instance, Registration};
use crate::service::{
    BoxFuture, Handle, Health, OnFailure, Ref, Registry, Scope, Service, ServiceSlot, wire,
};
use crate::sync::Mutex;

/// Runs one service without an app: in a test, or in a program of one service.
///
/// Make a [`Scope`], call the service's `new` as a plain function, and await this. From
/// then on the service has the same life as in an app, run by the same code: listeners,
/// `on_start`, tasks, deadlines, release.
///
/// # Errors
///
/// The same as for the start of an app.
///
/// # Example
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// use sprag::{service::Scope, start_with};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let player = Player::new(); // a plain function
/// let player = start_with(Scope::new("player"), player).await?;
/// assert_eq!(player.get()?.play(3), "plays 3");
/// assert!(player.stop().await.is_clean());
/// # Ok(())
/// # }
/// ```
pub fn start_with<S: Service + Send + Sync>(scope: Scope, service: S) -> StartService<S> {
    let start = StartService::start;
    StartService { scope, service, again: None, limits: Limits::new(), start }
}

/// A function that makes the service for a later life.
type Again<S> = Arc<dyn Fn(&Scope) -> Result<S> + Send + Sync>;

/// A service before its start; await it.
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # use sprag::{app::Limits, service::Scope, start_with};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let scope = Scope::new("player");
/// let player = start_with(scope, Player::new()).limits(Limits::new()).await?;
/// # player.stop().await;
/// # Ok(())
/// # }
/// ```
#[must_use = "the service does not start until this is awaited"]
pub struct StartService<S> {
    scope: Scope,
    service: S,
    /// Makes the service for later lives.
    again: Option<Again<S>>,
    limits: Limits,
    /// Set by `start_with`, so that nothing here needs `S: Service` again: a mistake is one
    /// error, at the place where the service is passed.
    start: fn(Self) -> BoxFuture<Result<RunningService<S>, StartError>>,
}

impl<S> StartService<S> {
    /// Sets what happens when the service fails. Without this `#[service(on_failure = …)]`
    /// decides.
    pub fn on_failure(self, rule: OnFailure) -> Self {
        self.scope.set_on_failure(rule);
        self
    }

    /// Sets how long starting and stopping may take. The default is [`Limits::new`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

impl<S: Service + Send + Sync> StartService<S> {
    /// Sets how the service is made again when it restarts after a failure, as
    /// `#[service(on_failure = …)]` may require. Without this such a service stops.
    ///
    /// ```
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # use sprag::{service::Scope, start_with};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let scope = Scope::new("player");
    /// let player = start_with(scope, Player::new()).restart_with(|_| Player::new()).await?;
    /// # player.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn restart_with<O>(mut self, make: impl Fn(&Scope) -> O + Send + Sync + 'static) -> Self
    where
        O: IntoService<Service = S>,
    {
        self.again = Some(Arc::new(move |scope| make(scope).__into_service()));
        self
    }

    fn start(self) -> BoxFuture<Result<RunningService<S>, StartError>> {
        Box::pin(async move {
            let Self { scope, service, again, limits, .. } = self;
            let (context, name) = (Arc::clone(scope.context()), scope.name().to_owned());
            let slot = Arc::new(ServiceSlot::new(&name));
            let handle = Handle::to_slot(Arc::clone(&slot), Instance::get::<S>);
            let places = vec![Registration::of::<S>(Instance::get::<S>)];
            let registry = Registry::new(vec![Arc::clone(&slot)], [places].into_iter(), vec![]);
            context.set_registry(Arc::new(registry));
            let create = factory(service, again);
            let cell = ServiceCell::new(&name, slot, scope, create);
            let app = AppState::new(context, limits, vec![cell], ServiceOrder::single());
            Ok(RunningService { supervisor: launch(app, WatchedSignals::default()).await?, handle })
        })
    }
}

/// Passes `service` to the first life; `again` makes the later ones.
fn factory<S: Service + Send + Sync>(service: S, again: Option<Again<S>>) -> Factory {
    let service = Mutex::new(Some(service));
    Box::new(move |scope| {
        let (service, again, scope) = (service.lock().take(), again.clone(), scope.clone());
        Box::pin(async move {
            let taken = || Error::msg("without `restart_with` a service has one life");
            let service = match service {
                Some(service) => service,
                None => again.ok_or_else(taken)?(&scope)?,
            };
            Ok(wire(service, &scope))
        })
    })
}

impl<S> IntoFuture for StartService<S> {
    type Output = Result<RunningService<S>, StartError>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        (self.start)(self)
    }
}

impl<S> fmt::Debug for StartService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartService").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// One running service without an app. Dropping it requests a stop and does not wait.
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # use sprag::{prelude::*, start_with};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let player = start_with(Scope::new("player"), Player::new()).await?;
/// assert_eq!(player.get()?.title(), "Alien");
/// assert!(player.is_ready() && player.handle().is_available());
/// assert_eq!(player.health().await, Health::degraded("no screen"));
///
/// assert!(player.stop().await.is_clean());
/// assert!(player.stopped().await.is_clean()); // the same report
/// assert!(player.get().is_err());
/// # Ok(())
/// # }
/// ```
pub struct RunningService<S> {
    supervisor: SupervisorHandle,
    handle: Handle<S>,
}

impl<S> RunningService<S> {
    /// The service, as [`Handle::get`].
    ///
    /// # Errors
    ///
    /// [`Unavailable`] once the service has stopped.
    pub fn get(&self) -> Result<Ref<S>, Unavailable> {
        self.handle.get()
    }

    /// A handle to the service, for the `new` of another service.
    pub fn handle(&self) -> Handle<S> {
        self.handle.clone()
    }

    /// Stops the service, and waits until it has stopped; see [`App::stop`].
    ///
    /// [`App::stop`]: super::App::stop
    pub fn stop(&self) -> impl Future<Output = StopReport> + Send + use<S> {
        self.supervisor.stop()
    }

    /// Waits until the service has stopped, without requesting a stop.
    pub async fn stopped(&self) -> StopReport {
        self.supervisor.app.stopped().await
    }

    /// Runs the service's health check; see [`App::health`](super::App::health).
    pub async fn health(&self) -> Health {
        let health = check_all(&self.supervisor.app).await;
        health.services().next().map_or(Health::Healthy, |(_, health)| health.clone())
    }

    /// Whether the service has started, is not stopping, and has healthy resources; see
    /// [`App::is_ready`](super::App::is_ready).
    pub fn is_ready(&self) -> bool {
        self.supervisor.app.is_ready()
    }
}

impl<S> fmt::Debug for RunningService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningService").field("handle", &self.handle).finish_non_exhaustive()
    }
}
