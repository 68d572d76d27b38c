//! [`KeyedCache`]: a cache of many values, found by key, with a bound on their
//! number.
//!
//! `quick_cache` holds what is finished. What is being computed is in a map of its
//! own, so that it cannot be evicted and computed twice; a computation is stored
//! only if it is still in that map, under the same lock that takes it out.

use std::any::Any;
use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::future::{Future, ready};
use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::{Cache as Entries, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, UnitWeighter};

use super::builder::AnyCache;
use super::flight::{BoxError, Entry, Request, Slot};
use super::graph::Marked;
use super::invalidated::Invalidated;
use super::node::{Base, Node};
use super::stats::CacheStats;
use super::waits::Place;
use super::{fallible, infallible, sure, wave};
use crate::bus::Topic;
use crate::error::CacheError;
use crate::isolate::isolated;
use crate::resource::Resource;
use crate::subscription::Subscription;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};

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
pub struct KeyedCache<K, V> {
    inner: Arc<Inner<K, V>>,
}

struct Inner<K, V> {
    base: Base,
    entries: Entries<K, Stored<V>>,
    /// What is being computed. An entry is stored, replaced and removed under this
    /// lock only.
    flights: Mutex<HashMap<K, Flight<V>>>,
    /// Raised by every invalidation of the whole; what is of an earlier one is as
    /// good as gone.
    generation: AtomicU64,
    /// The generation whose predecessors' entries were freed, so that invalidating
    /// one key does not look at all.
    swept: AtomicU64,
    /// Names keys to who looks for computations that wait for themselves.
    hasher: RandomState,
}

#[derive(Clone)]
struct Stored<V> {
    value: V,
    deadline: u64,
    generation: u64,
}

struct Flight<V> {
    slot: Arc<Slot<V>>,
    generation: u64,
    /// How many callers are at it; the last one takes it out.
    callers: usize,
}

impl<K, V> KeyedCache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn from_base(base: Base, capacity: NonZeroUsize) -> Self {
        let (entries, flights) = (entries(capacity), Mutex::default());
        let (generation, swept) = (AtomicU64::new(0), AtomicU64::new(0));
        let hasher = RandomState::new();
        Self { inner: Arc::new(Inner { base, entries, flights, generation, swept, hasher }) }
    }

    /// The name it was created with.
    pub fn name(&self) -> &str {
        &self.inner.base.name
    }

    /// A clone of the value of `key`, if there is one that has not expired.
    #[inline]
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let stored = self.inner.entries.get(key);
        let value = stored.filter(|stored| self.inner.is_fresh(stored)).map(|stored| stored.value);
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
    pub fn set(&self, key: K, value: V) {
        self.set_with_ttl(key, value, self.inner.base.ttl);
    }

    /// Sets the value of `key`. It expires after `ttl`; zero means no expiry, and so
    /// does what is past the clock's end.
    pub fn set_with_ttl(&self, key: K, value: V, ttl: Duration) {
        let inner = &*self.inner;
        let deadline = inner.base.timer.deadline(ttl);
        let mut replaced = Replaced::default();
        let mut flights = inner.flights.lock();
        let generation = inner.generation.load(Ordering::SeqCst);
        replaced.flight = flights.remove_entry(&key);
        inner.store(key, Stored { value, deadline, generation }, &mut replaced);
        drop(flights);
        replaced.drop_isolated();
        wave::replaced(inner);
    }

    /// Removes the value of `key`, and clears the caches that depend on this one;
    /// then tells those who listen. Other keys keep their values.
    pub fn invalidate<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let inner = &*self.inner;
        let mut replaced = Replaced::default();
        let mut flights = inner.flights.lock();
        replaced.flight = flights.remove_entry(key);
        replaced.entry = inner.entries.remove(key);
        drop(flights);
        replaced.drop_isolated();
        wave::spread(Marked { node: self.__node(), cleared: None });
    }

    /// Clears the cache and all that depend on it, and then tells those who listen.
    pub fn invalidate_all(&self) {
        wave::invalidate(self.__node());
    }

    /// How many values it holds; expired ones count until they make room.
    pub fn len(&self) -> usize {
        self.inner.entries.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values it holds at most.
    pub fn capacity(&self) -> usize {
        usize::try_from(self.inner.entries.capacity()).unwrap_or(usize::MAX)
    }

    /// Calls `listener` after each invalidation, of one key or of all, in the thread
    /// that invalidates.
    pub fn on_invalidate(
        &self,
        listener: impl Fn(&Invalidated) + Send + Sync + 'static,
    ) -> Subscription {
        self.inner.base.on_invalidate(listener)
    }

    /// The topic of its [`Invalidated`] events.
    pub fn invalidated(&self) -> Topic<Invalidated> {
        self.inner.base.topic()
    }

    /// What it did since it was built.
    pub fn stats(&self) -> CacheStats {
        self.inner.base.counters.stats()
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

impl<K, V> Inner<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    #[inline]
    fn is_fresh(&self, stored: &Stored<V>) -> bool {
        stored.generation == self.generation.load(Ordering::SeqCst)
            && self.base.timer.is_before(stored.deadline)
    }

    fn place(&self, key: &K) -> Place {
        Place { name: self.base.name.clone(), cache: self.base.id, key: self.hasher.hash_one(key) }
    }

    /// Joins the computation of `key`'s value, or starts one.
    fn board(&self, key: K) -> Boarding<'_, K, V> {
        let now = self.base.timer.now();
        let own_key = key.clone();
        // Dropped after the lock.
        let mut replaced = Replaced::default();
        let landed;
        let mut flights = self.flights.lock();
        let generation = self.generation.load(Ordering::SeqCst);
        // One may have landed since the caller looked.
        landed = self.entries.peek(&key);
        if landed.as_ref().is_some_and(|it| it.generation == generation && now < it.deadline) {
            drop(flights);
            return Boarding::Landed(landed.expect("it was looked at").value);
        }
        if flights.get(&key).is_some_and(|flight| flight.generation != generation) {
            replaced.flight = flights.remove_entry(&key);
        }
        let flight = flights.entry(key).or_insert_with(|| Flight {
            slot: Arc::new(Slot::new()),
            generation,
            callers: 0,
        });
        flight.callers += 1;
        let slot = flight.slot.clone();
        drop(flights);
        replaced.drop_isolated();
        Boarding::Aboard(Boarded { inner: self, key: own_key, slot, generation })
    }

    /// Puts an entry in, unless all was invalidated since. Called under `flights`.
    fn store(&self, key: K, stored: Stored<V>, replaced: &mut Replaced<K, V>) {
        let is_late = stored.generation != self.generation.load(Ordering::SeqCst);
        if is_late || self.base.is_released() {
            replaced.refused = Some((key, stored));
            return;
        }
        // An entry that is written over would be dropped under the shard's lock.
        replaced.entry = self.entries.remove(&key);
        self.entries.insert_with_lifecycle(key, stored, &mut replaced.evicted);
    }
}

enum Boarding<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Landed(V),
    Aboard(Boarded<'a, K, V>),
}

/// One caller's part in a flight.
struct Boarded<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    inner: &'a Inner<K, V>,
    key: K,
    slot: Arc<Slot<V>>,
    generation: u64,
}

impl<K, V> Boarded<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Gives the value to those who wait, and stores it unless the flight was
    /// replaced meanwhile.
    fn land(&self, value: V) {
        let inner = self.inner;
        let deadline = inner.base.deadline();
        let stored = Stored { value: value.clone(), deadline, generation: self.generation };
        let key = self.key.clone();
        let mut replaced = Replaced::default();
        let mut flights = inner.flights.lock();
        if self.is_current(&flights) {
            replaced.flight = flights.remove_entry(&self.key);
            inner.store(key, stored, &mut replaced);
        } else {
            replaced.refused = Some((key, stored));
        }
        self.slot.fill(Entry { value, deadline });
        drop(flights);
        replaced.drop_isolated();
    }

    fn is_current(&self, flights: &HashMap<K, Flight<V>>) -> bool {
        flights.get(&self.key).is_some_and(|flight| Arc::ptr_eq(&flight.slot, &self.slot))
    }
}

impl<K, V> Drop for Boarded<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn drop(&mut self) {
        let mut replaced = Replaced::default();
        let mut flights = self.inner.flights.lock();
        if !self.is_current(&flights) {
            return;
        }
        let flight = flights.get_mut(&self.key).expect("it is current");
        flight.callers -= 1;
        if flight.callers == 0 {
            replaced.flight = flights.remove_entry(&self.key);
        }
        drop(flights);
        replaced.drop_isolated();
    }
}

/// What was taken out under a lock, to be dropped outside of it.
struct Replaced<K, V> {
    flight: Option<(K, Flight<V>)>,
    entry: Option<(K, Stored<V>)>,
    refused: Option<(K, Stored<V>)>,
    evicted: [Option<(K, Stored<V>)>; 2],
}

impl<K, V> Replaced<K, V> {
    fn drop_isolated(self) {
        isolated(&"dropping a replaced value", || drop(self));
    }
}

impl<K, V> Default for Replaced<K, V> {
    fn default() -> Self {
        Self { flight: None, entry: None, refused: None, evicted: [None, None] }
    }
}

impl<K, V> Node for Inner<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn base(&self) -> &Base {
        &self.base
    }

    fn mark(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.generation.fetch_add(1, Ordering::SeqCst);
        None
    }

    /// Frees the entries of earlier generations, one by one and outside of the
    /// shards' locks, since their drop is the user's.
    fn sweep(&self) {
        let now = self.generation.load(Ordering::SeqCst);
        if self.swept.swap(now, Ordering::SeqCst) == now {
            return;
        }
        let stale = RefCell::new(Vec::new());
        self.entries.retain(|key, stored| {
            if stored.generation != now {
                stale.borrow_mut().push(key.clone());
            }
            true
        });
        for key in stale.into_inner() {
            let removed = self.entries.remove_if(&key, |stored| stored.generation != now);
            isolated(&"dropping an invalidated value", || drop((key, removed)));
        }
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
    /// As for [`Cache`](crate::Cache).
    fn release(&self) {
        self.inner.base.release();
        self.inner.mark();
        self.inner.sweep();
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

/// Room for `capacity` entries and no more: the shards' shares are rounded down.
fn entries<K: Hash + Eq, V: Clone>(capacity: NonZeroUsize) -> Entries<K, Stored<V>> {
    let capacity = capacity.get();
    // A shard below this evicts far from the least used.
    let most = (capacity / 32).max(1);
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let wanted = (threads * 4).next_power_of_two();
    let shards = wanted.min(1 << most.ilog2());
    let options = OptionsBuilder::new()
        .shards(shards)
        .estimated_items_capacity(capacity)
        .weight_capacity((capacity - capacity % shards) as u64)
        .build()
        .expect("capacity and weight are given");
    Entries::with_options(
        options,
        UnitWeighter,
        DefaultHashBuilder::default(),
        DefaultLifecycle::default(),
    )
}
