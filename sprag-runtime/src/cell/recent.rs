//! Where a write finds the subscribers of an inbox without taking its lock.
//!
//! A [`Weak`] keeps no subscriber alive, and the inbox's generation says whether it
//! still leads to those of now.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use super::audience::AnyAudience;

/// The audiences that writes found last, by the numbers of their inboxes. Guarded by
/// the core lock.
pub(super) struct Recent<T: 'static> {
    found: Vec<Option<Found<T>>>,
    /// Numbers of inboxes that are gone, below the last that is in use.
    free: BTreeSet<usize>,
}

struct Found<T: 'static> {
    generation: u64,
    audience: Weak<dyn AnyAudience<T>>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { found: Vec::new(), free: BTreeSet::new() }
    }
}

impl<T> Recent<T> {
    /// A number for a new inbox: the smallest, so that the end can be given back.
    pub(super) fn number(&mut self) -> usize {
        self.free.pop_first().unwrap_or_else(|| {
            if self.found.is_empty() {
                // Many models have one watched place.
                self.found.reserve_exact(1);
            }
            self.found.push(None);
            self.found.len() - 1
        })
    }

    /// Takes the number of an inbox back.
    pub(super) fn release(&mut self, number: usize) {
        let Some(found) = self.found.get_mut(number) else { return };
        *found = None;
        if number + 1 < self.found.len() {
            self.free.insert(number);
            return;
        }
        self.found.pop();
        while self.free.last().is_some_and(|last| last + 1 == self.found.len()) {
            self.free.pop_last();
            self.found.pop();
        }
        if self.found.len() <= self.found.capacity() / 4 {
            self.found.shrink_to_fit();
        }
    }

    /// The audience of the inbox `number`, if it was found at this `generation`.
    #[inline]
    pub(super) fn get(&self, number: usize, generation: u64) -> Option<Arc<dyn AnyAudience<T>>> {
        let found = self.found.get(number)?.as_ref()?;
        if found.generation == generation { found.audience.upgrade() } else { None }
    }

    pub(super) fn put(
        &mut self,
        number: usize,
        generation: u64,
        audience: &Arc<dyn AnyAudience<T>>,
    ) {
        if let Some(found) = self.found.get_mut(number) {
            *found = Some(Found { generation, audience: Arc::downgrade(audience) });
        }
    }
}
