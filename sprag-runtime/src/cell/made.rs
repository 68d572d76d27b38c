//! A write from the moment at which it is made until it is committed or taken back.

use std::sync::Arc;

use super::audience::AnyAudience;
use super::table::{Attempt, Captured};
use super::write::{Edit, Write};
use super::{Core, Locked};

/// Whom a write touches: most touch one place or two.
pub(super) type Touched<T> = smallvec::SmallVec<[Arc<dyn AnyAudience<T>>; 2]>;

/// Users' values that a write leaves behind. Declared before the lock is taken, so
/// that they are dropped after it is released.
pub(super) struct Leftovers<T: 'static> {
    /// The state as it was, where a snapshot of it is still held.
    replaced: Option<Arc<T>>,
    /// In a box, since few writes leave any of it behind.
    rare: Option<Box<Rare<T>>>,
}

pub(super) struct Rare<T: 'static> {
    pub(super) captured: Vec<Captured<T>>,
    edits: Vec<Edit<T>>,
    undone: Option<Arc<T>>,
}

impl<T> Default for Leftovers<T> {
    fn default() -> Self {
        Self { replaced: None, rare: None }
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self { captured: Vec::new(), edits: Vec::new(), undone: None }
    }
}

/// A write that is made and not yet committed. Dropped so, as a panic of the user's
/// `Clone` or `PartialEq` does, it is taken back.
pub(super) struct Made<'a, T: 'static> {
    core: Locked<'a, T>,
    write: &'a mut dyn Write<T>,
    leftovers: &'a mut Leftovers<T>,
    /// Whether the state is the written one.
    applied: bool,
}

impl<'a, T: Clone + 'static> Made<'a, T> {
    /// Makes the write and finds whom it touches.
    pub(super) fn make(
        core: Locked<'a, T>,
        write: &'a mut dyn Write<T>,
        leftovers: &'a mut Leftovers<T>,
        touched: &mut Touched<T>,
    ) -> Self {
        let mut made = Self { core, write, leftovers, applied: false };
        made.core.enter();
        made.apply(touched);
        made
    }

    fn apply(&mut self, touched: &mut Touched<T>) {
        let Core { state, table, .. } = &mut *self.core;
        let Leftovers { replaced, rare } = &mut *self.leftovers;
        let mut attempt = Attempt::new(table, touched, rare);
        self.write.diff(state, &mut |diff| attempt.compare(diff, state));
        match Arc::get_mut(state) {
            Some(state) => self.write.swap(state),
            None => *replaced = Some(self.write.replace(state)),
        }
        self.applied = true;
        attempt.compare_captured(state);
        if touched.iter().any(|audience| audience.wants_edits()) {
            rare.get_or_insert_default().edits = self.write.edits();
        }
    }

    /// Whether this thread is inside no other cell, so that it may deliver.
    pub(super) fn is_outermost(&self) -> bool {
        self.core.is_outermost()
    }

    /// What has been written.
    pub(super) fn state(&self) -> &Arc<T> {
        &self.core.state
    }

    /// The version that the commit makes.
    pub(super) fn version(&self) -> u64 {
        self.core.version + 1
    }

    /// The written places, if anybody who is touched wants them.
    pub(super) fn edits(&self) -> &[Edit<T>] {
        self.leftovers.rare.as_ref().map_or(&[], |rare| &rare.edits)
    }

    /// Makes it visible: unlocks the cell.
    pub(super) fn commit(mut self) {
        self.core.version += 1;
        self.applied = false;
    }
}

impl<T: 'static> Drop for Made<'_, T> {
    fn drop(&mut self) {
        if self.applied {
            let undone = self.write.undo(&mut self.core.state, self.leftovers.replaced.take());
            self.leftovers.rare.get_or_insert_default().undone = undone;
        }
    }
}
