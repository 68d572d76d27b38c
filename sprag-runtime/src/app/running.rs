//! [`App`] and [`AppBuilder`]: the typed face of a crew.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::runtime::Handle as Runtime;

use super::crew::{Crew, Member};
use super::error::StartError;
use super::graph::order;
use super::health::health;
use super::limits::Limits;
use super::node::Node;
use super::report::{AppHealth, StopReport};
use super::run::run;
use super::supervisor::{Host, launch};
use crate::bus::Bus;
use crate::service::expansion::{Provides, Source};
use crate::service::{Handle, Link, Scope, Slot, StopReason};

/// An app that `app!` has written.
pub trait Application: Sized + Send + Sync + 'static {
    /// Its name.
    const __NAME: &'static str;
    /// Its services, in the order of the source.
    const __NODES: &'static [Node];

    /// Wraps the running app in its own type.
    #[doc(hidden)]
    fn __from_app(app: App<Self>) -> Self;

    /// The running app within.
    #[doc(hidden)]
    fn __app(&self) -> &App<Self>;
}

/// A running app. The type that `app!` writes derefs to it.
///
/// Dropping it asks the app to stop and does not wait.
///
/// Its life is led by a thread of its own, so that no hook that blocks the runtime
/// keeps it from stopping.
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct Player;
/// # #[service]
/// # impl Player { fn new() -> Self { Self } }
/// # app! { pub Hub { Player } }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let hub = Hub::start().await?;
/// assert!(hub.ready() && hub.alive());
/// let report = hub.stop().await;
/// assert!(report.is_clean(), "{report}");
/// # Ok(())
/// # }
/// ```
pub struct App<A> {
    host: Host,
    slots: Arc<[Arc<Slot>]>,
    app: PhantomData<fn() -> A>,
}

impl<A> App<A> {
    /// A handle to a service of the app, or to a trait that one stands for. That it
    /// is in the app is checked by the compiler.
    ///
    /// Costs a counter. It may be kept for longer than the app.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// let player = hub.handle::<Player>();
    /// assert!(player.is_available());
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn handle<S: ?Sized>(&self) -> Handle<S>
    where
        A: Provides<S>,
    {
        Handle::to_slot(Arc::clone(&self.slots[A::INDEX]), A::CAST)
    }

    /// Asks the app to stop, and waits until it has.
    ///
    /// The stop begins at the call; dropping the future does not stop it. Later and
    /// concurrent calls share the one stop and its report.
    ///
    /// It ends, whatever the services do: see [`Limits`].
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// let (one, other) = tokio::join!(hub.stop(), hub.stop());
    /// assert_eq!(one.took(), other.took()); // one stop
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(&self) -> impl Future<Output = StopReport> + Send + use<A> {
        self.host.crew.link.request_stop(StopReason::Asked);
        let crew = Arc::clone(&self.host.crew);
        async move { crew.stopped().await }
    }

    /// Waits until the app has stopped, for whatever reason, without asking it to.
    ///
    /// ```
    /// # use sprag::{StopReason, prelude::*};
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
        self.host.crew.stopped().await
    }

    /// Asks every service how it is. A hook that takes longer than a stop hook may,
    /// or panics, makes its service unhealthy.
    ///
    /// They are asked at the same time. A service without the hook is healthy while it
    /// runs.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     #[health]
    /// #     fn health(&self) -> Health { Health::degraded("no screen") }
    /// # }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// assert_eq!(hub.health().await.status(), Health::Degraded("`Player`: no screen".into()));
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn health(&self) -> AppHealth {
        health(&self.host.crew).await
    }

    /// Whether all services have started and none is being stopped: whether work
    /// should be sent here.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// assert!(hub.ready());
    /// let stopping = hub.stop(); // asked for at the call
    /// stopping.await;
    /// assert!(!hub.ready());
    /// # Ok(())
    /// # }
    /// ```
    pub fn ready(&self) -> bool {
        self.host.crew.is_ready()
    }

    /// Whether the app has not stopped: while it stops it is alive, but not ready.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// assert!(hub.alive());
    /// hub.stop().await;
    /// assert!(!hub.alive());
    /// # Ok(())
    /// # }
    /// ```
    pub fn alive(&self) -> bool {
        !self.host.crew.is_stopped()
    }

    /// The app's own bus.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
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
        &self.host.crew.link.bus
    }

    /// The app's name.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// assert_eq!(hub.name(), "Hub");
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn name(&self) -> &str {
        &self.host.crew.link.name
    }
}

impl<A> fmt::Debug for App<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("name", &self.name())
            .field("ready", &self.ready())
            .field("alive", &self.alive())
            .finish_non_exhaustive()
    }
}

/// The values of an app, in the order of its parentheses.
pub type Values = Vec<Arc<dyn Any + Send + Sync>>;

/// An app that is about to start: made by the `builder` function of its type.
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct Player;
/// # #[service]
/// # impl Player { fn new() -> Self { Self } }
/// # app! { pub Hub { Player } }
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// use sprag::Limits;
///
/// let limits = Limits::new().stop_total(Duration::from_secs(10));
/// let hub = Hub::builder().limits(limits).signals(true).start().await?;
/// # hub.stop().await;
/// # Ok(())
/// # }
/// ```
#[must_use = "an app does nothing until it is started"]
pub struct AppBuilder<A> {
    values: Values,
    limits: Limits,
    bus: Bus,
    signals: bool,
    app: PhantomData<fn() -> A>,
}

impl<A: Application> AppBuilder<A> {
    /// For generated code.
    #[doc(hidden)]
    pub fn __new(values: Values) -> Self {
        let limits = Limits::new();
        Self { values, limits, bus: Bus::new(), signals: false, app: PhantomData }
    }

    /// How long starting and stopping may take.
    ///
    /// [`Limits::new`] unless given.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # use std::time::Duration;
    /// # use sprag::Limits;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let limits = Limits::new().grace(Duration::from_millis(100));
    /// let hub = Hub::builder().limits(limits).start().await?;
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The app's bus, instead of one of its own.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let hub = Hub::builder().bus(Bus::global().clone()).start().await?;
    /// assert!(hub.bus().same(Bus::global()));
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn bus(mut self, bus: Bus) -> Self {
        self.bus = bus;
        self
    }

    /// Whether SIGINT and SIGTERM (Ctrl-C on Windows) stop the app: the first one
    /// gracefully, the second one ends the process at once with exit code 130.
    ///
    /// Off, the default, leaves the signals to the program.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let hub = Hub::builder().signals(true).start().await?;
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn signals(mut self, signals: bool) -> Self {
        self.signals = signals;
        self
    }

    /// Starts the app's services on the present tokio runtime.
    ///
    /// Dropping the future stops what has started.
    ///
    /// A test that pauses tokio's clock pauses it after the start: a paused clock
    /// runs ahead while it waits for another thread, and this does.
    ///
    /// # Errors
    ///
    /// The first failure of a service, after all that had started was stopped.
    ///
    /// # Panics
    ///
    /// When polled outside a tokio runtime.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player { fn new() -> Self { Self } }
    /// # app! { pub Hub { Player } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let hub = Hub::builder().start().await?; // as `Hub::start().await?`
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start(self) -> Result<A, StartError> {
        let after = order(A::__NODES).map_err(|cycle| StartError::Cycle { cycle })?;
        let link = Link::new(A::__NAME, Runtime::current(), self.bus);
        let slots: Arc<[Arc<Slot>]> =
            A::__NODES.iter().map(|node| Arc::new(Slot::new(node.name))).collect();
        let values: Arc<[_]> = self.values.into();
        let members = A::__NODES.iter().zip(&*slots).map(|(node, slot)| {
            let (slots, values) = (Arc::clone(&slots), Arc::clone(&values));
            let create = Box::new(move |scope: &Scope| {
                node.create(&Source { slots: &slots, values: &values, scope })
            });
            let scope = Scope::in_link(node.name, Arc::clone(&link));
            Member::new(node.name, Arc::clone(slot), scope, create)
        });
        let crew = Crew::new(Arc::clone(&link), self.limits, members.collect(), after);
        let host = launch(crew, self.signals).await?;
        Ok(A::__from_app(App { host, slots, app: PhantomData }))
    }

    /// Starts the app on a runtime made for it, waits until it has stopped and
    /// gives the process's exit code. Handles signals, whatever
    /// [`signals`](Self::signals) says.
    ///
    /// A failing start, a failing service and a stop that is not clean are told on
    /// standard error and give 1.
    ///
    /// # Panics
    ///
    /// Inside a tokio runtime.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # pub struct Player;
    /// # #[service]
    /// # impl Player {
    /// #     fn new() -> Self { Self }
    /// #     #[task]
    /// #     async fn play(&self, scope: &Scope) { scope.shutdown(); }
    /// # }
    /// # app! { pub Hub { Player } }
    /// use sprag::Limits;
    /// use std::{process::ExitCode, time::Duration};
    ///
    /// fn main() -> ExitCode {
    ///     Hub::builder().limits(Limits::new().stop_total(Duration::from_secs(10))).run()
    /// }
    /// ```
    pub fn run(self) -> ExitCode {
        run(self.signals(true))
    }
}

impl<A: Application> fmt::Debug for AppBuilder<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppBuilder")
            .field("app", &A::__NAME)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
