//! Takes the place of the recorder where the feature `serde` is off and changes cannot be
//! read as data.

use std::marker::PhantomData;
use std::sync::Arc;

use super::write::{CellWrite, OldState, Swapped};

/// Nothing is recorded.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Recorded<T>(PhantomData<fn() -> T>);

/// Nothing is taken down.
#[derive(Default)]
pub(super) struct Ops(());

impl Ops {
    pub(super) fn is_empty(&self) -> bool {
        true
    }
}

/// Guarded by `Cell::core`.
pub(super) struct Recorder<T>(PhantomData<fn() -> T>);

pub(super) enum Begun {
    Nothing,
}

impl Begun {
    pub(super) fn old_state(&self) -> OldState {
        OldState::Replaced
    }
}

impl<T> Recorded<T> {
    pub(super) fn is_some(&self) -> bool {
        false
    }

    pub(super) fn for_several(self) -> Self {
        self
    }
}

impl<T> Clone for Recorded<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> Default for Recorded<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T> Default for Recorder<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T> Recorder<T> {
    pub(super) fn add_reader(&mut self) {}

    pub(super) fn take_made(&mut self) -> Recorded<T> {
        Recorded::default()
    }

    pub(super) fn remove_reader(&mut self) {}
}

impl<T: Send + Sync + 'static> Recorder<T> {
    pub(super) fn begin(&mut self, _: &dyn CellWrite<T>, _: &T) -> Begun {
        Begun::Nothing
    }

    pub(super) fn set(&mut self, _: &mut dyn CellWrite<T>, _: &mut T) -> Swapped {
        Swapped::Refused
    }

    pub(super) fn finish(&mut self, _: Begun, _: Option<&Arc<T>>, _: &Arc<T>) {}

    #[inline]
    pub(super) fn has_readers(&self) -> bool {
        false
    }

    pub(super) fn begin_in_place(&mut self, _: &dyn CellWrite<T>, _: &T) -> Option<Begun> {
        None
    }

    pub(super) fn finish_in_place(&self, _: Begun, _: &T, _: &mut Ops) {}

    pub(super) fn record(&mut self, _: Ops) -> Recorded<T> {
        Recorded::default()
    }

    pub(super) fn settle(&mut self) -> Option<Arc<T>> {
        None
    }
}
