//! Lets a write find the subscribers of a set without the set's lock.
//!
//! A [`Weak`] keeps no subscriber alive, and the set's generation says whether the cached
//! snapshot is still current.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

/// The snapshots that writes found last, by the numbers of their sets. Guarded by the
/// core lock.
pub(in crate::cell) struct SubscriberCache<A: ?Sized> {
    cached: Vec<Option<Cached<A>>>,
    /// Numbers of removed sets, below the last number in use.
    free: BTreeSet<u32>,
}

struct Cached<A: ?Sized> {
    generation: u64,
    subscribers: Weak<A>,
}

impl<A: ?Sized> Default for SubscriberCache<A> {
    fn default() -> Self {
        Self { cached: Vec::new(), free: BTreeSet::new() }
    }
}

impl<A: ?Sized> SubscriberCache<A> {
    /// A number for a new set: the smallest, so that the end can be given back.
    pub(in crate::cell) fn number(&mut self) -> u32 {
        self.free.pop_first().unwrap_or_else(|| {
            if self.cached.is_empty() {
                // Many models have one watched place.
                self.cached.reserve_exact(1);
            }
            self.cached.push(None);
            u32::try_from(self.cached.len() - 1).expect("a set takes more than a byte")
        })
    }

    /// Takes the number of a set back.
    pub(in crate::cell) fn release(&mut self, number: u32) {
        let Some(cached) = self.cached.get_mut(number as usize) else { return };
        *cached = None;
        if number as usize + 1 < self.cached.len() {
            self.free.insert(number);
            return;
        }
        self.cached.pop();
        while self.free.last().is_some_and(|last| *last as usize + 1 == self.cached.len()) {
            self.free.pop_last();
            self.cached.pop();
        }
        if self.cached.len() <= self.cached.capacity() / 4 {
            self.cached.shrink_to_fit();
        }
    }

    /// The subscribers of the set `number`, if they were cached at this `generation`.
    #[inline]
    pub(in crate::cell) fn get(&self, number: u32, generation: u64) -> Option<Arc<A>> {
        let cached = self.cached.get(number as usize)?.as_ref()?;
        if cached.generation == generation { cached.subscribers.upgrade() } else { None }
    }

    pub(in crate::cell) fn put(&mut self, number: u32, generation: u64, subscribers: &Arc<A>) {
        if let Some(cached) = self.cached.get_mut(number as usize) {
            *cached = Some(Cached { generation, subscribers: Arc::downgrade(subscribers) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i8_a_removed_set_gives_its_number_to_the_next_one_and_its_room_back() {
        let mut cache = SubscriberCache::<u8>::default();
        assert!((0..64).all(|number| cache.number() == number));

        [7, 3].into_iter().for_each(|number| cache.release(number));
        assert_eq!([cache.number(), cache.number(), cache.number()], [3, 7, 64]);

        (0..65).for_each(|number| cache.release(number));
        assert_eq!((cache.cached.capacity(), cache.free.len()), (0, 0));
        assert_eq!(cache.number(), 0);
    }

    #[test]
    fn i3_a_write_finds_the_subscribers_of_its_set_and_generation_alone() {
        let mut cache = SubscriberCache::default();
        let (subscribers, [set, other]) = (Arc::new(7), [cache.number(), cache.number()]);

        cache.put(set, 1, &subscribers);
        let found = [(set, 1), (set, 2), (other, 1)].map(|(set, of)| cache.get(set, of).is_some());
        assert_eq!(found, [true, false, false]);

        cache.release(set);
        let new = cache.number();
        assert!(new == set && cache.get(new, 1).is_none(), "a new set has no subscribers");
    }
}
