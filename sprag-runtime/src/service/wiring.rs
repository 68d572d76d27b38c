//! [`Wiring`]: where generated code says which fields a service owns and which
//! hooks it has. It erases the service's type for whoever runs it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Service;
use super::handle::Instance;
use super::health::{Health, IntoHealth};
use super::outcome::Outcome;
use super::scope::{Scope, reported};
use super::stack::Release;
use futures_core::Stream;

use crate::bus::Event;
use crate::error::{Error, Lagged, Result, Stopped};
use crate::resource::Resource;
use crate::stream::{EventStream, channel};
use crate::subscription::Subscription;

/// How many events wait for an async listener at most.
const WAITING: usize = 1024;

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Makes one part of a service run; fails if its scope has ended.
pub(crate) type Attach = Box<dyn FnOnce(&Scope) -> Result<(), Stopped> + Send>;

/// Asks a service how it is.
pub(crate) type HealthCheck = Arc<dyn Fn() -> BoxFuture<Result<Health>> + Send + Sync>;

/// A service whose type is erased, ready to run.
pub(crate) struct Wired {
    pub(crate) instance: Instance,
    /// The bottom of the scope's stack: the service itself, then its own fields.
    pub(crate) owned: Vec<Release>,
    /// Attach the listeners.
    pub(crate) listeners: Vec<Attach>,
    pub(crate) on_start: Option<BoxFuture<Result<()>>>,
    pub(crate) on_stop: Option<BoxFuture<Result<()>>>,
    /// Spawn the tasks and intervals.
    pub(crate) background: Vec<Attach>,
    pub(crate) health: Option<HealthCheck>,
}

/// Wires `service` up with `scope`.
pub(crate) fn wire<S: Service + Send + Sync>(service: S, scope: &Scope) -> Wired {
    let this = Arc::new(service);
    let instance = Instance::new(Arc::clone(&this));
    let last = Arc::clone(&this);
    let wired = Wired {
        instance,
        owned: vec![Box::new(move || drop(last))],
        listeners: Vec::new(),
        on_start: None,
        on_stop: None,
        background: Vec::new(),
        health: None,
    };
    let mut wiring = Wiring { this, scope: scope.clone(), wired };
    S::__wire(&mut wiring);
    wiring.wired
}

/// Collects what a service consists of. All methods are for generated code.
pub struct Wiring<S> {
    this: Arc<S>,
    scope: Scope,
    wired: Wired,
}

impl<S: Service + Send + Sync> Wiring<S> {
    /// The field that `field` picks is released when the service stops.
    pub fn own<R: Resource + ?Sized>(&mut self, field: fn(&S) -> &R) {
        let this = Arc::clone(&self.this);
        self.wired.owned.push(Box::new(move || field(&this).release()));
    }

    /// The hook that ends the start.
    pub fn on_start<Fut>(&mut self, hook: impl FnOnce(Arc<S>, Scope) -> Fut)
    where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        self.wired.on_start = Some(boxed(hook(Arc::clone(&self.this), self.scope.clone())));
    }

    /// The hook that begins the stop.
    pub fn on_stop<Fut>(&mut self, hook: impl FnOnce(Arc<S>, Scope) -> Fut)
    where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        self.wired.on_stop = Some(boxed(hook(Arc::clone(&self.this), self.scope.clone())));
    }

    /// A listener, called in the emitter's thread.
    pub fn listen<E: Event, O: Outcome<()>>(
        &mut self,
        hook: impl Fn(&S, &E, &Scope) -> O + Send + Sync + 'static,
    ) {
        let (this, own) = (Arc::clone(&self.this), self.scope.clone());
        self.wired
            .listeners
            .push(Box::new(move |scope| scope.listen(move |event: &E| hook(&this, event, &own))));
    }

    /// An async listener: a task that is given the events one after the other. Those
    /// that it is too slow for are reported and lost, the oldest first.
    pub fn listen_async<E: Event + Clone, Fut>(
        &mut self,
        name: &'static str,
        hook: impl Fn(Arc<S>, E, Scope) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        let (this, own) = (Arc::clone(&self.this), self.scope.clone());
        self.wired.listeners.push(Box::new(move |scope| {
            // The listener is the scope's, so that it ends before `on_stop`, as others
            // do; what then waits is still delivered.
            let (sender, receiver) = channel(WAITING);
            scope.listen(move |event: &E| sender.send(event.clone()))?;
            let mut events = EventStream::new(receiver, Subscription::dead());
            let service = own.name().to_owned();
            let follow = async move {
                while let Some(Some(event)) = own.until_cancelled(next(&mut events)).await {
                    match event {
                        Ok(event) => {
                            let call = hook(Arc::clone(&this), event, own.clone());
                            reported(&service, name, async { call.await.__outcome() }).await;
                        }
                        Err(lagged) => tracing::warn!(service, hook = name, "{lagged}"),
                    }
                }
            };
            scope.spawn_named(name, follow).map(drop)
        }));
    }

    /// A hook that is called every `period`.
    pub fn interval<Fut>(
        &mut self,
        name: &'static str,
        period: Duration,
        hook: impl Fn(Arc<S>, Scope) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        let (this, own) = (Arc::clone(&self.this), self.scope.clone());
        self.wired.background.push(Box::new(move |scope| {
            let call = move || hook(Arc::clone(&this), own.clone());
            scope.interval_named(name, period, call).map(drop)
        }));
    }

    /// A task that runs from the start on.
    pub fn task<Fut>(
        &mut self,
        name: &'static str,
        hook: impl FnOnce(Arc<S>, Scope) -> Fut + Send + 'static,
    ) where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        let (this, own) = (Arc::clone(&self.this), self.scope.clone());
        self.wired.background.push(Box::new(move |scope| {
            scope.spawn_named(name, async move { hook(this, own).await.__outcome() }).map(drop)
        }));
    }

    /// The hook that tells how the service is.
    pub fn health<Fut>(&mut self, hook: impl Fn(Arc<S>, Scope) -> Fut + Send + Sync + 'static)
    where
        Fut: Future<Output: IntoHealth> + Send + 'static,
    {
        // The service is held weakly: the check must not outlive it.
        let (this, scope) = (Arc::downgrade(&self.this), self.scope.clone());
        self.wired.health = Some(Arc::new(move || match this.upgrade() {
            Some(this) => {
                let check = hook(this, scope.clone());
                Box::pin(async move { Ok(check.await.into_health()) })
            }
            None => Box::pin(std::future::ready(Ok(Health::unhealthy("it has stopped")))),
        }));
    }
}

async fn next<E>(events: &mut EventStream<E>) -> Option<Result<E, Lagged>> {
    std::future::poll_fn(|cx| Pin::new(&mut *events).poll_next(cx)).await
}

impl<S> fmt::Debug for Wiring<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wiring").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// What the generated `new` of a service calls whose real one could not be read.
/// An error was reported there, so this never runs.
pub fn not_expanded<P, T>(_params: P) -> Result<T> {
    Err(Error::msg("the service's `new` was not understood"))
}

fn boxed<Fut>(future: Fut) -> BoxFuture<Result<()>>
where
    Fut: Future<Output: Outcome<()>> + Send + 'static,
{
    Box::pin(async move { future.await.__outcome() })
}
