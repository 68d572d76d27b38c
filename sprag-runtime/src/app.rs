//! Apps: which services an app has, in which order they start and stop, and the supervisor
//! that runs them. The module [`service`](crate::service) knows what one service owns.

// In reading order: the faces, the graph, the life, its steps, its reports.
mod builder;
mod child;
mod child_error;
mod run;
mod single;

mod doubles;
mod draw;
mod graph;
mod node;

mod children;
mod family;
mod hangup;
mod restart;
mod restart_order;
mod shared;
mod signals;
mod start;
mod stop;
mod supervisor;

mod budget;
mod health_checks;
mod inside;
mod log;
#[cfg(feature = "metrics")]
mod metrics;
mod release;
mod step;
mod thread;

#[cfg(feature = "test")]
mod kit;
#[cfg(feature = "test")]
mod leaks;

mod health;
mod limits;
mod report;
mod start_error;
mod start_report;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::bus::Bus;
use crate::service::expansion::Provides;
use crate::service::{Handle, Registry};
use health_checks::check_all;
use node::ServiceNode;
use supervisor::SupervisorHandle;

pub use builder::AppBuilder;
pub use child::{Child, IntoService, StartChild};
pub use child_error::ChildError;
pub use health::AppHealth;
pub use limits::Limits;
pub use report::{Ended, ServiceReport, Step, StopReport};
pub use shared::ServiceState;
pub use single::{RunningService, StartService, start_with};
pub use start_error::StartError;
pub use start_report::ServiceStart;

pub use crate::service::{HookFailures, RunningHook, StopReason};

/// The code that `app!` writes.
pub(crate) mod expansion {
    pub use super::Application;
    pub use super::builder::Values;
    pub use super::draw::{dot, mermaid};
    pub use super::graph::{acyclic, edge_count, only, only_edge};
    #[cfg(feature = "test")]
    pub use super::kit::{
        TestClock, TestEnd, TestKit, TestProcess, TestSettings, TestStates, run_test,
    };
    pub use super::node::{AllOf, Creating, Fits, Parts, ServiceNode};
}

/// An app that `app!` has written.
pub trait Application: Sized + Send + Sync + 'static {
    /// The app's name.
    const __NAME: &'static str;
    /// The app's services, in the order of the source.
    const __NODES: &'static [ServiceNode];

    /// Wraps the running app in its own type.
    #[doc(hidden)]
    fn __from_app(app: App<Self>) -> Self;

    /// The running app within.
    #[doc(hidden)]
    fn __app(&self) -> &App<Self>;
}

/// A running app. The type that `app!` writes derefs to it.
///
/// Dropping a running app requests a stop without waiting, and logs a warning: the process
/// may end before the services have stopped. Call [`stop`](App::stop), or use
/// [`AppBuilder::run_until`], which stops the app on every way out.
///
/// A thread of its own supervises the app, so a hook that blocks the runtime
/// cannot keep the app from stopping.
///
/// ```
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let hub = Hub::start().await?;
/// assert!(hub.is_ready() && hub.is_alive());
/// assert_eq!(hub.handle::<Player>().get()?.title(), "Alien");
/// let report = hub.stop().await;
/// assert!(report.is_clean(), "{report}");
/// # Ok(())
/// # }
/// ```
#[must_use = "a dropped app stops; keep it and call `stop`, or use `run_until`"]
pub struct App<A> {
    supervisor: SupervisorHandle,
    registry: Arc<Registry>,
    app: PhantomData<fn() -> A>,
}

impl<A> App<A> {
    /// A handle to a service of the app, or to a trait that a service is listed as.
    ///
    /// The compiler checks that the service is in the app. Costs a look-up and a counter. The
    /// handle may outlive the app.
    ///
    /// ```
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// let player = hub.handle::<Player>();
    /// assert!(player.is_available());
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn handle<S: ?Sized + 'static>(&self) -> Handle<S>
    where
        A: Provides<S>,
    {
        // Evaluating this refuses a trait that several services are listed as.
        let _clear = A::INDEX;
        self.registry.handle().expect("the compiler checked that the service is in the app")
    }

    /// Stops the app, and waits until it has stopped.
    ///
    /// The stop begins at the call; dropping the future does not interrupt it. Later and
    /// concurrent calls share the one stop and its report. The stop ends within the app's
    /// [`Limits`], whatever its services do.
    ///
    /// ```
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// let (one, other) = tokio::join!(hub.stop(), hub.stop());
    /// assert_eq!(one.took(), other.took()); // one stop
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(&self) -> impl Future<Output = StopReport> + Send + use<A> {
        self.supervisor.stop()
    }

    /// Waits until the app has stopped, for any reason, without requesting a stop.
    ///
    /// ```
    /// # use sprag::{app::StopReason, prelude::*};
    /// # pub struct Player { scope: Scope }
    /// # #[service]
    /// # impl Player {
    /// #     fn new(scope: &Scope) -> Self { Self { scope: scope.clone() } }
    /// #     fn off(&self) { self.scope.shutdown(); }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// hub.handle::<Player>().get()?.off(); // calls `scope.shutdown()`
    /// let report = hub.stopped().await;
    /// assert!(matches!(report.reason(), StopReason::Shutdown { .. }));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stopped(&self) -> StopReport {
        self.supervisor.app.stopped().await
    }

    /// Runs the health check of every service, all at the same time.
    ///
    /// A service without a `#[health]` hook is healthy while it runs, and every service is at
    /// most as healthy as the [resources](crate::Resource::health_check) that it owns. A check
    /// that panics, or takes longer than [`Limits::stop_hook`], makes its service unhealthy.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// assert_eq!(hub.health().await.status(), Health::Degraded("`Player`: no screen".into()));
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn health(&self) -> AppHealth {
        check_all(&self.supervisor.app).await
    }

    /// Whether all services have started, none is stopping, and the
    /// [resources](crate::Resource::health_check) that they own are healthy, so that the app can
    /// receive work. A `#[health]` hook does not count.
    ///
    /// ```
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// assert!(hub.is_ready());
    /// hub.stop().await;
    /// assert!(!hub.is_ready());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_ready(&self) -> bool {
        self.supervisor.app.is_ready()
    }

    /// Whether the app has not stopped yet. An app that is stopping is alive, but not
    /// ready.
    ///
    /// ```
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// assert!(hub.is_alive());
    /// hub.stop().await;
    /// assert!(!hub.is_alive());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_alive(&self) -> bool {
        !self.supervisor.app.is_stopped()
    }

    /// The app's own bus.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[derive(Event)]
    /// # struct TrackEnded;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// let _log = hub.bus().on::<TrackEnded>(|_| println!("the track has ended"));
    /// hub.bus().emit(TrackEnded); // prints
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn bus(&self) -> &Bus {
        &self.supervisor.app.context.bus
    }

    /// The app's name, as `app!` writes it.
    ///
    /// ```
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// assert_eq!(hub.name(), "Hub");
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn name(&self) -> &str {
        &self.supervisor.app.context.name
    }
}

impl<A> fmt::Debug for App<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("name", &self.name())
            .field("ready", &self.is_ready())
            .field("alive", &self.is_alive())
            .finish_non_exhaustive()
    }
}
