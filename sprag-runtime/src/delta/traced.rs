//! [`TracedPlaces`]: the plain places of a cell, found by the traces of walks.

use std::collections::HashMap;
use std::ptr;
use std::sync::Arc;

use super::known::Known;
use super::plain::PlainPlace;
use crate::path::WalkTrace;
use crate::sync::StaticMutex;

/// The places at which values were set. A type has few, unless it contains itself.
#[derive(Default)]
pub(crate) struct TracedPlaces {
    last: Option<(WalkTrace, &'static PlainPlace)>,
    all: HashMap<WalkTrace, &'static PlainPlace>,
}

/// How many places a cell keeps.
const BOUND: usize = 1_024;

/// How many places the process keeps.
const KEPT: usize = 65_536;

/// The plain places of all types, by the address of the root's facts and by trace. They
/// stay until the process ends, so that a record of a set counts no reference to its place.
static PLACES: StaticMutex<Option<HashMap<(usize, WalkTrace), &'static PlainPlace>>> =
    StaticMutex::new(None);

impl TracedPlaces {
    /// The place with this trace, if a set there was found to be exact.
    #[inline]
    pub(crate) fn find(&mut self, trace: &WalkTrace) -> Option<&'static PlainPlace> {
        if self.last.as_ref().is_none_or(|last| last.0 != *trace) {
            self.last = Some((trace.clone(), self.all.get(trace)?));
        }
        self.last.as_ref().map(|last| last.1)
    }

    pub(crate) fn keep(&mut self, root: &'static Known, trace: WalkTrace, place: &Arc<PlainPlace>) {
        if self.all.len() == BOUND {
            self.all.clear();
        }
        if let Some(kept) = kept(root, &trace, place) {
            self.all.insert(trace, kept);
        }
    }
}

/// The place, kept for the process; `None` if the process has too many.
fn kept(
    root: &'static Known,
    trace: &WalkTrace,
    place: &Arc<PlainPlace>,
) -> Option<&'static PlainPlace> {
    let mut places = PLACES.lock();
    let places = places.get_or_insert_default();
    let key = (ptr::from_ref(root).addr(), trace.clone());
    if let Some(kept) = places.get(&key) {
        return Some(kept);
    }
    (places.len() < KEPT).then(|| {
        let kept: &'static Arc<PlainPlace> = Box::leak(Box::new(Arc::clone(place)));
        places.insert(key, kept);
        &**kept
    })
}
