//! The bus of the running code: inside a service, the app's bus.
//!
//! Without it, a cache that a service creates would listen on the process's bus and
//! miss the app's events, without any message.

use std::cell::RefCell;

use super::Bus;
use crate::sync::thread_local;

thread_local! {
    static CURRENT: RefCell<Option<Bus>> = const { RefCell::new(None) };
}

impl Bus {
    /// Returns the app's bus inside `new`, the hooks, the tasks, the listeners and the
    /// releases of a service, and [`Bus::global`] elsewhere.
    ///
    /// A method that other code calls through a `Handle` runs in its caller's context,
    /// so its current bus is the caller's. `create_cache` and `create_keyed_cache` use
    /// the current bus by default.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// assert!(Bus::current().is_same(Bus::global())); // outside of services
    /// ```
    pub fn current() -> Self {
        // The thread local is gone while the thread ends.
        let current = CURRENT.try_with(|current| current.borrow().clone()).ok().flatten();
        current.unwrap_or_else(|| Self::global().clone())
    }
}

#[cfg(feature = "test")]
pub(crate) use inside::inside;
#[cfg(feature = "service")]
pub(crate) use inside::with_current;

#[cfg(feature = "service")]
mod inside {
    use super::{Bus, CURRENT};

    /// Polls `future` with `bus` as the current bus.
    #[cfg(feature = "test")]
    pub(crate) fn inside<F: Future>(bus: Bus, future: F) -> impl Future<Output = F::Output> {
        let mut future = Box::pin(future);
        std::future::poll_fn(move |cx| {
            let _restore = RestoreBus(replace(Some(bus.clone())));
            future.as_mut().poll(cx)
        })
    }

    /// Calls `f`, for which `bus` is the current one.
    pub(crate) fn with_current<U>(bus: &Bus, f: impl FnOnce() -> U) -> U {
        let _restore = RestoreBus(replace(Some(bus.clone())));
        f()
    }

    fn replace(bus: Option<Bus>) -> Option<Bus> {
        CURRENT.with(|current| current.replace(bus))
    }

    /// Restores the outer current bus, also when the poll panics.
    struct RestoreBus(Option<Bus>);

    impl Drop for RestoreBus {
        fn drop(&mut self) {
            let inner = replace(self.0.take());
            drop(inner);
        }
    }
}

#[cfg(test)]
#[cfg(feature = "test")]
mod tests {
    use super::{Bus, inside, with_current};

    #[test]
    fn a_bus_is_current_for_its_code_alone() {
        let (outer, inner) = (Bus::new(), Bus::new());
        let is_current = |bus: &Bus| Bus::current().is_same(bus);
        with_current(&outer, || {
            with_current(&inner, || assert!(is_current(&inner)));
            assert!(is_current(&outer));
            let future = inside(inner.clone(), std::future::ready(()));
            pollster::block_on(future);
            assert!(is_current(&outer));
        });
        assert!(is_current(Bus::global()));
        let panic = || with_current(&outer, || panic!("users' code"));
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(panic)).unwrap_err();
        assert!(is_current(Bus::global()));
        pollster::block_on(inside(inner.clone(), async move { assert!(is_current(&inner)) }));
    }
}
