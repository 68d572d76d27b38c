//! [`Cache`]: a value that is expensive to make, kept until it expires or until
//! what it was made from changes.
//!
//! The value is in a slot that is swapped, never emptied: a computation that began
//! before an invalidation fills a slot that nobody looks at any more.

mod builder;
mod clock;
mod flight;
mod graph;
mod invalidated;
mod keyed;
mod node;
mod stats;
mod waits;
mod wave;

use std::any::Any;
use std::fmt;
use std::future::{Future, ready};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};

use crate::bus::Topic;
use crate::error::CacheError;
use crate::isolate::isolated;
use crate::resource::Resource;
use crate::subscription::Subscription;

pub(crate) use builder::Invalidator;
pub use builder::{AnyCache, CacheBuilder, create_cache, create_keyed_cache};
pub use clock::{Clock, ManualClock};
use flight::{BoxError, Entry, Request, Slot};
pub use invalidated::Invalidated;
pub use keyed::KeyedCache;
use node::{Base, Node};
pub use stats::CacheStats;
use waits::Place;

/// One expensive value, computed once however many ask for it.
///
/// A handle: clones are the same cache. See [`create_cache`].
///
/// # Computing
///
/// Of all who ask an empty cache, threads and tasks alike, one computes and the
/// others wait for its value. If it panics or, being async, is dropped, a waiting
/// one takes over with its own computation. An invalidation or a [`set`](Self::set)
/// meanwhile does not disturb it: those who wait get its value, and it is not kept.
///
/// A computation may ask other caches. One that waits for its own result, also
/// through other caches and their threads, is found out and does not hang. Three
/// cases cannot be seen and do hang: a computation that waits for a task or thread
/// of its own making which asks for the same cache; an async computation that is
/// kept but no longer polled; and a blocking call on the one thread that must poll
/// the async computation it waits for.
///
/// # Cost
///
/// A hit takes no lock, and no two threads write to the same memory: [`read`] and
/// [`load`] borrow the value, [`get`] clones it. With a `ttl` it reads a coarse
/// clock, and the precise one within 100 ms of the deadline.
///
/// # Dependents
///
/// [`invalidate`](Self::invalidate) and [`set`](Self::set) invalidate the caches
/// that depend on this one. Expiry does not.
///
/// [`read`]: Self::read
/// [`load`]: Self::load
/// [`get`]: Self::get
///
/// # Example
///
/// ```
/// use sprag::prelude::*;
/// use std::time::Duration;
///
/// let drives = create_cache::<Vec<String>>("drives").ttl(Duration::from_secs(300)).build()?;
///
/// let list = drives.get_or_compute(|| vec!["/".into()]); // computed once, for all who ask
/// assert_eq!(list, ["/"]);
/// assert_eq!(drives.read(Vec::len), Some(1)); // a hit, borrowed
///
/// drives.invalidate();
/// assert_eq!(drives.get(), None);
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
pub struct Cache<V> {
    inner: Arc<Inner<V>>,
}

struct Inner<V> {
    base: Base,
    slot: ArcSwap<Slot<V>>,
}

impl<V: Send + Sync + 'static> Cache<V> {
    fn from_base(base: Base) -> Self {
        let slot = ArcSwap::from_pointee(Slot::new());
        Self { inner: Arc::new(Inner { base, slot }) }
    }

    /// The name it was created with.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// assert_eq!(drives.name(), "drives");
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn name(&self) -> &str {
        &self.inner.base.name
    }

    /// Shows the value to `f`, if there is one that has not expired.
    ///
    /// It is borrowed, and stays what it is while `f` runs.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// assert_eq!(drives.read(Vec::len), None); // nothing was computed yet
    /// drives.set(vec!["/".into()]);
    /// assert_eq!(drives.read(Vec::len), Some(1));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    #[inline]
    pub fn read<U>(&self, f: impl FnOnce(&V) -> U) -> Option<U> {
        let slot = self.inner.slot.load();
        let entry = self.inner.fresh(&slot);
        self.inner.base.counters.read(entry.is_some());
        entry.map(|entry| f(&entry.value))
    }

    /// The value, borrowed, if there is one that has not expired.
    ///
    /// It stays what it is while it is held, and holding it blocks nobody.
    ///
    /// The value lives at least as long as the guard; keep that for a moment, not for ever.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// drives.set(vec!["/".into()]);
    /// if let Some(list) = drives.load() {
    ///     drives.invalidate();
    ///     assert_eq!(list.len(), 1); // still what it was
    /// }
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    #[inline]
    pub fn load(&self) -> Option<CacheRead<V>> {
        let slot = self.inner.slot.load();
        let hit = self.inner.fresh(&slot).is_some();
        self.inner.base.counters.read(hit);
        hit.then_some(CacheRead { slot })
    }

    /// A clone of the value, if there is one that has not expired.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// drives.set(vec!["/".into()]);
    /// assert_eq!(drives.get(), Some(vec!["/".into()]));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    #[inline]
    pub fn get(&self) -> Option<V>
    where
        V: Clone,
    {
        self.read(V::clone)
    }

    /// The value; computed by `compute` if there is none and nobody else is at it.
    ///
    /// Blocks while another thread or task computes. `compute` runs on this thread,
    /// outside of every lock.
    ///
    /// # Panics
    ///
    /// If `compute` panics, or if the call comes from inside the computation that
    /// it would wait for: the message names the caches that wait for each other.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// # fn scan() -> Vec<String> { vec!["/".into()] }
    /// let list = drives.get_or_compute(scan);
    /// let again = drives.get_or_compute(|| unreachable!("it is there"));
    /// assert_eq!(list, again);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    #[track_caller]
    pub fn get_or_compute(&self, compute: impl FnOnce() -> V) -> V
    where
        V: Clone,
    {
        match self.get() {
            Some(value) => value,
            None => sure(pollster::block_on(self.obtain(false, || ready(Ok(compute()))))),
        }
    }

    /// As [`get_or_compute`](Self::get_or_compute), where `compute` may fail.
    ///
    /// # Errors
    ///
    /// An error of `compute` is given to all who wait for it with a `try_` method,
    /// and is not stored. [`CacheError::Reentrant`] in the place of that panic.
    ///
    /// # Panics
    ///
    /// If `compute` panics.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// # fn scan() -> Vec<String> { vec!["/".into()] }
    /// use sprag::error::CacheError;
    ///
    /// let failed = drives.try_get_or_compute(|| Err("no drive answers"));
    /// assert!(matches!(failed, Err(CacheError::Failed { .. })));
    ///
    /// let list = drives.try_get_or_compute(|| Ok::<_, std::io::Error>(scan())); // computes again
    /// assert_eq!(list.unwrap(), ["/"]);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn try_get_or_compute<E: Into<BoxError>>(
        &self,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, CacheError>
    where
        V: Clone,
    {
        match self.get() {
            Some(value) => Ok(value),
            None => pollster::block_on(self.obtain(true, || ready(compute().map_err(E::into)))),
        }
    }

    /// As [`get_or_compute`](Self::get_or_compute), without blocking.
    ///
    /// When the returned future is dropped while it computes, a waiting caller takes
    /// over.
    ///
    /// # Panics
    ///
    /// As [`get_or_compute`](Self::get_or_compute), when polled.
    ///
    /// Callers that block and callers that await share one computation.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// # fn scan() -> Vec<String> { vec!["/".into()] }
    /// let list = drives.get_or_compute_async(|| async { scan() }).await;
    /// assert_eq!(list, ["/"]);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// # }).unwrap();
    /// ```
    pub async fn get_or_compute_async<Fut>(&self, compute: impl FnOnce() -> Fut) -> V
    where
        V: Clone,
        Fut: Future<Output = V>,
    {
        match self.get() {
            Some(value) => value,
            None => sure(self.obtain(false, || infallible(compute())).await),
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
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// # fn scan() -> Vec<String> { vec!["/".into()] }
    /// let list = drives.try_get_or_compute_async(async || Ok::<_, std::io::Error>(scan()));
    /// assert_eq!(list.await.unwrap(), ["/"]);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// # }).unwrap();
    /// ```
    pub async fn try_get_or_compute_async<Fut, E>(
        &self,
        compute: impl FnOnce() -> Fut,
    ) -> Result<V, CacheError>
    where
        V: Clone,
        Fut: Future<Output = Result<V, E>>,
        E: Into<BoxError>,
    {
        match self.get() {
            Some(value) => Ok(value),
            None => self.obtain(true, || fallible(compute())).await,
        }
    }

    /// Replaces the value. It expires after the cache's `ttl`.
    ///
    /// Invalidates the caches that depend on this one.
    ///
    /// A computation that is under way is not stored any more.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// drives.set(vec!["/".into()]);
    /// assert_eq!(drives.get_or_compute(|| unreachable!("it is there")), ["/"]);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn set(&self, value: V) {
        self.set_with_ttl(value, self.inner.base.ttl);
    }

    /// Replaces the value. It expires after `ttl`; zero means no expiry, and so
    /// does what is past the clock's end.
    ///
    /// Otherwise as [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::time::Duration;
    /// # use sprag::cache::ManualClock;
    /// # let clock = ManualClock::new();
    /// # let drives = create_cache::<Vec<String>>("drives").clock(clock.clone()).build()?;
    /// drives.set_with_ttl(vec!["/".into()], Duration::from_secs(5));
    /// clock.advance(Duration::from_secs(5));
    /// assert_eq!(drives.get(), None);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn set_with_ttl(&self, value: V, ttl: Duration) {
        let inner = &*self.inner;
        if inner.base.is_released() {
            return;
        }
        let entry = Entry { value, deadline: inner.base.timer.deadline(ttl) };
        let replaced = inner.slot.swap(Arc::new(Slot::full(entry)));
        if inner.base.is_released() {
            inner.clear();
        }
        isolated(&"dropping a replaced value", || drop(replaced));
        wave::replaced(inner);
    }

    /// Clears the cache and all that depend on it, and then tells those who listen.
    ///
    /// The listeners run in this thread, before it returns. An empty cache is invalidated
    /// like a full one: a computation that is under way is not stored.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// drives.set(vec!["/".into()]);
    /// drives.invalidate();
    /// assert_eq!(drives.get(), None);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn invalidate(&self) {
        wave::invalidate(self.__node());
    }

    /// Calls `listener` after each invalidation, of its own or by what it depends
    /// on, in the thread that invalidates.
    ///
    /// By then all caches of the wave are cleared, so that it may compute again.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// let _log = drives.on_invalidate(|event| println!("{} is empty", event.name));
    /// drives.invalidate(); // prints
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn on_invalidate(
        &self,
        listener: impl Fn(&Invalidated) + Send + Sync + 'static,
    ) -> Subscription {
        self.inner.base.on_invalidate(listener)
    }

    /// The topic of its [`Invalidated`] events: `bus.on_topic(&drives.invalidated(),
    /// |event| …)`.
    ///
    /// They are emitted on the bus that the cache was built with.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// let _log = Bus::global().on_topic(&drives.invalidated(), |event| println!("{event:?}"));
    /// drives.invalidate(); // prints
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
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// # fn scan() -> Vec<String> { vec!["/".into()] }
    /// drives.get_or_compute(scan);
    /// drives.get_or_compute(scan);
    /// let stats = drives.stats();
    /// assert_eq!((stats.hits, stats.misses, stats.computations), (1, 1, 1));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn stats(&self) -> CacheStats {
        self.inner.base.counters.stats()
    }

    /// Clears the cache and releases its name, its dependencies and its listeners.
    ///
    /// Handles stay usable: the cache stores and finds nothing any more, and a
    /// computation serves the callers that wait for it. A second call does nothing.
    /// A service calls it for the caches that it owns.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// drives.destroy();
    /// drives.set(vec!["/".into()]);
    /// assert_eq!(drives.get(), None);
    /// assert!(create_cache::<Vec<String>>("drives").build().is_ok()); // the name is free
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn destroy(&self) {
        self.inner.base.release();
        self.inner.clear();
    }

    async fn obtain<Fut>(
        &self,
        takes_errors: bool,
        compute: impl FnOnce() -> Fut,
    ) -> Result<V, CacheError>
    where
        V: Clone,
        Fut: Future<Output = Result<V, BoxError>>,
    {
        let inner = &*self.inner;
        let slot = inner.slot_to_fill();
        let place = Place { name: inner.base.name.clone(), cache: inner.base.id, key: 0 };
        let counters = &inner.base.counters;
        let request = Request { slot: &slot, place, counters, takes_errors };
        let land = |value| slot.fill(Entry { value, deadline: inner.base.deadline() });
        request.fulfil(compute, land).await?;
        Ok(slot.entry().expect("the request was fulfilled").value.clone())
    }
}

impl<V: Send + Sync + 'static> Inner<V> {
    #[inline]
    fn fresh<'a>(&self, slot: &'a Slot<V>) -> Option<&'a Entry<V>> {
        slot.entry().filter(|entry| self.base.timer.is_before(entry.deadline))
    }

    /// The slot of now, unless what is in it has expired; then a new one.
    fn slot_to_fill(&self) -> Arc<Slot<V>> {
        loop {
            let slot = self.slot.load();
            if slot.entry().is_none() || self.fresh(&slot).is_some() {
                return Guard::into_inner(slot);
            }
            let before = self.slot.compare_and_swap(&slot, Arc::new(Slot::new()));
            isolated(&"dropping an expired value", || drop((slot, before)));
        }
    }

    fn clear(&self) {
        let cleared = self.mark();
        isolated(&"dropping a cleared value", || drop(cleared));
    }
}

impl<V: Send + Sync + 'static> Node for Inner<V> {
    fn base(&self) -> &Base {
        &self.base
    }

    fn mark(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        Some(self.slot.swap(Arc::new(Slot::new())))
    }
}

#[expect(private_interfaces, reason = "sealed by it")]
impl<V: Send + Sync + 'static> AnyCache for Cache<V> {
    fn __node(&self) -> Arc<dyn Node> {
        self.inner.clone()
    }
}

impl<V: Send + Sync + 'static> Resource for Cache<V> {
    /// Calls [`destroy`](Cache::destroy).
    fn release(&self) {
        self.destroy();
    }
}

impl<V> Drop for Cache<V> {
    fn drop(&mut self) {
        self.inner.base.drop_handle();
    }
}

impl<V> Clone for Cache<V> {
    fn clone(&self) -> Self {
        self.inner.base.add_handle();
        Self { inner: self.inner.clone() }
    }
}

impl<V> fmt::Debug for Cache<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = &self.inner.base;
        f.debug_struct("Cache")
            .field("name", &base.name)
            .field("ttl", &base.ttl)
            .field("stats", &base.counters.stats())
            .finish_non_exhaustive()
    }
}

/// A cache's value, borrowed by [`Cache::load`]. It holds no lock.
///
/// It derefs to the value.
///
/// ```
/// # use sprag::prelude::*;
/// # let drives = create_cache::<Vec<String>>("drives").build()?;
/// drives.set(vec!["/".into()]);
/// let list = drives.load().expect("it was just set");
/// assert_eq!(list.first().map(String::as_str), Some("/"));
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
pub struct CacheRead<V> {
    /// Full.
    slot: Guard<Arc<Slot<V>>>,
}

impl<V> Deref for CacheRead<V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        &self.slot.entry().expect("only full slots are read").value
    }
}

impl<V: fmt::Debug> fmt::Debug for CacheRead<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

async fn infallible<V>(value: impl Future<Output = V>) -> Result<V, BoxError> {
    Ok(value.await)
}

async fn fallible<V, E: Into<BoxError>>(
    value: impl Future<Output = Result<V, E>>,
) -> Result<V, BoxError> {
    value.await.map_err(E::into)
}

/// What a caller gets whose computation cannot fail, and who takes no other's
/// error.
#[track_caller]
fn sure<V>(outcome: Result<V, CacheError>) -> V {
    outcome.unwrap_or_else(|error| panic!("{error}"))
}
