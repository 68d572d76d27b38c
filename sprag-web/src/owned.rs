//! Stores as resources of a service.

use std::hash::Hash;

use sprag_runtime::path::State;
use sprag_runtime::{Resource, ToJsonState};

use crate::backing::Backing;
use crate::keyed::PublishedBy;
use crate::published::Published;

/// Releasing a store ends its streams and releases its backing: a model stops notifying.
/// Browsers reopen the stream, and wait for the next start.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use sprag::prelude::*;
/// use sprag_web::{Published, store};
///
/// #[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
/// struct Tv {
///     volume: u8,
/// }
///
/// struct Screen {
///     tv: Published<Tv>,
/// }
///
/// #[service(own(tv))]
/// impl Screen {
///     fn new() -> Self {
///         Self { tv: store("tv", Tv::default()) }
///     }
/// }
/// ```
impl<T, B> Resource for Published<T, B>
where
    T: State + ToJsonState + Clone + Send + Sync,
    B: Backing<T> + Resource,
{
    fn release(&self) {
        self.0.end();
        Resource::release(&**self);
    }
}

/// Releases each instance; a later use of its key creates a new one.
impl<K, T> Resource for PublishedBy<K, T>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    T: State + ToJsonState + Clone + Send + Sync,
{
    fn release(&self) {
        for store in self.0.take_all() {
            Published(store).release();
        }
    }
}
