//! The dependencies of all caches of the process, and the order in which a wave reaches
//! the caches.
//!
//! The graph's lock makes the marks of a wave one step for a thread that builds a cache
//! at the same time: the wave reaches the cache, or the cache reads what the wave has
//! already cleared. No users' code runs under the lock.

use std::any::TypeId;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};
use std::sync::{Arc, Weak};

use super::node::{CacheNode, Cleared};
use crate::bus::Bus;
use crate::error::CacheBuildError;
use crate::subscription::Subscription;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Mutex, StaticCounter, global};

global! {
    static GRAPH: Mutex<Graph> = Mutex::default();
}

#[derive(Default)]
struct Graph {
    nodes: HashMap<u64, Vertex>,
    /// The events that caches depend on.
    sources: HashMap<SourceKey, EventSource>,
    /// The caches that emit a source's events.
    emitters: HashMap<SourceKey, u64>,
}

struct Vertex {
    node: Weak<dyn CacheNode>,
    name: Arc<str>,
    /// The events of its invalidation.
    emits: SourceKey,
    depends_on: Vec<Upstream>,
    /// The caches that depend on this one through a handle.
    dependents: BTreeSet<u64>,
}

#[derive(Default)]
struct EventSource {
    dependents: BTreeSet<u64>,
    /// Set while there are dependents.
    listening: Option<Listening>,
}

/// A subscription to a source's events, made before the graph's lock is taken; it does
/// nothing until the graph activates it.
pub(super) struct Listening {
    pub(super) _subscription: Subscription,
    pub(super) is_active: Arc<AtomicBool>,
}

impl Listening {
    fn activate(&self) {
        self.is_active.store(true, Ordering::SeqCst);
    }
}

/// Identifies the events of one type, or of one topic, on one bus.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct SourceKey {
    /// The bus's address; the caches that depend on the source keep the bus alive.
    bus: usize,
    event: TypeId,
    topic: Option<Arc<str>>,
}

impl SourceKey {
    pub(super) fn new<E: 'static>(bus: &Bus, topic: Option<Arc<str>>) -> Self {
        Self { bus: bus.address(), event: TypeId::of::<E>(), topic }
    }
}

/// One dependency of a cache.
#[derive(Clone)]
pub(super) enum Upstream {
    Cache(u64),
    Source(SourceKey),
}

/// A cache that a wave has cleared, with the values to drop after unlock.
pub(super) struct Marked {
    pub(super) node: Arc<dyn CacheNode>,
    pub(super) cleared: Cleared,
}

pub(super) fn next_id() -> u64 {
    static NEXT: StaticCounter = StaticCounter::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Adds a cache. `listening` has a subscription for each source among `depends_on`; the
/// subscriptions that are not needed stay there, and the caller drops them.
pub(super) fn add(
    node: &Arc<dyn CacheNode>,
    emits: SourceKey,
    depends_on: Vec<Upstream>,
    listening: &mut HashMap<SourceKey, Listening>,
) -> Result<(), CacheBuildError> {
    let (id, name) = (node.core().id, node.core().name.clone());
    let mut graph = GRAPH.lock();
    graph.refuse_cycle(&name, &emits, &depends_on)?;
    if graph.sources.contains_key(&emits) {
        node.core().set_has_dependents();
    }
    // Dropped after unlock: one may be the last reference to its cache.
    let mut upstream = Vec::new();
    for on in &depends_on {
        upstream.extend(graph.attach(id, on, listening));
    }
    graph.emitters.insert(emits.clone(), id);
    let node = Arc::downgrade(node);
    let vertex = Vertex { node, name, emits, depends_on, dependents: BTreeSet::new() };
    graph.nodes.insert(id, vertex);
    drop(graph);
    drop(upstream);
    Ok(())
}

/// All caches.
#[cfg(feature = "metrics")]
pub(super) fn nodes() -> Vec<Arc<dyn CacheNode>> {
    GRAPH.lock().nodes.values().filter_map(|vertex| vertex.node.upgrade()).collect()
}

/// Removes a cache. A second call does nothing.
pub(super) fn remove(id: u64) {
    let mut graph = GRAPH.lock();
    let removed = graph.remove(id);
    drop(graph);
    // The drop of a subscription takes the bus's lock.
    drop(removed);
}

/// Marks every cache that depends on the cache `id`, each after its own dependencies, and
/// returns the caches in this order. `unsettled` is as for [`CacheNode::mark`].
pub(super) fn mark_dependents_of(id: u64, unsettled: u64) -> Vec<Marked> {
    mark(unsettled, |graph| graph.nodes.get(&id).map(|vertex| graph.after(vertex).collect()))
}

/// Like [`mark_dependents_of`], for an event.
pub(super) fn mark_dependents_on(source: &SourceKey) -> Vec<Marked> {
    mark(0, |graph| Some(graph.sources.get(source)?.dependents.iter().copied().collect()))
}

/// Like [`mark_dependents_of`], for these caches and every cache that depends on them.
pub(super) fn mark_with_dependents(nodes: &[Arc<dyn CacheNode>]) -> Vec<Marked> {
    mark(0, |_| Some(nodes.iter().map(|node| node.core().id).collect()))
}

fn mark(mut unsettled: u64, first: impl FnOnce(&Graph) -> Option<Vec<u64>>) -> Vec<Marked> {
    let graph = GRAPH.lock();
    let order = first(&graph).map(|first| graph.in_order(first)).unwrap_or_default();
    let nodes = order.iter().filter_map(|id| graph.nodes.get(id)?.node.upgrade());
    let marked = nodes.map(|node| Marked { cleared: node.mark(&mut unsettled), node }).collect();
    drop(graph);
    marked
}

impl Graph {
    /// Returns the caches that directly depend on `vertex`.
    fn after<'a>(&'a self, vertex: &'a Vertex) -> impl Iterator<Item = u64> {
        let by_name = self.sources.get(&vertex.emits).map(|source| &source.dependents);
        vertex.dependents.iter().chain(by_name.into_iter().flatten()).copied()
    }

    fn after_id(&self, id: u64) -> impl Iterator<Item = u64> {
        self.nodes.get(&id).into_iter().flat_map(|vertex| self.after(vertex))
    }

    /// Returns all caches that are reachable from `first`, each after its dependencies; of
    /// two independent caches the one that was built first comes first.
    fn in_order(&self, first: Vec<u64>) -> Vec<u64> {
        let first: BTreeSet<u64> = first.into_iter().collect();
        let mut reached: HashMap<u64, usize> = first.iter().map(|id| (*id, 0)).collect();
        let mut open: Vec<u64> = first.into_iter().collect();
        while let Some(id) = open.pop() {
            // A cache may depend on another both by handle and by name.
            for next in self.after_id(id).collect::<BTreeSet<_>>() {
                let before = reached.entry(next).or_insert_with(|| {
                    open.push(next);
                    0
                });
                *before += 1;
            }
        }
        let free = reached.iter().filter(|(_, before)| **before == 0);
        let mut free: BinaryHeap<_> = free.map(|(id, _)| Reverse(*id)).collect();
        let mut order = Vec::with_capacity(reached.len());
        while let Some(Reverse(id)) = free.pop() {
            order.push(id);
            for next in self.after_id(id).collect::<BTreeSet<_>>() {
                let before =
                    reached.get_mut(&next).expect("the first loop reached every dependent");
                *before -= 1;
                if *before == 0 {
                    free.push(Reverse(next));
                }
            }
        }
        order
    }

    /// Refuses a new cache that would close a cycle. No other cache has a handle of the
    /// new one, so a cycle goes through the events that it emits.
    fn refuse_cycle(
        &self,
        name: &str,
        emits: &SourceKey,
        depends_on: &[Upstream],
    ) -> Result<(), CacheBuildError> {
        let mut ends = HashSet::new();
        for on in depends_on {
            match on {
                Upstream::Cache(id) => drop(ends.insert(*id)),
                Upstream::Source(key) if key == emits => {
                    return Err(cycle(vec![name.to_owned(), name.to_owned()]));
                }
                Upstream::Source(key) => ends.extend(self.emitters.get(key)),
            }
        }
        let mut came_from: HashMap<u64, Option<u64>> = HashMap::new();
        let dependents = self.sources.get(emits).map(|source| &source.dependents);
        let mut open: Vec<u64> = dependents.into_iter().flatten().copied().collect();
        came_from.extend(open.iter().map(|id| (*id, None)));
        while let Some(id) = open.pop() {
            if ends.contains(&id) {
                return Err(cycle(self.names(name, &came_from, id)));
            }
            for next in self.after_id(id) {
                came_from.entry(next).or_insert_with(|| {
                    open.push(next);
                    Some(id)
                });
            }
        }
        Ok(())
    }

    /// Returns the names of a cycle: the new cache, then from `end` each cache's dependency
    /// back to the new cache.
    fn names(&self, name: &str, came_from: &HashMap<u64, Option<u64>>, end: u64) -> Vec<String> {
        let mut names = vec![name.to_owned()];
        let mut at = Some(end);
        while let Some(id) = at {
            names.push(self.nodes[&id].name.to_string());
            at = came_from[&id];
        }
        names.push(name.to_owned());
        names
    }

    /// Makes the cache `id` depend on `on`. The caller drops the returned node after
    /// unlock.
    fn attach(
        &mut self,
        id: u64,
        on: &Upstream,
        listening: &mut HashMap<SourceKey, Listening>,
    ) -> Option<Arc<dyn CacheNode>> {
        let emitter = match on {
            Upstream::Cache(on) => {
                self.nodes.get_mut(on)?.dependents.insert(id);
                Some(*on)
            }
            Upstream::Source(key) => {
                let source = self.sources.entry(key.clone()).or_default();
                source.dependents.insert(id);
                if source.listening.is_none() {
                    let listening = listening.remove(key);
                    source.listening = listening.inspect(Listening::activate);
                }
                self.emitters.get(key).copied()
            }
        };
        let emitter = self.nodes.get(&emitter?)?.node.upgrade()?;
        emitter.core().set_has_dependents();
        Some(emitter)
    }

    fn remove(&mut self, id: u64) -> Vec<EventSource> {
        let Some(vertex) = self.nodes.remove(&id) else { return Vec::new() };
        if self.emitters.get(&vertex.emits) == Some(&id) {
            self.emitters.remove(&vertex.emits);
        }
        let mut removed = Vec::new();
        for on in vertex.depends_on {
            match on {
                Upstream::Cache(on) => {
                    if let Some(on) = self.nodes.get_mut(&on) {
                        on.dependents.remove(&id);
                    }
                }
                Upstream::Source(key) => removed.extend(self.detach(id, &key)),
            }
        }
        removed
    }

    fn detach(&mut self, id: u64, key: &SourceKey) -> Option<EventSource> {
        let source = self.sources.get_mut(key)?;
        source.dependents.remove(&id);
        if source.dependents.is_empty() { self.sources.remove(key) } else { None }
    }
}

fn cycle(path: Vec<String>) -> CacheBuildError {
    CacheBuildError::Cycle { path }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::AnyCache;
    use crate::create_cache;

    #[test]
    fn i8_a_cache_that_is_gone_leaves_nothing_in_the_graph() {
        let first = create_cache::<u8>("first in the graph").build().unwrap();
        let second = create_cache::<u8>("second in the graph").depends_on_cache(&first);
        let second = second.build().unwrap();
        let ids = [first.__node().core().id, second.__node().core().id];
        let known = || {
            let graph = GRAPH.lock();
            ids.map(|id| {
                (
                    graph.nodes.contains_key(&id),
                    graph.emitters.values().any(|emitter| *emitter == id),
                )
            })
        };
        assert_eq!(known(), [(true, true); 2]);
        drop(second);
        assert_eq!(known(), [(true, true), (false, false)]);
        drop(first);
        assert_eq!(known(), [(false, false); 2]);
    }
}
