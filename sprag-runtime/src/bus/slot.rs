//! The listeners of one event type, or of one topic, and how they are told.

use std::any::Any;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use super::depth::Depth;
use super::listeners::{Listener, Listeners};
use super::topic::Topic;
use super::{AnySlot, Core};
use crate::event::Event;
use crate::isolate::isolated;
use crate::subscription::Source;

pub(super) struct Slot<E> {
    /// Changed under the bus's `registry` only.
    pub(super) list: Listeners<E>,
    /// Set for an instance's events; they leave the registry with their last
    /// listener.
    topic: Option<Topic<E>>,
    home: Weak<Core>,
}

impl<E: Event> Slot<E> {
    pub(super) fn new(home: &Arc<Core>, topic: Option<Topic<E>>) -> Self {
        Self { list: Listeners::default(), topic, home: Arc::downgrade(home) }
    }

    pub(super) fn len(&self) -> usize {
        self.list.load().len()
    }

    pub(super) fn tell(&self, event: &E) {
        let listeners = self.list.load();
        if listeners.is_empty() {
            return;
        }
        let _depth = Depth::enter(self.name());
        for chunk in listeners.chunks() {
            for listener in chunk.iter() {
                self.tell_one(listener, event);
            }
        }
    }

    #[inline]
    fn tell_one(&self, listener: &Listener<E>, event: &E) {
        if !listener.take_up() {
            return;
        }
        if listener.is_once() {
            self.unsubscribe(listener.key());
        }
        if isolated(&Who(self.name()), || listener.call(event)).is_none() {
            self.count_panic();
        }
    }

    fn name(&self) -> &str {
        self.topic.as_ref().map_or(E::NAME, Topic::name)
    }

    fn count_panic(&self) {
        if let Some(home) = self.home.upgrade() {
            home.panics.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<E: Event> Source for Slot<E> {
    fn unsubscribe(&self, key: u64) {
        let Some(home) = self.home.upgrade() else { return };
        let mut registry = home.registry.lock();
        let replaced = self.list.remove(key);
        let forgotten = match &self.topic {
            // A key that was unknown tells nothing: another slot may be filed under
            // the topic by now.
            Some(topic) if replaced.is_some() && self.len() == 0 => {
                registry.forget_unclaimed(&topic.key())
            }
            _ => None,
        };
        drop(registry);
        // What listeners captured is dropped here, outside the lock.
        drop(replaced);
        drop(forgotten);
    }
}

/// The slot's own type; the key under which it was found says that it is `E`'s.
pub(super) fn typed<E: Event>(slot: &AnySlot) -> &Slot<E> {
    let slot: &(dyn Any + Send + Sync) = &**slot;
    slot.downcast_ref().expect("a slot is filed under its event type")
}

/// As [`typed`], shared.
pub(super) fn shared<E: Event>(slot: &AnySlot) -> Arc<Slot<E>> {
    slot.clone().downcast().expect("a slot is filed under its event type")
}

/// Who panicked, for the log.
struct Who<'a>(&'a str);

impl std::fmt::Display for Who<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a listener of `{}`", self.0)
    }
}
