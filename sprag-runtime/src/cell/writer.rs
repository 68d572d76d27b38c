//! The writing half of a cell: from a write to its commit.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::Cell;
use super::core::{Core, Locked};
use super::delivery::Batch;
use super::feedback;
use super::origin::Origin;
use super::pending::{Affected, DeferredDrops, PendingCommit};
use super::transaction::{InPlace, OpenTransaction, SpareJournal};
use super::write::{CellWrite, CheckedWrite, Draft, Swapped, replace};

/// Whether the preparation of a write runs code of the user's under the lock.
#[derive(Clone, Copy, PartialEq)]
enum UsersCode {
    None,
    Runs,
}

/// Writes to a cell; its commits carry origins.
pub(crate) struct Writer<'a, T: 'static> {
    cell: &'a Arc<Cell<T>>,
    origins: &'a [Origin],
}

impl<T> Clone for Writer<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Writer<'_, T> {}

impl<'a, T: Clone + Send + Sync + 'static> Writer<'a, T> {
    #[cfg(feature = "serde")]
    pub(crate) fn version(self) -> u64 {
        self.cell.version()
    }

    #[cfg(feature = "serde")]
    pub(crate) fn snapshot(self) -> Arc<T> {
        self.cell.snapshot()
    }

    /// Commits `write`, if its [`prepare`](Write::prepare) finds something to commit.
    /// Returns the version that the commit made.
    ///
    /// The write stays with the caller, who drops its contents after the lock.
    #[inline]
    pub(crate) fn write<W: CheckedWrite<T>>(self, write: &mut W) -> Option<u64> {
        if self.cell.needs_attention() {
            if write.only_checks_the_place() {
                return self.set_observed(write);
            }
            self.cell.unlink_orphans();
        }
        let code = if write.is_plain() { UsersCode::None } else { UsersCode::Runs };
        self.prepare_and_commit(code, write, |state, write| write.prepare(state))
    }

    /// Like [`write`](Self::write), with a preparation of the caller's in place of the
    /// write's own.
    #[inline]
    pub(crate) fn write_with<W: CellWrite<T>>(
        self,
        write: &mut W,
        prepare: impl FnOnce(&T, &mut W) -> bool,
    ) -> Option<u64> {
        self.cell.unlink_orphans();
        self.prepare_and_commit(UsersCode::Runs, write, prepare)
    }

    /// Callers have unlinked the orphans.
    #[inline]
    fn prepare_and_commit<W: CellWrite<T>>(
        self,
        code: UsersCode,
        write: &mut W,
        prepare: impl FnOnce(&T, &mut W) -> bool,
    ) -> Option<u64> {
        let cell = self.cell;
        feedback::refuse(&cell.name);
        let mut core = cell.lock();
        if code == UsersCode::Runs {
            core.enter(cell.id);
        }
        if !prepare(&core.state, write) {
            return None;
        }
        if core.index.is_affected(write.node()) {
            return Some(self.commit_and_deliver(core, write));
        }
        let Core { state, version, .. } = &mut *core;
        let Some(state) = Arc::get_mut(state) else {
            return Some(self.commit_on_a_copy(core, write));
        };
        write.swap(state);
        *version += 1;
        Some(*version)
    }

    /// A set that readers of changes may observe. If they alone do, the place is looked up
    /// once.
    #[inline(never)]
    fn set_observed(self, write: &mut dyn CheckedWrite<T>) -> Option<u64> {
        let cell = self.cell;
        feedback::refuse(&cell.name);
        cell.unlink_orphans();
        let (mut deferred, mut affected) = (DeferredDrops::default(), Affected::default());
        let mut core = cell.lock();
        core.enter(cell.id);
        let mut pending = PendingCommit::new(cell, core, &mut *write, self.origins, &mut deferred);
        match pending.make_set(&mut affected) {
            Swapped::Made => return Some(self.deliver(&mut pending, &affected)),
            Swapped::Absent => return None,
            Swapped::Refused => drop(pending),
        }
        let mut core = cell.lock();
        core.enter(cell.id);
        let exists = write.prepare(&core.state);
        exists.then(|| self.commit_and_deliver(core, write))
    }

    /// The rest of a write that affects no subscriber, while a snapshot is held.
    #[cold]
    fn commit_on_a_copy(self, core: Locked<'a, T>, write: &mut dyn CellWrite<T>) -> u64 {
        // Declared before the lock is moved into this function, so that it is dropped
        // after the lock.
        let (mut _replaced, mut _settled) = (None, None);
        let mut core = core;
        // The user's `Clone` makes the copy.
        core.enter(self.cell.id);
        _settled = core.recorder.settle();
        match Arc::get_mut(&mut core.state) {
            Some(state) => write.swap(state),
            None => _replaced = Some(replace(write, &mut core.state)),
        }
        core.version += 1;
        core.version
    }

    /// The rest of a write that may affect subscribers.
    fn commit_and_deliver(self, core: Locked<'a, T>, write: &mut dyn CellWrite<T>) -> u64 {
        // A panic in the drop of the old state reaches the caller, after the delivery.
        let (mut deferred, mut affected) = (DeferredDrops::default(), Affected::default());
        let mut core = core;
        core.enter(self.cell.id);
        let mut pending = PendingCommit::new(self.cell, core, write, self.origins, &mut deferred);
        pending.make(&mut affected);
        self.deliver(&mut pending, &affected)
    }

    /// Commits the writes so far, and notifies. Returns the version of the commit.
    ///
    /// Inlined, since a call would cost a tenth of a small write.
    #[inline(always)]
    fn deliver(self, pending: &mut PendingCommit<'_, T>, affected: &Affected<T>) -> u64 {
        let version = pending.version();
        match affected.only() {
            None if affected.is_empty() => pending.release(),
            Some(only) if pending.is_outermost() && self.cell.delivery.is_free() => {
                only.notify_directly(pending);
            }
            _ => self.commit_and_enqueue(pending, affected),
        }
        version
    }

    /// Runs `f` with the version and the state to write to, and commits its writes as one;
    /// `None` instead of a version if there are none. If `f` fails or panics, its writes
    /// are reverted.
    pub(crate) fn transact<U, E>(
        self,
        f: impl FnOnce(u64, InPlace<'_, T>) -> Result<U, E>,
    ) -> Result<(U, Option<u64>), E> {
        let cell = self.cell;
        feedback::refuse(&cell.name);
        cell.unlink_orphans();
        let (mut deferred, mut affected) = (DeferredDrops::default(), Affected::default());
        let mut journal = SpareJournal::of_thread();
        let mut core = cell.lock();
        core.enter(cell.id);
        let mut open = OpenTransaction::new(core, journal.journal());
        let (version, in_place) = open.in_place();
        let value = f(version, in_place)?;
        if open.is_untouched() {
            return Ok((value, None));
        }
        if let Some(version) = open.commit_unwatched() {
            return Ok((value, Some(version)));
        }
        open.find(&mut affected, &mut deferred);
        let mut pending = open.into_pending(cell, self.origins, &mut deferred);
        let version = self.deliver(&mut pending, &affected);
        Ok((value, Some(version)))
    }

    /// Commits a write that affects several sets of subscribers, or that cannot be
    /// delivered at once.
    fn commit_and_enqueue(self, pending: &mut PendingCommit<'_, T>, affected: &Affected<T>) {
        let mut batch = Batch::new(pending.version(), self.origins);
        pending.share_record();
        let capture = || pending.capture(affected, &mut batch);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(capture)) {
            // A write in place can only be reverted while nothing else holds the state.
            let values = batch.discard();
            pending.take_back();
            drop(values);
            resume_unwind(panic);
        }
        self.cell.deliver(batch, || pending.release());
    }

    /// Replaces the state by one that is built from a clone: the engine of `update` and
    /// `try_update`.
    pub(crate) fn rewrite<U, E>(self, f: impl FnOnce(&mut T) -> Result<U, E>) -> Result<U, E> {
        let mut draft = Draft::default();
        // `f` stays in this frame, so that its captures are dropped after the lock.
        let (mut f, mut result) = (Some(f), None);
        self.write_with(&mut draft, |state, draft| {
            let next = draft.begin(state);
            result = f.take().map(|f| f(next));
            matches!(result, Some(Ok(_)))
        });
        result.expect("`write` runs its preparation")
    }
}

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// The writing half, for commits that carry `origins`.
    #[inline]
    pub(crate) fn writer<'a>(self: &'a Arc<Self>, origins: &'a [Origin]) -> Writer<'a, T> {
        Writer { cell: self, origins }
    }
}
