//! Where a write finds the subscribers of an inbox without taking its lock.
//!
//! A [`Weak`] keeps no subscriber alive, and the inbox's generation says whether it
//! still leads to those of now.

use std::sync::{Arc, Weak};

use super::audience::AnyAudience;

/// The audiences that writes found last, by the numbers of their inboxes. Guarded by
/// the core lock.
pub(super) struct Recent<T: 'static> {
    found: Vec<Option<Found<T>>>,
    /// Numbers of inboxes that are gone.
    free: Vec<usize>,
}

struct Found<T: 'static> {
    generation: u64,
    audience: Weak<dyn AnyAudience<T>>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { found: Vec::new(), free: Vec::new() }
    }
}

impl<T> Recent<T> {
    /// A number for a new inbox.
    pub(super) fn number(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
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
        if let Some(found) = self.found.get_mut(number) {
            *found = None;
            self.free.push(number);
        }
        if self.free.len() == self.found.len() {
            *self = Self::default();
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
