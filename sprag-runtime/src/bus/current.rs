//! The bus of the code that runs: inside a service it is the app's.
//!
//! Without it a cache that a service makes would listen to the process's bus, and
//! the app's events would pass it by, with nothing to say so.

use std::cell::RefCell;

use super::Bus;

thread_local! {
    static CURRENT: RefCell<Option<Bus>> = const { RefCell::new(None) };
}

impl Bus {
    /// The app's bus inside `new`, `on_start` and the tasks of a service; elsewhere
    /// [`Bus::global`]. It is the default of `create_cache` and
    /// `create_keyed_cache`.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// assert!(Bus::current().same(Bus::global())); // no service around it
    /// ```
    pub fn current() -> Self {
        let current = CURRENT.try_with(|current| current.borrow().clone()).ok().flatten();
        current.unwrap_or_else(|| Self::global().clone())
    }
}

#[cfg(feature = "service")]
pub(crate) use inside::inside;

#[cfg(feature = "service")]
mod inside {
    use super::{Bus, CURRENT};

    /// `future`, for which `bus` is the current one while it is polled.
    pub(crate) fn inside<F: Future>(bus: Bus, future: F) -> impl Future<Output = F::Output> {
        let mut future = Box::pin(future);
        std::future::poll_fn(move |cx| {
            let _outer = Outer(CURRENT.replace(Some(bus.clone())));
            future.as_mut().poll(cx)
        })
    }

    /// Puts back what was current before, also when the poll panics.
    struct Outer(Option<Bus>);

    impl Drop for Outer {
        fn drop(&mut self) {
            let inner = CURRENT.replace(self.0.take());
            drop(inner);
        }
    }
}
