//! Waves of invalidation: first everything that is reached is cleared, then it is
//! told.

use std::cell::RefCell;
use std::sync::Arc;

use super::graph::{self, Marked, SourceKey};
use super::node::Node;
use super::stats::count;
use crate::isolate::isolated;

/// Invalidates a cache and all that depend on it.
pub(super) fn invalidate(node: Arc<dyn Node>) {
    let cleared = node.mark();
    spread(Marked { node, cleared });
}

/// As [`invalidate`], when the cache itself has been cleared already.
///
/// It was cleared before its dependents are looked up: who comes to depend on it
/// later reads what is new.
pub(super) fn spread(first: Marked) {
    let dependents = dependents(&*first.node);
    finish([first].into_iter().chain(dependents).collect());
}

/// Invalidates what depends on a cache that got another value.
pub(super) fn replaced(node: &dyn Node) {
    finish(dependents(node));
}

/// Invalidates what depends on an event.
pub(super) fn from_event(source: &SourceKey) {
    finish(graph::mark_dependents_on(source));
}

thread_local! {
    static GATHERED: RefCell<Vec<Arc<dyn Node>>> = const { RefCell::new(Vec::new()) };
}

/// Notes a cache for this thread's next [`from_gathered`].
pub(super) fn gather(node: Arc<dyn Node>) {
    GATHERED.with_borrow_mut(|gathered| gathered.push(node));
}

/// Invalidates the gathered caches and what depends on them.
pub(super) fn from_gathered() {
    finish(graph::mark_with_dependents(&GATHERED.take()));
}

fn dependents(node: &dyn Node) -> Vec<Marked> {
    let base = node.base();
    if base.has_dependents() { graph::mark_dependents_of(base.id) } else { Vec::new() }
}

fn finish(mut wave: Vec<Marked>) {
    for Marked { node, cleared } in &mut wave {
        count(&node.base().counters.invalidations);
        let cleared = cleared.take();
        isolated(&"dropping an invalidated value", || drop(cleared));
        isolated(&"dropping invalidated values", || node.sweep());
    }
    for Marked { node, .. } in wave {
        node.base().notify();
    }
}
