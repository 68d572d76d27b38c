//! [`KeyedCache`]: a cache of many values, found by key, with a bound on their
//! number. The face; what is behind it is in `entries`.

mod entries;

use std::borrow::Borrow;
use std::fmt;
use std::future::{Future, ready};
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use entries::{Boarding, Inner};

use super::builder::AnyCache;
use super::flight::{BoxError, Request};
use super::graph::Marked;
use super::invalidated::Invalidated;
use super::node::{Base, Node};
use super::stats::CacheStats;
use super::{fallible, infallible, sure, wave};
use crate::bus::Topic;
use crate::error::CacheError;
use crate::resource::Resource;
use crate::subscription::Subscription;

/// Many expensive values, each computed once however many ask for it.
///
/// The contract is that of [`Cache`](crate::Cache), key by key: different keys
/// never wait for each other. See [`create_keyed_cache`](crate::create_keyed_cache).
///
/// The number of entries is bounded; the ones that are used least make room. A
/// `String` key is looked up by `&str`, and generally a `K` by what it borrows as.
///
/// A hit clones the value, so a large one is best an `Arc`. `Hash`, `Eq` and `Clone`
/// of the key and `Clone` of the value may run under a lock of the cache and must
/// not use it; everything else of the user's runs outside.
///
/// # Example
///
/// ```
/// use sprag::prelude::*;
///
/// let sizes = create_keyed_cache::<String, u64>("sizes").capacity(1_000).build()?;
/// assert_eq!(sizes.get_or_compute("alien.mp4", || 700), 700);
/// assert_eq!(sizes.get("alien.mp4"), Some(700));
///
/// sizes.invalidate("alien.mp4"); // this one alone
/// assert_eq!(sizes.get("alien.mp4"), None);
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
pub struct KeyedCache<K, V> {
    inner: Arc<Inner<K, V>>,
}

impl<K, V> KeyedCache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn from_base(base: Base, capacity: NonZeroUsize) -> Self {
        Self { inner: Arc::new(Inner::new(base, capacity)) }
    }

    /// The name it was created with.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// assert_eq!(sizes.name(), "sizes");
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn name(&self) -> &str {
        &self.inner.base.name
    }

    /// A clone of the value of `key`, if there is one that has not expired.
    ///
    /// Costs one look-up in a sharded map, and no allocation.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// sizes.set("alien.mp4".into(), 700);
    /// assert_eq!((sizes.get("alien.mp4"), sizes.get("brazil.mp4")), (Some(700), None));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    #[inline]
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let value = self.inner.get(key);
        self.inner.base.counters.read(value.is_some());
        value
    }

    /// The value of `key`; computed by `compute` if there is none and nobody else is
    /// at it.
    ///
    /// As [`Cache::get_or_compute`](crate::Cache::get_or_compute).
    ///
    /// # Panics
    ///
    /// If `compute` panics, or if the call comes from inside the computation that
    /// it would wait for.
    ///
    /// The key is cloned into the cache at a miss.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// assert_eq!(sizes.get_or_compute("alien.mp4", || 700), 700);
    /// assert_eq!(sizes.get_or_compute("alien.mp4", || unreachable!("it is there")), 700);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    #[track_caller]
    pub fn get_or_compute<Q>(&self, key: &Q, compute: impl FnOnce() -> V) -> V
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        match self.get(key) {
            Some(value) => value,
            None => sure(pollster::block_on(self.obtain(key, false, || ready(Ok(compute()))))),
        }
    }

    /// As [`get_or_compute`](Self::get_or_compute), where `compute` may fail.
    ///
    /// # Errors
    ///
    /// As [`Cache::try_get_or_compute`](crate::Cache::try_get_or_compute).
    ///
    /// # Panics
    ///
    /// If `compute` panics.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// let size = |path: &str| std::fs::metadata(path).map(|file| file.len());
    /// assert!(sizes.try_get_or_compute("no such file", || size("no such file")).is_err());
    /// assert_eq!(sizes.len(), 0); // errors are not stored
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn try_get_or_compute<Q, E>(
        &self,
        key: &Q,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, CacheError>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        E: Into<BoxError>,
    {
        let compute = || ready(compute().map_err(E::into));
        match self.get(key) {
            Some(value) => Ok(value),
            None => pollster::block_on(self.obtain(key, true, compute)),
        }
    }

    /// As [`get_or_compute`](Self::get_or_compute), without blocking.
    ///
    /// # Panics
    ///
    /// As [`get_or_compute`](Self::get_or_compute), when polled.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// assert_eq!(sizes.get_or_compute_async("alien.mp4", || async { 700 }).await, 700);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// # }).unwrap();
    /// ```
    pub async fn get_or_compute_async<Q, Fut>(&self, key: &Q, compute: impl FnOnce() -> Fut) -> V
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        Fut: Future<Output = V>,
    {
        match self.get(key) {
            Some(value) => value,
            None => sure(self.obtain(key, false, || infallible(compute())).await),
        }
    }

    /// As [`try_get_or_compute`](Self::try_get_or_compute), without blocking.
    ///
    /// # Errors
    ///
    /// As [`try_get_or_compute`](Self::try_get_or_compute).
    ///
    /// # Panics
    ///
    /// If `compute` panics, when polled.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// let size = sizes.try_get_or_compute_async("alien.mp4", async || "700".parse::<u64>());
    /// assert_eq!(size.await.unwrap(), 700);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// # }).unwrap();
    /// ```
    pub async fn try_get_or_compute_async<Q, Fut, E>(
        &self,
        key: &Q,
        compute: impl FnOnce() -> Fut,
    ) -> Result<V, CacheError>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        Fut: Future<Output = Result<V, E>>,
        E: Into<BoxError>,
    {
        match self.get(key) {
            Some(value) => Ok(value),
            None => self.obtain(key, true, || fallible(compute())).await,
        }
    }

    /// Sets the value of `key`. It expires after the cache's `ttl`.
    ///
    /// Invalidates the caches that depend on this one.
    ///
    /// A computation of this key that is under way is not stored any more.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// sizes.set("alien.mp4".into(), 700);
    /// assert_eq!(sizes.get("alien.mp4"), Some(700));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn set(&self, key: K, value: V) {
        self.set_with_ttl(key, value, self.inner.base.ttl);
    }

    /// Sets the value of `key`. It expires after `ttl`; zero means no expiry, and so
    /// does what is past the clock's end.
    ///
    /// Otherwise as [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::time::Duration;
    /// # use sprag::cache::ManualClock;
    /// # let clock = ManualClock::new();
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").clock(clock.clone()).build()?;
    /// sizes.set_with_ttl("alien.mp4".into(), 700, Duration::from_secs(5));
    /// clock.advance(Duration::from_secs(5));
    /// assert_eq!(sizes.get("alien.mp4"), None);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn set_with_ttl(&self, key: K, value: V, ttl: Duration) {
        self.inner.put(key, value, ttl);
        wave::replaced(&*self.inner);
    }

    /// Removes the value of `key`, and clears the caches that depend on this one;
    /// then tells those who listen. Other keys keep their values.
    ///
    /// They are told whether or not there was a value. A computation of this key that is
    /// under way is not stored.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// sizes.set("alien.mp4".into(), 700);
    /// sizes.set("brazil.mp4".into(), 800);
    /// sizes.invalidate("alien.mp4");
    /// assert_eq!((sizes.get("alien.mp4"), sizes.get("brazil.mp4")), (None, Some(800)));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn invalidate<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.remove(key);
        wave::spread(Marked { node: self.__node(), cleared: None });
    }

    /// Clears the cache and all that depend on it, and then tells those who listen.
    ///
    /// The listeners run in this thread, before it returns.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// sizes.set("alien.mp4".into(), 700);
    /// sizes.invalidate_all();
    /// assert!(sizes.is_empty());
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn invalidate_all(&self) {
        wave::invalidate(self.__node());
    }

    /// How many values it holds; expired ones count until they make room.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// sizes.set("alien.mp4".into(), 700);
    /// assert_eq!(sizes.len(), 1);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether it holds none.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// assert!(sizes.is_empty());
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values it holds at most.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// assert_eq!(sizes.capacity(), 10_000); // unless the builder is told
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// Calls `listener` after each invalidation, of one key or of all, in the thread
    /// that invalidates.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// let _log = sizes.on_invalidate(|event| println!("{} lost values", event.name));
    /// sizes.invalidate("alien.mp4"); // prints
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn on_invalidate(
        &self,
        listener: impl Fn(&Invalidated) + Send + Sync + 'static,
    ) -> Subscription {
        self.inner.base.on_invalidate(listener)
    }

    /// The topic of its [`Invalidated`] events.
    ///
    /// They are emitted on the bus that the cache was built with.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// let _log = Bus::global().on_topic(&sizes.invalidated(), |event| println!("{event:?}"));
    /// sizes.invalidate_all(); // prints
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn invalidated(&self) -> Topic<Invalidated> {
        self.inner.base.topic()
    }

    /// What it did since it was built.
    ///
    /// Adds up what each thread has counted for itself.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// sizes.get_or_compute("alien.mp4", || 700);
    /// sizes.get("alien.mp4");
    /// assert_eq!((sizes.stats().misses, sizes.stats().hits), (1, 1));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn stats(&self) -> CacheStats {
        self.inner.base.counters.stats()
    }

    /// Clears the cache and releases its name, its dependencies and its listeners.
    ///
    /// As [`Cache::destroy`](crate::Cache::destroy).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// sizes.set("alien.mp4".into(), 700);
    /// sizes.destroy();
    /// assert!(sizes.is_empty());
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn destroy(&self) {
        self.inner.base.release();
        self.inner.mark();
        self.inner.sweep();
    }

    /// Passes the value of `key` to `f`, if there is one that has not expired.
    ///
    /// Clones the value, as [`get`](Self::get) does.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let lines = create_keyed_cache::<String, Vec<String>>("lines").build()?;
    /// lines.set("notes.txt".into(), vec!["first".into()]);
    /// assert_eq!(lines.read("notes.txt", Vec::len), Some(1));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn read<Q, U>(&self, key: &Q, f: impl FnOnce(&V) -> U) -> Option<U>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.get(key).map(|value| f(&value))
    }

    async fn obtain<Q, Fut>(
        &self,
        key: &Q,
        takes_errors: bool,
        compute: impl FnOnce() -> Fut,
    ) -> Result<V, CacheError>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        Fut: Future<Output = Result<V, BoxError>>,
    {
        let inner = &*self.inner;
        let boarded = match inner.board(key.to_owned()) {
            Boarding::Landed(value) => return Ok(value),
            Boarding::Aboard(boarded) => boarded,
        };
        let slot = &boarded.slot;
        let place = inner.place(&boarded.key);
        let counters = &inner.base.counters;
        let request = Request { slot, place, counters, takes_errors };
        request.fulfil(compute, |value| boarded.land(value)).await?;
        Ok(slot.entry().expect("the request was fulfilled").value.clone())
    }
}

#[expect(private_interfaces, reason = "sealed by it")]
impl<K, V> AnyCache for KeyedCache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn __node(&self) -> Arc<dyn Node> {
        self.inner.clone()
    }
}

impl<K, V> Resource for KeyedCache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Calls [`destroy`](KeyedCache::destroy).
    fn release(&self) {
        self.destroy();
    }
}

impl<K, V> Drop for KeyedCache<K, V> {
    fn drop(&mut self) {
        self.inner.base.drop_handle();
    }
}

impl<K, V> Clone for KeyedCache<K, V> {
    fn clone(&self) -> Self {
        self.inner.base.add_handle();
        Self { inner: self.inner.clone() }
    }
}

impl<K, V> fmt::Debug for KeyedCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = &self.inner.base;
        f.debug_struct("KeyedCache")
            .field("name", &base.name)
            .field("ttl", &base.ttl)
            .field("stats", &base.counters.stats())
            .finish_non_exhaustive()
    }
}
