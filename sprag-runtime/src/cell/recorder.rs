//! [`Recorder`]: records what writes do as data, while a subscriber reads changes.

use std::any::Any;
use std::sync::{Arc, Weak};

use super::write::{CellWrite, OldState};
use crate::delta::{Known, PlainPlace, Record, RecordedOp, Recording};

/// The operations of one commit, if it was recorded.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Recorded<T>(pub(crate) Option<Arc<Record<T>>>);

/// The operations of a transaction's writes so far.
pub(super) type Ops = Vec<RecordedOp>;

/// Guarded by `Cell::core`.
pub(super) struct Recorder<T> {
    /// Set by the first reader that knows the shape of the state.
    root: Option<Known>,
    /// The number of sets whose subscribers read changes.
    readers: usize,
    /// The last place at which a value was set.
    plain: Option<PlainPlace>,
    /// The last record, which may hold the present state.
    last: Weak<Record<T>>,
}

/// A record whose write is about to be made.
pub(super) enum Begun {
    Nothing,
    Places(Recording),
    /// The write may change anything: two states are compared later.
    Whole(Known),
}

impl Begun {
    /// The fate of the state before the write.
    pub(super) fn old_state(&self) -> OldState {
        match self {
            Self::Whole(_) => OldState::Kept,
            Self::Nothing | Self::Places(_) => OldState::Replaced,
        }
    }
}

impl<T> Clone for Recorded<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Recorded<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for Recorder<T> {
    fn default() -> Self {
        Self { root: None, readers: 0, plain: None, last: Weak::new() }
    }
}

impl<T> Recorder<T> {
    /// A set whose subscribers read changes is linked.
    pub(super) fn add_reader(&mut self) {
        self.readers += 1;
    }

    /// Such a set is unlinked.
    pub(super) fn remove_reader(&mut self) {
        self.readers = self.readers.saturating_sub(1);
    }
}

impl<T: Send + Sync + 'static> Recorder<T> {
    /// Records all later writes.
    pub(super) fn start(&mut self, root: Known) {
        self.root = Some(root);
    }

    pub(super) fn begin(&mut self, write: &dyn CellWrite<T>, state: &T) -> Begun {
        let Some(root) = self.root else { return Begun::Nothing };
        match write.footprints(state) {
            Some(footprints) => {
                let plain = &mut self.plain;
                let state = state as &dyn Any;
                Begun::Places(Recording::begin(root, plain, footprints, state))
            }
            None => Begun::Whole(root),
        }
    }

    /// Records the write, now that it is made. `old` is the state before, if it is kept.
    pub(super) fn finish(
        &mut self,
        begun: Begun,
        old: Option<&Arc<T>>,
        state: &Arc<T>,
    ) -> Recorded<T> {
        let record = match (begun, old) {
            (Begun::Places(recording), _) => {
                let root = recording.root();
                Record::of_ops(root, recording.finish(&**state as &dyn Any))
            }
            (Begun::Whole(root), Some(old)) => {
                Record::of_states(root, Arc::clone(old), Arc::clone(state))
            }
            (Begun::Whole(_) | Begun::Nothing, _) => return Recorded(None),
        };
        let record = Arc::new(record);
        self.last = Arc::downgrade(&record);
        Recorded(Some(record))
    }

    /// Whether writes of a transaction are recorded.
    #[inline]
    pub(super) fn has_readers(&self) -> bool {
        self.readers > 0
    }

    /// Reads the values that a write of a transaction is about to change, if a subscriber
    /// reads changes.
    pub(super) fn begin_in_place(&mut self, write: &dyn CellWrite<T>, state: &T) -> Option<Begun> {
        self.has_readers().then(|| self.begin(write, state))
    }

    /// Appends the effect of that write, once it is made.
    pub(super) fn finish_in_place(&self, begun: Begun, state: &T, ops: &mut Ops) {
        if let Begun::Places(recording) = begun {
            ops.extend(recording.finish(state as &dyn Any));
        }
    }

    /// Records the effects of a transaction's writes.
    pub(super) fn record(&mut self, ops: Ops) -> Recorded<T> {
        let Some(root) = self.root else { return Recorded(None) };
        let record = Arc::new(Record::of_ops(root, ops.into()));
        self.last = Arc::downgrade(&record);
        Recorded(Some(record))
    }

    /// Makes the last record release the present state, so that a write need not clone the
    /// state. Returns the state to be dropped after the lock.
    pub(super) fn settle(&mut self) -> Option<Arc<T>> {
        std::mem::take(&mut self.last).upgrade()?.settle()
    }
}
