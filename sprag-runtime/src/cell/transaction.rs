//! A transaction on a cell: its writes are made in place, one after another, and are
//! committed together or reverted together.
//!
//! Every write stays in the [`Journal`] with the value that it replaced, so the cost of a
//! transaction is that of its writes, and the state is cloned only while a snapshot is
//! held.

mod journal;
mod overlap;
mod spare;
mod target;
mod writes;

use std::any::Any;
use std::convert::Infallible;
use std::mem::needs_drop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use self::journal::Journal;
pub(super) use self::spare::SpareJournal;
use self::target::WriteTarget;
use super::core::{Core, Locked, SubscriberIndex};
use super::index::{Matching, Undecided};
use super::origin::Origin;
use super::pending::{Affected, DeferredDrops, PendingCommit};
use super::recorder::{Begun, Recorder};
#[cfg(feature = "serde")]
use super::write::StepAt;
use super::write::{
    CellWrite, EntriesAt, EntryWrite, PatchAt, Reversible, SetPlace, WrittenPlace, absent,
};
#[cfg(feature = "serde")]
use crate::delta::{DeltaStep, Known, StepFailure};
use crate::error::Absent;
use crate::path::{Collection, PatchDiff, Walk};

/// The state while a transaction writes to it.
pub(crate) struct InPlace<'a, T: 'static> {
    state: WriteTarget<'a, T>,
    index: &'a SubscriberIndex<T>,
    recorder: &'a mut Recorder,
    journal: &'a mut Journal<T>,
}

impl<T: Clone + Send + Sync + 'static> InPlace<'_, T> {
    /// The state with the writes so far.
    pub(crate) fn state(&self) -> &T {
        self.state.get()
    }

    /// From now on there is something to commit, even if nothing is written.
    #[cfg(feature = "serde")]
    pub(crate) fn commit_anyway(&mut self) {
        self.journal.commit_anyway();
    }

    /// The commit leaves `count` versions out.
    #[cfg(feature = "serde")]
    pub(crate) fn skip_versions(&mut self, count: u64) {
        self.journal.skipped = count;
    }

    /// Makes a write that is prepared.
    pub(crate) fn make<W: CellWrite<T> + 'static>(&mut self, write: W) {
        let Ok(()) = self.try_make(write, |write, state| {
            write.swap(state);
            Ok::<(), Infallible>(())
        });
    }

    /// Makes a write that is prepared by `make`, which changes nothing where it fails.
    fn try_make<W: CellWrite<T> + 'static, E>(
        &mut self,
        write: W,
        make: impl FnOnce(&mut W, &mut T) -> Result<(), E>,
    ) -> Result<(), E> {
        let begun = self.begin(&write);
        let target = self.state.own(self.recorder, &mut self.journal.replaced);
        let mut write = write;
        if let Err(error) = make(&mut write, target) {
            self.journal.discarded.push(Box::new(write));
            return Err(error);
        }
        self.journal.push(write);
        self.finish(begun);
        Ok(())
    }

    /// The facts of the state before a write, for its subscribers and readers of changes.
    fn begin(&mut self, write: &dyn CellWrite<T>) -> (Vec<WrittenPlace>, Option<Begun>) {
        let state = self.state.get();
        let edits = journal::edits(self.index, write, state);
        (edits, self.recorder.begin_in_place(write, state))
    }

    /// The rest of a write that is made.
    fn finish(&mut self, (edits, begun): (Vec<WrittenPlace>, Option<Begun>)) {
        let Self { state, recorder, journal, .. } = self;
        journal.watch_last(edits);
        let Some(begun) = begun else { return };
        let target = state.own(recorder, &mut journal.replaced);
        let ops = &mut journal.ops;
        let finish = || recorder.finish_in_place(begun, target, ops);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(finish)) {
            // A commit whose ops lack a write would be wrong for every reader.
            journal.take_back_last(target);
            resume_unwind(panic);
        }
    }

    /// Makes a step, if the state is as the step expects it.
    #[cfg(feature = "serde")]
    pub(crate) fn step(&mut self, root: Known, step: DeltaStep) -> Result<(), StepFailure> {
        let equal = root.at(&step.route.hops).abilities.eq;
        self.try_make(StepAt::new(step, equal), |write, state| write.make(state))
    }

    /// Sets the value that `walk` leads to. Returns a clone of the old one.
    pub(crate) fn set<W>(&mut self, walk: &W, value: W::Value) -> Result<W::Value, Absent>
    where
        W: Walk<T, Value: Clone + PartialEq>,
    {
        if let Some((state, journal)) = self.unobserved(walk) {
            let owned = walk.owned();
            if let Some(place) = walk.get_mut(state, &mut W::Discarded::default()) {
                let old = place.clone();
                journal.push(SetPlace::new(owned, Some(std::mem::replace(place, value))));
                return Ok(old);
            }
        }
        let Some(old) = walk.get(self.state()).cloned() else {
            self.discard(value);
            return Err(absent(walk));
        };
        self.make(SetPlace::new(walk.owned(), Some(value)));
        Ok(old)
    }

    /// The state and the journal, if a write need not check anything: the place has no
    /// observers, no snapshot is held, and the walk leaves nothing behind.
    #[inline]
    fn unobserved<W: Walk<T>>(&mut self, walk: &W) -> Option<(&mut T, &mut Journal<T>)> {
        let is_observed = self.index.is_watched(Some(walk.node())) || self.recorder.has_readers();
        if is_observed || needs_drop::<W::Discarded>() {
            return None;
        }
        Some((self.state.if_own()?, self.journal))
    }

    /// Changes a clone of the value that `walk` leads to, and sets it.
    pub(crate) fn update<W, U>(
        &mut self,
        walk: &W,
        f: impl FnOnce(&mut W::Value) -> U,
    ) -> Result<U, Absent>
    where
        W: Walk<T, Value: Clone + PartialEq>,
    {
        let Some(mut value) = walk.get(self.state()).cloned() else { return Err(absent(walk)) };
        match catch_unwind(AssertUnwindSafe(|| f(&mut value))) {
            Ok(result) => {
                self.make(SetPlace::edit(walk.owned(), Some(value)));
                Ok(result)
            }
            Err(panic) => {
                self.discard(value);
                resume_unwind(panic)
            }
        }
    }

    /// Merges `patch` into the struct that `walk` leads to.
    pub(crate) fn patch<W, P>(&mut self, walk: &W, patch: P) -> Result<(), Absent>
    where
        W: Walk<T>,
        P: PatchDiff<W::Value> + 'static,
    {
        let is_there = walk.get(self.state()).is_some();
        if is_there && !patch.is_empty() {
            self.make(PatchAt::new(walk.owned(), patch));
        } else {
            self.discard(patch);
        }
        if is_there { Ok(()) } else { Err(absent(walk)) }
    }

    /// Makes `operation` on the collection that `walk` leads to.
    pub(crate) fn run<W, C, O>(&mut self, walk: &W, mut operation: O) -> Result<O::Output, Absent>
    where
        W: Walk<T, Value = C>,
        C: Collection,
        O: Reversible<C>,
    {
        if let Some((state, journal)) = self.unobserved(walk)
            && let Some(collection) = walk.get_mut(state, &mut W::Discarded::default())
        {
            if operation.prepare(collection) {
                let output = operation.output(collection);
                let mut write = operation.reversal();
                write.swap(collection);
                journal.push(EntriesAt::new(walk.owned(), write));
                return Ok(output);
            }
            let (output, leftover) = operation.finish();
            self.discard(leftover);
            return Ok(output);
        }
        let collection = walk.get(self.state.get());
        if let Some(collection) = collection
            && operation.prepare(collection)
        {
            let output = operation.output(collection);
            self.make(EntriesAt::new(walk.owned(), operation.reversal()));
            return Ok(output);
        }
        let is_there = collection.is_some();
        let (output, leftover) = operation.finish();
        self.discard(leftover);
        if is_there {
            return Ok(output);
        }
        self.discard(output);
        Err(absent(walk))
    }

    /// Keeps a value of the user's until after the lock.
    pub(crate) fn discard<V: 'static>(&mut self, value: V) {
        if needs_drop::<V>() {
            self.journal.discarded.push(Box::new(value) as Box<dyn Any>);
        }
    }
}

/// A transaction that is not committed yet. Dropping it takes the writes back.
pub(super) struct OpenTransaction<'a, T: 'static> {
    /// `None` once it is pending.
    core: Option<Locked<'a, T>>,
    /// `None` once it is pending.
    journal: Option<&'a mut Journal<T>>,
}

impl<'a, T: Clone + Send + Sync + 'static> OpenTransaction<'a, T> {
    pub(super) fn new(core: Locked<'a, T>, journal: &'a mut Journal<T>) -> Self {
        Self { core: Some(core), journal: Some(journal) }
    }

    fn parts(&mut self) -> (&mut Core<T>, &mut Journal<T>) {
        let core = self.core.as_mut().expect(PENDING);
        (core, self.journal.as_mut().expect(PENDING))
    }

    /// The version before the transaction, and the state to write to.
    pub(super) fn in_place(&mut self) -> (u64, InPlace<'_, T>) {
        let (core, journal) = self.parts();
        let Core { state, version, index, recorder, .. } = core;
        (*version, InPlace { state: WriteTarget::new(state), index, recorder, journal })
    }

    /// Whether there is nothing to commit.
    pub(super) fn is_untouched(&mut self) -> bool {
        self.parts().1.is_untouched()
    }

    /// Commits, if no subscriber can be affected. Returns the version that this made.
    pub(super) fn commit_unwatched(&mut self) -> Option<u64> {
        let (core, journal) = self.parts();
        if core.index.watches_all() || !journal.is_unwatched() {
            return None;
        }
        core.version += 1 + journal.skipped;
        let version = core.version;
        self.core = None;
        Some(version)
    }

    /// Finds the subscribers that the writes affect.
    pub(super) fn find(&mut self, affected: &mut Affected<T>, deferred: &mut DeferredDrops<T>) {
        let (core, journal) = self.parts();
        let Core { state, index, cache, recorder, .. } = core;
        let undecided = &mut Undecided::default();
        let captured = deferred.captured();
        let mut matching = Matching::of_made(index, cache, affected, captured, undecided);
        match &journal.replaced.state {
            Some(old) => {
                journal.diff(state, &mut |diff| matching.compare(diff, state));
                matching.compare_undecided(old, state);
                journal.diff(state, &mut |diff| matching.touch(&diff, old));
            }
            None => {
                journal.compare(state, &mut |diff| matching.compare(diff, state));
                if matching.has_undecided() {
                    journal.swap(journal::only_owner(state));
                    matching.capture_undecided(state);
                    journal.diff(state, &mut |diff| matching.touch(&diff, state));
                    journal.swap(journal::only_owner(state));
                }
            }
        }
        matching.compare_captured(state);
        if affected.wants_record() {
            deferred.keep_record(recorder.record(std::mem::take(&mut journal.ops)));
        }
    }

    /// The rest of the commit.
    pub(super) fn into_pending(
        mut self,
        cell: &'a Arc<super::Cell<T>>,
        origins: &'a [Origin],
        deferred: &'a mut DeferredDrops<T>,
    ) -> PendingCommit<'a, T> {
        let core = self.core.take().expect(PENDING);
        let journal = self.journal.take().expect(PENDING);
        let skipped = journal.skipped;
        PendingCommit::made(cell, core, journal, origins, deferred, skipped)
    }
}

const PENDING: &str = "a transaction is used before it is pending";

impl<T: 'static> Drop for OpenTransaction<'_, T> {
    fn drop(&mut self) {
        if let (Some(core), Some(journal)) = (&mut self.core, &mut self.journal) {
            journal.revert(&mut core.state);
        }
    }
}
