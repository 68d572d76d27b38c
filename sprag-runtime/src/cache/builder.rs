//! [`CacheBuilder`]: how a cache is set up.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::clock::{Clock, Timer};
use super::graph::{self, Listening, SourceKey, Upstream};
use super::invalidated::Invalidated;
use super::keyed::KeyedCache;
use super::node::{Base, Node, topic_of};
use super::{Cache, wave};
use crate::bus::Event;
use crate::bus::{Bus, Topic};
use crate::error::CacheBuildError;
use crate::subscription::Subscription;
use crate::sync::atomic::{AtomicBool, Ordering};

/// Starts a [`Cache`] of one value; [`build`](CacheBuilder::build) makes it.
///
/// ```
/// # use std::time::Duration;
/// # use sprag::prelude::*;
/// # #[derive(Event)]
/// # #[event("storage:mount_changed")]
/// # struct MountChanged;
/// # let bus = Bus::new();
/// let drives = create_cache::<Vec<String>>("drives")
///     .bus(&bus)
///     .ttl(Duration::from_secs(300))
///     .depends_on::<MountChanged>()
///     .build()?;
///
/// let list = drives.get_or_compute(|| vec!["/media".to_owned()]);
/// bus.emit(MountChanged);
/// assert_eq!(drives.get(), None);
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
pub fn create_cache<V: Send + Sync + 'static>(name: impl Into<Arc<str>>) -> CacheBuilder<Cache<V>> {
    CacheBuilder::new(name.into())
}

/// Starts a [`KeyedCache`]; [`build`](CacheBuilder::build) makes it.
///
/// ```
/// # use sprag::prelude::*;
/// let thumbs = create_keyed_cache::<String, usize>("thumbs").capacity(100).build()?;
/// assert_eq!(thumbs.get_or_compute("cover.png", || 64), 64);
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
pub fn create_keyed_cache<K, V>(name: impl Into<Arc<str>>) -> CacheBuilder<KeyedCache<K, V>>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    CacheBuilder::new(name.into())
}

/// How many entries a keyed cache holds unless told.
const CAPACITY: usize = 10_000;

/// A cache that is being set up; see [`create_cache`] and [`create_keyed_cache`].
///
/// ```
/// # use sprag::prelude::*;
/// # use std::time::Duration;
/// let drives = create_cache::<Vec<String>>("drives").ttl(Duration::from_secs(300)).build()?;
/// let sizes = create_keyed_cache::<String, u64>("sizes").depends_on_cache(&drives).build()?;
/// assert_eq!((drives.name(), sizes.capacity()), ("drives", 10_000));
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
#[must_use = "a builder makes nothing until `.build()`"]
pub struct CacheBuilder<C> {
    name: Arc<str>,
    ttl: Duration,
    clock: Option<Arc<dyn Clock>>,
    bus: Option<Bus>,
    capacity: usize,
    upstream: Vec<Arc<dyn Node>>,
    events: Vec<EventSource>,
    states: Vec<StateSource>,
    built: PhantomData<fn() -> C>,
}

/// Listens to an event on the cache's bus.
type EventSource = Box<dyn FnOnce(&Bus) -> (SourceKey, Listening)>;

/// Subscribes to a state that is not on a bus.
type StateSource = Box<dyn FnOnce(Invalidator) -> Subscription>;

impl<C> CacheBuilder<C> {
    fn new(name: Arc<str>) -> Self {
        Self {
            name,
            ttl: Duration::ZERO,
            clock: None,
            bus: None,
            capacity: CAPACITY,
            upstream: Vec::new(),
            events: Vec::new(),
            states: Vec::new(),
            built: PhantomData,
        }
    }

    /// How long a value lives after it was written. Zero, the default, means until
    /// it is invalidated.
    ///
    /// An expired value is not found any more; it is dropped when another takes its
    /// place. Nobody is told of it, and dependents keep theirs.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::time::Duration;
    /// let drives = create_cache::<u32>("drives").ttl(Duration::from_secs(300)).build()?;
    /// drives.set(3);
    /// assert_eq!(drives.get(), Some(3)); // for five minutes
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// The bus that it emits on and listens to; [`Bus::current`] unless given: inside
    /// a service the app's, elsewhere the process's.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// let bus = Bus::new();
    /// let drives = create_cache::<u32>("drives").bus(&bus).build()?;
    /// let other = create_cache::<u32>("drives").bus(&Bus::new()).build()?; // the name is free
    /// assert_eq!(drives.name(), other.name());
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn bus(mut self, bus: &Bus) -> Self {
        self.bus = Some(bus.clone());
        self
    }

    /// The clock that tells when values expire; the machine's unless given.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::time::Duration;
    /// # use sprag::cache::ManualClock;
    /// let clock = ManualClock::new();
    /// let drives = create_cache::<u32>("drives")
    ///     .ttl(Duration::from_secs(300))
    ///     .clock(clock.clone())
    ///     .build()?;
    /// drives.set(3);
    /// clock.advance(Duration::from_secs(300));
    /// assert_eq!(drives.get(), None);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Invalidates the cache at every event of type `E` on its bus.
    ///
    /// All caches that depend on the event, and all that depend on those, are one
    /// wave: each is invalidated once.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Event)]
    /// # struct MountChanged;
    /// let drives = create_cache::<u32>("drives").depends_on::<MountChanged>().build()?;
    /// drives.set(3);
    /// Bus::global().emit(MountChanged);
    /// assert_eq!(drives.get(), None);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn depends_on<E: Event>(mut self) -> Self {
        self.events.push(Box::new(|bus| {
            let key = SourceKey::new::<E>(bus, None);
            listen(key, |react| bus.on(move |_: &E| react()))
        }));
        self
    }

    /// Invalidates the cache at every event that an instance emits on its bus. The
    /// instance is known by its name and may be created later.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// let tv = create_model("tv", 0_u64);
    /// tv.emit_events(Bus::global())?;
    /// let shown = create_cache::<String>("shown").depends_on_topic(&tv.changed()).build()?;
    /// shown.set("paused".into());
    /// tv.update(|tv| *tv += 1);
    /// assert_eq!(shown.get(), None);
    /// # Ok::<(), sprag::Error>(())
    /// ```
    pub fn depends_on_topic<E: Event>(mut self, topic: &Topic<E>) -> Self {
        let topic = topic.clone();
        self.events.push(Box::new(move |bus| {
            let key = SourceKey::new::<E>(bus, Some(topic.shared_name()));
            listen(key, |react| {
                bus.on_topic(&topic, move |event: &E| {
                    if !is_by_wave(event) {
                        react();
                    }
                })
            })
        }));
        self
    }

    /// Invalidates the cache whenever `other` is invalidated or set.
    ///
    /// No cycle can be written that way, since `other` is there first. It is not kept
    /// alive by this one.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// let drives = create_cache::<Vec<String>>("drives").build()?;
    /// let largest = create_cache::<String>("largest").depends_on_cache(&drives).build()?;
    /// largest.set("/".into());
    /// drives.invalidate();
    /// assert_eq!(largest.get(), None);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn depends_on_cache(mut self, other: &impl AnyCache) -> Self {
        self.upstream.push(other.__node());
        self
    }

    /// Invalidates the cache whenever a state that `subscribe` subscribes to calls
    /// the invalidator.
    pub(crate) fn depends_on_state(
        mut self,
        subscribe: impl FnOnce(Invalidator) -> Subscription + 'static,
    ) -> Self {
        self.states.push(Box::new(subscribe));
        self
    }

    fn base(&mut self) -> Result<Base, CacheBuildError> {
        if self.name.is_empty() {
            return Err(CacheBuildError::EmptyName);
        }
        if self.ttl > LONGEST {
            return Err(CacheBuildError::TtlTooLong { ttl: self.ttl });
        }
        let claim = self.bus.take().unwrap_or_else(Bus::current).claim(topic_of(&self.name))?;
        let timer = self.clock.take().map_or(Timer::System, Timer::Replaced);
        Ok(Base::new(self.name.clone(), self.ttl, timer, claim))
    }

    /// Connects the cache to what it depends on.
    fn connect(self, node: Arc<dyn Node>) -> Result<(), CacheBuildError> {
        let bus = &node.base().bus;
        let mut listening = HashMap::new();
        let mut depends_on: Vec<Upstream> =
            self.upstream.iter().map(|node| Upstream::Cache(node.base().id)).collect();
        for listen in self.events {
            let (key, subscribed) = listen(bus);
            depends_on.push(Upstream::Source(key.clone()));
            listening.insert(key, subscribed);
        }
        let emits = SourceKey::new::<Invalidated>(bus, Some(node.base().topic().shared_name()));
        graph::add(&node, emits, depends_on, &mut listening)?;
        for subscribe in self.states {
            let invalidator = Invalidator { node: Arc::downgrade(&node) };
            node.base().keep(subscribe(invalidator));
        }
        Ok(())
    }
}

impl<V: Send + Sync + 'static> CacheBuilder<Cache<V>> {
    /// Makes the cache.
    ///
    /// # Errors
    ///
    /// An empty name, a name that another cache has on the bus, a `ttl` of more
    /// than a hundred years, and a cycle of dependencies.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// use sprag::error::CacheBuildError;
    ///
    /// let drives = create_cache::<u32>("drives").build()?;
    /// let second = create_cache::<u32>("drives").build();
    /// assert!(matches!(second, Err(CacheBuildError::Bus(_)))); // the name is taken
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn build(mut self) -> Result<Cache<V>, CacheBuildError> {
        let cache = Cache::from_base(self.base()?);
        self.connect(cache.__node())?;
        Ok(cache)
    }
}

impl<K, V> CacheBuilder<KeyedCache<K, V>>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// How many entries it holds at most; 10,000 unless given. The ones that are
    /// used least make room.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// let thumbs = create_keyed_cache::<String, u64>("thumbs").capacity(100).build()?;
    /// assert_eq!(thumbs.capacity(), 100);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn capacity(mut self, entries: usize) -> Self {
        self.capacity = entries;
        self
    }

    /// Makes the cache.
    ///
    /// # Errors
    ///
    /// A capacity of zero, an empty name, a name that another cache has on the bus,
    /// a `ttl` of more than a hundred years, and a cycle of dependencies.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// use sprag::error::CacheBuildError;
    ///
    /// let none = create_keyed_cache::<String, u64>("thumbs").capacity(0).build();
    /// assert!(matches!(none, Err(CacheBuildError::NoCapacity { .. })));
    /// ```
    pub fn build(mut self) -> Result<KeyedCache<K, V>, CacheBuildError> {
        let capacity = NonZeroUsize::new(self.capacity)
            .ok_or_else(|| CacheBuildError::NoCapacity { name: self.name.to_string() })?;
        let cache = KeyedCache::from_base(self.base()?, capacity);
        self.connect(cache.__node())?;
        Ok(cache)
    }
}

/// The longest `ttl`: a hundred years.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// Subscribes the graph to a source: `subscribe` is given what to do at an event.
fn listen(
    source: SourceKey,
    subscribe: impl FnOnce(Box<dyn Fn() + Send + Sync>) -> Subscription,
) -> (SourceKey, Listening) {
    let taken_on = Arc::new(AtomicBool::new(false));
    let (key, is_taken_on) = (source.clone(), taken_on.clone());
    let react = move || {
        if is_taken_on.load(Ordering::SeqCst) {
            wave::from_event(&key);
        }
    };
    (source, Listening { _subscription: subscribe(Box::new(react)), taken_on })
}

/// Whether a wave emits the event. The wave has then reached whoever depends on the
/// topic, in order.
fn is_by_wave<E: Event>(event: &E) -> bool {
    (event as &dyn Any).downcast_ref().is_some_and(Invalidated::is_by_wave)
}

/// Invalidates a cache, for as long as there is one.
pub(crate) struct Invalidator {
    node: Weak<dyn Node>,
}

impl Invalidator {
    /// Notes that the cache is to be invalidated by this thread's next
    /// [`invalidate_gathered`](Self::invalidate_gathered).
    pub(crate) fn gather(&self) {
        if let Some(node) = self.node.upgrade() {
            wave::gather(node);
        }
    }

    /// Invalidates what was gathered, and all that depends on it, as one wave.
    pub(crate) fn invalidate_gathered() {
        wave::from_gathered();
    }
}

/// A cache that others can [depend on](CacheBuilder::depends_on_cache): a [`Cache`]
/// or a [`KeyedCache`].
///
/// ```
/// # use sprag::prelude::*;
/// use sprag::cache::AnyCache;
///
/// fn count_of(list: &impl AnyCache) -> Result<Cache<usize>, sprag::error::CacheBuildError> {
///     create_cache("count").depends_on_cache(list).build()
/// }
///
/// let drives = create_cache::<Vec<String>>("drives").build()?;
/// let count = count_of(&drives)?;
/// count.set(3);
/// drives.invalidate();
/// assert_eq!(count.get(), None);
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
#[expect(private_interfaces, reason = "sealed by it")]
pub trait AnyCache {
    #[doc(hidden)]
    fn __node(&self) -> Arc<dyn Node>;
}

impl<C> fmt::Debug for CacheBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder")
            .field("name", &self.name)
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}
