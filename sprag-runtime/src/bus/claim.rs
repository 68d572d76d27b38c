//! [`Claim`]: an instance's name on a bus.

use std::fmt;
use std::sync::Arc;

use super::slot::{self, Slot};
use super::topic::{Topic, TopicKey};
use super::{Bus, Named, Registry};
use crate::error::BusError;
use crate::event::Event;

/// Holds a topic's name for one instance, which emits through it, until it is
/// dropped.
pub(crate) struct Claim<E: Event> {
    bus: Bus,
    topic: Topic<E>,
    slot: Arc<Slot<E>>,
}

impl Bus {
    /// Takes the name of `topic` for one instance. A name is held once on a bus,
    /// whatever its event type.
    pub(crate) fn claim<E: Event>(&self, topic: Topic<E>) -> Result<Claim<E>, BusError> {
        let mut registry = self.core.registry.lock();
        if !registry.claimed.insert(topic.shared_name()) {
            return Err(BusError::NameTaken { name: topic.name().to_owned() });
        }
        self.core.slot_of_topic(&mut registry, &topic);
        let named = registry.named.get_mut(&topic.key()).expect("it was made above");
        named.claimed = true;
        let slot = slot::shared(&named.slot);
        drop(registry);
        Ok(Claim { bus: self.clone(), topic, slot })
    }
}

impl<E: Event> Claim<E> {
    /// As [`Bus::emit_on`], but without a lookup and so without any lock.
    pub(crate) fn emit(&self, event: &E) {
        self.slot.tell(event);
    }

    pub(crate) fn bus(&self) -> &Bus {
        &self.bus
    }
}

impl<E: Event> Drop for Claim<E> {
    fn drop(&mut self) {
        let mut registry = self.bus.core.registry.lock();
        registry.claimed.remove(self.topic.name());
        let key = self.topic.key();
        if let Some(named) = registry.named.get_mut(&key) {
            named.claimed = false;
        }
        let forgotten = if self.slot.len() == 0 { registry.forget_unclaimed(&key) } else { None };
        drop(registry);
        drop(forgotten);
    }
}

impl Registry {
    /// Forgets a topic without listeners, unless an instance emits through it.
    pub(super) fn forget_unclaimed(&mut self, key: &TopicKey) -> Option<Named> {
        if self.named.get(key).is_some_and(|named| !named.claimed) {
            self.named.remove(key)
        } else {
            None
        }
    }
}

impl<E: Event> fmt::Debug for Claim<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Claim").field(&self.topic).finish()
    }
}
