//! A write from the moment at which it is made until it is committed or taken back.

use std::sync::Arc;

use super::audience::AnyAudience;
use super::delivery::Round;
use super::table::{Attempt, Captured};
use super::write::{Edit, Write};
use super::{Core, Locked};

/// Whom a write touches.
pub(super) struct Touched<T: 'static> {
    /// Apart from the others, because most writes touch one place or none.
    one: Option<Arc<dyn AnyAudience<T>>>,
    others: Option<Box<Others<T>>>,
    /// Whether any of them is delivered before the others.
    has_firsts: bool,
    /// Whether any of them is told of the written places.
    wants_edits: bool,
}

struct Others<T: 'static>(Vec<Arc<dyn AnyAudience<T>>>);

impl<T> Default for Touched<T> {
    fn default() -> Self {
        Self { one: None, others: None, has_firsts: false, wants_edits: false }
    }
}

impl<T> Touched<T> {
    #[inline]
    pub(super) fn push(&mut self, audience: Arc<dyn AnyAudience<T>>, first: bool, edits: bool) {
        self.has_firsts |= first;
        self.wants_edits |= edits;
        match self.one {
            None => self.one = Some(audience),
            Some(_) => self.push_other(audience),
        }
    }

    #[cold]
    fn push_other(&mut self, audience: Arc<dyn AnyAudience<T>>) {
        self.others.get_or_insert_with(|| Box::new(Others(Vec::new()))).0.push(audience);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.one.is_none()
    }

    /// The only one, if it is one and need not come before others.
    #[inline]
    pub(super) fn only(&self) -> Option<&Arc<dyn AnyAudience<T>>> {
        self.one.as_ref().filter(|_| self.others.is_none() && !self.has_firsts)
    }

    /// Puts by what each of them will be shown.
    pub(super) fn pack(&self, made: &Made<'_, T>, round: &mut Round<T>) {
        for first in [true, false] {
            for audience in self.iter().filter(|audience| audience.is_first() == first) {
                let parcel = audience.pack(made.state(), made.version(), made.edits());
                round.push(parcel, first);
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Arc<dyn AnyAudience<T>>> {
        self.one.iter().chain(self.others.iter().flat_map(|others| &others.0))
    }
}

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

/// A write that is being made. Dropped before it is committed, as a panic of the
/// user's `Clone` or `PartialEq` does, it is taken back.
pub(super) struct Made<'a, T: 'static> {
    /// `None` once it is committed.
    core: Option<Locked<'a, T>>,
    write: &'a mut dyn Write<T>,
    leftovers: &'a mut Leftovers<T>,
    /// Whether the state is the written one.
    applied: bool,
}

impl<'a, T: 'static> Made<'a, T> {
    #[inline]
    pub(super) fn new(
        core: Locked<'a, T>,
        write: &'a mut dyn Write<T>,
        leftovers: &'a mut Leftovers<T>,
    ) -> Self {
        Self { core: Some(core), write, leftovers, applied: false }
    }

    /// Makes the write and finds whom it touches.
    pub(super) fn make(&mut self, touched: &mut Touched<T>)
    where
        T: Clone,
    {
        let Core { state, table, recent, .. } = &mut **self.core.as_mut().expect(UNCOMMITTED);
        let Leftovers { replaced, rare } = &mut *self.leftovers;
        let mut attempt = Attempt::new(table, recent, touched, rare);
        self.write.diff(state, &mut |diff| attempt.compare(diff, state));
        match Arc::get_mut(state) {
            Some(state) => self.write.swap(state),
            None => *replaced = Some(self.write.replace(state)),
        }
        self.applied = true;
        attempt.compare_captured(state);
        if touched.wants_edits {
            rare.get_or_insert_default().edits = self.write.edits();
        }
    }

    /// Whether this thread is inside no other cell, so that it may deliver.
    pub(super) fn is_outermost(&self) -> bool {
        self.core().is_outermost()
    }

    /// What has been written.
    #[inline]
    pub(super) fn state(&self) -> &Arc<T> {
        &self.core().state
    }

    /// The version that the commit makes.
    #[inline]
    pub(super) fn version(&self) -> u64 {
        self.core().version + 1
    }

    /// The written places, if anybody who is touched wants them.
    #[inline]
    pub(super) fn edits(&self) -> &[Edit<T>] {
        self.leftovers.rare.as_ref().map_or(&[], |rare| &rare.edits)
    }

    /// Makes it visible: unlocks the cell.
    #[inline]
    pub(super) fn commit(&mut self) {
        if let Some(mut core) = self.core.take() {
            core.version += 1;
        }
    }

    #[inline]
    fn core(&self) -> &Locked<'a, T> {
        self.core.as_ref().expect(UNCOMMITTED)
    }
}

const UNCOMMITTED: &str = "it is asked before it is committed";

impl<T: 'static> Drop for Made<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(core) = &mut self.core
            && self.applied
        {
            let undone = self.write.undo(&mut core.state, self.leftovers.replaced.take());
            self.leftovers.rare.get_or_insert_default().undone = undone;
        }
    }
}
