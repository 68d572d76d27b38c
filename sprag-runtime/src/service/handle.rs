//! [`Handle`]: how one service reaches another, across restarts.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use arc_swap::{ArcSwapOption, Guard};
use tokio::sync::Notify;

use super::worker::JobQueues;
use crate::error::Unavailable;
use crate::isolate::isolated;

/// A reference to a service, or to a trait that a service of the app provides. Call methods
/// through [`get`], as in `self.library.get()?.title()`.
///
/// A handle in the parameters of `new` is an edge of the app's graph: the other service
/// runs before this one starts and until this one has stopped, so [`get`] succeeds in all
/// hooks. A handle stays valid forever; while the service does not run, [`get`] returns
/// [`Unavailable`]. Cloning increments a counter.
///
/// A `Handle<T>` is `Send + Sync` whatever `T` is.
///
/// [`get`]: Handle::get
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct Library;
/// # #[service]
/// # impl Library {
/// #     fn new() -> Self { Self }
/// #     pub fn title(&self) -> String { "Alien".into() }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// pub struct Player {
///     library: Handle<Library>,
/// }
///
/// #[service]
/// impl Player {
///     fn new(library: Handle<Library>) -> Self {
///         Self { library } // an edge: `Library` starts before `Player`
///     }
///
///     pub fn title(&self) -> sprag::Result<String> {
///         Ok(self.library.get()?.title())
///     }
/// }
///
/// let player = Player::new(Handle::new(Library)); // a plain function, in a test
/// assert_eq!(player.title()?, "Alien");
/// # Ok(())
/// # }
/// ```
pub struct Handle<T: ?Sized> {
    slot: Arc<ServiceSlot>,
    /// The slot's type is erased, so that a `dyn Trait` without bounds compiles.
    cast: Cast<T>,
}

/// Converts a service of erased type to a `T`.
pub type Cast<T> = fn(&Instance) -> &T;

impl<T: ?Sized> Handle<T> {
    pub(crate) fn to_slot(slot: Arc<ServiceSlot>, cast: Cast<T>) -> Self {
        Self { slot, cast }
    }

    /// Returns a guard that derefs to the service.
    ///
    /// Costs one lock-free load. Hold the guard for a call and not for longer, since it
    /// keeps the service's memory alive.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] while the service is not running: before it has started and
    /// once it has stopped.
    ///
    /// ```
    /// # use sprag::service::Handle;
    /// let player = Handle::new("Alien".to_owned()); // in an app, `app.handle::<Player>()`
    /// assert_eq!(player.get()?.len(), 5);
    /// # Ok::<(), sprag::error::Unavailable>(())
    /// ```
    pub fn get(&self) -> Result<Ref<T>, Unavailable> {
        let guard = self.slot.instance.load();
        if guard.is_none() {
            return Err(Unavailable { service: Arc::clone(&self.slot.name) });
        }
        Ok(Ref { guard, cast: self.cast })
    }

    /// Whether the service runs at this moment.
    ///
    /// The service may have stopped when this returns. Where that matters, call
    /// [`get`](Self::get) and check its result.
    ///
    /// ```
    /// # use sprag::service::Handle;
    /// assert!(Handle::new("Alien".to_owned()).is_available());
    /// ```
    pub fn is_available(&self) -> bool {
        self.slot.instance.load().is_some()
    }

    /// The service's name.
    ///
    /// The name as `app!` writes it; for [`new`](Self::new), the name of the type.
    ///
    /// ```
    /// # use sprag::service::Handle;
    /// assert_eq!(Handle::new(3_u8).name(), "u8");
    /// ```
    pub fn name(&self) -> &str {
        &self.slot.name
    }
}

/// Makes a method of the service that is called on the handle an error that says how to
/// reach the service. Nothing else is behind the reference.
impl<S: OnHandle> Deref for Handle<S> {
    type Target = S::Methods;

    fn deref(&self) -> &Self::Target {
        S::METHODS
    }
}

/// A service, for its handle.
pub trait OnHandle {
    /// The methods of the service, none of which compiles.
    type Methods: 'static;
    const METHODS: &'static Self::Methods;
}

/// A value that has the methods of a service: the [`Ref`] that [`Handle::get`] returns, and
/// not the handle.
///
/// A method that is called on the handle itself is one error, of this trait, which says to
/// call `get`. The methods are those of the service's `#[service]` block.
///
/// ```
/// use sprag::service::{HasMethods, Ref};
///
/// fn has_methods<T: HasMethods>() {}
/// has_methods::<Ref<String>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a `Handle` does not have the methods of its service",
    label = "write `.get()?` before this call",
    note = "`get` returns the service while it runs, as in `self.library.get()?.title()`"
)]
pub trait HasMethods {}

impl<T: ?Sized> HasMethods for Ref<T> {}

impl<T: ?Sized> Handle<T> {
    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.slot.name)
    }

    /// The queues of the service's workers; `None` without an app.
    pub(crate) fn queues(&self) -> Option<Arc<JobQueues>> {
        self.slot.queues.get().cloned()
    }

    /// The queues of the service's workers. For a fake, this creates them.
    pub(crate) fn queues_or_new(&self) -> Arc<JobQueues> {
        Arc::clone(self.slot.queues.get_or_init(Arc::default))
    }

    /// Waits until the service runs.
    pub(crate) async fn available(&self) {
        loop {
            let filled = self.slot.filled.notified();
            if self.is_available() {
                return;
            }
            filled.await;
        }
    }

    pub(crate) fn into_parts(self) -> (Arc<ServiceSlot>, Cast<T>) {
        (self.slot, self.cast)
    }
}

/// A handle to a value that is always available, for a `new` that takes a `Handle<dyn
/// Trait>`.
///
/// ```
/// # use sprag::service::Handle;
/// # use std::sync::Arc;
/// trait Store: Send + Sync {
///     fn titles(&self) -> usize;
/// }
/// struct InMemory;
/// impl Store for InMemory {
///     fn titles(&self) -> usize {
///         3
///     }
/// }
///
/// let fake: Arc<dyn Store> = Arc::new(InMemory);
/// assert_eq!(Handle::from(fake).get()?.titles(), 3);
/// # Ok::<(), sprag::error::Unavailable>(())
/// ```
impl<T: ?Sized + Send + Sync + 'static> From<Arc<T>> for Handle<T> {
    fn from(value: Arc<T>) -> Self {
        let slot = ServiceSlot::new(std::any::type_name::<T>());
        slot.fill(Instance::new(Arc::new(value)));
        Self { slot: Arc::new(slot), cast: |instance| &**instance.get::<Arc<T>>() }
    }
}

impl<T: Send + Sync + 'static> Handle<T> {
    /// A handle to a value that is always available, for a `new` that is called without an
    /// app.
    ///
    /// The value has no workers, so [`queue`](Self::queue) refuses all jobs;
    /// [`with_jobs`](Self::with_jobs) lets a test take them.
    ///
    /// ```
    /// # use sprag::service::Handle;
    /// let library = Handle::new(vec!["Alien"]);
    /// assert_eq!(library.get()?.len(), 1);
    /// # Ok::<(), sprag::error::Unavailable>(())
    /// ```
    pub fn new(value: T) -> Self {
        let slot = ServiceSlot::new(std::any::type_name::<T>());
        slot.fill(Instance::new(Arc::new(value)));
        Self { slot: Arc::new(slot), cast: Instance::get::<T> }
    }
}

impl<T: ?Sized> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self { slot: Arc::clone(&self.slot), cast: self.cast }
    }
}

impl<T: ?Sized> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("service", &self.slot.name)
            .field("available", &self.is_available())
            .finish()
    }
}

/// A running service, borrowed through a [`Handle`].
///
/// Derefs to the service. It holds no lock, and does not delay a stop.
///
/// ```
/// # use sprag::service::Handle;
/// let library = Handle::new(vec!["Alien"]);
/// let titles = library.get()?;
/// assert_eq!(titles.first(), Some(&"Alien"));
/// # Ok::<(), sprag::error::Unavailable>(())
/// ```
pub struct Ref<T: ?Sized> {
    /// `Some` from the construction on.
    guard: Guard<Option<Arc<Instance>>>,
    cast: Cast<T>,
}

impl<T: ?Sized> Deref for Ref<T> {
    type Target = T;

    fn deref(&self) -> &T {
        (self.cast)(self.guard.as_deref().expect("a `Ref` is made of a running service"))
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The place where handles find a running service.
pub(crate) struct ServiceSlot {
    name: Arc<str>,
    instance: ArcSwapOption<Instance>,
    /// Set before the service starts, and by a fake that accepts jobs.
    queues: OnceLock<Arc<JobQueues>>,
    /// Notified when the service runs.
    filled: Notify,
}

impl ServiceSlot {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            instance: ArcSwapOption::empty(),
            queues: OnceLock::new(),
            filled: Notify::new(),
        }
    }

    /// Makes the queues of the service available to handles.
    pub(crate) fn share_queues(&self, queues: &Arc<JobQueues>) {
        // A slot is for one service, so a second call would pass the same queues.
        let _first = self.queues.set(Arc::clone(queues)).is_ok();
    }

    pub(crate) fn fill(&self, instance: Instance) {
        self.instance.store(Some(Arc::new(instance)));
        isolated(&"a waker", || self.filled.notify_waiters());
    }

    /// Removes the service and returns it; the caller drops it.
    pub(crate) fn clear(&self) -> Option<Arc<Instance>> {
        self.instance.swap(None)
    }
}

impl fmt::Debug for ServiceSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceSlot").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A service whose type is erased.
#[derive(Clone)]
pub struct Instance {
    service: Arc<dyn Any + Send + Sync>,
}

impl Instance {
    pub(crate) fn new<S: Send + Sync + 'static>(service: Arc<S>) -> Self {
        Self { service }
    }

    /// The service, which is an `S`.
    pub fn get<S: 'static>(&self) -> &S {
        self.service.downcast_ref().expect("a slot holds the type that its app says")
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").finish_non_exhaustive()
    }
}
