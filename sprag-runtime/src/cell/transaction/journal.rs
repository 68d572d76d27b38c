//! [`Journal`]: the writes of a transaction in order, each with the way back.

use std::any::Any;
use std::sync::Arc;

use super::overlap::overlapping;
use super::writes::{JournalWrites, empty};
use crate::cell::core::SubscriberIndex;
use crate::cell::recorder::{AnyState, Ops, Recorder};
use crate::cell::write::{CellWrite, Diff, EntryChange, WrittenPlace};

/// The writes of one transaction.
pub(in crate::cell) struct Journal<T: 'static> {
    writes: JournalWrites<T>,
    /// The writes of watched places.
    watched: Vec<WatchedWrite>,
    /// How many writes are in the state.
    position: usize,
    pub(super) replaced: ReplacedStates<T>,
    /// Users' values that are dropped after the lock.
    pub(super) discarded: Vec<Box<dyn Any>>,
    /// The operations of the writes, while a subscriber reads changes.
    pub(super) ops: Ops,
    commits_anyway: bool,
    /// How many versions the commit leaves out.
    pub(super) skipped: u64,
}

/// A write of places at which subscribers watch.
struct WatchedWrite {
    /// Which of the writes it is.
    position: usize,
    edits: Vec<WrittenPlace>,
}

/// States that are dropped after the lock.
pub(super) struct ReplacedStates<T> {
    /// The state before, where a snapshot of it is held and the writes are on a copy.
    pub(super) state: Option<Arc<T>>,
    /// A state that a record has released.
    settled: Option<AnyState>,
    /// The clone of a reverted transaction.
    undone: Option<Arc<T>>,
}

impl<T> Default for ReplacedStates<T> {
    fn default() -> Self {
        Self { state: None, settled: None, undone: None }
    }
}

impl<T> Default for Journal<T> {
    fn default() -> Self {
        Self {
            writes: JournalWrites::default(),
            watched: Vec::new(),
            position: 0,
            replaced: ReplacedStates::default(),
            discarded: Vec::new(),
            ops: Ops::default(),
            commits_anyway: false,
            skipped: 0,
        }
    }
}

impl<T: 'static> Journal<T> {
    #[cfg(feature = "serde")]
    pub(super) fn commit_anyway(&mut self) {
        self.commits_anyway = true;
    }

    pub(super) fn is_untouched(&self) -> bool {
        self.position == 0 && !self.commits_anyway
    }

    pub(super) fn is_unwatched(&self) -> bool {
        self.watched.is_empty()
    }

    /// Appends a write that is made. From then on the write holds the replaced value.
    #[inline]
    pub(super) fn push<W: CellWrite<T> + 'static>(&mut self, write: W) {
        self.writes.push(write);
        self.position += 1;
    }

    /// The last write changed these places, at which subscribers watch.
    pub(super) fn watch_last(&mut self, edits: Vec<WrittenPlace>) {
        if let (false, Some(position)) = (edits.is_empty(), self.position.checked_sub(1)) {
            self.watched.push(WatchedWrite { position, edits });
        }
    }

    /// Makes the writes that are not in the state.
    fn replay(&mut self, state: &mut T) {
        while self.position < self.writes.len() {
            self.writes.swap(self.position, state);
            self.position += 1;
        }
    }

    /// Takes the writes back, the last one first.
    fn rewind(&mut self, state: &mut T) {
        while let Some(position) = self.position.checked_sub(1) {
            self.position = position;
            self.writes.swap(position, state);
        }
    }

    /// Takes the last write back for good.
    pub(super) fn take_back_last(&mut self, state: &mut T) {
        let Some(position) = self.position.checked_sub(1) else { return };
        self.writes.swap(position, state);
        self.position = position;
        self.discarded.extend(self.writes.pop());
        self.watched.pop_if(|watched| watched.position == position);
    }

    /// Drops the users' values. The journal is then as a new one, with the room of this one.
    pub(super) fn clear(&mut self) {
        self.writes.clear();
        empty(&mut self.watched);
        self.replaced = ReplacedStates::default();
        empty(&mut self.discarded);
        if !self.ops.is_empty() {
            let _ = std::mem::take(&mut self.ops);
        }
        (self.position, self.skipped, self.commits_anyway) = (0, 0, false);
    }

    /// Takes the transaction back.
    pub(super) fn revert(&mut self, state: &mut Arc<T>) {
        match self.replaced.state.take() {
            Some(old) => self.replaced.undone = Some(std::mem::replace(state, old)),
            None if self.position > 0 => self.rewind(only_owner(state)),
            None => {}
        }
    }

    fn edits(&self) -> impl Iterator<Item = &WrittenPlace> {
        self.watched.iter().flat_map(|watched| &watched.edits)
    }

    /// Passes the watched places of all writes, now that they are made: one that no other
    /// write touched with its old and new value, the others to be compared by their
    /// watchers.
    pub(super) fn compare(&self, state: &T, visit: &mut dyn FnMut(Diff<'_>)) {
        let edits: Vec<&WrittenPlace> = self.edits().collect();
        let overlaps = overlapping(&edits);
        let is_alone = edits.iter().filter(|edit| edit.changes_outline()).count() <= 1;
        let mut first = 0;
        for WatchedWrite { position, edits } in &self.watched {
            let own = &overlaps[first..first + edits.len()];
            first += edits.len();
            if own.iter().all(|overlaps| *overlaps) {
                continue;
            }
            self.writes.get(*position).diff(state, &mut |Diff { at, keys, comparison, .. }| {
                let edit = edits.iter().zip(own).find(|(edit, _)| edit.location == *at);
                let Some((edit, false)) = edit else { return };
                // Added and removed entries together may leave the outline unchanged.
                let unsure = edit.entries.as_ref().filter(|_| !is_alone).map(EntryChange::unsure);
                let entries = unsure.as_ref().or(edit.entries.as_ref());
                visit(Diff { at, entries, keys, comparison });
            });
        }
        let mut overlaps = overlaps.into_iter();
        self.visit(&mut |diff| {
            if overlaps.next() == Some(true) {
                visit(diff);
            }
        });
    }

    /// Passes the watched places of all writes, to be compared by their watchers.
    fn visit(&self, visit: &mut dyn FnMut(Diff<'_>)) {
        for WatchedWrite { position, edits } in &self.watched {
            let write = self.writes.get(*position);
            write.with_keys(&mut |keys| edits.iter().for_each(|edit| visit(edit.unknown(keys))));
        }
    }
}

impl<T: Clone + 'static> CellWrite<T> for Journal<T> {
    /// Passes the watched places, to be compared by their watchers.
    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_>)) {
        self.visit(visit);
    }

    fn swap(&mut self, state: &mut T) {
        if self.position > 0 { self.rewind(state) } else { self.replay(state) }
    }

    fn take_back(&mut self, state: &mut Arc<T>) -> bool {
        self.revert(state);
        true
    }
}

/// The places of `write` at which subscribers watch, before the write is made.
pub(super) fn edits<T: Clone + Send + Sync + 'static>(
    index: &SubscriberIndex<T>,
    write: &dyn CellWrite<T>,
    state: &T,
) -> Vec<WrittenPlace> {
    let mut edits = Vec::new();
    if index.is_watched(write.node()) {
        write.diff(state, &mut |diff| {
            if !diff.is_equal() {
                edits.push(WrittenPlace::of(&diff));
            }
        });
    }
    edits
}

/// Makes the state the only one: a copy where a snapshot is held.
#[cold]
pub(super) fn unshare<T: Clone + Send + Sync + 'static>(
    state: &mut Arc<T>,
    recorder: &mut Recorder,
    replaced: &mut ReplacedStates<T>,
) {
    if Arc::get_mut(state).is_none() {
        replaced.settled = recorder.settle();
    }
    if Arc::get_mut(state).is_none() {
        let copy = Arc::new(T::clone(state));
        replaced.state = Some(std::mem::replace(state, copy));
    }
}

/// The state of a transaction that has begun to write.
pub(super) fn only_owner<T>(state: &mut Arc<T>) -> &mut T {
    Arc::get_mut(state).expect("an uncommitted state has one owner")
}
