//! The data that a cell's core lock guards.

use std::any::TypeId;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::index::{Index, SubscriberCache};
use super::recorder::Recorder;
use super::reentrancy::EnteredCell;
use super::subscribers::snapshot::AnySubscribers;
use super::subscribers::{AnySubscriberSet, Phase};
use super::watched::Positions;
use crate::sync::RwLockWriteGuard;

/// Sets of subscribers by the places that they watch.
pub(super) type SubscriberIndex<T> = Index<dyn AnySubscriberSet<T>>;

/// The mutable part of a cell. Guarded by `Cell::core`.
pub(super) struct Core<T: 'static> {
    pub(super) state: Arc<T>,
    pub(super) version: u64,
    pub(super) index: SubscriberIndex<T>,
    pub(super) cache: SubscriberCache<dyn AnySubscribers<T>>,
    /// After `destroy` nothing is notified again.
    pub(super) destroyed: bool,
    pub(super) recorder: Recorder,
    /// The number of sets of subscribers so far.
    sets: u64,
}

impl<T: 'static> Core<T> {
    /// A core whose state has `nodes` nodes.
    #[inline]
    pub(super) fn new(state: Arc<T>, nodes: u32) -> Self {
        let (index, cache) = (Index::new(nodes), SubscriberCache::default());
        let recorder = Recorder::default();
        Self { state, version: 0, index, cache, destroyed: false, recorder, sets: 0 }
    }

    /// The serial of a new set.
    pub(super) fn next_serial(&mut self) -> u64 {
        self.sets += 1;
        self.sets
    }

    /// A set at these places, for subscribers that are called in this phase.
    pub(super) fn find(
        &self,
        positions: &Positions,
        phase: Phase,
        kind: TypeId,
    ) -> Option<Arc<dyn AnySubscriberSet<T>>> {
        self.index.find(positions, |set| set.phase() == phase && set.kind() == kind)
    }

    /// Finds a set for writes from now on.
    pub(super) fn link(&mut self, set: Arc<dyn AnySubscriberSet<T>>) {
        if set.reads_changes() {
            self.recorder.add_reader();
        }
        self.index.link(set);
    }

    /// Forgets a set without subscribers.
    pub(super) fn unlink(&mut self, set: &Arc<dyn AnySubscriberSet<T>>) {
        if let Some(number) = set.retire() {
            if set.reads_changes() {
                self.recorder.remove_reader();
            }
            self.index.unlink(set);
            self.cache.release(number);
        }
    }

    /// Removes all sets and returns them, each at least once.
    pub(super) fn clear(&mut self) -> Vec<Arc<dyn AnySubscriberSet<T>>> {
        self.cache = SubscriberCache::default();
        self.index.clear()
    }
}

/// The core lock, and the record that this thread holds it. The lock is released first.
pub(super) struct Locked<'a, T: 'static> {
    core: RwLockWriteGuard<'a, Core<T>>,
    entered: Option<EnteredCell>,
}

impl<'a, T> Locked<'a, T> {
    #[inline]
    pub(super) fn new(core: RwLockWriteGuard<'a, Core<T>>) -> Self {
        Self { core, entered: None }
    }

    /// Called before any of the user's code runs under the lock of the cell `id`.
    #[inline]
    pub(super) fn enter(&mut self, id: u64) {
        if self.entered.is_none() {
            self.entered = Some(EnteredCell::enter(id));
        }
    }

    /// Whether this thread is known to be inside no other cell.
    #[inline]
    pub(super) fn is_outermost(&self) -> bool {
        self.entered.as_ref().is_some_and(EnteredCell::is_outermost)
    }
}

impl<T> Deref for Locked<'_, T> {
    type Target = Core<T>;

    #[inline]
    fn deref(&self) -> &Core<T> {
        &self.core
    }
}

impl<T> DerefMut for Locked<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Core<T> {
        &mut self.core
    }
}
