//! [`TracedPlaces`]: the plain places of a cell, found by the traces of walks.

use std::collections::HashMap;
use std::ptr;
use std::sync::Arc;

use super::known::Known;
use super::plain::PlainPlace;
use crate::path::{Hops, WalkKeys, WalkTrace};
use crate::sync::StaticMutex;

/// The places at which values were set. A type has few, unless it contains itself.
pub(crate) struct TracedPlaces {
    tracer: Hops,
    /// The place of the tracer's last walk, if it was found.
    last: Option<&'static PlainPlace>,
    all: HashMap<WalkTrace, &'static PlainPlace>,
}

impl Default for TracedPlaces {
    fn default() -> Self {
        Self { tracer: Hops::tracer(), last: None, all: HashMap::new() }
    }
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
    /// The place of the walk that `follow` passes on, if a set there was found to be exact.
    #[inline]
    pub(crate) fn find(&mut self, follow: impl FnOnce(&mut Hops)) -> Option<&'static PlainPlace> {
        self.follow(follow);
        if self.last.is_none() {
            self.last = self.all.get(self.tracer.traced()?).copied();
        }
        self.last
    }

    /// Follows a walk, and forgets the last place unless the walk leads there.
    #[inline]
    fn follow(&mut self, follow: impl FnOnce(&mut Hops)) {
        // Taken beforehand, since a panic in a key leaves half of a trace behind.
        let last = self.last.take();
        if self.tracer.trace(follow) {
            self.last = last;
        }
    }

    /// The trace of the walk that `follow` passes on.
    pub(crate) fn trace(&mut self, follow: impl FnOnce(&mut Hops)) -> Option<WalkTrace> {
        self.follow(follow);
        self.tracer.traced().cloned()
    }

    /// Appends the keys of the last walk, unless one of them is not a scalar. Returns
    /// whether they are appended.
    #[inline]
    pub(crate) fn put_keys(&self, keys: &mut WalkKeys) -> bool {
        self.tracer.put_traced_keys(keys)
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
