//! Takes the place of the recorder where the feature `serde` is off and changes cannot be
//! read as data.

use std::any::Any;
use std::sync::Arc;

use super::write::{CellWrite, OldState, Swapped};

/// Nothing is recorded.
#[doc(hidden)]
#[derive(Clone, Default)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Recorded(());

/// A state that a record holds.
pub(super) type AnyState = Arc<dyn Any + Send + Sync>;

/// Nothing is taken down.
#[derive(Default)]
pub(super) struct Ops(());

impl Ops {
    pub(super) fn is_empty(&self) -> bool {
        true
    }
}

/// Guarded by `Cell::core`.
#[derive(Default)]
pub(super) struct Recorder(());

pub(super) enum Begun {
    Nothing,
}

impl Begun {
    pub(super) fn old_state(&self) -> OldState {
        OldState::Replaced
    }
}

impl Recorded {
    pub(super) fn is_some(&self) -> bool {
        false
    }

    pub(super) fn for_several(self) -> Self {
        self
    }
}

impl Recorder {
    pub(super) fn add_reader(&mut self) {}

    pub(super) fn take_made(&mut self) -> Recorded {
        Recorded::default()
    }

    pub(super) fn remove_reader(&mut self) {}
}

impl Recorder {
    pub(super) fn begin<T: 'static>(&mut self, _: &dyn CellWrite<T>, _: &T) -> Begun {
        Begun::Nothing
    }

    pub(super) fn set<T: 'static>(&mut self, _: &mut dyn CellWrite<T>, _: &mut T) -> Swapped {
        Swapped::Refused
    }

    pub(super) fn finish<T>(&mut self, _: Begun, _: Option<&Arc<T>>, _: &Arc<T>) {}

    #[inline]
    pub(super) fn has_readers(&self) -> bool {
        false
    }

    pub(super) fn begin_in_place<T: 'static>(
        &mut self,
        _: &dyn CellWrite<T>,
        _: &T,
    ) -> Option<Begun> {
        None
    }

    pub(super) fn finish_in_place(&self, _: Begun, _: &dyn Any, _: &mut Ops) {}

    pub(super) fn record(&mut self, _: Ops) -> Recorded {
        Recorded::default()
    }

    pub(super) fn settle(&mut self) -> Option<AnyState> {
        None
    }
}
