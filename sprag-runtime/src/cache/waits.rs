//! Who computes for whom: finds a computation that waits for itself before it
//! hangs.
//!
//! Each thread knows the computations that it is inside of, for an async one
//! while it is polled. A computation that asks for another's result waits for it;
//! these edges are in one table, and one that would close a circle is refused.
//! Callers outside of any computation are nobody's circle and touch nothing here.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use crate::error::CacheError;
use crate::sync::Mutex;

/// What is computed: a cache, or an entry of a keyed one.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) name: Arc<str>,
    pub(super) cache: u64,
    /// The key's hash; zero for a cache of one value.
    pub(super) key: u64,
}

impl Place {
    fn is(&self, other: &Self) -> bool {
        (self.cache, self.key) == (other.cache, other.key)
    }
}

/// A computation that is under way.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) flight: u64,
    pub(super) place: Place,
}

thread_local! {
    /// The computations that this thread is inside of, the innermost last.
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// Which computation waits for which; see the module.
static WAITS: LazyLock<Mutex<HashMap<u64, Waiting>>> = LazyLock::new(Mutex::default);

struct Waiting {
    name: Arc<str>,
    /// An async computation may wait for several at once, and twice for one.
    flights: Vec<u64>,
}

/// Is inside the computation until the guard is dropped.
pub(super) fn enter(frame: &Frame) -> Inside {
    FRAMES.with_borrow_mut(|frames| frames.push(frame.clone()));
    Inside
}

/// Enters the computation when the guard is dropped. A guard of
/// [`leave_when_dropped`] that is dropped after it leaves it.
pub(super) fn enter_when_dropped(frame: &Frame) -> Entering<'_> {
    Entering { frame }
}

/// See [`enter_when_dropped`].
pub(super) fn leave_when_dropped() -> Inside {
    Inside
}

pub(super) struct Entering<'a> {
    frame: &'a Frame,
}

impl Drop for Entering<'_> {
    fn drop(&mut self) {
        // A future may be dropped as late as when its thread ends.
        let _ended =
            FRAMES.try_with(|frames| frames.borrow_mut().push(self.frame.clone())).is_err();
    }
}

pub(super) struct Inside;

impl Drop for Inside {
    fn drop(&mut self) {
        let left = FRAMES.try_with(|frames| frames.borrow_mut().pop());
        drop(left);
    }
}

/// Asks for the result of `wanted` on behalf of the innermost computation, if any,
/// until the edge is dropped.
pub(super) fn ask(wanted: &Frame) -> Result<Option<Edge>, CacheError> {
    let asking = FRAMES.with_borrow(|frames| {
        if let Some(at) = frames.iter().position(|frame| frame.place.is(&wanted.place)) {
            let inner = frames[at..].iter().map(|frame| frame.place.name.clone());
            return Err(inner.chain([wanted.place.name.clone()]).collect());
        }
        Ok(frames.last().cloned())
    });
    match asking {
        Err(chain) => Err(CacheError::Reentrant { chain }),
        Ok(None) => Ok(None),
        Ok(Some(asking)) => Edge::new(&asking, wanted.flight).map(Some),
    }
}

/// One computation's wait for another.
pub(super) struct Edge {
    from: u64,
    to: u64,
}

impl Edge {
    fn new(asking: &Frame, to: u64) -> Result<Self, CacheError> {
        let from = asking.flight;
        let mut waits = WAITS.lock();
        if let Some(between) = path(&waits, to, from) {
            let own = asking.place.name.clone();
            let chain = [own.clone()].into_iter().chain(between).chain([own]).collect();
            return Err(CacheError::Reentrant { chain });
        }
        let name = || asking.place.name.clone();
        let waiting =
            waits.entry(from).or_insert_with(|| Waiting { name: name(), flights: Vec::new() });
        waiting.flights.push(to);
        Ok(Self { from, to })
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let mut waits = WAITS.lock();
        let Some(waiting) = waits.get_mut(&self.from) else { return };
        if let Some(at) = waiting.flights.iter().position(|flight| *flight == self.to) {
            waiting.flights.swap_remove(at);
        }
        if waiting.flights.is_empty() {
            waits.remove(&self.from);
        }
    }
}

/// The names on a way of waits from one flight to another, without the last.
fn path(waits: &HashMap<u64, Waiting>, from: u64, to: u64) -> Option<Vec<Arc<str>>> {
    let mut came_from = HashMap::new();
    let mut seen = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(flight) = open.pop() {
        if flight == to {
            return Some(names(waits, &came_from, from, to));
        }
        for &next in waits.get(&flight).map_or(&[][..], |waiting| &waiting.flights) {
            if seen.insert(next) {
                came_from.insert(next, flight);
                open.push(next);
            }
        }
    }
    None
}

fn names(
    waits: &HashMap<u64, Waiting>,
    came_from: &HashMap<u64, u64>,
    from: u64,
    to: u64,
) -> Vec<Arc<str>> {
    let mut names = Vec::new();
    let mut at = to;
    while at != from {
        at = came_from[&at];
        names.push(waits[&at].name.clone());
    }
    names.reverse();
    names
}
