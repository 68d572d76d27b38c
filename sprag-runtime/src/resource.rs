//! [`Resource`]: a value that a service can own.

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
}

impl<T: Resource> Resource for Option<T> {
    fn release(&self) {
        if let Some(resource) = self {
            resource.release();
        }
    }
}

impl<T: Resource> Resource for Vec<T> {
    fn release(&self) {
        self.iter().rev().for_each(T::release);
    }
}

impl<T: Resource + ?Sized> Resource for Box<T> {
    fn release(&self) {
        (**self).release();
    }
}

impl<T: Resource + ?Sized> Resource for std::sync::Arc<T> {
    fn release(&self) {
        (**self).release();
    }
}
