//! The entries of a [`KeyedCache`](super::KeyedCache): what is stored, and what is
//! being computed.
//!
//! `quick_cache` holds what is finished. What is being computed is in a map of its
//! own, so that it cannot be evicted and computed twice; a computation is stored
//! only if it is still in that map, under the same lock that takes it out.

use std::any::Any;
use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::{Cache as Entries, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, UnitWeighter};

use super::super::flight::{Entry, Slot};
use super::super::node::{Base, Node};
use super::super::waits::Place;
use crate::isolate::isolated;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};

pub(super) struct Inner<K, V> {
    pub(super) base: Base,
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

impl<K, V> Inner<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(base: Base, capacity: NonZeroUsize) -> Self {
        Self {
            base,
            entries: room_for(capacity),
            flights: Mutex::default(),
            generation: AtomicU64::new(0),
            swept: AtomicU64::new(0),
            hasher: RandomState::new(),
        }
    }

    /// The value of `key`, if it is there and has not expired.
    #[inline]
    pub(super) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let stored = self.entries.get(key);
        stored.filter(|stored| self.is_fresh(stored)).map(|stored| stored.value)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn capacity(&self) -> usize {
        usize::try_from(self.entries.capacity()).unwrap_or(usize::MAX)
    }

    /// Sets the value of `key`; what is being computed for it is not stored.
    pub(super) fn put(&self, key: K, value: V, ttl: Duration) {
        let deadline = self.base.timer.deadline(ttl);
        let mut replaced = Replaced::default();
        let mut flights = self.flights.lock();
        let generation = self.generation.load(Ordering::SeqCst);
        replaced.flight = flights.remove_entry(&key);
        self.store(key, Stored { value, deadline, generation }, &mut replaced);
        drop(flights);
        replaced.drop_isolated();
    }

    /// Takes the value of `key` out; what is being computed for it is not stored.
    pub(super) fn remove<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut replaced = Replaced::default();
        let mut flights = self.flights.lock();
        replaced.flight = flights.remove_entry(key);
        replaced.entry = self.entries.remove(key);
        drop(flights);
        replaced.drop_isolated();
    }

    #[inline]
    fn is_fresh(&self, stored: &Stored<V>) -> bool {
        stored.generation == self.generation.load(Ordering::SeqCst)
            && self.base.timer.is_before(stored.deadline)
    }

    pub(super) fn place(&self, key: &K) -> Place {
        Place { name: self.base.name.clone(), cache: self.base.id, key: self.hasher.hash_one(key) }
    }

    /// Joins the computation of `key`'s value, or starts one.
    pub(super) fn board(&self, key: K) -> Boarding<'_, K, V> {
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

pub(super) enum Boarding<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Landed(V),
    Aboard(Boarded<'a, K, V>),
}

/// One caller's part in a flight.
pub(super) struct Boarded<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    inner: &'a Inner<K, V>,
    pub(super) key: K,
    pub(super) slot: Arc<Slot<V>>,
    generation: u64,
}

impl<K, V> Boarded<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Gives the value to those who wait, and stores it unless the flight was
    /// replaced meanwhile.
    pub(super) fn land(&self, value: V) {
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

/// Room for `capacity` entries and no more: the shards' shares are rounded down.
fn room_for<K: Hash + Eq, V: Clone>(capacity: NonZeroUsize) -> Entries<K, Stored<V>> {
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
