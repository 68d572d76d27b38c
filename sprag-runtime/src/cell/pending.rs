//! A write, from the moment at which it is made until it is committed or reverted.

use std::any::Any;
use std::sync::Arc;

use smallvec::SmallVec;

use super::Cell;
use super::change::Delivered;
use super::core::{Core, Locked};
use super::delivery::Batch;
use super::feedback::FeedbackCause;
use super::index::{AffectedSubscribers, CapturedWatcher, KeepCaptured, Matching, TouchedEntries};
use super::origin::Origin;
use super::recorder::{AnyState, Recorded, Recorder};
use super::selector::{CommitInfo, Remains};
use super::subscribers::snapshot::AnySubscribers;
use super::subscribers::{AnySubscriberSet, Phase};
use super::write::{CellWrite, OldState, Swapped, replace, undo};

/// The subscribers that a write affects.
pub(super) type Affected<T> = AffectedSubscribers<dyn AnySubscribers<T>>;

/// Users' values that a write leaves behind. Declared before the lock is taken, so that
/// they are dropped after it is released.
pub(super) struct DeferredDrops<T: 'static> {
    /// The state before the write, if a snapshot of it is still held.
    replaced: Option<Arc<T>>,
    /// In a box, since few writes leave any of it behind.
    rare: Option<Box<RareDrops<T>>>,
}

struct RareDrops<T: 'static> {
    captured: Vec<CapturedWatcher>,
    touched: Option<TouchedEntries>,
    /// A state that a record has released.
    settled: Option<AnyState>,
    /// The ops of the commit, if a subscriber reads them.
    recorded: Recorded,
    /// The discarded state of a reverted write.
    undone: Option<Arc<T>>,
}

impl<T> Default for DeferredDrops<T> {
    fn default() -> Self {
        Self { replaced: None, rare: None }
    }
}

impl<T> Default for RareDrops<T> {
    fn default() -> Self {
        let (captured, recorded) = (Vec::new(), Recorded::default());
        Self { captured, touched: None, settled: None, recorded, undone: None }
    }
}

impl<T> KeepCaptured for Option<Box<RareDrops<T>>> {
    fn keep(&mut self, watcher: CapturedWatcher) {
        self.get_or_insert_default().captured.push(watcher);
    }

    fn kept(&self) -> &[CapturedWatcher] {
        self.as_ref().map_or(&[], |rare| &rare.captured)
    }

    #[inline]
    fn has_any(&self) -> bool {
        self.is_some()
    }

    fn touched(&mut self) -> &mut TouchedEntries {
        self.get_or_insert_default().touched.get_or_insert_default()
    }

    fn present_touched(&mut self) -> Option<&mut TouchedEntries> {
        self.as_mut()?.touched.as_mut()
    }
}

impl<T> Remains<T> for RareDrops<T> {
    fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    fn touched(&self, id: u64) -> Option<&dyn Any> {
        self.touched.as_ref()?.of(id)
    }
}

impl<T: 'static> DeferredDrops<T> {
    /// Where captured watchers wait.
    pub(super) fn captured(&mut self) -> &mut dyn KeepCaptured {
        &mut self.rare
    }

    /// Keeps the state and the record of a reverted write.
    fn keep_undone(&mut self, undone: Option<Arc<T>>, made: Recorded) {
        let rare = self.rare.get_or_insert_default();
        rare.undone = undone;
        if made.is_some() {
            rare.recorded = made;
        }
    }

    /// Keeps the record of the commit.
    pub(super) fn keep_record(&mut self, recorded: Recorded) {
        self.rare.get_or_insert_default().recorded = recorded;
    }
}

/// The numbers of sets, each behind its phase and its serial, which order the delivery.
type Turns = SmallVec<[(bool, u64, usize); 8]>;

/// A write that is being made. If this is dropped before it is committed, as after a panic
/// of the user's `Clone` or `PartialEq`, the write is reverted.
pub(super) struct PendingCommit<'a, T: 'static> {
    cell: &'a Arc<Cell<T>>,
    /// `None` once it is committed.
    core: Option<Locked<'a, T>>,
    write: &'a mut dyn CellWrite<T>,
    origins: &'a [Origin],
    deferred: &'a mut DeferredDrops<T>,
    /// Whether the state is the written one.
    applied: bool,
    /// How many versions the commit leaves out.
    skipped: u64,
}

impl<'a, T: Clone + Send + Sync + 'static> PendingCommit<'a, T> {
    #[inline]
    pub(super) fn new(
        cell: &'a Arc<Cell<T>>,
        core: Locked<'a, T>,
        write: &'a mut dyn CellWrite<T>,
        origins: &'a [Origin],
        deferred: &'a mut DeferredDrops<T>,
    ) -> Self {
        Self { cell, core: Some(core), write, origins, deferred, applied: false, skipped: 0 }
    }

    /// A write that is made already.
    pub(super) fn made(
        cell: &'a Arc<Cell<T>>,
        core: Locked<'a, T>,
        write: &'a mut dyn CellWrite<T>,
        origins: &'a [Origin],
        deferred: &'a mut DeferredDrops<T>,
        skipped: u64,
    ) -> Self {
        Self { cell, core: Some(core), write, origins, deferred, applied: true, skipped }
    }

    /// Makes the write and finds the subscribers that it affects.
    #[inline]
    pub(super) fn make(&mut self, affected: &mut Affected<T>) {
        let Core { state, index, cache, recorder, .. } =
            &mut **self.core.as_mut().expect(UNCOMMITTED);
        let DeferredDrops { replaced, rare } = &mut *self.deferred;
        let mut matching = Matching::new(index, cache, affected, rare);
        // Where readers of every commit alone are affected, nothing is compared.
        if !matching.wants_record() || matching.is_watched(self.write.node()) {
            self.write.diff(state, &mut |diff| matching.compare(diff, state));
        }
        if matching.wants_record() {
            let applied = &mut self.applied;
            let settled =
                make_recorded(self.write, state, recorder, replaced, &mut matching, applied);
            if settled.is_some() {
                rare.get_or_insert_default().settled = settled;
            }
            return self.keep_unless_taken(affected);
        }
        let settled = apply(self.write, state, OldState::Replaced, recorder, replaced);
        self.applied = true;
        matching.compare_captured(state);
        if settled.is_some() {
            rare.get_or_insert_default().settled = settled;
        }
    }

    /// Makes the write, if it sets one value and readers of every commit alone observe it.
    pub(super) fn make_set(&mut self, affected: &mut Affected<T>) -> Swapped {
        let Core { state, index, cache, recorder, .. } =
            &mut **self.core.as_mut().expect(UNCOMMITTED);
        if !recorder.has_readers() || !index.watches_all() || index.is_watched(self.write.node()) {
            return Swapped::Refused;
        }
        let Some(target) = Arc::get_mut(state) else { return Swapped::Refused };
        let swapped = recorder.set(self.write, target);
        self.applied = swapped == Swapped::Made;
        if self.applied {
            Matching::new(index, cache, affected, &mut self.deferred.rare);
            self.keep_unless_taken(affected);
        }
        swapped
    }

    /// Keeps the record beyond the lock, unless its only reader will take the record.
    fn keep_unless_taken(&mut self, affected: &Affected<T>) {
        if !affected.is_one_reader() {
            self.share_record();
        }
    }

    /// Takes the record of the commit.
    pub(super) fn take_record(&mut self) -> Recorded {
        let made = self.core.as_mut().expect(UNCOMMITTED).recorder.take_made();
        match &mut self.deferred.rare {
            Some(rare) if !made.is_some() => std::mem::take(&mut rare.recorded),
            _ => made,
        }
    }

    /// Keeps the record of the commit for several readers, beyond the lock.
    pub(super) fn share_record(&mut self) {
        let Some(core) = &mut self.core else { return };
        let made = core.recorder.take_made();
        if made.is_some() {
            self.deferred.keep_record(made.for_several());
        }
    }

    /// Whether this thread is inside no other cell, so that it may deliver.
    #[inline]
    pub(super) fn is_outermost(&self) -> bool {
        self.core().is_outermost()
    }

    /// Captures the new values of the affected subscribers, in the order of delivery.
    pub(super) fn capture(&self, affected: &Affected<T>, batch: &mut Batch) {
        let mut turns = Turns::new();
        while let Some(set) = affected.get(turns.len()) {
            turns.push((set.phase() == Phase::Usual, set.serial(), turns.len()));
        }
        turns.sort_unstable();
        for (.., number) in turns {
            if let Some(subscribers) = affected.get(number) {
                batch.push(subscribers.capture(self.state(), &self.info()), subscribers.phase());
            }
        }
    }

    /// Makes the write visible, which releases the lock, and runs `notify` as the drainer.
    /// The caller has seen that the role is free.
    #[inline]
    pub(super) fn commit(&mut self, notify: impl FnOnce(&Delivered<'_, T>)) {
        let (cell, origins) = (self.cell, self.origins);
        let mut core = self.core.take().expect(UNCOMMITTED);
        core.version += 1 + self.skipped;
        let version = core.version;
        cell.begin_delivery();
        drop(core);
        let delivered = Delivered::new(cell, version, origins);
        cell.deliver_alone(FeedbackCause::present(), || notify(&delivered));
    }

    /// Makes the write visible: releases the lock.
    #[inline]
    pub(super) fn release(&mut self) {
        if let Some(mut core) = self.core.take() {
            core.version += 1 + self.skipped;
        }
    }

    /// The written state.
    #[inline]
    pub(super) fn state(&self) -> &Arc<T> {
        &self.core().state
    }

    /// The version that the commit makes.
    #[inline]
    pub(super) fn version(&self) -> u64 {
        self.core().version + 1 + self.skipped
    }

    #[inline]
    pub(super) fn info(&self) -> CommitInfo<'_, T> {
        let remains = self.deferred.rare.as_deref().map(|rare| rare as &dyn Remains<T>);
        CommitInfo {
            from: self.core().version,
            version: self.version(),
            origins: self.origins,
            remains,
        }
    }

    #[inline]
    fn core(&self) -> &Locked<'a, T> {
        self.core.as_ref().expect(UNCOMMITTED)
    }
}

/// Makes a write that a reader of changes observes. Returns the state that the last record
/// releases.
///
/// Apart from [`PendingCommit::make`], whose frame would be larger for all other writes.
#[inline(never)]
fn make_recorded<T: Clone + Send + Sync + 'static>(
    write: &mut dyn CellWrite<T>,
    state: &mut Arc<T>,
    recorder: &mut Recorder,
    replaced: &mut Option<Arc<T>>,
    matching: &mut Matching<'_, dyn AnySubscriberSet<T>>,
    applied: &mut bool,
) -> Option<AnyState> {
    if let Some(target) = Arc::get_mut(state)
        && recorder.set(write, target) == Swapped::Made
    {
        *applied = true;
        matching.compare_captured(state);
        return None;
    }
    let begun = recorder.begin(write, state);
    let settled = apply(write, state, begun.old_state(), recorder, replaced);
    *applied = true;
    matching.compare_captured(state);
    recorder.finish(begun, replaced.as_ref(), state);
    settled
}

/// Makes `write`: in place, unless the state is shared or must be kept. Returns the state that the
/// last record releases.
#[inline]
fn apply<T: Clone + Send + Sync + 'static>(
    write: &mut dyn CellWrite<T>,
    state: &mut Arc<T>,
    old: OldState,
    recorder: &mut Recorder,
    replaced: &mut Option<Arc<T>>,
) -> Option<AnyState> {
    match Arc::get_mut(state) {
        Some(state) if old == OldState::Replaced => {
            write.swap(state);
            None
        }
        _ => apply_to_shared(write, state, old, recorder, replaced),
    }
}

#[cold]
fn apply_to_shared<T: Clone + Send + Sync + 'static>(
    write: &mut dyn CellWrite<T>,
    state: &mut Arc<T>,
    old: OldState,
    recorder: &mut Recorder,
    replaced: &mut Option<Arc<T>>,
) -> Option<AnyState> {
    let settled = recorder.settle();
    match Arc::get_mut(state) {
        Some(state) if old == OldState::Replaced => write.swap(state),
        _ => *replaced = Some(replace(write, state)),
    }
    settled
}

impl<T: 'static> PendingCommit<'_, T> {
    /// Takes the write back, and releases the lock.
    #[cold]
    pub(super) fn take_back(&mut self) {
        let Some(mut core) = self.core.take() else { return };
        if self.applied {
            let undone = undo(self.write, &mut core.state, self.deferred.replaced.take());
            self.deferred.keep_undone(undone, core.recorder.take_made());
        }
    }
}

const UNCOMMITTED: &str = "a pending commit is used before it is released";

impl<T: 'static> Drop for PendingCommit<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.core.is_some() {
            self.take_back();
        }
    }
}
