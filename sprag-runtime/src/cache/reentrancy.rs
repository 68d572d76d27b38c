//! Finds a computation that waits for itself before it hangs.
//!
//! Each thread knows the computations that it is inside of; an async computation is on
//! this list while it is polled. A computation that requests another's result waits for
//! it. These waits are edges in one table, and an edge that would close a cycle is
//! refused. A caller outside of every computation cannot close a cycle and does not
//! touch the table.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::error::CacheError;
use crate::sync::{Mutex, global, thread_local};

/// Identifies a computed value: that of a cache, or an entry of a keyed cache.
#[derive(Clone)]
pub(super) struct FlightKey {
    pub(super) name: Arc<str>,
    pub(super) cache: u64,
    /// The hash of the entry's key; zero for a cache of one value.
    pub(super) key: u64,
}

impl FlightKey {
    fn is(&self, other: &Self) -> bool {
        (self.cache, self.key) == (other.cache, other.key)
    }
}

/// A computation that is under way.
#[derive(Clone)]
pub(super) struct ActiveFlight {
    pub(super) id: u64,
    pub(super) key: FlightKey,
}

thread_local! {
    /// The computations that this thread is inside of, the innermost last. While the
    /// thread ends the list is gone, and computations are not tracked.
    static ACTIVE: RefCell<Vec<ActiveFlight>> = const { RefCell::new(Vec::new()) };
}

global! {
    /// Which computation waits for which.
    static WAITS: Mutex<HashMap<u64, Waits>> = Mutex::default();
}

/// The waits of one computation.
struct Waits {
    name: Arc<str>,
    /// An async computation may wait for several flights at once, and twice for one.
    flights: Vec<u64>,
}

/// Puts this thread inside `flight` until the guard is dropped.
pub(super) fn enter(flight: &ActiveFlight) -> ActiveGuard {
    let entered = ACTIVE.try_with(|active| active.borrow_mut().push(flight.clone()));
    ActiveGuard { has_entered: entered.is_ok() }
}

pub(super) struct ActiveGuard {
    has_entered: bool,
}

impl Drop for ActiveGuard {
    fn drop(&mut self) {
        if self.has_entered {
            let left = ACTIVE.try_with(|active| active.borrow_mut().pop());
            drop(left);
        }
    }
}

/// A computation's future, which is dropped inside of its flight: a value that it drops
/// may query the cache and must be refused.
pub(super) struct Computation<'a, F> {
    flight: &'a ActiveFlight,
    /// `Some` until the guard is dropped.
    future: Pin<&'a mut Option<F>>,
}

impl<'a, F: Future> Computation<'a, F> {
    pub(super) fn new(flight: &'a ActiveFlight, future: Pin<&'a mut Option<F>>) -> Self {
        Self { flight, future }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<F::Output> {
        let future = self.future.as_mut().as_pin_mut();
        future.expect("the future is there until it is dropped").poll(cx)
    }
}

impl<F> Drop for Computation<'_, F> {
    fn drop(&mut self) {
        let _inside = enter(self.flight);
        self.future.set(None);
    }
}

/// Notes that the innermost computation of this thread, if any, waits for `wanted` until
/// the returned edge is dropped.
pub(super) fn wait_for(wanted: &ActiveFlight) -> Result<Option<Edge>, CacheError> {
    let waiting = ACTIVE.try_with(|active| {
        let active = active.borrow();
        if let Some(at) = active.iter().position(|flight| flight.key.is(&wanted.key)) {
            let inner = active[at..].iter().map(|flight| flight.key.name.clone());
            return Err(inner.chain([wanted.key.name.clone()]).collect());
        }
        Ok(active.last().cloned())
    });
    match waiting.unwrap_or(Ok(None)) {
        Err(chain) => Err(CacheError::Reentrant { chain }),
        Ok(None) => Ok(None),
        Ok(Some(waiting)) => Edge::new(&waiting, wanted.id).map(Some),
    }
}

/// One computation's wait for another.
pub(super) struct Edge {
    from: u64,
    to: u64,
}

impl Edge {
    fn new(waiting: &ActiveFlight, to: u64) -> Result<Self, CacheError> {
        let from = waiting.id;
        let mut waits = WAITS.lock();
        if let Some(between) = path(&waits, to, from) {
            let own = waiting.key.name.clone();
            let chain = [own.clone()].into_iter().chain(between).chain([own]).collect();
            return Err(CacheError::Reentrant { chain });
        }
        let name = || waiting.key.name.clone();
        let own = waits.entry(from).or_insert_with(|| Waits { name: name(), flights: Vec::new() });
        own.flights.push(to);
        Ok(Self { from, to })
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let mut waits = WAITS.lock();
        let Some(own) = waits.get_mut(&self.from) else { return };
        if let Some(at) = own.flights.iter().position(|flight| *flight == self.to) {
            own.flights.swap_remove(at);
        }
        if own.flights.is_empty() {
            waits.remove(&self.from);
        }
    }
}

/// Finds a path of waits from one flight to another. Returns the names on it, without
/// the last.
fn path(waits: &HashMap<u64, Waits>, from: u64, to: u64) -> Option<Vec<Arc<str>>> {
    let mut came_from = HashMap::new();
    let mut seen = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(flight) = open.pop() {
        if flight == to {
            return Some(names(waits, &came_from, from, to));
        }
        for &next in waits.get(&flight).map_or(&[][..], |own| &own.flights) {
            if seen.insert(next) {
                came_from.insert(next, flight);
                open.push(next);
            }
        }
    }
    None
}

fn names(
    waits: &HashMap<u64, Waits>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c5_a_wait_that_is_over_closes_no_cycle_and_the_others_of_its_flight_still_do() {
        let [one, two, three] = [1, 2, 3].map(|n| ActiveFlight {
            id: u64::MAX - n,
            key: FlightKey { name: n.to_string().into(), cache: n, key: 0 },
        });
        let wait = |from: &ActiveFlight, to: &ActiveFlight| Edge::new(from, to.id);
        let (first, second) = (wait(&one, &two).unwrap(), wait(&one, &three).unwrap());
        drop(first);
        assert!(wait(&two, &one).is_ok());
        let Err(CacheError::Reentrant { chain }) = wait(&three, &one) else {
            panic!("each waits for the other")
        };
        assert_eq!(chain.join(" "), "3 1 3");
        drop(second);
        assert!(wait(&three, &one).is_ok());
        assert!(!WAITS.lock().contains_key(&one.id));
    }
}
