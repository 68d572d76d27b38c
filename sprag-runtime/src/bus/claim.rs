//! [`Claim`]: an instance's name on a bus.

use std::fmt;
use std::sync::Arc;

use super::dispatcher::{self, Dispatcher};
use super::topic::{Topic, TopicKey};
use super::{Bus, BusRegistry, Event, TopicEntry};
use crate::error::BusError;

/// Reserves a topic's name for one instance, which emits through the claim, until the
/// claim is dropped.
pub(crate) struct Claim<E: Event> {
    bus: Bus,
    topic: Topic<E>,
    dispatcher: Arc<Dispatcher<E>>,
}

impl Bus {
    /// Reserves the name of `topic` for one instance. At most one instance holds a name
    /// on a bus, whatever its event type.
    pub(crate) fn claim<E: Event>(&self, topic: Topic<E>) -> Result<Claim<E>, BusError> {
        let mut registry = self.core.registry.lock();
        if !registry.claimed.insert(topic.shared_name()) {
            return Err(BusError::NameTaken { name: topic.name().to_owned() });
        }
        self.core.dispatcher_of_topic(&mut registry, &topic);
        let entry = registry.topics.get_mut(&topic.key()).expect("the line above added the topic");
        entry.claimed = true;
        let dispatcher = dispatcher::shared(&entry.dispatcher);
        drop(registry);
        Ok(Claim { bus: self.clone(), topic, dispatcher })
    }
}

impl<E: Event> Claim<E> {
    /// Like [`Bus::emit_topic`], but without a lookup and therefore without a lock.
    pub(crate) fn emit(&self, event: &E) {
        self.dispatcher.dispatch(event);
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
        if let Some(entry) = registry.topics.get_mut(&key) {
            entry.claimed = false;
        }
        let is_unused = self.dispatcher.len() == 0;
        let forgotten = if is_unused { registry.forget_unclaimed(&key) } else { None };
        drop(registry);
        drop(forgotten);
    }
}

impl BusRegistry {
    /// Removes a topic that has no listeners, unless an instance emits through it.
    pub(super) fn forget_unclaimed(&mut self, key: &TopicKey) -> Option<TopicEntry> {
        let is_unclaimed = self.topics.get(key).is_some_and(|entry| !entry.claimed);
        if is_unclaimed { self.topics.remove(key) } else { None }
    }
}

impl<E: Event> fmt::Debug for Claim<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Claim").field(&self.topic).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    struct ClaimedTick;

    impl Event for ClaimedTick {
        const NAME: &'static str = "tick";
    }

    #[test]
    fn i8_a_topic_goes_with_its_claim_unless_it_has_listeners() {
        let (bus, topic) = (Bus::new(), Topic::new("clock:tick"));
        let topics = || bus.core.registry.lock().topics.len();
        let claim = bus.claim::<ClaimedTick>(topic.clone()).unwrap();
        assert!(bus.claim::<ClaimedTick>(topic.clone()).is_err());
        drop(claim);
        assert_eq!(topics(), 0);

        let claim = bus.claim(topic.clone()).unwrap();
        let (sender, heard) = channel();
        let listener = bus.on_topic(&topic, move |_: &ClaimedTick| sender.send(()).unwrap());
        claim.emit(&ClaimedTick);
        drop(claim);
        bus.emit_topic(&topic, ClaimedTick);
        assert_eq!((topics(), heard.try_iter().count()), (1, 2));
        drop(listener);
        assert_eq!(topics(), 0);
    }
}
