//! [`Topic`]: the name of one instance's events, with their type.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// Identifies the events of one instance, such as `drives:invalidated`.
///
/// An instance returns its own topic (`drives.invalidated()`); [`Topic::new`] names the
/// topic of an instance that is created elsewhere. Two topics are equal when their names
/// and their event types are.
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::bus::Topic;
/// let drives = create_cache::<Vec<String>>("drives").build()?;
/// assert_eq!(drives.invalidated(), Topic::new("drives:invalidated"));
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
pub struct Topic<E> {
    name: Arc<str>,
    event: PhantomData<fn() -> E>,
}

impl<E: 'static> Topic<E> {
    /// Creates the topic called `name`.
    ///
    /// A topic is a typed name; a bus registers it with the first listener.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::bus::Topic;
    /// let topic: Topic<Invalidated> = Topic::new("drives:invalidated");
    /// let _log = Bus::global().on_topic(&topic, |event| println!("{} is empty", event.name));
    /// ```
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), event: PhantomData }
    }

    /// Returns the name, such as `drives:invalidated`.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::bus::Topic;
    /// let topic = Topic::<Invalidated>::new("drives:invalidated");
    /// assert_eq!(topic.name(), "drives:invalidated");
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        self.name.clone()
    }

    pub(super) fn key(&self) -> TopicKey {
        TopicKey { event: TypeId::of::<E>(), name: self.name.clone() }
    }
}

impl<E> Clone for Topic<E> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), event: PhantomData }
    }
}

impl<E> PartialEq for Topic<E> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<E> Eq for Topic<E> {}

impl<E> fmt::Debug for Topic<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Topic").field(&self.name).finish()
    }
}

impl<E> fmt::Display for Topic<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The registry's key of a topic.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct TopicKey {
    event: TypeId,
    name: Arc<str>,
}
