//! [`Wiring`]: the list, written by generated code, of the hooks and owned fields of a
//! service. The app uses the list without the service's type.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Service;
use super::blocking::OnceHook;
use super::failure_policy::OnFailure;
use super::handle::Instance;
use super::into_health::IntoHealth;
use super::listener_queue::{EventQueue, Inlet, Pushed, QueueLimit};
use super::outcome::Outcome;
use super::resource_checks::ResourceChecks;
use super::scope::{Scope, ZERO_PERIOD};
use super::stack::Release;
use crate::bus::Event;
use crate::error::{Error, Result};
use crate::health::Health;
use crate::resource::Resource;

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// One part of a service that is attached to its scope: a listener, a task, an interval.
pub(crate) struct Attachment {
    /// The hook's name.
    pub(crate) name: &'static str,
    pub(crate) attach: Attach,
}

/// Fails if the scope has ended, or if the part cannot run.
type Attach = Box<dyn FnOnce(&Scope) -> Result<()> + Send>;

/// The health check of a service.
#[derive(Clone)]
pub(crate) enum HealthCheck {
    /// Runs on the app's runtime.
    Async(Arc<dyn Fn() -> BoxFuture<Result<Health>> + Send + Sync>),
    /// May block its thread.
    Blocking(Arc<dyn Fn() -> Health + Send + Sync>),
}

impl HealthCheck {
    /// The check of a service whose hook is `hook`, and of its resources; `None` without both.
    pub(crate) fn of(hook: Option<Self>, resources: &Arc<ResourceChecks>) -> Option<Self> {
        if resources.is_empty() {
            return hook;
        }
        let resources = Arc::clone(resources);
        Some(match hook {
            None => Self::Blocking(Arc::new(move || resources.worst())),
            Some(Self::Blocking(own)) => {
                Self::Blocking(Arc::new(move || own().worse(resources.worst())))
            }
            Some(Self::Async(own)) => Self::Async(Arc::new(move || {
                let (own, resources) = (own(), Arc::clone(&resources));
                Box::pin(async move { Ok(own.await?.worse(resources.worst())) })
            })),
        })
    }
}

/// A service of erased type, ready to run.
pub(crate) struct Wired {
    pub(crate) instance: Instance,
    /// The bottom of the scope's stack: the service itself, then its owned fields.
    pub(crate) owned: Vec<Release>,
    pub(crate) listeners: Vec<Attachment>,
    pub(crate) on_start: Option<OnceHook>,
    pub(crate) on_stop: Option<OnceHook>,
    pub(crate) on_stopped: Option<OnceHook>,
    /// The tasks and intervals.
    pub(crate) background: Vec<Attachment>,
    pub(crate) health: Option<HealthCheck>,
}

/// Connects `service` with `scope`.
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
        on_stopped: None,
        background: Vec::new(),
        health: None,
    };
    let mut wiring = Wiring { this, scope: scope.clone(), wired };
    S::__wire(&mut wiring);
    wiring.wired
}

/// Collects the parts of a service. All methods are for generated code.
pub struct Wiring<S> {
    this: Arc<S>,
    pub(super) scope: Scope,
    pub(super) wired: Wired,
}

impl<S: Service + Send + Sync> Wiring<S> {
    /// The service, as the options of its hooks read it.
    pub fn service(&self) -> Arc<S> {
        Arc::clone(&self.this)
    }

    /// Releases the field that `field` returns when the service stops.
    pub fn own<R: Resource + ?Sized>(&mut self, field: fn(&S) -> &R) {
        let this = Arc::clone(&self.this);
        self.scope.resources().add(field(&this).health_check());
        self.wired.owned.push(Box::new(move || field(&this).release()));
    }

    /// Sets the rule for a failure of the service, unless the app's builder has set one.
    pub fn on_failure(&mut self, rule: OnFailure) {
        if self.scope.on_failure() == OnFailure::default() {
            self.scope.set_on_failure(rule);
        }
    }

    /// Adds the hook at the end of the start.
    pub fn on_start<Fut>(&mut self, hook: impl FnOnce(Arc<S>, Scope) -> Fut)
    where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        self.wired.on_start = Some(boxed(hook(Arc::clone(&self.this), self.scope.clone())));
    }

    /// Adds the hook that stops accepting work, before the tasks are cancelled.
    pub fn on_stop<Fut>(&mut self, hook: impl FnOnce(Arc<S>, Scope) -> Fut)
    where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        self.wired.on_stop = Some(boxed(hook(Arc::clone(&self.this), self.scope.clone())));
    }

    /// Adds the hook after the tasks have ended, before the release.
    pub fn on_stopped<Fut>(&mut self, hook: impl FnOnce(Arc<S>, Scope) -> Fut)
    where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        self.wired.on_stopped = Some(boxed(hook(Arc::clone(&self.this), self.scope.clone())));
    }

    /// Adds a listener that is called on the emitter's thread.
    pub fn listen<E: Event, O: Outcome<()>>(
        &mut self,
        name: &'static str,
        hook: impl Fn(&S, &E, &Scope) -> O + Send + Sync + 'static,
    ) {
        let (this, own) = (Arc::clone(&self.this), self.scope.clone());
        let call = move |event: &E| hook(&this, event, &own);
        let attach = move |scope: &Scope| Ok(scope.listen_named(name, call)?);
        self.wired.listeners.push(Attachment { name, attach: Box::new(attach) });
    }

    /// Adds an async listener: a task that receives the events in turn. Any number of
    /// events may wait.
    pub fn listen_async<E: Event + Clone, Fut>(
        &mut self,
        name: &'static str,
        hook: impl Fn(Arc<S>, E, Scope) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        self.listen_queued(name, QueueLimit::unlimited(), hook);
    }

    /// Adds an async listener with a limit for its waiting events.
    pub fn listen_queued<E: Event + Clone, Fut>(
        &mut self,
        name: &'static str,
        limit: QueueLimit,
        hook: impl Fn(Arc<S>, E, Scope) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        let (this, own) = (Arc::clone(&self.this), self.scope.clone());
        let attach = move |scope: &Scope| {
            let queue = EventQueue::new(limit);
            let (inlet, lost) = (Inlet(Arc::clone(&queue)), own.calls(name.into()));
            scope.listen_named(name, move |event: &E| {
                if let Pushed::OneLost = inlet.push(event.clone()) {
                    lost.lost();
                }
            })?;
            let (calls, events) = (own.calls(name.into()), Arc::clone(&queue));
            let deliver = async move {
                while let Some(event) = events.next().await {
                    let call = hook(Arc::clone(&this), event, own.clone());
                    let call = async { call.await.__outcome() };
                    events.handling(calls.count(call)).await;
                }
            };
            Ok(scope.deliver(name, queue, deliver)?)
        };
        self.wired.listeners.push(Attachment { name, attach: Box::new(attach) });
    }

    /// Adds a hook that is called every `period`.
    pub fn interval<Fut>(
        &mut self,
        name: &'static str,
        period: Duration,
        hook: impl Fn(Arc<S>, Scope) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        let (this, own) = (Arc::clone(&self.this), self.scope.clone());
        let attach = move |scope: &Scope| {
            if period.is_zero() {
                return Err(Error::msg(ZERO_PERIOD));
            }
            let call = move || hook(Arc::clone(&this), own.clone());
            scope.interval_named(name, period, call)?;
            Ok(())
        };
        self.wired.background.push(Attachment { name, attach: Box::new(attach) });
    }

    /// Adds a task with its own rule for failures.
    pub fn task_with<Fut>(
        &mut self,
        name: &'static str,
        rule: OnFailure,
        hook: impl FnOnce(Arc<S>, Scope) -> Fut + Send + 'static,
    ) where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        let (this, own) = (Arc::clone(&self.this), self.scope.clone());
        let attach = move |scope: &Scope| {
            scope.spawn_with(name, rule, async move { hook(this, own).await.__outcome() })?;
            Ok(())
        };
        self.wired.background.push(Attachment { name, attach: Box::new(attach) });
    }

    /// Adds a task that runs from the start on.
    pub fn task<Fut>(
        &mut self,
        name: &'static str,
        hook: impl FnOnce(Arc<S>, Scope) -> Fut + Send + 'static,
    ) where
        Fut: Future<Output: Outcome<()>> + Send + 'static,
    {
        let (this, own) = (Arc::clone(&self.this), self.scope.clone());
        let attach = move |scope: &Scope| {
            scope.spawn_named(name, async move { hook(this, own).await.__outcome() })?;
            Ok(())
        };
        self.wired.background.push(Attachment { name, attach: Box::new(attach) });
    }

    /// Sets the health check, which runs on the app's runtime.
    pub fn health<Fut>(&mut self, hook: impl Fn(Arc<S>, Scope) -> Fut + Send + Sync + 'static)
    where
        Fut: Future<Output: IntoHealth> + Send + 'static,
    {
        // The check holds the service weakly, so that the service does not outlive the
        // stop.
        let (this, scope) = (Arc::downgrade(&self.this), self.scope.clone());
        self.wired.health = Some(HealthCheck::Async(Arc::new(move || match this.upgrade() {
            Some(this) => {
                let check = hook(this, scope.clone());
                Box::pin(async move { Ok(check.await.into_health()) })
            }
            None => Box::pin(std::future::ready(Ok(Health::unhealthy("it has stopped")))),
        })));
    }

    /// Sets the health check, which runs on a thread that may block.
    pub fn health_blocking<H: IntoHealth>(
        &mut self,
        hook: impl Fn(&S, &Scope) -> H + Send + Sync + 'static,
    ) {
        let (this, scope) = (Arc::downgrade(&self.this), self.scope.clone());
        self.wired.health = Some(HealthCheck::Blocking(Arc::new(move || match this.upgrade() {
            Some(this) => hook(&this, &scope).into_health(),
            None => Health::unhealthy("it has stopped"),
        })));
    }
}

impl<S> fmt::Debug for Wiring<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wiring").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Generated code calls this instead of the user's `new` if the macro could not read `new`.
/// The macro has reported an error, so this never runs.
pub fn not_expanded<P, T>(_params: P) -> Result<T> {
    Err(Error::msg("the service's `new` could not be read"))
}

fn boxed<Fut>(future: Fut) -> OnceHook
where
    Fut: Future<Output: Outcome<()>> + Send + 'static,
{
    OnceHook::Async(Box::pin(async move { future.await.__outcome() }))
}
