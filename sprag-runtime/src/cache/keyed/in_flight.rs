//! [`InFlight`]: one caller's part in the computation of an entry.

use std::hash::Hash;
use std::sync::Arc;

use super::entries::{DeferredRemovals, KeyedEntries, StoredEntry};
use crate::cache::flight::{Computed, OnLeaderError, ValueRequest, ValueSlot};
use crate::cache::timer::PAST;

/// The computation of one entry.
pub(super) struct EntryFlight<V> {
    pub(super) slot: Arc<ValueSlot<V>>,
    pub(super) generation: u64,
    /// How many callers take part; the last one removes the flight.
    pub(super) callers: usize,
}

impl<V> EntryFlight<V> {
    pub(super) fn new(generation: u64) -> Self {
        Self { slot: Arc::new(ValueSlot::new()), generation, callers: 0 }
    }
}

pub(super) struct InFlight<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) entries: &'a KeyedEntries<K, V>,
    pub(super) key: K,
    pub(super) slot: Arc<ValueSlot<V>>,
    pub(super) generation: u64,
}

impl<K, V> InFlight<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn request(&self, on_leader_error: OnLeaderError) -> ValueRequest<'_, V> {
        let key = self.entries.flight_key(&self.key);
        ValueRequest { slot: &self.slot, key, core: &self.entries.core, on_leader_error }
    }

    /// Passes the value to the waiting callers, and stores it unless the flight was
    /// replaced.
    pub(super) fn complete(&self, computed: Computed<V>) {
        let entries = self.entries;
        if self.generation != entries.generation() {
            entries.outlive(&self.slot, entries.moment());
        }
        let lifetime = entries.core.lifetime(computed.ttl).until(self.slot.limit());
        let settled = self.slot.settled(&entries.core.timer, entries.core.policy.throttle);
        let (value, settled) = (computed.value, settled.unwrap_or(PAST));
        let stored = StoredEntry::new(value.clone(), lifetime, self.generation, settled);
        let key = entries.hashed(self.key.clone());
        let mut removed = DeferredRemovals::default();
        let mut flights = entries.flights.lock();
        if flights.has(self) {
            removed.flight = flights.by_key.remove_entry(&self.key);
            entries.store(key, stored, &mut removed);
        } else {
            removed.entries.push((key, stored));
        }
        self.slot.fill(value, lifetime);
        entries.remove_watches(&mut flights, &mut removed);
        drop(flights);
        removed.drop_isolated();
    }

    /// Returns the value that the flight has computed.
    pub(super) fn value(&self) -> V {
        self.slot.value().expect("the request has filled the slot").value.clone()
    }
}

impl<K, V> super::entries::Flights<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn has(&self, own: &InFlight<'_, K, V>) -> bool {
        self.by_key.get(&own.key).is_some_and(|flight| Arc::ptr_eq(&flight.slot, &own.slot))
    }
}

impl<K, V> Drop for InFlight<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn drop(&mut self) {
        let mut removed = DeferredRemovals::default();
        let mut flights = self.entries.flights.lock();
        if !flights.has(self) {
            return;
        }
        let flight = flights.by_key.get_mut(&self.key).expect("`has` found the flight");
        flight.callers -= 1;
        if flight.callers == 0 {
            removed.flight = flights.by_key.remove_entry(&self.key);
            self.entries.remove_watches(&mut flights, &mut removed);
        }
        drop(flights);
        removed.drop_isolated();
    }
}
