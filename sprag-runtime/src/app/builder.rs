//! [`AppBuilder`]: an app before its start.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::task::Poll;

use tokio::runtime::Handle as Runtime;

use super::doubles::Doubles;
use super::graph::order;
use super::limits::Limits;
use super::node::ServiceNode;
use super::report::StopReport;
use super::run::{build, default_runtime, run};
use super::shared::{AppState, ServiceCell};
use super::start_error::StartError;
use super::supervisor::{WatchedSignals, launch};
use super::{App, Application};
use crate::bus::{Bus, Event};
use crate::service::OnFailure;
use crate::service::expansion::{ParamSource, Provides};
use crate::service::{AppContext, Registry, Scope, ServiceSlot, Value};

/// The values of an app, in the order of its parentheses.
pub type Values = Vec<Value>;

/// An app before its start. The `builder` function of the app's type makes one.
///
/// ```
/// # use sprag::prelude::*;
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// use sprag::app::Limits;
/// use std::time::Duration;
///
/// let limits = Limits::new().stop_total(Duration::from_secs(10));
/// let hub = Hub::builder().limits(limits).stop_on_signals().bus(Bus::global()).start().await?;
/// assert!(hub.is_ready());
/// # hub.stop().await;
/// # Ok(())
/// # }
/// ```
#[must_use = "an app does nothing until it is started"]
pub struct AppBuilder<A> {
    values: Values,
    limits: Limits,
    bus: Bus,
    watched: WatchedSignals,
    pub(super) doubles: Doubles,
    /// Keyed by the service's index in the app.
    on_failure: BTreeMap<usize, OnFailure>,
    app: PhantomData<fn() -> A>,
}

impl<A: Application> AppBuilder<A> {
    /// For generated code.
    #[doc(hidden)]
    pub fn __new(values: Values) -> Self {
        let limits = Limits::new();
        Self {
            values,
            limits,
            bus: Bus::new(),
            watched: WatchedSignals::default(),
            doubles: Doubles::default(),
            on_failure: BTreeMap::new(),
            app: PhantomData,
        }
    }

    /// Sets how long starting and stopping may take. The default is [`Limits::new`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets what the app does when the service `S` fails.
    pub fn on_failure<S: ?Sized>(mut self, rule: OnFailure) -> Self
    where
        A: Provides<S>,
    {
        self.on_failure.insert(A::INDEX, rule);
        self
    }

    /// Gives the app this bus. Without it the app makes a bus of its own.
    pub fn bus(mut self, bus: &Bus) -> Self {
        self.bus = bus.clone();
        self
    }

    /// Stops the app at a SIGINT or SIGTERM (Ctrl-C on Windows). The first signal stops the
    /// app gracefully; the second one ends the process at once, with exit code 130.
    ///
    /// Without this the signals are left to the program.
    pub fn stop_on_signals(mut self) -> Self {
        self.watched.stop = true;
        self
    }

    /// Emits `event` on the app's bus at each SIGHUP, which by convention requests that the
    /// configuration is read again. Without this a SIGHUP ends the process. On Windows this
    /// does nothing.
    ///
    /// The listeners run on the app's runtime. A process whose last such app has stopped
    /// ends at a SIGHUP, as it does without sprag.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// #[derive(Event, Clone)]
    /// pub struct Reload;
    ///
    /// let hub = Hub::builder().on_hangup(Reload).start().await?;
    /// let _reads = hub.bus().on::<Reload>(|_| println!("reads the configuration again"));
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_hangup<E: Event + Clone>(mut self, event: E) -> Self {
        self.watched.hangup = Some(Arc::new(move |bus: &Bus| bus.emit(event.clone())));
        self
    }

    /// Starts the app's services on the current tokio runtime.
    ///
    /// Dropping the future stops the services that have started.
    ///
    /// # Errors
    ///
    /// The first failure of a service, after every started service was stopped.
    ///
    /// # Panics
    ///
    /// When polled outside a tokio runtime.
    pub async fn start(mut self) -> Result<A, StartError> {
        let order = order(A::__NODES).map_err(|cycle| StartError::Cycle { cycle })?;
        let context = AppContext::new(A::__NAME, Runtime::current(), self.bus);
        let slots: Vec<Arc<ServiceSlot>> =
            A::__NODES.iter().map(|node| Arc::new(ServiceSlot::new(node.name))).collect();
        let places = A::__NODES.iter().map(ServiceNode::places);
        let mut registry = Registry::new(slots.clone(), places, self.values);
        self.doubles.place(&mut registry);
        let registry = Arc::new(registry);
        context.set_registry(Arc::clone(&registry));
        let kept = self.doubles.kept(&order);
        let services = kept.iter().map(|&at| {
            let cell = service_cell(&A::__NODES[at], &slots[at], &registry, &context);
            if let Some(&rule) = self.on_failure.get(&at) {
                cell.scope().set_on_failure(rule);
            }
            cell
        });
        let order = order.restricted(&kept);
        let app = AppState::new(Arc::clone(&context), self.limits, services.collect(), order);
        let supervisor = launch(app, self.watched).await?;
        Ok(A::__from_app(App { supervisor, registry, app: PhantomData }))
    }

    /// Starts the app, runs `body` with it, stops the app, and returns the value of `body`
    /// and the report of the stop.
    ///
    /// The app is stopped on every way out of `body`: its end, an early `?`, or a panic,
    /// which continues after the stop. A stop that a service requests does not end `body`;
    /// see [`App::stopped`]. Dropping the future requests a stop of the app and does not
    /// wait.
    ///
    /// # Errors
    ///
    /// The same as for [`start`](Self::start).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let body = async |hub: &Hub| Ok::<_, sprag::Error>(hub.handle::<Player>().get()?.title());
    /// let (title, report) = Hub::builder().run_until(body).await?;
    /// assert_eq!(title?, "Alien");
    /// assert!(report.is_clean());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run_until<R>(
        self,
        body: impl AsyncFnOnce(&A) -> R,
    ) -> Result<(R, StopReport), StartError> {
        let app = self.start().await?;
        let value = catching(body(&app)).await;
        let report = app.__app().stop().await;
        match value {
            Ok(value) => Ok((value, report)),
            Err(payload) => resume_unwind(payload),
        }
    }

    /// Starts the app on a runtime made for it, waits until it has stopped, and
    /// returns the process's exit code.
    ///
    /// Handles signals as after [`stop_on_signals`](Self::stop_on_signals). A failed start, a
    /// failed service and an unclean stop are written to standard error, and the exit code
    /// is 1, as for a runtime that cannot be made because threads or files are exhausted. A standard error that is dead, or whose reader does not read, costs the text,
    /// after a second, and not the exit code.
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
    /// use std::process::ExitCode;
    ///
    /// fn main() -> ExitCode {
    ///     Hub::builder().run()
    /// }
    /// ```
    pub fn run(self) -> ExitCode {
        run(self.stop_on_signals(), default_runtime())
    }

    /// Like [`run`](Self::run), on a runtime of the caller's choice.
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
    /// use std::process::ExitCode;
    /// use tokio::runtime::Builder;
    ///
    /// fn main() -> ExitCode {
    ///     Hub::builder().run_on(Builder::new_current_thread().enable_all())
    /// }
    /// ```
    pub fn run_on(self, runtime: &mut tokio::runtime::Builder) -> ExitCode {
        run(self.stop_on_signals(), build(runtime))
    }
}

/// The service of `node` before its start.
fn service_cell(
    node: &'static ServiceNode,
    slot: &Arc<ServiceSlot>,
    registry: &Arc<Registry>,
    context: &Arc<AppContext>,
) -> ServiceCell {
    let registry = Arc::clone(registry);
    let create = Box::new(move |scope: &Scope| {
        node.create(&ParamSource { registry: &registry, scope, values: &[] })
    });
    let scope = Scope::in_context(node.name, Arc::clone(context));
    ServiceCell::new(node.name, Arc::clone(slot), scope, create)
}

/// Awaits `future`, and returns its panic as an error.
async fn catching<F: Future>(future: F) -> std::thread::Result<F::Output> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        polled.map_or_else(|payload| Poll::Ready(Err(payload)), |poll| poll.map(Ok))
    })
    .await
}

impl<A: Application> fmt::Debug for AppBuilder<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppBuilder")
            .field("app", &A::__NAME)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
