//! Runs users' code so that its panic does not affect other code.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The payload of a panic.
pub type Payload = Box<dyn Any + Send>;

/// The payload of a panic whose cause was reported before: neither the panic hook nor
/// [`isolated`] reports it again.
pub(crate) struct Reported;

/// Runs `f`. A panic is caught and reported through `tracing` as one of `who`; the result
/// is then `None`.
pub fn isolated<U>(who: &dyn std::fmt::Display, f: impl FnOnce() -> U) -> Option<U> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(value) => Some(value),
        Err(payload) => {
            report(who, payload);
            None
        }
    }
}

/// Reports a panic of `who`, and drops its payload.
#[cold]
pub(crate) fn report(who: &dyn std::fmt::Display, payload: Payload) {
    if !payload.is::<Reported>() {
        quietly(|| tracing::error!(panic = message(&payload), "{who} panicked"));
    }
    discard(payload);
}

/// Runs `report`, which writes a report. The `tracing` subscriber is users' code, so its
/// panic is discarded.
pub(crate) fn quietly(report: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(report)) {
        discard(payload);
    }
}

/// A value of a user. A panic in its drop does not affect other code.
pub(crate) struct Isolated<V> {
    /// `None` only while it is dropped.
    value: Option<V>,
    what: &'static str,
}

impl<V> Isolated<V> {
    /// Keeps `value`; a panic in its drop is reported as one of `what`.
    pub(crate) const fn new(value: V, what: &'static str) -> Self {
        Self { value: Some(value), what }
    }
}

impl<V> std::ops::Deref for Isolated<V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        self.value.as_ref().expect("it is there until it is dropped")
    }
}

impl<V> Drop for Isolated<V> {
    fn drop(&mut self) {
        let value = self.value.take();
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
            report(&format_args!("the drop of {}", self.what), payload);
        }
    }
}

/// The text of a panic, if it has one.
pub fn message(payload: &Payload) -> &str {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "a panic without a message"
    }
}

/// Drops the payload of a panic, whose drop may panic as well, with a payload that may do
/// the same.
pub fn discard(payload: Payload) {
    let mut next = Some(payload);
    for _ in 0..8 {
        let Some(payload) = next.take() else { return };
        next = catch_unwind(AssertUnwindSafe(|| drop(payload))).err();
    }
    // Deeper payloads are leaked on purpose, since a panic here could end a thread.
    std::mem::forget(next);
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing::span::{Attributes, Id, Record};
    use tracing::subscriber::with_default;
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// Counts what is logged.
    struct EventCount(AtomicUsize);

    impl Subscriber for EventCount {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn i5_a_caught_panic_is_reported_once() {
        let logged = Arc::new(EventCount(AtomicUsize::new(0)));
        with_default(Arc::clone(&logged), || {
            assert_eq!(isolated(&"a listener", || 3), Some(3));
            assert_eq!(logged.0.load(Ordering::Relaxed), 0);
            assert!(isolated(&"a listener", || panic_any("some panic")).is_none());
            assert_eq!(logged.0.load(Ordering::Relaxed), 1);
            assert!(isolated(&"a listener", || panic_any(Reported)).is_none());
            assert_eq!(logged.0.load(Ordering::Relaxed), 1);
        });
    }
}
