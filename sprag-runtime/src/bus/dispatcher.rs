//! [`Dispatcher`]: the listeners of one event type or of one topic, and how an event
//! reaches them.

use std::any::Any;
use std::sync::{Arc, Weak};

use super::feedback::Dispatching;
use super::listeners::{EventListeners, Listener};
use super::topic::Topic;
use super::{AnyDispatcher, BusCore, Event};
use crate::isolate::isolated;
use crate::subscription::SubscriptionSource;
use crate::sync::atomic::Ordering;

pub(super) struct Dispatcher<E> {
    /// Changed under the bus's `registry` only.
    pub(super) listeners: EventListeners<E>,
    /// Set for an instance's events. Their dispatcher leaves the registry with its last
    /// listener.
    topic: Option<Topic<E>>,
    bus: Weak<BusCore>,
}

impl<E: Event> Dispatcher<E> {
    pub(super) fn new(bus: &Arc<BusCore>, topic: Option<Topic<E>>) -> Self {
        Self { listeners: EventListeners::default(), topic, bus: Arc::downgrade(bus) }
    }

    pub(super) fn len(&self) -> usize {
        self.listeners.load().len()
    }

    /// Calls the listeners that are subscribed now, in order.
    pub(super) fn dispatch(&self, event: &E) {
        let listeners = self.listeners.load();
        if listeners.is_empty() {
            return;
        }
        let _dispatching = Dispatching::enter(self.address(), self.name());
        for chunk in listeners.chunks() {
            for listener in chunk.iter() {
                self.call(listener, event);
            }
        }
    }

    #[inline]
    fn call(&self, listener: &Listener<E>, event: &E) {
        if !listener.try_claim() {
            return;
        }
        if listener.is_once() {
            self.unsubscribe(listener.key());
        }
        let whose = format_args!("a listener of `{}`", self.name());
        if isolated(&whose, || listener.call(event)).is_none() {
            self.count_panic();
        }
    }

    fn name(&self) -> &str {
        self.topic.as_ref().map_or(E::NAME, Topic::name)
    }

    /// Identifies the dispatcher among all existing ones.
    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn count_panic(&self) {
        if let Some(bus) = self.bus.upgrade() {
            bus.panics.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A [`Dispatcher`] of some event type.
pub(super) trait ErasedDispatcher: Any + Send + Sync {
    /// The name of its events, and the number of its listeners.
    fn listeners(&self) -> (&str, usize);
}

impl<E: Event> ErasedDispatcher for Dispatcher<E> {
    fn listeners(&self) -> (&str, usize) {
        (self.name(), self.len())
    }
}

impl<E: Event> SubscriptionSource for Dispatcher<E> {
    fn unsubscribe(&self, key: u64) {
        let Some(bus) = self.bus.upgrade() else { return };
        let mut registry = bus.registry.lock();
        let replaced = self.listeners.remove(key);
        let forgotten = match &self.topic {
            // An unknown key proves nothing: the registry may hold another dispatcher
            // for the topic by now.
            Some(topic) if replaced.is_some() && self.len() == 0 => {
                registry.forget_unclaimed(&topic.key())
            }
            _ => None,
        };
        drop(registry);
        // Drops what listeners captured, outside the lock.
        drop(replaced);
        drop(forgotten);
    }
}

/// Restores the type of a dispatcher that the registry or the table of types holds
/// under `E`.
pub(super) fn typed<E: Event>(dispatcher: &AnyDispatcher) -> &Dispatcher<E> {
    let dispatcher: &dyn Any = &**dispatcher;
    dispatcher.downcast_ref().expect("a dispatcher is stored under its event type")
}

/// Like [`typed`], but shared.
pub(super) fn shared<E: Event>(dispatcher: &AnyDispatcher) -> Arc<Dispatcher<E>> {
    let dispatcher: Arc<dyn Any + Send + Sync> = dispatcher.clone();
    dispatcher.downcast().expect("a dispatcher is stored under its event type")
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::bus::Bus;

    struct QueuedTick;

    impl Event for QueuedTick {
        const NAME: &'static str = "tick";
    }

    #[test]
    fn i8_a_topic_goes_with_its_last_listener_and_not_before() {
        let (bus, topic) = (Bus::new(), Topic::new("clock:tick"));
        let topics = || bus.core.registry.lock().topics.len();
        let (sender, heard) = channel();
        let first = bus.on_topic(&topic, |_: &QueuedTick| ());
        let last = bus.on_topic(&topic, move |_: &QueuedTick| sender.send(()).unwrap());
        drop(first);
        bus.emit_topic(&topic, QueuedTick);
        assert_eq!((topics(), heard.try_recv()), (1, Ok(())));
        drop(last);
        assert_eq!(topics(), 0);
    }
}
