//! [`Listeners`]: the callbacks of one scope on its bus, and their calls in flight.
//!
//! Unsubscribing refuses later calls, so that the stop of a service can wait for the calls
//! that other threads had begun. This module does not know services.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use tokio::sync::Notify;

use crate::bus::{Bus, Event};
use crate::subscription::Subscription;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The listeners of one scope.
#[derive(Default)]
pub(crate) struct Listeners {
    /// `None` once unsubscribed. Subscriptions and callbacks are dropped outside this
    /// lock.
    attached: Mutex<Option<Vec<Attached>>>,
    calls: Arc<CallsInFlight>,
}

struct Attached {
    subscription: Subscription,
    callback: Arc<dyn Clear>,
}

/// The error of attaching to unsubscribed listeners.
pub(crate) struct Closed;

impl Listeners {
    pub(crate) fn new() -> Self {
        Self { attached: Mutex::new(Some(Vec::new())), calls: Arc::default() }
    }

    /// Calls `f` with every `E` on `bus` until the scope is unsubscribed.
    pub(crate) fn attach<E, F>(&self, bus: &Bus, f: F) -> Result<(), Closed>
    where
        E: Event,
        F: Fn(&E) + Send + Sync + 'static,
    {
        let calls = Arc::clone(&self.calls);
        let callback = Arc::new(Callback { f: ArcSwapOption::from_pointee(f), calls });
        let called = Arc::clone(&callback);
        let subscription = bus.on::<E>(move |event| called.call(event));
        let attached = Attached { subscription, callback };
        let mut list = self.attached.lock();
        if let Some(list) = list.as_mut() {
            list.push(attached);
            return Ok(());
        }
        drop(list);
        Err(Closed)
    }

    /// Ends all subscriptions, refuses new ones and later calls, and returns the callbacks.
    /// The caller clears these once the calls in flight have ended.
    pub(crate) fn unsubscribe(&self) -> Vec<Arc<dyn Clear>> {
        self.calls.closed.store(true, Ordering::SeqCst);
        let attached = self.attached.lock().take().unwrap_or_default();
        let clear = |Attached { subscription, callback }| {
            drop(subscription);
            callback
        };
        attached.into_iter().map(clear).collect()
    }

    /// Whether there is nothing to unsubscribe and no call in flight.
    pub(crate) fn is_idle(&self) -> bool {
        let none = self.attached.lock().as_ref().is_none_or(Vec::is_empty);
        none && self.calls.running.load(Ordering::SeqCst) == 0
    }

    /// Waits until no call is in flight; forever, if a call does not end.
    pub(crate) async fn returned(&self) {
        self.calls.returned().await;
    }
}

/// A callback that can be emptied: a bus that still iterates over its listeners keeps the
/// callback itself for a moment longer.
pub(crate) trait Clear: Send + Sync {
    /// Drops the closure, unless one of its calls is still in flight.
    fn clear(&self);
}

struct Callback<F> {
    /// `None` once cleared.
    f: ArcSwapOption<F>,
    calls: Arc<CallsInFlight>,
}

impl<F> Callback<F> {
    fn call<E>(&self, event: &E)
    where
        F: Fn(&E),
    {
        let Some(_call) = self.calls.begin() else { return };
        if let Some(f) = &*self.f.load() {
            f(event);
        }
    }
}

impl<F: Send + Sync> Clear for Callback<F> {
    fn clear(&self) {
        drop(self.f.swap(None));
    }
}

/// The calls in flight of one scope's listeners.
#[derive(Default)]
struct CallsInFlight {
    /// Set before the wait for `running` begins; a call that observes `true` does nothing.
    closed: AtomicBool,
    running: AtomicUsize,
    /// Notified when the last call has returned.
    idle: Notify,
}

impl CallsInFlight {
    /// Begins a call; `None` once closed. Increments the counter first and then reads
    /// `closed`, so the closing thread either waits for this call, or this call observes
    /// that the listeners are closed.
    fn begin(&self) -> Option<CallInFlight<'_>> {
        self.running.fetch_add(1, Ordering::SeqCst);
        let call = CallInFlight { calls: self };
        (!self.closed.load(Ordering::SeqCst)).then_some(call)
    }

    async fn returned(&self) {
        loop {
            let idle = self.idle.notified();
            if self.running.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }
}

/// One call in flight, which ends when this is dropped, even by a panic.
struct CallInFlight<'a> {
    calls: &'a CallsInFlight,
}

impl Drop for CallInFlight<'_> {
    fn drop(&mut self) {
        let is_last = self.calls.running.fetch_sub(1, Ordering::SeqCst) == 1;
        if is_last && self.calls.closed.load(Ordering::SeqCst) {
            self.calls.idle.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[derive(Clone)]
    struct Tick;

    impl Event for Tick {
        const NAME: &'static str = "tick";
    }

    #[test]
    fn s5_listeners_are_idle_without_a_subscription_and_without_a_call() {
        let (bus, listeners) = (Bus::new(), Arc::new(Listeners::new()));
        assert!(listeners.is_idle());
        let ((begin, begun), (end, ended)) = (channel(), channel::<()>());
        let (ended, held) = (Mutex::new(ended), Arc::new(()));
        let own = Arc::clone(&held);
        let call = move |_: &Tick| {
            let _own = &own;
            begin.send(()).unwrap();
            ended.lock().recv().unwrap();
        };
        assert!(listeners.attach(&bus, call).is_ok());
        assert!(!listeners.is_idle(), "there is something to unsubscribe");

        std::thread::scope(|scope| {
            scope.spawn(|| bus.emit(Tick));
            begun.recv().unwrap();
            let callbacks = listeners.unsubscribe();
            assert!(!listeners.is_idle(), "a call is in flight");
            end.send(()).unwrap();
            pollster::block_on(listeners.returned());
            assert_eq!(Arc::strong_count(&held), 2);
            callbacks.iter().for_each(|callback| callback.clear());
            assert_eq!(Arc::strong_count(&held), 1, "the closure is dropped");
        });
        assert!(listeners.is_idle());
    }
}
