//! [`Invalidated`]: the event of an invalidation.

use std::sync::Arc;

use crate::bus::Event;

/// Says that a cache was invalidated, by a call or by one of its dependencies, or that
/// `set` gave it another value.
///
/// Emitted on the topic `{name}:invalidated`, after every cache of the same wave is
/// cleared.
///
/// ```
/// # use sprag::prelude::*;
/// # let drives = create_cache::<u32>("drives").build()?;
/// let _log = drives.on_invalidate(|event: &Invalidated| println!("{} is empty", event.name));
/// drives.invalidate(); // prints "drives is empty"
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Invalidated {
    /// The cache's name.
    pub name: Arc<str>,
    /// Whether the cache was given another value (`set`), rather than cleared.
    pub is_replaced: bool,
    /// Whether a wave emits the event. The wave has then reached all dependents.
    by_wave: bool,
}

impl Invalidated {
    /// Creates the event for code other than the cache to emit: it invalidates the caches
    /// that depend on the topic by name.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::bus::Topic;
    /// let bus = Bus::new();
    /// let drives = Topic::new("drives:invalidated"); // such as a cache of another process
    /// let sizes = create_cache("sizes").bus(&bus).depends_on_topic(&drives).build()?;
    /// sizes.set(700);
    /// bus.emit_topic(&drives, Invalidated::new("drives"));
    /// assert_eq!(sizes.get(), None);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), is_replaced: false, by_wave: false }
    }

    pub(super) fn by_wave(name: Arc<str>) -> Self {
        Self { name, is_replaced: false, by_wave: true }
    }

    pub(super) fn by_replacement(name: Arc<str>) -> Self {
        Self { name, is_replaced: true, by_wave: true }
    }

    pub(super) fn is_by_wave(&self) -> bool {
        self.by_wave
    }
}

#[diagnostic::do_not_recommend]
impl Event for Invalidated {
    const NAME: &'static str = "invalidated";
}
