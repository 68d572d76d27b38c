//! How entries outlive an invalidation in a cache with a throttle: each until the time of the
//! throttle has passed since its own computation began.

use std::borrow::Borrow;
use std::hash::Hash;

use super::entries::{DeferredRemovals, KeyedEntries, StoredEntry};
use super::in_flight::EntryFlight;
use crate::cache::flight::ValueSlot;
use crate::cache::timer::{NEVER, PAST};

impl<K, V> KeyedEntries<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Invalidates the value of `key`. Returns until when callers still get it, [`PAST`] if
    /// they do not. A flight of the key is not stored, unless it ends by then.
    pub(super) fn invalidate<Q>(&self, key: &Q) -> u64
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (moment, mut unsettled) = (self.moment(), PAST);
        let mut removed = DeferredRemovals::default();
        let mut flights = self.flights.lock();
        let flight = flights.by_key.get(key);
        match flight.and_then(|flight| self.outlive(&flight.slot, moment)) {
            Some(settled) => unsettled = settled,
            None => removed.flight = flights.by_key.remove_entry(key),
        }
        removed.entries.extend(self.stored.remove_if(&self.hashed_ref(key), |stored| {
            stored.invalidate();
            let outlives = moment < stored.settled;
            unsettled = if outlives { unsettled.max(stored.settled) } else { unsettled };
            !outlives
        }));
        self.remove_watches(&mut flights, &mut removed);
        drop(flights);
        removed.drop_isolated();
        unsettled
    }

    /// The present moment, to compare with the ends of throttled values: past all of them
    /// where the cache has no throttle or is destroyed.
    pub(super) fn moment(&self) -> u64 {
        let is_throttled = !self.core.policy.throttle.is_zero() && !self.core.is_destroyed();
        if is_throttled { self.core.timer.now() } else { NEVER }
    }

    /// The latest moment at which a value that is invalidated now is still returned.
    pub(super) fn latest_settled(&self) -> u64 {
        match self.moment() {
            NEVER => PAST,
            now => self.core.timer.after(now, self.core.policy.throttle),
        }
    }

    /// Lets the value of a flight outlive an invalidation, and returns until when, unless
    /// that has passed at `moment`.
    pub(super) fn outlive(&self, slot: &ValueSlot<V>, moment: u64) -> Option<u64> {
        if moment == NEVER {
            return None;
        }
        let settled = slot.expire_throttled(&self.core.timer, self.core.policy.throttle)?;
        (moment < settled).then_some(settled)
    }

    /// Whether callers may wait for a flight.
    pub(super) fn is_joinable(&self, flight: &EntryFlight<V>, generation: u64, now: u64) -> bool {
        let is_current = flight.generation == generation;
        let outlives = is_current || self.outlive(&flight.slot, self.moment()).is_some();
        outlives && now < flight.slot.limit()
    }
}

impl<V> StoredEntry<V> {
    /// Until when callers get the value at the latest, whatever its lifetime is.
    pub(super) fn limit(&self, generation: u64) -> u64 {
        if self.is_of(generation) { NEVER } else { self.settled }
    }
}
