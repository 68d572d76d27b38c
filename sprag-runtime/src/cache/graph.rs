//! Which cache depends on what, and the order in which a wave reaches them.
//!
//! One graph for the process. Its lock makes a wave's marks one step for whoever
//! builds a cache meanwhile: a cache is either reached by the wave or reads what
//! the wave has already cleared. No user code runs under it.

use std::any::{Any, TypeId};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};
use std::sync::{Arc, LazyLock, Weak};

use super::node::Node;
use crate::bus::Bus;
use crate::error::CacheBuildError;
use crate::subscription::Subscription;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static GRAPH: LazyLock<Mutex<Graph>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Graph {
    nodes: HashMap<u64, Vertex>,
    /// The events that caches depend on.
    sources: HashMap<SourceKey, Source>,
    /// The cache that emits a source's events, where one does.
    emitters: HashMap<SourceKey, u64>,
}

struct Vertex {
    node: Weak<dyn Node>,
    name: Arc<str>,
    /// What it emits when it is invalidated.
    emits: SourceKey,
    depends_on: Vec<Upstream>,
    /// The caches that depend on it through a handle.
    dependents: BTreeSet<u64>,
}

#[derive(Default)]
struct Source {
    dependents: BTreeSet<u64>,
    /// Set while there are dependents.
    listening: Option<Listening>,
}

/// A subscription to a source's events. It is made outside of the lock, and does
/// nothing until the graph takes it on.
pub(super) struct Listening {
    pub(super) _subscription: Subscription,
    pub(super) taken_on: Arc<AtomicBool>,
}

impl Listening {
    fn take_on(&self) {
        self.taken_on.store(true, Ordering::SeqCst);
    }
}

/// The events of one type, or of one topic, on one bus.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct SourceKey {
    /// The bus's address; the caches that depend on the source keep it alive.
    bus: usize,
    event: TypeId,
    topic: Option<Arc<str>>,
}

impl SourceKey {
    pub(super) fn new<E: 'static>(bus: &Bus, topic: Option<Arc<str>>) -> Self {
        Self { bus: bus.address(), event: TypeId::of::<E>(), topic }
    }
}

/// What a cache depends on.
#[derive(Clone)]
pub(super) enum Upstream {
    Cache(u64),
    Source(SourceKey),
}

/// A cache that a wave has cleared, and what must be dropped outside of locks.
pub(super) struct Marked {
    pub(super) node: Arc<dyn Node>,
    pub(super) cleared: Option<Arc<dyn Any + Send + Sync>>,
}

pub(super) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Adds a cache. `listening` has a subscription for each source among `depends_on`;
/// those that are not needed stay in it, to be dropped outside of the lock.
pub(super) fn add(
    node: &Arc<dyn Node>,
    emits: SourceKey,
    depends_on: Vec<Upstream>,
    listening: &mut HashMap<SourceKey, Listening>,
) -> Result<(), CacheBuildError> {
    let (id, name) = (node.base().id, node.base().name.clone());
    let mut graph = GRAPH.lock();
    graph.refuse_cycle(&name, &emits, &depends_on)?;
    if graph.sources.contains_key(&emits) {
        node.base().set_has_dependents();
    }
    // Held until after unlock: it may be the last handle of its cache.
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

/// Takes a cache out. A second time does nothing.
pub(super) fn remove(id: u64) {
    let mut graph = GRAPH.lock();
    let removed = graph.remove(id);
    drop(graph);
    // Subscriptions take the bus's lock when they are dropped.
    drop(removed);
}

/// Marks every cache that depends on the cache `id`, each after those it depends
/// on, and returns them in that order.
pub(super) fn mark_dependents_of(id: u64) -> Vec<Marked> {
    mark(|graph| graph.nodes.get(&id).map(|vertex| graph.after(vertex).collect()))
}

/// As [`mark_dependents_of`], for an event.
pub(super) fn mark_dependents_on(source: &SourceKey) -> Vec<Marked> {
    mark(|graph| Some(graph.sources.get(source)?.dependents.iter().copied().collect()))
}

/// Marks these caches and every one that depends on them, likewise.
pub(super) fn mark_with_dependents(nodes: &[Arc<dyn Node>]) -> Vec<Marked> {
    mark(|_| Some(nodes.iter().map(|node| node.base().id).collect()))
}

fn mark(first: impl FnOnce(&Graph) -> Option<Vec<u64>>) -> Vec<Marked> {
    let graph = GRAPH.lock();
    let order = first(&graph).map(|first| graph.in_order(first)).unwrap_or_default();
    let nodes = order.iter().filter_map(|id| graph.nodes.get(id)?.node.upgrade());
    let marked = nodes.map(|node| Marked { cleared: node.mark(), node }).collect();
    drop(graph);
    marked
}

impl Graph {
    /// The caches that directly depend on one.
    fn after<'a>(&'a self, vertex: &'a Vertex) -> impl Iterator<Item = u64> {
        let by_name = self.sources.get(&vertex.emits).map(|source| &source.dependents);
        vertex.dependents.iter().chain(by_name.into_iter().flatten()).copied()
    }

    fn after_id(&self, id: u64) -> impl Iterator<Item = u64> {
        self.nodes.get(&id).into_iter().flat_map(|vertex| self.after(vertex))
    }

    /// All that is reachable from `first`, each after what it depends on; of two
    /// that do not depend on each other the one built first.
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
                let before = reached.get_mut(&next).expect("it was reached from here");
                *before -= 1;
                if *before == 0 {
                    free.push(Reverse(next));
                }
            }
        }
        order
    }

    /// Nobody has a handle of a new cache yet, so a cycle goes through the events
    /// that it emits.
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

    /// The new cache, then what each depends on, from `end` back to the new one.
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

    /// Makes the cache `id` depend on `on`; returns what must outlive the lock.
    fn attach(
        &mut self,
        id: u64,
        on: &Upstream,
        listening: &mut HashMap<SourceKey, Listening>,
    ) -> Option<Arc<dyn Node>> {
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
                    source.listening = listening.inspect(Listening::take_on);
                }
                self.emitters.get(key).copied()
            }
        };
        let emitter = self.nodes.get(&emitter?)?.node.upgrade()?;
        emitter.base().set_has_dependents();
        Some(emitter)
    }

    fn remove(&mut self, id: u64) -> Vec<Source> {
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

    fn detach(&mut self, id: u64, key: &SourceKey) -> Option<Source> {
        let source = self.sources.get_mut(key)?;
        source.dependents.remove(&id);
        if source.dependents.is_empty() { self.sources.remove(key) } else { None }
    }
}

fn cycle(path: Vec<String>) -> CacheBuildError {
    CacheBuildError::Cycle { path }
}
