//! [`TracedPlaces`]: the plain places of a cell, found by the traces of walks.

use std::collections::HashMap;
use std::sync::Arc;

use super::plain::PlainPlace;
use crate::path::WalkTrace;

/// The places at which values were set. A type has few, unless it contains itself.
#[derive(Default)]
pub(crate) struct TracedPlaces {
    last: Option<(WalkTrace, Arc<PlainPlace>)>,
    all: HashMap<WalkTrace, Arc<PlainPlace>>,
}

/// How many places are kept.
const BOUND: usize = 1_024;

impl TracedPlaces {
    /// The place with this trace, if a set there was found to be exact.
    #[inline]
    pub(crate) fn find(&mut self, trace: &WalkTrace) -> Option<&Arc<PlainPlace>> {
        if self.last.as_ref().is_none_or(|last| last.0 != *trace) {
            self.last = Some((trace.clone(), Arc::clone(self.all.get(trace)?)));
        }
        self.last.as_ref().map(|last| &last.1)
    }

    pub(crate) fn keep(&mut self, trace: WalkTrace, place: Arc<PlainPlace>) {
        if self.all.len() == BOUND {
            self.all.clear();
        }
        self.all.insert(trace, place);
    }
}
