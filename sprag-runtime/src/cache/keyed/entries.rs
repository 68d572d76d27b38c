//! The entries of a [`KeyedCache`](super::KeyedCache): the stored values, and the flights
//! that compute others.
//!
//! `quick_cache` holds the stored values. Flights are in a map of their own, so that a
//! flight cannot be evicted and computed twice; a flight's value is stored only while the
//! flight is in that map, under the same lock that removes it.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hash};
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicU64 as UnscheduledU64;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use quick_cache::sync::Cache as QuickCache;
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, UnitWeighter};
use smallvec::SmallVec;

use super::hashed::{HashedKey, HashedRef, StoredHash};
use super::in_flight::{EntryFlight, InFlight};
use super::watch::{EntryInvalidator, WatchEntry};
use crate::cache::expiry::Lifetime;
use crate::cache::node::{CacheCore, CacheNode, Cleared};
use crate::cache::reentrancy::FlightKey;
use crate::cache::timer::PAST;
use crate::isolate::isolated;
use crate::subscription::Subscription;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};

pub(super) struct KeyedEntries<K, V> {
    pub(super) core: CacheCore,
    pub(super) stored: StoredEntries<K, V>,
    hasher: DefaultHashBuilder,
    /// Entries are stored, replaced and removed under this lock only, except by a sweep.
    pub(super) flights: Mutex<Flights<K, V>>,
    /// Raised by every invalidation of the whole cache; entries of earlier generations do
    /// not count.
    generation: AtomicU64,
    /// The generation whose predecessors' entries were freed, so that the invalidation of
    /// one key does not visit all.
    swept: AtomicU64,
    /// Set where entries depend on a state by their own key.
    pub(super) watch: OnceLock<Box<WatchEntry<K, V>>>,
}

pub(super) type StoredEntries<K, V> =
    QuickCache<HashedKey<K>, StoredEntry<V>, UnitWeighter, BuildHasherDefault<StoredHash>, HandOut>;

/// Hands out the entries that an insertion replaces or evicts, rather than drop them under
/// the lock of a shard.
#[derive(Clone, Copy)]
pub(super) struct HandOut;

/// Entries that were removed. An insertion removes one or two.
type RemovedEntries<K, V> = SmallVec<[(HashedKey<K>, StoredEntry<V>); 2]>;

impl<K, V> Lifecycle<HashedKey<K>, StoredEntry<V>> for HandOut {
    type RequestState = RemovedEntries<K, V>;

    fn on_evict(
        &self,
        removed: &mut Self::RequestState,
        key: HashedKey<K>,
        stored: StoredEntry<V>,
    ) {
        removed.push((key, stored));
    }
}

pub(super) struct StoredEntry<V> {
    pub(super) value: V,
    pub(super) lifetime: Lifetime,
    /// [`INVALIDATED`] after an invalidation of the key that the value outlives. Not of `sync`,
    /// because it is read under a lock of `quick_cache`, where no other thread may run in a
    /// schedule.
    generation: UnscheduledU64,
    /// Until when the value outlives an invalidation; [`PAST`] if it does not.
    pub(super) settled: u64,
}

/// The generation of no cache.
const INVALIDATED: u64 = u64::MAX;

impl<V> StoredEntry<V> {
    pub(super) fn new(value: V, lifetime: Lifetime, generation: u64, settled: u64) -> Self {
        Self { value, lifetime, generation: generation.into(), settled }
    }

    pub(super) fn invalidate(&self) {
        self.generation.store(INVALIDATED, Ordering::Release);
    }

    /// Whether neither the key nor the cache, whose generation this is, was invalidated since.
    #[inline]
    pub(super) fn is_of(&self, generation: u64) -> bool {
        self.generation.load(Ordering::Acquire) == generation
    }

    fn is_valid(&self, generation: u64, now: u64) -> bool {
        now < self.lifetime.deadline.min(self.limit(generation))
    }
}

impl<V: Clone> Clone for StoredEntry<V> {
    #[inline]
    fn clone(&self) -> Self {
        let generation = self.generation.load(Ordering::Acquire);
        Self { value: self.value.clone(), generation: generation.into(), ..*self }
    }
}

pub(super) struct Flights<K, V> {
    pub(super) by_key: HashMap<K, EntryFlight<V>>,
    /// The subscriptions of the keys that are stored or in flight, where entries depend on
    /// a state.
    watches: HashMap<K, Subscription>,
}

/// The entry that a caller finds under the lock after a miss.
pub(super) enum Lookup<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A value; another caller refreshes it, if it is due.
    Found(V),
    /// A value that this caller may refresh.
    Due(V, InFlight<'a, K, V>),
    Missing(InFlight<'a, K, V>),
}

impl<K, V> KeyedEntries<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(core: CacheCore, capacity: NonZeroUsize) -> Self {
        Self {
            core,
            stored: room_for(capacity),
            hasher: DefaultHashBuilder::default(),
            flights: Mutex::new(Flights { by_key: HashMap::new(), watches: HashMap::new() }),
            generation: AtomicU64::new(0),
            swept: AtomicU64::new(0),
            watch: OnceLock::new(),
        }
    }

    /// Returns the value of `key`, if it has not expired.
    #[inline]
    pub(super) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.get_until(key, |lifetime| lifetime.deadline)
    }

    /// Returns the value of `key`, if it is not due to be refreshed.
    #[inline]
    pub(super) fn get_fresh<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.get_until(key, |lifetime| lifetime.refresh_at)
    }

    #[inline]
    fn get_until<Q>(&self, key: &Q, deadline: impl FnOnce(&Lifetime) -> u64) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let stored = self.stored.get(&self.hashed_ref(key))?;
        let mut end = deadline(&stored.lifetime);
        if !stored.is_of(self.generation()) {
            end = end.min(stored.settled);
            if end == PAST {
                return None;
            }
        }
        self.core.timer.is_before(end).then_some(stored.value)
    }

    pub(super) fn len(&self) -> usize {
        self.stored.len()
    }

    pub(super) fn capacity(&self) -> usize {
        usize::try_from(self.stored.capacity()).unwrap_or(usize::MAX)
    }

    /// Replaces the value of `key`. A flight of the key is not stored.
    pub(super) fn put(self: &Arc<Self>, key: K, value: V, ttl: Duration) {
        let mut removed = DeferredRemovals::default();
        let subscription = self.watch(&key);
        let hashed = self.hashed(key.clone());
        let lifetime = self.core.lifetime(Some(ttl));
        let mut flights = self.flights.lock();
        let generation = self.generation();
        removed.flight = flights.by_key.remove_entry(&key);
        removed.watches.extend(flights.add_watch(&key, subscription));
        self.store(hashed, StoredEntry::new(value, lifetime, generation, PAST), &mut removed);
        self.remove_watches(&mut flights, &mut removed);
        drop(flights);
        removed.drop_isolated();
    }

    pub(super) fn flight_key(&self, key: &K) -> FlightKey {
        let name = self.core.name.clone();
        FlightKey { name, cache: self.core.id, key: self.hasher.hash_one(key) }
    }

    /// Looks again under the lock, and joins or starts a flight where the value is missing
    /// or due.
    pub(super) fn lookup(self: &Arc<Self>, key: K) -> Lookup<'_, K, V> {
        let hashed = self.hashed(key.clone());
        let now = self.core.timer.now();
        // Dropped after unlock, also in a panic of the key's `Eq`.
        let mut removed = DeferredRemovals::default();
        let mut present;
        let mut flights = self.flights.lock();
        let generation = self.generation();
        present = self.stored.peek(&hashed);
        let valid = present.as_ref().filter(|present| present.is_valid(generation, now));
        let (is_valid, is_due) =
            (valid.is_some(), valid.is_some_and(|valid| now >= valid.lifetime.refresh_at));
        let is_joinable = |flight: &EntryFlight<V>| self.is_joinable(flight, generation, now);
        removed.flight = flights.remove_unless(&key, is_joinable);
        if is_valid && (!is_due || flights.by_key.contains_key(&key)) {
            drop(flights);
            removed.drop_isolated();
            return Lookup::Found(present.take().expect("a value that is valid").value);
        }
        let slot = flights.join(&key, generation);
        let has_watch = flights.watches.contains_key(&key);
        drop(flights);
        removed.drop_isolated();
        let in_flight = InFlight { entries: self, key, slot, generation };
        if !has_watch {
            self.add_watch(&in_flight.key);
        }
        match present.take().filter(|_| is_valid) {
            Some(present) => Lookup::Due(present.value, in_flight),
            None => Lookup::Missing(in_flight),
        }
    }

    /// Stores an entry, unless the whole cache was invalidated since and the entry does not
    /// outlive that. Called under `flights`.
    pub(super) fn store(
        &self,
        key: HashedKey<K>,
        stored: StoredEntry<V>,
        removed: &mut DeferredRemovals<K, V>,
    ) {
        let is_over = !stored.is_of(self.generation()) && stored.settled <= self.moment();
        if is_over || self.core.is_destroyed() {
            removed.entries.push((key, stored));
            return;
        }
        // Replaces in one step, and returns the replaced and the evicted entries.
        self.stored.insert_with_lifecycle(key, stored, &mut removed.entries);
    }

    pub(super) fn hashed(&self, key: K) -> HashedKey<K> {
        HashedKey { hash: self.hasher.hash_one(&key), key }
    }

    #[inline]
    pub(super) fn hashed_ref<'a, Q: Hash + ?Sized>(&self, key: &'a Q) -> HashedRef<'a, Q> {
        HashedRef { hash: self.hasher.hash_one(key), key }
    }

    #[inline]
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Subscribes the entry of `key`, where entries depend on a state. Called outside of
    /// locks: it runs users' code.
    fn watch(self: &Arc<Self>, key: &K) -> Option<Subscription> {
        let watch = self.watch.get()?;
        let invalidator = EntryInvalidator::new(Arc::downgrade(self), key.clone());
        Some(watch(key, invalidator))
    }

    fn add_watch(self: &Arc<Self>, key: &K) {
        let Some(subscription) = self.watch(key) else { return };
        let replaced = self.flights.lock().add_watch(key, Some(subscription));
        drop(replaced);
    }

    /// Ends the subscriptions of removed keys that are neither stored nor in flight.
    /// Called under `flights`.
    pub(super) fn remove_watches(
        &self,
        flights: &mut Flights<K, V>,
        removed: &mut DeferredRemovals<K, V>,
    ) {
        if self.watch.get().is_none() {
            return;
        }
        let flight = removed.flight.as_ref().map(|(key, _)| self.hashed(key.clone()));
        let entries = removed.entries.iter().map(|(key, _)| key.clone());
        for key in flight.into_iter().chain(entries) {
            if !flights.by_key.contains_key(&key.key) && !self.stored.contains_key(&key) {
                removed.watches.extend(flights.watches.remove(&key.key));
            }
        }
    }
}

impl<K: Hash + Eq + Clone, V> Flights<K, V> {
    /// Removes the flight of `key`, unless callers may join it.
    fn remove_unless(
        &mut self,
        key: &K,
        is_joinable: impl FnOnce(&EntryFlight<V>) -> bool,
    ) -> Option<(K, EntryFlight<V>)> {
        let is_outdated = self.by_key.get(key).is_some_and(|own| !is_joinable(own));
        if is_outdated { self.by_key.remove_entry(key) } else { None }
    }

    fn join(&mut self, key: &K, generation: u64) -> Arc<crate::cache::flight::ValueSlot<V>> {
        let flight = self.by_key.entry(key.clone()).or_insert_with(|| EntryFlight::new(generation));
        flight.callers += 1;
        flight.slot.clone()
    }

    /// Returns a subscription that is not needed, to be dropped after unlock.
    fn add_watch(&mut self, key: &K, watch: Option<Subscription>) -> Option<Subscription> {
        watch.and_then(|watch| self.watches.insert(key.clone(), watch))
    }
}

/// The entries that were removed under a lock, to be dropped after unlock.
pub(super) struct DeferredRemovals<K, V> {
    pub(super) flight: Option<(K, EntryFlight<V>)>,
    pub(super) entries: RemovedEntries<K, V>,
    watches: Vec<Subscription>,
}

impl<K, V> DeferredRemovals<K, V> {
    pub(super) fn drop_isolated(self) {
        isolated(&"the drop of a replaced value", || drop(self));
    }
}

impl<K, V> Default for DeferredRemovals<K, V> {
    fn default() -> Self {
        Self { flight: None, entries: SmallVec::new(), watches: Vec::new() }
    }
}

impl<K, V> CacheNode for KeyedEntries<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn core(&self) -> &CacheCore {
        &self.core
    }

    fn mark(&self, unsettled: &mut u64) -> Cleared {
        self.core.note_unsettled(*unsettled);
        self.generation.fetch_add(1, Ordering::SeqCst);
        *unsettled = self.latest_settled().max(*unsettled);
        None
    }

    /// Frees the entries of earlier generations, one by one and outside of the shards'
    /// locks, since their drop is users' code.
    fn sweep(&self) {
        let now = self.generation();
        if self.swept.swap(now, Ordering::SeqCst) == now {
            return;
        }
        let moment = self.moment();
        let is_outdated = |stored: &StoredEntry<V>| !stored.is_of(now) && stored.settled <= moment;
        let outdated = RefCell::new(Vec::new());
        self.stored.retain(|key, stored| {
            if is_outdated(stored) {
                outdated.borrow_mut().push(key.clone());
            }
            true
        });
        for key in outdated.into_inner() {
            let mut removed = DeferredRemovals::default();
            let outdated = self.stored.remove_if(&key, is_outdated);
            removed.entries.extend(outdated);
            self.remove_watches(&mut self.flights.lock(), &mut removed);
            removed.drop_isolated();
        }
    }
}

/// Makes room for `capacity` entries and no more: the shares of the shards are rounded
/// down.
fn room_for<K: Eq, V: Clone>(capacity: NonZeroUsize) -> StoredEntries<K, V> {
    let capacity = capacity.get();
    // A smaller shard evicts entries that are far from the least used.
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
    QuickCache::with_options(options, UnitWeighter, BuildHasherDefault::default(), HandOut)
}

#[cfg(test)]
mod tests {
    use std::hash::Hasher;

    use super::*;
    use crate::create_keyed_cache;

    #[test]
    fn c9_a_caller_that_finds_the_value_under_the_lock_does_not_compute() {
        let sizes = create_keyed_cache::<u8, u8>("keyed sizes that are found").build().unwrap();
        sizes.set(7, 3);
        assert!(matches!(sizes.inner.lookup(7), Lookup::Found(3)));
        assert!(matches!(sizes.inner.lookup(8), Lookup::Missing(_)));
    }

    #[test]
    fn c1_entries_whose_keys_share_a_hash_are_told_apart() {
        #[derive(Clone, PartialEq, Eq)]
        struct Same(u8);

        impl Hash for Same {
            fn hash<H: Hasher>(&self, _: &mut H) {}
        }

        let sizes = create_keyed_cache::<Same, u8>("keyed sizes of one hash").build().unwrap();
        (1..=3).for_each(|key| sizes.set(Same(key), 10 * key));
        let values: Vec<_> = (1..=4).map(|key| sizes.get(&Same(key))).collect();
        assert_eq!(values, [Some(10), Some(20), Some(30), None]);
        assert!(sizes.len() == 3 && !sizes.is_empty());
    }
}
