//! [`Recorder`]: records what writes do as data, while a subscriber reads changes.

use std::any::Any;
use std::sync::{Arc, Weak};

use super::write::{CellWrite, OfferedSet, OldState, Swapped};
pub(super) use crate::delta::AnyState;
use crate::delta::{
    Footprints, HeldRecord, Known, PlainPlace, Record, RecordedOp, Recording, SetRecord,
    TracedPlaces, ValueOrigin,
};
use crate::path::{Hops, WalkTrace};

/// The operations of one commit, if it was recorded.
#[doc(hidden)]
#[derive(Clone, Default)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Recorded(pub(crate) Option<HeldRecord>);

/// The operations of a transaction's writes so far.
pub(super) type Ops = Vec<RecordedOp>;

/// Guarded by `Cell::core`.
pub(super) struct Recorder {
    /// Set by the first reader that knows the shape of the state.
    root: Option<&'static Known>,
    /// The number of sets whose subscribers read changes.
    readers: usize,
    /// The last place at which a value was set by its hops.
    plain: Option<Arc<PlainPlace>>,
    /// The places at which values were set by their traces.
    traced: TracedPlaces,
    /// The last record, which may hold the present state.
    last: Weak<Record>,
    /// The record of the commit that is being made, until it is captured.
    made: Recorded,
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

impl Default for Recorder {
    #[inline]
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

impl Recorded {
    #[inline]
    pub(super) fn is_some(&self) -> bool {
        self.0.is_some()
    }
}

impl Recorded {
    fn shared(record: Arc<Record>) -> Self {
        Self(Some(HeldRecord::Shared(record)))
    }

    /// The same for several readers.
    pub(super) fn for_several(self) -> Self {
        Self(self.0.map(|record| HeldRecord::Shared(record.into_shared())))
    }
}

impl Recorder {
    /// A set whose subscribers read changes is linked.
    pub(super) fn add_reader(&mut self) {
        self.readers += 1;
    }

    /// Takes the record of the commit that is being made.
    #[inline]
    pub(super) fn take_made(&mut self) -> Recorded {
        std::mem::take(&mut self.made)
    }

    /// Such a set is unlinked.
    pub(super) fn remove_reader(&mut self) {
        self.readers = self.readers.saturating_sub(1);
    }
}

impl Recorder {
    /// Records all later writes.
    pub(super) fn start(&mut self, root: &'static Known) {
        self.root = Some(root);
    }

    pub(super) fn begin<T: 'static>(&mut self, write: &dyn CellWrite<T>, state: &T) -> Begun {
        let Some(root) = self.root else { return Begun::Nothing };
        match write.footprints(state) {
            Some(footprints) => {
                let trace = self.trace(&mut |hops| write.way(hops));
                Begun::Places(self.begin_places(root, trace, footprints, state))
            }
            None => Begun::Whole(root),
        }
    }

    /// The trace of a write that sets one value; `way` is [`CellWrite::way`].
    fn trace(
        &mut self,
        way: &mut dyn FnMut(&mut Hops) -> Option<ValueOrigin>,
    ) -> Option<WalkTrace> {
        let mut origin = None;
        let trace = self.traced.trace(|hops| origin = way(hops));
        trace.filter(|_| origin.is_some())
    }

    /// Makes `write` and records it, if it sets one value at a place at which a set is exact.
    /// The record holds no state, so there is nothing to settle.
    pub(super) fn set<T: 'static>(
        &mut self,
        write: &mut dyn CellWrite<T>,
        state: &mut T,
    ) -> Swapped {
        let Some((place, origin)) = self.find(&mut |hops| write.way(hops)) else {
            return Swapped::Refused;
        };
        write.swap_accepted(state, &mut |set| self.accept(place, origin, set))
    }

    fn find(
        &mut self,
        way: &mut dyn FnMut(&mut Hops) -> Option<ValueOrigin>,
    ) -> Option<(&'static PlainPlace, ValueOrigin)> {
        let mut origin = None;
        self.root?;
        let place = self.traced.find(|hops| origin = way(hops));
        Some((place?, origin?))
    }

    /// Records a set that is about to be made. Returns whether its values can be kept.
    fn accept(
        &mut self,
        place: &'static PlainPlace,
        origin: ValueOrigin,
        set: &OfferedSet<'_>,
    ) -> bool {
        let Some(root) = self.root else { return false };
        let mut record = SetRecord::begin(root, place, origin);
        if !record.set_mut().put_values(set.old, set.new, set.put_scalars) {
            return false;
        }
        let keys = record.set_mut().keys_mut();
        if !self.traced.put_keys(keys) {
            *keys = Hops::keys(set.way);
        }
        self.made.0 = Some(HeldRecord::of_set(record));
        true
    }

    /// Begins to record; keeps the place of a set if the set is exact.
    fn begin_places(
        &mut self,
        root: &'static Known,
        trace: Option<WalkTrace>,
        footprints: Footprints<'_>,
        state: &dyn Any,
    ) -> Recording {
        let last = trace.as_ref().and_then(|_| self.plain.take());
        let recording = Recording::begin(root, &mut self.plain, footprints, state);
        if let Some((trace, place)) = trace.zip(self.plain.clone()) {
            self.traced.keep(root, trace, &place);
        }
        self.plain = self.plain.take().or(last);
        recording
    }

    /// Records the write, now that it is made. `old` is the state before, if it is kept.
    pub(super) fn finish<T: Send + Sync + 'static>(
        &mut self,
        begun: Begun,
        old: Option<&Arc<T>>,
        state: &Arc<T>,
    ) {
        match (begun, old) {
            (Begun::Places(recording), _) => self.finish_places(recording, &**state),
            (Begun::Whole(root), Some(old)) => {
                let (old, new): (AnyState, AnyState) =
                    (Arc::clone(old) as _, Arc::clone(state) as _);
                self.made = self.share(Record::of_states(root, old, new));
            }
            (Begun::Whole(_) | Begun::Nothing, _) => {}
        }
    }

    fn finish_places(&mut self, recording: Recording, state: &dyn Any) {
        let root = recording.root();
        self.made = self.share(Record::of_ops(root, recording.finish(state)));
    }

    /// Makes a record the last one.
    fn share(&mut self, record: Record) -> Recorded {
        let record = Arc::new(record);
        self.last = Arc::downgrade(&record);
        Recorded::shared(record)
    }

    /// Whether writes of a transaction are recorded.
    #[inline]
    pub(super) fn has_readers(&self) -> bool {
        self.readers > 0
    }

    /// Reads the values that a write of a transaction is about to change, if a subscriber
    /// reads changes.
    pub(super) fn begin_in_place<T: 'static>(
        &mut self,
        write: &dyn CellWrite<T>,
        state: &T,
    ) -> Option<Begun> {
        self.has_readers().then(|| self.begin(write, state))
    }

    /// Appends the effect of that write, once it is made.
    pub(super) fn finish_in_place(&self, begun: Begun, state: &dyn Any, ops: &mut Ops) {
        if let Begun::Places(recording) = begun {
            ops.extend(recording.finish(state));
        }
    }

    /// Records the effects of a transaction's writes.
    pub(super) fn record(&mut self, ops: Ops) -> Recorded {
        let Some(root) = self.root else { return Recorded(None) };
        self.share(Record::of_ops(root, ops.into()))
    }

    /// Makes the last record release the present state, so that a write need not clone the
    /// state. Returns the state to be dropped after the lock.
    pub(super) fn settle(&mut self) -> Option<AnyState> {
        std::mem::take(&mut self.last).upgrade()?.settle()
    }
}
