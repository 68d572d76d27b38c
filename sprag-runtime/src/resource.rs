//! [`Resource`]: a value that a service can own.

#[cfg(feature = "service")]
use crate::health::{Health, ResourceCheck};

/// A value that holds other resources and can release them.
///
/// `own(field)` of `#[service]` releases the field when the service stops, and so does
/// `scope.own(resource)`.
///
/// Lists and options of resources are resources; a list is released last element first. A
/// service releases on a thread that may block, for as long as its app's `Limits` allow.
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use sprag::Resource;
///
/// struct Socket {
///     open: AtomicBool,
/// }
///
/// impl Resource for Socket {
///     fn release(&self) {
///         self.open.store(false, Ordering::SeqCst);
///     }
/// }
///
/// let socket = Socket { open: AtomicBool::new(true) };
/// socket.release();
/// assert!(!socket.open.load(Ordering::SeqCst));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be owned by a service",
    label = "`own(…)` needs a `Resource`",
    note = "`Store`, `Model`, `Cache`, `KeyedCache` and `Subscription` are resources; implement `sprag::Resource` for types of your own"
)]
pub trait Resource: Send + Sync + 'static {
    /// Releases everything. Called at least once; later calls do nothing.
    ///
    /// A panic is reported, and the service's other resources are released nonetheless.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// use sprag::Resource;
    ///
    /// let visits = create_store("visits", 0_u64);
    /// let _log = visits.subscribe(|now, _| println!("{now} visits"));
    /// visits.release(); // as `destroy`: no subscriber is notified any more
    /// visits.update(|visits| *visits += 1);
    /// ```
    fn release(&self);

    /// A function that returns how well the resource works; `None`, which is the default, for a
    /// resource that always works.
    ///
    /// Called once, when a service begins to own the resource. A service is at most as healthy as
    /// its resources, and its app is ready only while they are healthy. Each check of the health or
    /// of the readiness calls the function, on any thread, so it must not block. Its panic is an
    /// unhealthy resource.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    ///
    /// use sprag::service::{Health, ResourceCheck};
    /// use sprag::{Resource, prelude::*, start_with};
    ///
    /// struct Socket {
    ///     open: Arc<AtomicBool>,
    /// }
    ///
    /// impl Resource for Socket {
    ///     fn release(&self) {
    ///         self.open.store(false, SeqCst);
    ///     }
    ///
    ///     fn health_check(&self) -> Option<ResourceCheck> {
    ///         let open = Arc::clone(&self.open);
    ///         Some(Box::new(move || match open.load(SeqCst) {
    ///             true => Health::Healthy,
    ///             false => Health::degraded("the socket is closed"),
    ///         }))
    ///     }
    /// }
    ///
    /// struct Remote {
    ///     socket: Socket,
    /// }
    ///
    /// #[service(own(socket))]
    /// impl Remote {
    ///     fn new() -> Self {
    ///         Self { socket: Socket { open: Arc::new(true.into()) } }
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let remote = start_with(Scope::new("remote"), Remote::new()).await?;
    /// assert!(remote.is_ready() && remote.health().await.is_healthy());
    /// remote.get()?.socket.open.store(false, SeqCst);
    /// assert_eq!(remote.health().await, Health::degraded("the socket is closed"));
    /// assert!(!remote.is_ready());
    /// # remote.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "service")]
    fn health_check(&self) -> Option<ResourceCheck> {
        None
    }
}

impl<T: Resource> Resource for Option<T> {
    fn release(&self) {
        if let Some(resource) = self {
            resource.release();
        }
    }

    #[cfg(feature = "service")]
    fn health_check(&self) -> Option<ResourceCheck> {
        self.as_ref().and_then(T::health_check)
    }
}

impl<T: Resource> Resource for Vec<T> {
    fn release(&self) {
        self.iter().rev().for_each(T::release);
    }

    #[cfg(feature = "service")]
    fn health_check(&self) -> Option<ResourceCheck> {
        let checks: Vec<_> = self.iter().filter_map(T::health_check).collect();
        let worst = move || checks.iter().map(|check| check()).fold(Health::Healthy, Health::worse);
        Some(Box::new(worst))
    }
}

impl<T: Resource + ?Sized> Resource for Box<T> {
    fn release(&self) {
        (**self).release();
    }

    #[cfg(feature = "service")]
    fn health_check(&self) -> Option<ResourceCheck> {
        (**self).health_check()
    }
}

impl<T: Resource + ?Sized> Resource for std::sync::Arc<T> {
    fn release(&self) {
        (**self).release();
    }

    #[cfg(feature = "service")]
    fn health_check(&self) -> Option<ResourceCheck> {
        (**self).health_check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "service")]
    #[test]
    fn s9_the_health_of_a_resource_is_that_of_its_holder() {
        use std::sync::Arc;

        struct Socket;

        impl Resource for Socket {
            fn release(&self) {}

            fn health_check(&self) -> Option<ResourceCheck> {
                Some(Box::new(|| Health::degraded("closed")))
            }
        }

        let holders: [Box<dyn Resource>; 5] = [
            Box::new(Socket),
            Box::new(Box::new(Socket)),
            Box::new(Arc::new(Socket)),
            Box::new(Some(Socket)),
            Box::new(vec![Socket]),
        ];
        for holder in &holders {
            let check = holder.health_check().expect("the socket has one");
            assert_eq!(check(), Health::degraded("closed"));
        }
        assert!(None::<Socket>.health_check().is_none());
    }

    #[test]
    fn s1_a_holder_releases_its_resources_the_last_first() {
        use std::sync::{Arc, Mutex};

        struct NamedResource(&'static str, Arc<Mutex<Vec<&'static str>>>);

        impl Resource for NamedResource {
            fn release(&self) {
                self.1.lock().unwrap().push(self.0);
            }
        }

        let log = Arc::default();
        let named = |name| NamedResource(name, Arc::clone(&log));
        vec![Some(named("first")), None, Some(named("second"))].release();
        Arc::new(Box::new(named("third"))).release();
        assert_eq!(*log.lock().unwrap(), ["second", "first", "third"]);
    }
}
