//! [`Invalidated`]: the event that a cache was cleared.

use std::sync::Arc;

use crate::bus::Event;

/// A cache was invalidated, by hand or because of what it depends on.
///
/// Emitted on the topic `{name}:invalidated`, after every cache of the same wave
/// was cleared.
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
    /// Whether a wave emits it, which has then reached all that depend on it.
    by_wave: bool,
}

impl Invalidated {
    /// The event as someone other than the cache emits it: caches that depend on
    /// the topic by name are invalidated.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::bus::Topic;
    /// let bus = Bus::new();
    /// let drives = Topic::new("drives:invalidated"); // of a cache in another process, say
    /// let sizes = create_cache("sizes").bus(&bus).depends_on_topic(&drives).build()?;
    /// sizes.set(700);
    /// bus.emit_topic(&drives, Invalidated::new("drives"));
    /// assert_eq!(sizes.get(), None);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), by_wave: false }
    }

    pub(super) fn by_wave(name: Arc<str>) -> Self {
        Self { name, by_wave: true }
    }

    pub(super) fn is_by_wave(&self) -> bool {
        self.by_wave
    }
}

#[diagnostic::do_not_recommend]
impl Event for Invalidated {
    const NAME: &'static str = "invalidated";
}
