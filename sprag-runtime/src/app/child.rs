//! [`Scope::child`]: services that start and stop while an app runs.

use std::fmt;
use std::future::{IntoFuture, ready};
use std::sync::Arc;

use super::ServiceState;
use super::child_error::ChildError;
use super::children::NewChild;
use super::family::children_of;
use super::health_checks::check_all;
use super::limits::Limits;
use super::report::StopReport;
use super::shared::{AppState, Factory};
use crate::error::{Error, Result, Unavailable};
use crate::service::expansion::{Instance, Param as _, ParamSource, Shareable};
use crate::service::{
    BoxFuture, Handle, Health, OnFailure, Ref, Scope, Service, ServiceSlot, StopReason, Value, wire,
};

impl Scope {
    /// Starts a service that belongs to this one, such as one for each tenant, device or
    /// connection. Await the result.
    ///
    /// `make` receives the child's own scope and returns the service, or a `Result` of it.
    /// It is called once for each life of the child, so that the child can restart. The
    /// child has the life of every service: listeners, `on_start`, tasks, intervals,
    /// `#[health]`, `on_stop`, release. [`child_of`](Self::child_of) calls `new` itself.
    ///
    /// **Stop.** A child stops alone, by [`Child::stop`] or [`Scope::end`], or with its
    /// parent. A parent first unsubscribes its listeners and delivers the events that wait
    /// for them, then stops all children at the same time, then runs its own `on_stop`. A
    /// child can therefore use its parent to the end. From the moment that the parent
    /// stops, new children are refused. Children can have children of their own.
    ///
    /// **Failure.** A child that fails makes its parent fail, as a task does, unless an
    /// [`OnFailure`] says otherwise: `stop_alone`, `restart`, `report`.
    ///
    /// **Health.** The parent's health is the worst of its own and its children's. The
    /// report of the parent's stop lists the children that stopped with it, and counts the
    /// earlier ones that did not stop cleanly.
    ///
    /// **Cost.** A running child needs no thread of its own; its release runs on a thread
    /// that may block. A child that has stopped leaves nothing behind.
    ///
    /// # Errors
    ///
    /// A [`ChildError`]: the name is taken, the parent stops, or the start failed.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// pub struct Device {
    ///     address: Config<String>,
    /// }
    ///
    /// #[service]
    /// impl Device {
    ///     fn new(address: Config<String>) -> Self {
    ///         Self { address }
    ///     }
    ///
    ///     #[task]
    ///     async fn follow(&self, scope: &Scope) {
    ///         scope.cancelled().await; // a connection to `self.address`
    ///     }
    /// }
    ///
    /// pub struct Devices {
    ///     scope: Scope,
    /// }
    ///
    /// #[service]
    /// impl Devices {
    ///     fn new(scope: &Scope) -> Self {
    ///         Self { scope: scope.clone() }
    ///     }
    ///
    ///     async fn found(&self, name: &str) -> sprag::Result<()> {
    ///         let address = Config::new("10.0.0.7".to_owned());
    ///         self.scope.child(name, move |_| Device::new(address.clone())).await?;
    ///         Ok(())
    ///     }
    /// }
    ///
    /// app! { pub Hub { Devices } }
    ///
    /// let hub = Hub::start().await?;
    /// hub.handle::<Devices>().get()?.found("tv").await?;
    /// let report = hub.stop().await;
    /// assert_eq!(report.services()[0].children()[0].name(), "Devices/tv");
    /// # Ok(())
    /// # }
    /// ```
    pub fn child<F, O>(&self, name: &str, make: F) -> StartChild<O::Service>
    where
        F: Fn(&Self) -> O + Send + Sync + 'static,
        O: IntoService,
    {
        let make = Arc::new(make);
        let create: Factory = Box::new(move |scope| {
            let (make, scope) = (Arc::clone(&make), scope.clone());
            Box::pin(async move { Ok(wire(make(&scope).__into_service()?, &scope)) })
        });
        StartChild::new(self, name, move |_, _, _| Ok(create))
    }

    /// Like [`child`](Self::child), for a service whose `new` is called with parameters of the
    /// app: `Handle`s of its services, its values, the `Bus`, the child's own `&Scope`.
    ///
    /// The parameters are looked up at the start, so a parameter that the app does not have
    /// is a [`ChildError::Missing`] and not a compile error. [`StartChild::value`] adds
    /// values for this child alone. The `depends_on` and `wants` of the child are ignored:
    /// the app stops the parent before the services that the parent depends on, so declare
    /// what the children use on the parent.
    ///
    /// ```
    /// # use sprag::{prelude::*, start_with};
    /// # pub struct Devices { scope: Scope }
    /// # #[service]
    /// # impl Devices { fn new(scope: &Scope) -> Self { Self { scope: scope.clone() } } }
    /// # app! { pub Hub(Db) { Devices } }
    /// # pub struct Db;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// pub struct Address(String);
    ///
    /// pub struct Device {
    ///     address: Config<Address>,
    ///     devices: Handle<Devices>,
    /// }
    ///
    /// #[service]
    /// impl Device {
    ///     fn new(address: Config<Address>, devices: Handle<Devices>) -> Self {
    ///         Self { address, devices }
    ///     }
    /// }
    ///
    /// # let hub = Hub::start(Db).await?;
    /// # let scope = hub.handle::<Devices>().get()?.scope.clone();
    /// let address = Address("10.0.0.7".into());
    /// let tv = scope.child_of::<Device>("tv").value(address).await?;
    /// assert_eq!(tv.get()?.address.0, "10.0.0.7");
    /// assert!(tv.stop().await.is_clean());
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn child_of<S: Service + Send + Sync>(&self, name: &str) -> StartChild<S> {
        StartChild::new(self, name, |parent, path, values| {
            ChildError::missing(path, &missing::<S>(parent, &values)).map_or(Ok(()), Err)?;
            let create: Factory = Box::new(move |scope| {
                let Some(registry) = scope.context().registry() else {
                    return Box::pin(ready(Err(Error::msg("the app has no registry"))));
                };
                let params = S::__Params::take(&ParamSource { registry, scope, values: &values });
                let scope = scope.clone();
                Box::pin(async move { Ok(S::__create(params).await?.__wired(&scope)) })
            });
            Ok(create)
        })
    }

    /// The children that have not stopped, each with its state, ordered by name.
    pub fn children(&self) -> Vec<(Arc<str>, ServiceState)> {
        let mut children: Vec<_> = children_of(self).iter().flat_map(|app| app.states()).collect();
        children.sort_by(|(one, _), (other, _)| one.cmp(other));
        children
    }

    /// Stops the child of this scope, and its own children, and returns at once. The parent
    /// goes on. In a service of an app this is [`shutdown`](Self::shutdown).
    ///
    /// ```
    /// # use sprag::{prelude::*, start_with};
    /// # pub struct Devices;
    /// # #[service]
    /// # impl Devices { fn new() -> Self { Self } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// pub struct Connection;
    ///
    /// #[service]
    /// impl Connection {
    ///     fn new() -> Self {
    ///         Self
    ///     }
    ///
    ///     #[task]
    ///     async fn serve(&self, scope: &Scope) {
    ///         println!("answers, until the other end hangs up");
    ///         scope.end();
    ///     }
    /// }
    /// # let scope = Scope::new("devices");
    /// # let devices = start_with(scope.clone(), Devices::new()).await?;
    /// let connection = scope.child("7", |_| Connection::new()).await?;
    /// assert!(connection.stopped().await.is_clean());
    /// assert!(devices.is_ready());
    /// # devices.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn end(&self) {
        let service = self.shared_name();
        self.context().request_stop(StopReason::Shutdown { service, code: 0 });
    }
}

fn missing<S: Service>(scope: &Scope, values: &[Value]) -> Vec<&'static str> {
    let mut types = Vec::new();
    if let Some(registry) = scope.context().registry() {
        S::__Params::missing(&ParamSource { registry, scope, values }, &mut types);
    }
    types
}

/// The result of a child's factory: a service, or a `Result` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "not a service",
    note = "return a service, or a `Result` of one; `new` of an async service is called by `child_of`"
)]
pub trait IntoService {
    /// The service.
    type Service: Service + Send + Sync;

    /// The service, or the error of its `new`.
    #[doc(hidden)]
    fn __into_service(self) -> Result<Self::Service>;
}

impl<S: Service + Send + Sync> IntoService for S {
    type Service = S;

    fn __into_service(self) -> Result<S> {
        Ok(self)
    }
}

impl<S: Service + Send + Sync, E: Into<crate::error::BoxError>> IntoService
    for std::result::Result<S, E>
{
    type Service = S;

    fn __into_service(self) -> Result<S> {
        self.map_err(Error::new)
    }
}

/// Makes a child's factory from its parent's scope, its full name and its values.
type Create = Box<dyn FnOnce(&Scope, &Arc<str>, Vec<Value>) -> Result<Factory, ChildError> + Send>;

/// A child before its start; await it.
///
/// ```
/// # use sprag::{prelude::*, start_with};
/// # pub struct Device;
/// # #[service]
/// # impl Device { fn new() -> Self { Self } }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let scope = Scope::new("devices");
/// # let devices = start_with(scope.clone(), Device::new()).await?;
/// use sprag::service::OnFailure;
///
/// let tv = scope.child("tv", |_| Device::new()).on_failure(OnFailure::stop_alone()).await?;
/// # devices.stop().await;
/// # Ok(())
/// # }
/// ```
#[must_use = "the child does not start until this is awaited"]
pub struct StartChild<S> {
    parent: Scope,
    name: Arc<str>,
    create: Create,
    values: Vec<Value>,
    limits: Option<Limits>,
    on_failure: OnFailure,
    start: fn(Self) -> BoxFuture<Result<Child<S>, ChildError>>,
}

impl<S> StartChild<S> {
    /// Gives the child a value for its `Config<V>`, which takes precedence over the app's.
    pub fn value<V: Shareable>(mut self, value: V) -> Self {
        self.values.push(Arc::new(value));
        self
    }

    /// Sets how long starting and stopping may take. The default is the app's.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Sets what happens when the child fails. Without this, or with
    /// [`OnFailure::stop_app`], `#[service(on_failure = …)]` of the child decides.
    pub fn on_failure(mut self, rule: OnFailure) -> Self {
        self.on_failure = rule;
        self
    }
}

impl<S: Service + Send + Sync> StartChild<S> {
    fn new(
        parent: &Scope,
        name: &str,
        create: impl FnOnce(&Scope, &Arc<str>, Vec<Value>) -> Result<Factory, ChildError>
        + Send
        + 'static,
    ) -> Self {
        Self {
            parent: parent.clone(),
            name: name.into(),
            create: Box::new(create),
            values: Vec::new(),
            limits: None,
            on_failure: OnFailure::default(),
            start: Self::start,
        }
    }

    fn start(self) -> BoxFuture<Result<Child<S>, ChildError>> {
        Box::pin(async move {
            let Self { parent, name, create, values, limits, on_failure, .. } = self;
            let path: Arc<str> = format!("{}/{name}", parent.name()).into();
            let create = create(&parent, &path, values)?;
            let slot = Arc::new(ServiceSlot::new(&path));
            let handle = Handle::to_slot(Arc::clone(&slot), Instance::get::<S>);
            let child = NewChild { parent, name: Arc::clone(&name), create, limits, on_failure };
            let app = child.start(&slot, path).await?.keep();
            Ok(Child { app, name, handle })
        })
    }
}

impl<S> IntoFuture for StartChild<S> {
    type Output = Result<Child<S>, ChildError>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        (self.start)(self)
    }
}

impl<S> fmt::Debug for StartChild<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartChild").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A running child. Cloning increments three counters; dropping does nothing, since the
/// child belongs to its parent.
///
/// ```
/// # use sprag::{prelude::*, start_with};
/// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let scope = Scope::new("rooms");
/// # let rooms = start_with(scope.clone(), Player::new()).await?;
/// let kitchen = scope.child("kitchen", |_| Player::new()).await?;
/// assert_eq!(kitchen.get()?.play(3), "plays 3");
/// assert_eq!(kitchen.name(), "kitchen");
/// assert_eq!(kitchen.health().await, Health::degraded("no screen"));
/// assert_eq!(scope.children().len(), 1);
///
/// assert!(kitchen.stop().await.is_clean());
/// assert!(kitchen.get().is_err() && scope.children().is_empty());
/// # rooms.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Child<S> {
    app: Arc<AppState>,
    name: Arc<str>,
    handle: Handle<S>,
}

impl<S> Child<S> {
    /// The service, as [`Handle::get`].
    ///
    /// # Errors
    ///
    /// [`Unavailable`] while the child restarts, and once it has stopped.
    pub fn get(&self) -> Result<Ref<S>, Unavailable> {
        self.handle.get()
    }

    /// A handle to the child's service.
    pub fn handle(&self) -> Handle<S> {
        self.handle.clone()
    }

    /// The child's own name, without its parent's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Stops the child, and waits until it has stopped. The stop begins at the call and
    /// ends within the child's [`Limits`]; dropping the future does not interrupt the stop.
    pub fn stop(&self) -> impl Future<Output = StopReport> + Send + use<S> {
        self.app.context.request_stop(StopReason::Requested);
        let app = Arc::clone(&self.app);
        async move {
            let _waiting = app.context.clock.waiting();
            app.stopped().await
        }
    }

    /// Waits until the child has stopped, for any reason, without requesting a stop.
    pub async fn stopped(&self) -> StopReport {
        self.app.stopped().await
    }

    /// The health of the child and of its own children.
    pub async fn health(&self) -> Health {
        let health = check_all(&self.app).await;
        health.services().next().map_or(Health::Healthy, |(_, health)| health.clone())
    }

    /// Whether the child has started, is neither restarting nor stopping, and has healthy
    /// resources; see [`App::is_ready`](super::App::is_ready).
    pub fn is_ready(&self) -> bool {
        self.app.is_ready()
    }
}

impl<S> Clone for Child<S> {
    fn clone(&self) -> Self {
        let (app, name) = (Arc::clone(&self.app), Arc::clone(&self.name));
        Self { app, name, handle: self.handle.clone() }
    }
}

impl<S> fmt::Debug for Child<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child").field("handle", &self.handle).finish_non_exhaustive()
    }
}
