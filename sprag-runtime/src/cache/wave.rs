//! Waves of invalidation: a wave first clears every cache that it reaches, and then
//! notifies the listeners of each.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::{Arc, Weak};

use super::graph::{self, Marked, SourceKey};
use super::node::CacheNode;
use super::stats::count;
use crate::isolate::isolated;
use crate::sync::thread_local;

/// Invalidates a cache and all caches that depend on it.
pub(super) fn invalidate(node: Arc<dyn CacheNode>) {
    let mut unsettled = 0;
    let cleared = node.mark(&mut unsettled);
    let dependents = dependents(&*node, unsettled);
    finish([Marked { node, cleared }].into_iter().chain(dependents).collect());
}

/// Like [`invalidate`], for a cache that has been cleared already.
///
/// The cache is cleared before its dependents are looked up and marked: a dependent that
/// computes after its mark, or that is built later, reads the new value. `unsettled` is as for
/// [`CacheNode::mark`].
pub(super) fn spread(first: Marked, unsettled: u64) {
    let dependents = dependents(&*first.node, unsettled);
    finish([first].into_iter().chain(dependents).collect());
}

/// Invalidates the caches that depend on a cache which holds another value now, and
/// notifies the listeners of its topic.
pub(super) fn replaced(node: &dyn CacheNode) {
    let mut wave = dependents(node, 0);
    drop_cleared(&mut wave);
    node.core().notify_replaced();
    notify(&wave);
}

/// Invalidates the caches that depend on an event.
pub(super) fn from_event(source: &SourceKey) {
    finish(graph::mark_dependents_on(source));
}

/// Clears a cache and drops its values.
pub(super) fn clear(node: &dyn CacheNode) {
    let cleared = node.mark(&mut 0);
    isolated(&"the drop of a cleared value", || drop(cleared));
    isolated(&"the drop of cleared values", || node.sweep());
}

fn dependents(node: &dyn CacheNode, unsettled: u64) -> Vec<Marked> {
    let core = node.core();
    if core.has_dependents() { graph::mark_dependents_of(core.id, unsettled) } else { Vec::new() }
}

fn finish(mut wave: Vec<Marked>) {
    drop_cleared(&mut wave);
    notify(&wave);
}

fn drop_cleared(wave: &mut [Marked]) {
    for Marked { node, cleared } in wave {
        let cleared = cleared.take();
        isolated(&"the drop of an invalidated value", || drop(cleared));
        isolated(&"the drop of invalidated values", || node.sweep());
    }
}

fn notify(wave: &[Marked]) {
    for Marked { node, .. } in wave {
        count(&node.core().counters.invalidations);
    }
    for Marked { node, .. } in wave {
        node.core().notify();
    }
}

/// An entry of a keyed cache that depends on a state by its own key.
pub(super) trait GatheredEntry: Send + Sync {
    /// Clears the entry. Returns its cache, as long as the cache exists, and until when the
    /// cache may return the old value.
    fn clear(&self) -> Option<(Arc<dyn CacheNode>, u64)>;
}

#[derive(Default)]
struct Gathered {
    nodes: Vec<Arc<dyn CacheNode>>,
    entries: Vec<Arc<dyn GatheredEntry>>,
}

impl Gathered {
    /// Clears the gathered caches and entries, and all caches that depend on them.
    ///
    /// The entries come after the caches. An entry that another thread computes between
    /// the two from a cleared cache is removed, and the dependents of its cache are marked
    /// after the removal.
    fn mark(self) -> Vec<Marked> {
        let mut wave = graph::mark_with_dependents(&self.nodes);
        for entry in self.entries {
            let Some((node, unsettled)) = entry.clear() else { continue };
            let dependents = dependents(&*node, unsettled);
            wave.push(Marked { node, cleared: None });
            wave.extend(dependents);
        }
        wave
    }

    /// Clears the gathered caches and entries, and notifies the listeners of each cache
    /// once.
    fn invalidate(self) {
        let has_entries = !self.entries.is_empty();
        let mut wave = self.mark();
        drop_cleared(&mut wave);
        if has_entries {
            // A cache is in the wave for each of its entries and of its upstream's.
            let mut seen = HashSet::new();
            wave.retain(|marked| seen.insert(marked.node.core().id));
        }
        notify(&wave);
    }
}

thread_local! {
    /// The waves that this thread's next [`Invalidator::invalidate_gathered`] makes.
    static GATHERED: RefCell<Option<Gathered>> = const { RefCell::new(None) };
}

/// Adds to the thread's list. While the thread ends the list is gone, and `gathered` is
/// invalidated at once.
fn gather(add: impl FnOnce(&mut Gathered)) {
    let mut add = Some(add);
    let _ = GATHERED.try_with(|list| {
        if let Some(add) = add.take() {
            add(list.borrow_mut().get_or_insert_default());
        }
    });
    if let Some(add) = add {
        let mut gathered = Gathered::default();
        add(&mut gathered);
        gathered.invalidate();
    }
}

/// Adds an entry to this thread's next [`Invalidator::invalidate_gathered`].
pub(super) fn gather_entry(entry: Arc<dyn GatheredEntry>) {
    gather(|list| list.entries.push(entry));
}

/// Invalidates a cache, as long as the cache exists.
pub(crate) struct Invalidator {
    node: Weak<dyn CacheNode>,
}

impl Invalidator {
    pub(super) fn new(node: &Arc<dyn CacheNode>) -> Self {
        Self { node: Arc::downgrade(node) }
    }

    /// Adds the cache to this thread's next
    /// [`invalidate_gathered`](Self::invalidate_gathered).
    pub(crate) fn gather(&self) {
        if let Some(node) = self.node.upgrade() {
            gather(|list| list.nodes.push(node));
        }
    }

    /// Invalidates the gathered caches and entries, and all caches that depend on them, as
    /// one wave.
    pub(crate) fn invalidate_gathered() {
        let gathered = GATHERED.try_with(RefCell::take).ok().flatten();
        if let Some(gathered) = gathered {
            gathered.invalidate();
        }
    }
}
