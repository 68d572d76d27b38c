//! [`Subscription`]: the guard that keeps a callback subscribed.

use std::fmt;
use std::sync::Weak;

use crate::resource::Resource;

/// The object that a callback is registered at.
pub(crate) trait SubscriptionSource: Send + Sync + 'static {
    /// Removes the callback `key`. Unknown and removed keys are ignored: a key is never
    /// used twice.
    fn unsubscribe(&self, key: u64);
}

/// Keeps a callback subscribed until it is dropped.
///
/// Dropping this never blocks on a running callback, and can be done inside one. After the
/// drop has returned, the callback is not called again, except for at most one call that
/// another thread had already begun to make. [`detach`] keeps the callback for the life of
/// its source.
///
/// [`detach`]: Subscription::detach
///
/// A subscription does not keep its model, store, cache or bus alive.
///
/// ```
/// # use sprag::prelude::*;
/// # let visits = create_store("visits", 0_u64);
/// let subscription = visits.subscribe(|now, _| println!("{now} visits"));
/// visits.update(|visits| *visits += 1); // prints
/// drop(subscription);
/// visits.update(|visits| *visits += 1); // prints nothing
/// ```
#[must_use = "dropping the subscription unsubscribes at once; keep it in a variable with a name (`let _ =` drops it too), or call `.detach()`"]
pub struct Subscription {
    source: Option<Weak<dyn SubscriptionSource>>,
    key: u64,
}

impl Subscription {
    pub(crate) fn new(source: Weak<dyn SubscriptionSource>, key: u64) -> Self {
        Self { source: Some(source), key }
    }

    /// A subscription without a source, which does nothing.
    pub(crate) const fn dead() -> Self {
        Self { source: None, key: 0 }
    }

    /// Keeps the callback as long as its source exists.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let visits = create_store("visits", 0_u64);
    /// visits.subscribe(|now, _| println!("{now} visits")).detach();
    /// visits.update(|visits| *visits += 1); // prints, and so will every later write
    /// ```
    pub fn detach(mut self) {
        self.source = None;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.release();
    }
}

impl Resource for Subscription {
    fn release(&self) {
        if let Some(source) = self.source.as_ref().and_then(Weak::upgrade) {
            source.unsubscribe(self.key);
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("key", &self.key).finish_non_exhaustive()
    }
}
