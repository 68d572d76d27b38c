//! [`CacheBuilder`]: the options of a cache.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use super::clock::Clock;
use super::expiry::LifetimePolicy;
use super::graph::{self, Listening, SourceKey, Upstream};
use super::invalidated::Invalidated;
use super::keyed::{EntriesInvalidator, EntryInvalidator, KeyedCache};
use super::node::{CacheCore, CacheNode, topic_of};
use super::single::Cache;
use super::timer::Timer;
use super::wave::{self, Invalidator};
use crate::bus::{Bus, Event, Topic};
use crate::error::CacheBuildError;
use crate::subscription::Subscription;
use crate::sync::atomic::{AtomicBool, Ordering};

/// Starts a [`Cache`] of one value; [`build`](CacheBuilder::build) creates it.
///
/// ```
/// # mod events { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/events.rs")); } use events::*;
/// # use std::time::Duration;
/// # use sprag::prelude::*;
/// # let bus = Bus::new();
/// let drives = create_cache::<Vec<String>>("drives")
///     .bus(&bus)
///     .ttl(Duration::from_secs(300))
///     .depends_on::<MountChanged>()
///     .build()?;
///
/// let list = drives.get_or_compute(|| vec!["/media".to_owned()]);
/// bus.emit(MountChanged { mounts: 2 });
/// assert_eq!(drives.get(), None);
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
pub fn create_cache<V: Send + Sync + 'static>(name: impl Into<Arc<str>>) -> CacheBuilder<Cache<V>> {
    CacheBuilder::new(name.into())
}

/// Starts a [`KeyedCache`]; [`build`](CacheBuilder::build) creates it.
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

/// How many entries a keyed cache holds by default.
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
#[must_use = "a builder creates nothing until `.build()`"]
pub struct CacheBuilder<C> {
    name: Arc<str>,
    policy: LifetimePolicy,
    clock: Option<Arc<dyn Clock>>,
    bus: Option<Bus>,
    capacity: usize,
    upstream: Vec<Arc<dyn CacheNode>>,
    events: Vec<ListenToEvent>,
    states: Vec<SubscribeToState>,
    /// The steps that are left to do once the cache exists.
    finish: Vec<Finish<C>>,
}

/// Listens to an event on the cache's bus.
type ListenToEvent = Box<dyn FnOnce(&Bus) -> (SourceKey, Listening)>;

type Finish<C> = Box<dyn FnOnce(&C)>;

/// Subscribes to a state that is not on a bus.
type SubscribeToState = Box<dyn FnOnce(Invalidator) -> Subscription>;

impl<C> CacheBuilder<C> {
    fn new(name: Arc<str>) -> Self {
        Self {
            name,
            policy: LifetimePolicy::default(),
            clock: None,
            bus: None,
            capacity: CAPACITY,
            upstream: Vec::new(),
            events: Vec::new(),
            states: Vec::new(),
            finish: Vec::new(),
        }
    }

    /// Sets how long a value lives after it was written. Zero, the default, means that
    /// values do not expire.
    ///
    /// No caller finds an expired value; the value is dropped when another one replaces
    /// it. Expiry notifies no listener, and dependents keep their values.
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
        self.policy.ttl = ttl;
        self
    }

    /// Serves an expired value for `time` longer, while one caller computes the next one.
    ///
    /// The first caller of a `get_or_compute` method after the expiry computes, in its own
    /// thread or task, and returns the new value or its error. Until then all other
    /// callers get the expired value at once, and so do `get`, `read` and `load`. A
    /// computation that fails, panics or is cancelled leaves the expired value in place,
    /// and the next caller computes. An invalidation ends the value at once. The idea is
    /// from RFC 5861.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::time::Duration;
    /// # use sprag::cache::ManualClock;
    /// # let clock = ManualClock::new();
    /// let news = create_cache::<u32>("news")
    ///     .ttl(Duration::from_secs(60))
    ///     .stale_while_revalidate(Duration::from_secs(30))
    ///     .clock(clock.clone())
    ///     .build()?;
    /// news.set(1);
    /// clock.advance(Duration::from_secs(70));
    /// assert_eq!(news.get(), Some(1)); // expired, and still served
    /// let next = news.get_or_compute(|| {
    ///     assert_eq!(news.get_or_compute(|| unreachable!("one caller computes")), 1);
    ///     2
    /// });
    /// assert_eq!((next, news.get()), (2, Some(2)));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn stale_while_revalidate(mut self, time: Duration) -> Self {
        self.policy.stale = time;
        self
    }

    /// Lets one caller compute the next value from `time` before the expiry on.
    ///
    /// Like [`stale_while_revalidate`](Self::stale_while_revalidate), while the value has not
    /// expired yet: a value that callers request regularly is never missing and never older
    /// than the `ttl`. A `time` that is not shorter than the `ttl` makes each value due at
    /// once.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::time::Duration;
    /// # use sprag::cache::ManualClock;
    /// # let clock = ManualClock::new();
    /// let news = create_cache::<u32>("news")
    ///     .ttl(Duration::from_secs(60))
    ///     .refresh_ahead(Duration::from_secs(10))
    ///     .clock(clock.clone())
    ///     .build()?;
    /// news.set(1);
    /// clock.advance(Duration::from_secs(49));
    /// assert_eq!(news.get_or_compute(|| 2), 1);
    /// clock.advance(Duration::from_secs(1));
    /// assert_eq!(news.get_or_compute(|| 2), 2);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn refresh_ahead(mut self, time: Duration) -> Self {
        self.policy.ahead = time;
        self
    }

    /// Shortens each time to live by a random share, of `share` at most.
    ///
    /// Values that were written together then do not expire together. `share` is from 0,
    /// the default, to 1; `0.1` makes a `ttl` of 60 s one of 54 s to 60 s. Applies to every
    /// time to live, whether the builder, a write or a computation gives it.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::time::Duration;
    /// let thumbs = create_keyed_cache::<u32, String>("thumbs")
    ///     .ttl(Duration::from_secs(60))
    ///     .jitter(0.1)
    ///     .build()?;
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn jitter(mut self, share: f64) -> Self {
        self.policy.jitter = share;
        self
    }

    /// Computes at most one value in `time`, however often the cache is invalidated.
    ///
    /// A value outlives an invalidation until `time` after its computation began, whether
    /// the invalidation comes from a dependency or from a call. Until then callers get this
    /// value, or wait for it while it is being computed; after that the first caller
    /// computes. A value is therefore older than its sources by at most `time`, and so are
    /// the values of the caches that depend on this one. Listeners are notified at once.
    /// `set` and the expiry of a `ttl` are not delayed, and a failed computation does not
    /// count.
    ///
    /// In a keyed cache the time of each key counts by itself, whether the key or the whole
    /// cache is invalidated.
    ///
    /// The caches that depend on this one must have the same clock.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::time::Duration;
    /// # use sprag::cache::ManualClock;
    /// # let clock = ManualClock::new();
    /// let tv = create_model("tv", 0_u64);
    /// let shown = create_cache::<String>("shown")
    ///     .depends_on_path(&tv, |tv: &u64| *tv)
    ///     .throttle(Duration::from_millis(100))
    ///     .clock(clock.clone())
    ///     .build()?;
    /// let show = || shown.get_or_compute(|| tv.read(|position| format!("at {position}")));
    ///
    /// assert_eq!(show(), "at 0");
    /// tv.replace(1);
    /// assert_eq!(show(), "at 0"); // computed a moment ago
    /// clock.advance(Duration::from_millis(100));
    /// assert_eq!(show(), "at 1");
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn throttle(mut self, time: Duration) -> Self {
        self.policy.throttle = time;
        self
    }

    /// Sets the bus that the cache emits on and listens to. The default is
    /// [`Bus::current`]: the app's bus inside a service, the process's bus elsewhere.
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

    /// Sets the clock by which values expire. The default is the machine's.
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
    /// All caches that depend on the event, and all that depend on those, are one wave:
    /// each is invalidated once.
    ///
    /// ```
    /// # mod events { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/events.rs")); } use events::*;
    /// # use sprag::prelude::*;
    /// let drives = create_cache::<u32>("drives").depends_on::<MountChanged>().build()?;
    /// drives.set(3);
    /// Bus::global().emit(MountChanged { mounts: 4 });
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

    /// Invalidates the cache at every event of `topic` on its bus.
    ///
    /// A topic is found by its name, so the instance may be created later. With the topic
    /// of a cache this is [`depends_on_cache`](Self::depends_on_cache) by name: `set` and
    /// `invalidate` there invalidate this cache, in one wave.
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
    /// `other` exists already, so handles cannot form a cycle. This cache does not keep
    /// `other` alive.
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

    /// Invalidates the cache whenever a state that `subscribe` subscribes to calls the
    /// invalidator.
    pub(crate) fn depends_on_state(
        mut self,
        subscribe: impl FnOnce(Invalidator) -> Subscription + 'static,
    ) -> Self {
        self.states.push(Box::new(subscribe));
        self
    }

    fn core(&mut self) -> Result<CacheCore, CacheBuildError> {
        if self.name.is_empty() {
            return Err(CacheBuildError::EmptyName);
        }
        self.policy.check()?;
        let claim = self.bus.take().unwrap_or_else(Bus::current).claim(topic_of(&self.name))?;
        let timer = self.clock.take().map_or(Timer::System, Timer::Replaced);
        Ok(CacheCore::new(self.name.clone(), self.policy, timer, claim))
    }

    /// Connects the cache to its dependencies.
    fn connect(self, cache: &C) -> Result<(), CacheBuildError>
    where
        C: AnyCache,
    {
        let node = cache.__node();
        let bus = &node.core().bus;
        let mut listening = HashMap::new();
        let mut depends_on: Vec<Upstream> =
            self.upstream.iter().map(|node| Upstream::Cache(node.core().id)).collect();
        for listen in self.events {
            let (key, subscribed) = listen(bus);
            depends_on.push(Upstream::Source(key.clone()));
            listening.insert(key, subscribed);
        }
        let emits = SourceKey::new::<Invalidated>(bus, Some(node.core().topic().shared_name()));
        graph::add(&node, emits, depends_on, &mut listening)?;
        #[cfg(feature = "test")]
        super::remains::note_cache(&node);
        for subscribe in self.states {
            node.core().keep(subscribe(Invalidator::new(&node)));
        }
        self.finish.into_iter().for_each(|finish| finish(cache));
        Ok(())
    }
}

impl<V: Send + Sync + 'static> CacheBuilder<Cache<V>> {
    /// Creates the cache.
    ///
    /// # Errors
    ///
    /// An empty name, a name that another cache has on the bus, a `ttl` of more than a
    /// hundred years, a `jitter` outside of 0 to 1, and a cycle of dependencies.
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
        let cache = Cache::new(self.core()?);
        self.connect(&cache)?;
        Ok(cache)
    }
}

impl<K, V> CacheBuilder<KeyedCache<K, V>>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Sets how many entries the cache holds at most; the default is 10,000. The least
    /// used entries make room for others.
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

    /// Invalidates one entry at every event of type `E` on the cache's bus: the entry whose
    /// key `key` returns.
    ///
    /// Like [`KeyedCache::invalidate`] in a listener of the event; the order is that of the
    /// subscriptions. Each event is a wave of its own.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// #[derive(Event)]
    /// struct DeviceChanged {
    ///     id: u32,
    /// }
    ///
    /// let names = create_keyed_cache::<u32, String>("names")
    ///     .entry_depends_on(|event: &DeviceChanged| event.id)
    ///     .build()?;
    /// names.set(7, "lamp".into());
    /// names.set(8, "door".into());
    /// Bus::global().emit(DeviceChanged { id: 7 });
    /// assert_eq!((names.get(&7), names.get(&8)), (None, Some("door".into())));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn entry_depends_on<E: Event>(
        mut self,
        key: impl Fn(&E) -> K + Send + Sync + 'static,
    ) -> Self {
        self.finish.push(Box::new(move |cache| {
            let remove = cache.entry_removal();
            let core = cache.__node();
            let listening = core.core().bus.on(move |event: &E| remove(&key(event)));
            core.core().keep(listening);
        }));
        self
    }

    /// Subscribes the cache's entries, all at once, to the state that they depend on.
    pub(crate) fn gather_entries(
        mut self,
        subscribe: impl FnOnce(EntriesInvalidator<K, V>) -> Subscription + 'static,
    ) -> Self {
        self.finish.push(Box::new(move |cache| {
            let listening = subscribe(cache.entries_invalidator());
            cache.__node().core().keep(listening);
        }));
        self
    }

    /// Subscribes each entry with `watch` to the state that it depends on.
    pub(crate) fn watch_entries(
        mut self,
        watch: impl Fn(&K, EntryInvalidator<K, V>) -> Subscription + Send + Sync + 'static,
    ) -> Self {
        self.finish.push(Box::new(move |cache| cache.watch_entries(watch)));
        self
    }

    /// Creates the cache.
    ///
    /// # Errors
    ///
    /// A capacity of zero, an empty name, a name that another cache has on the bus, a
    /// `ttl` of more than a hundred years, a `jitter` outside of 0 to 1, and a cycle of
    /// dependencies.
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
        let cache = KeyedCache::new(self.core()?, capacity);
        self.connect(&cache)?;
        Ok(cache)
    }
}

/// Connects the graph to a source: `subscribe` receives the reaction to an event.
fn listen(
    source: SourceKey,
    subscribe: impl FnOnce(Box<dyn Fn() + Send + Sync>) -> Subscription,
) -> (SourceKey, Listening) {
    let is_active = Arc::new(AtomicBool::new(false));
    let (key, active) = (source.clone(), is_active.clone());
    let react = move || {
        if active.load(Ordering::SeqCst) {
            wave::from_event(&key);
        }
    };
    (source, Listening { _subscription: subscribe(Box::new(react)), is_active })
}

/// Returns whether a wave emits the event. The wave has then reached, in order, the caches
/// that depend on the topic.
fn is_by_wave<E: Event>(event: &E) -> bool {
    (event as &dyn Any).downcast_ref().is_some_and(Invalidated::is_by_wave)
}

/// A cache that others can [depend on](CacheBuilder::depends_on_cache): a [`Cache`] or a
/// [`KeyedCache`].
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
    fn __node(&self) -> Arc<dyn CacheNode>;
}

impl<C> fmt::Debug for CacheBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder")
            .field("name", &self.name)
            .field("ttl", &self.policy.ttl)
            .finish_non_exhaustive()
    }
}
