//! [`Recorder`]: records what writes do as data, while a subscriber reads changes.

use std::any::Any;
use std::sync::{Arc, Weak};

use super::write::{CellWrite, OldState, Swapped};
use crate::delta::{
    Footprints, HeldRecord, Known, PlainPlace, Record, RecordedOp, Recording, SetRecord,
    TracedPlaces,
};
use crate::path::{Hops, WalkTrace};

/// The operations of one commit, if it was recorded.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Recorded<T>(pub(crate) Option<HeldRecord<T>>);

/// The operations of a transaction's writes so far.
pub(super) type Ops = Vec<RecordedOp>;

/// Guarded by `Cell::core`.
pub(super) struct Recorder<T> {
    /// Set by the first reader that knows the shape of the state.
    root: Option<&'static Known>,
    /// The number of sets whose subscribers read changes.
    readers: usize,
    /// The last place at which a value was set by its hops.
    plain: Option<Arc<PlainPlace>>,
    /// The places at which values were set by their traces.
    traced: TracedPlaces,
    /// The last record, which may hold the present state.
    last: Weak<Record<T>>,
    /// The record of the commit that is being made, until it is captured.
    made: Recorded<T>,
}

/// A record whose write is about to be made.
pub(super) enum Begun {
    Nothing,
    Places(Recording),
    /// The write may change anything: two states are compared later.
    Whole(&'static Known),
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

impl<T> Recorded<T> {
    pub(super) fn is_some(&self) -> bool {
        self.0.is_some()
    }
}

impl<T: Send + Sync + 'static> Recorded<T> {
    fn shared(record: Arc<Record<T>>) -> Self {
        Self(Some(HeldRecord::Shared(record)))
    }

    /// The same for several readers.
    pub(super) fn for_several(self) -> Self {
        Self(self.0.map(|record| HeldRecord::Shared(record.into_shared())))
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
        Self {
            root: None,
            readers: 0,
            plain: None,
            traced: TracedPlaces::default(),
            last: Weak::new(),
            made: Recorded(None),
        }
    }
}

impl<T> Recorder<T> {
    /// A set whose subscribers read changes is linked.
    pub(super) fn add_reader(&mut self) {
        self.readers += 1;
    }

    /// Takes the record of the commit that is being made.
    #[inline]
    pub(super) fn take_made(&mut self) -> Recorded<T> {
        std::mem::take(&mut self.made)
    }

    /// Such a set is unlinked.
    pub(super) fn remove_reader(&mut self) {
        self.readers = self.readers.saturating_sub(1);
    }
}

impl<T: Send + Sync + 'static> Recorder<T> {
    /// Records all later writes.
    pub(super) fn start(&mut self, root: &'static Known) {
        self.root = Some(root);
    }

    pub(super) fn begin(&mut self, write: &dyn CellWrite<T>, state: &T) -> Begun {
        let Some(root) = self.root else { return Begun::Nothing };
        match write.footprints(state) {
            Some(footprints) => {
                let mut origin = None;
                let trace = self.traced.trace(|hops| origin = write.way(hops));
                let trace = trace.filter(|_| origin.is_some());
                Begun::Places(self.begin_places(root, trace, footprints, state))
            }
            None => Begun::Whole(root),
        }
    }

    /// Makes `write` and records it, if it sets one value at a place at which a set is exact.
    /// The record holds no state, so there is nothing to settle.
    pub(super) fn set(&mut self, write: &mut dyn CellWrite<T>, state: &mut T) -> Swapped {
        let (Some(root), mut origin) = (self.root, None) else { return Swapped::Refused };
        let place = self.traced.find(|hops| origin = write.way(hops));
        let (Some(place), Some(origin)) = (place, origin) else { return Swapped::Refused };
        let (traced, made) = (&self.traced, &mut self.made.0);
        write.swap_accepted(state, &mut |set| {
            let mut record = SetRecord::begin(root, place, origin);
            if !record.set_mut().put_values(set.old, set.new, set.put_scalars) {
                return false;
            }
            let keys = record.set_mut().keys_mut();
            if !traced.put_keys(keys) {
                *keys = Hops::keys(set.way);
            }
            *made = Some(HeldRecord::of_set(record));
            true
        })
    }

    /// Begins to record; keeps the place of a set if the set is exact.
    fn begin_places(
        &mut self,
        root: &'static Known,
        trace: Option<WalkTrace>,
        footprints: Footprints<'_>,
        state: &T,
    ) -> Recording {
        let last = trace.as_ref().and_then(|_| self.plain.take());
        let state = state as &dyn Any;
        let recording = Recording::begin(root, &mut self.plain, footprints, state);
        if let Some((trace, place)) = trace.zip(self.plain.clone()) {
            self.traced.keep(root, trace, &place);
        }
        self.plain = self.plain.take().or(last);
        recording
    }

    /// Records the write, now that it is made. `old` is the state before, if it is kept.
    pub(super) fn finish(&mut self, begun: Begun, old: Option<&Arc<T>>, state: &Arc<T>) {
        let record = match (begun, old) {
            (Begun::Places(recording), _) => {
                let root = recording.root();
                Record::of_ops(root, recording.finish(&**state as &dyn Any))
            }
            (Begun::Whole(root), Some(old)) => {
                Record::of_states(root, Arc::clone(old), Arc::clone(state))
            }
            (Begun::Whole(_) | Begun::Nothing, _) => return,
        };
        let record = Arc::new(record);
        self.last = Arc::downgrade(&record);
        self.made = Recorded::shared(record);
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
        Recorded::shared(record)
    }

    /// Makes the last record release the present state, so that a write need not clone the
    /// state. Returns the state to be dropped after the lock.
    pub(super) fn settle(&mut self) -> Option<Arc<T>> {
        std::mem::take(&mut self.last).upgrade()?.settle()
    }
}
