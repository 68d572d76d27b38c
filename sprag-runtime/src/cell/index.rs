//! Which subscribers watch which node, found by node number in O(1).
//!
//! One bitmap says for each node whether a watched node contains it, which settles most
//! writes with one load. A second bitmap with running counts leads from a node's number
//! to its watchers, which [`level`] keeps. [`matching`] finds the watchers that a write
//! affects. The index knows sets of subscribers only through [`WatcherSet`].

mod cache;
mod level;
mod matching;
mod undecided;

use std::sync::Arc;

pub(super) use self::cache::SubscriberCache;
use self::level::{Level, Watcher};
pub(super) use self::matching::{
    AffectedSubscribers, CapturedWatcher, KeepCaptured, Marking, Matching, TouchedEntries,
};
pub(super) use self::undecided::Undecided;
use super::watched::{Positions, Watch, WatchEach, WatchedPart};
use crate::path::Node;

/// A set of subscribers of one selector, as the index knows it.
pub(super) trait WatcherSet: Send + Sync + 'static {
    type State: 'static;
    /// The subscribers of one moment.
    type Subscribers: ?Sized;

    /// The watched places; none means every commit.
    fn positions(&self) -> &Positions;
    /// The `part`th of the watched places.
    fn watch(&self, part: usize) -> &dyn Watch<Self::State>;
    /// Whether its subscribers read changes as data.
    fn records(&self) -> bool;
    /// The watched place of every entry of a collection; of a set that has one.
    fn watch_each(&self) -> &dyn WatchEach<Self::State>;
    /// Adds the present subscribers to the affected ones, once an attempt. Called under
    /// the core lock.
    fn affect(&self, marking: &mut Marking<'_, Self::Subscribers>);
    /// Whether the attempt of this number has affected it.
    fn is_affected(&self, attempt: u64) -> bool;
}

/// 64 nodes.
#[derive(Clone, Copy, Default)]
struct Word {
    /// Bit i: some watched node is node i or contains it.
    covered: u64,
    /// Bit i: node i is watched.
    own: u64,
    /// The number of watched nodes in the words before.
    rank: u32,
}

pub(super) struct Index<S: ?Sized> {
    /// The number of nodes of the state.
    nodes: u32,
    /// Empty while no node is watched.
    words: Box<[Word]>,
    /// The watched nodes of the root's tree.
    level: Level<S>,
    /// Notified of every commit.
    every: Vec<Arc<S>>,
    /// Counts attempts, not commits, so that a failed one leaves no marks.
    attempts: u64,
}

impl<S: WatcherSet + ?Sized> Index<S> {
    pub(super) fn new(nodes: u32) -> Self {
        let level = Level::default();
        Self { nodes, words: Box::default(), level, every: Vec::new(), attempts: 0 }
    }

    /// Whether nothing is watched.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.level.is_empty() && self.every.is_empty()
    }

    /// Whether a write at this node, or anywhere, can affect a subscriber.
    #[inline]
    pub(super) fn is_affected(&self, node: Option<Node>) -> bool {
        if self.is_empty() {
            return false;
        }
        node.is_none_or(|node| {
            !self.every.is_empty() || self.is_covered(node.id) || !self.level.below(node).is_empty()
        })
    }

    /// Whether a write at this node, or anywhere, can affect a subscriber of places.
    pub(super) fn is_watched(&self, node: Option<Node>) -> bool {
        let watches = |node: Node| self.is_covered(node.id) || !self.level.below(node).is_empty();
        !self.level.is_empty() && node.is_none_or(watches)
    }

    /// Whether a subscriber is notified of every commit.
    pub(super) fn watches_all(&self) -> bool {
        !self.every.is_empty()
    }

    /// The set that the subscribers of one plain place share, or the subscribers of every
    /// commit: the first set that `downcast` accepts.
    pub(super) fn find<I>(
        &self,
        positions: &Positions,
        downcast: impl Fn(&Arc<S>) -> Option<Arc<I>>,
    ) -> Option<Arc<I>> {
        match &positions[..] {
            [] => self.every.iter().find_map(downcast),
            [position]
                if position.location.keys.is_empty() && position.part == WatchedPart::Value =>
            {
                let at = self.at(position.location.node.id)?;
                self.level.nodes()[at].plain.iter().find_map(|watcher| downcast(&watcher.set))
            }
            _ => None,
        }
    }

    pub(super) fn link(&mut self, set: Arc<S>) {
        if set.positions().is_empty() {
            self.every.push(set);
            return;
        }
        let before = self.level.nodes().len();
        for (part, position) in set.positions().iter().enumerate() {
            self.level.link(position, Watcher { set: Arc::clone(&set), part });
        }
        if self.level.nodes().len() != before {
            self.rebuild();
        }
    }

    pub(super) fn unlink(&mut self, set: &Arc<S>) {
        let positions = set.positions();
        if positions.is_empty() {
            level::remove(&mut self.every, |other| Arc::ptr_eq(other, set));
            return;
        }
        let before = self.level.nodes().len();
        for (part, position) in positions.iter().enumerate() {
            let is_it = |other: &Watcher<S>| other.part == part && Arc::ptr_eq(&other.set, set);
            self.level.unlink(position, &is_it);
        }
        if self.level.nodes().len() != before {
            self.rebuild();
        }
    }

    /// All sets, each at least once.
    #[cfg(any(feature = "metrics", feature = "test"))]
    pub(super) fn sets(&self) -> Vec<Arc<S>> {
        let mut sets = self.every.clone();
        self.level.for_each(&mut |watcher| sets.push(Arc::clone(&watcher.set)));
        sets
    }

    /// Removes all sets and returns them, each at least once.
    pub(super) fn clear(&mut self) -> Vec<Arc<S>> {
        let mut sets = std::mem::take(&mut self.every);
        let level = std::mem::take(&mut self.level);
        level.for_each(&mut |watcher| sets.push(Arc::clone(&watcher.set)));
        self.words = Box::default();
        sets
    }

    /// Rebuilds the bitmaps.
    fn rebuild(&mut self) {
        if self.level.is_empty() {
            self.words = Box::default();
            return;
        }
        let words = self.nodes.div_ceil(64) as usize;
        let mut index = vec![Word::default(); words].into_boxed_slice();
        for watched in self.level.nodes() {
            index[watched.node.id as usize / 64].own |= 1 << (watched.node.id % 64);
            if watched.up.is_none() {
                cover(&mut index, watched.node);
            }
        }
        let mut rank = 0;
        for word in &mut index {
            word.rank = rank;
            rank += ones(word.own);
        }
        self.words = index;
    }

    /// Where exactly this node is among the watched ones.
    fn at(&self, id: u32) -> Option<usize> {
        let word = self.words.get(id as usize / 64)?;
        let bit = 1 << (id % 64);
        (word.own & bit != 0).then(|| (word.rank + ones(word.own & (bit - 1))) as usize)
    }

    /// Whether a watched node is `id` or contains it.
    #[inline]
    fn is_covered(&self, id: u32) -> bool {
        self.words.get(id as usize / 64).is_some_and(|word| word.covered & (1 << (id % 64)) != 0)
    }

    /// The nearest watched node that is `id` or contains it.
    #[inline]
    fn nearest(&self, id: u32) -> Option<usize> {
        if !self.is_covered(id) {
            return None;
        }
        let word = self.words.get(id as usize / 64)?;
        let bit = 1u64 << (id % 64);
        // The last watched node at or before `id` is in the same covered subtree.
        let upto = word.own & (bit | (bit - 1));
        let at = (word.rank + ones(upto)) as usize - 1;
        self.level.containing(at, id)
    }
}

/// The number of ones. Most models watch few nodes, and without `popcnt`, which x86-64 does
/// not promise, a single one is found faster than ones are counted.
#[inline]
fn ones(bits: u64) -> u32 {
    if bits & bits.wrapping_sub(1) == 0 { u32::from(bits != 0) } else { many_ones(bits) }
}

#[cold]
fn many_ones(bits: u64) -> u32 {
    bits.count_ones()
}

fn cover(words: &mut [Word], node: Node) {
    let (from, to) = (node.id as usize, (node.id + node.count) as usize);
    for (at, word) in words.iter_mut().enumerate().take(to.div_ceil(64)).skip(from / 64) {
        let low = from.saturating_sub(at * 64).min(63);
        let high = (to - at * 64).min(64);
        word.covered |= (u64::MAX >> (64 - (high - low))) << low;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::watched::Position;
    use crate::path::{EntryId, Location};

    /// A set of one place that is only looked for.
    pub(super) struct PlacedSet(Positions);

    impl WatcherSet for PlacedSet {
        type State = ();
        type Subscribers = ();

        fn positions(&self) -> &Positions {
            &self.0
        }

        fn watch(&self, _: usize) -> &dyn Watch<()> {
            unreachable!("no value is compared")
        }

        fn records(&self) -> bool {
            false
        }

        fn watch_each(&self) -> &dyn WatchEach<()> {
            unreachable!("no value is compared")
        }

        fn affect(&self, _: &mut Marking<'_, ()>) {}

        fn is_affected(&self, _: u64) -> bool {
            false
        }
    }

    /// A set at `node`, or at a node behind an entry of the collection there.
    pub(super) fn set_at(
        node: Node,
        behind: Option<(EntryId, Node)>,
        part: WatchedPart,
    ) -> Arc<PlacedSet> {
        let location = Location { node, keys: behind.into_iter().collect() };
        Arc::new(PlacedSet([Position { location, part }].into_iter().collect()))
    }

    /// A tree of `count` nodes from the number `id` on, in preorder: its root and three subtrees.
    fn tree(id: u32, count: u32, nodes: &mut Vec<Node>) {
        nodes.push(Node { id, count });
        let mut from = id + 1;
        for part in [3, 2, 1] {
            let size = (id + count - from) / part;
            if size > 0 {
                tree(from, size, nodes);
            }
            from += size;
        }
    }

    /// The index knows what a list of the watched nodes says about each node.
    fn check(index: &Index<PlacedSet>, watched: &[Node], nodes: &[Node]) {
        let is_in = |outer: &&Node, node: Node| outer.contains(node);
        for &node in nodes {
            let nearest = watched.iter().filter(|outer| is_in(outer, node)).max_by_key(|of| of.id);
            let below: Vec<Node> = watched
                .iter()
                .filter(|of| node.contains(**of) && of.id != node.id)
                .copied()
                .collect();
            let found = index.nearest(node.id).map(|at| index.level.nodes()[at].node);
            let found_below: Vec<Node> = index.level.below(node).iter().map(|of| of.node).collect();
            assert_eq!(
                (found.as_ref(), &found_below),
                (nearest, &below),
                "{node:?} in {watched:?}"
            );
            assert_eq!(index.at(node.id).is_some(), watched.contains(&node));
            let is_watched = nearest.is_some() || !below.is_empty();
            assert_eq!(index.is_watched(Some(node)), is_watched);
            assert_eq!(index.is_affected(Some(node)), is_watched || index.watches_all());
        }
        assert_eq!(index.is_watched(None), !watched.is_empty());
        assert_eq!(index.is_empty(), watched.is_empty() && !index.watches_all());
    }

    #[test]
    fn i6_the_watched_nodes_around_and_below_each_node_are_found() {
        let mut nodes = Vec::new();
        tree(0, 200, &mut nodes);
        assert_eq!(nodes.len(), 200);
        let (mut index, mut sets) = (Index::new(200), Vec::<Arc<PlacedSet>>::new());
        let mut random = fastrand::Rng::with_seed(7);
        for step in 0..200 {
            let node = nodes[random.usize(..nodes.len())];
            match sets.iter().position(|set| set.0[0].location.node == node) {
                Some(at) => index.unlink(&sets.remove(at)),
                None if step > 150 => index.unlink(&sets.remove(0)),
                None => {
                    sets.push(set_at(node, None, WatchedPart::Value));
                    index.link(Arc::clone(&sets[sets.len() - 1]));
                }
            }
            let mut watched: Vec<Node> = sets.iter().map(|set| set.0[0].location.node).collect();
            watched.sort_by_key(|node| node.id);
            check(&index, &watched, &nodes);
        }
        let removed = index.clear();
        assert_eq!(removed.len(), sets.len());
        check(&index, &[], &nodes);
    }

    #[test]
    fn i6_the_subscribers_of_every_commit_are_affected_by_each_write() {
        let (mut index, nodes) = (Index::new(1), [Node::root(1)]);
        let every = Arc::new(PlacedSet(Positions::new()));
        index.link(Arc::clone(&every));
        check(&index, &[], &nodes);
        assert!(index.watches_all() && index.is_affected(None));
        assert!(index.find(&every.0, |found| Some(Arc::clone(found))).is_some());
        index.unlink(&every);
        check(&index, &[], &nodes);
        assert!(!index.watches_all() && !index.is_affected(None));
    }

    #[test]
    fn i6_a_set_is_shared_at_the_value_of_one_place_alone() {
        let mut index = Index::new(70);
        let (node, behind) = (Node { id: 67, count: 2 }, Some((EntryId::Only, Node::root(1))));
        let value = set_at(node, None, WatchedPart::Value);
        let others =
            [set_at(node, None, WatchedPart::Outline), set_at(node, behind, WatchedPart::Value)];
        let shared = |index: &Index<PlacedSet>, set: &Arc<PlacedSet>| {
            index.find(&set.0, |found| Some(Arc::clone(found))).is_some()
        };
        others.iter().for_each(|set| index.link(Arc::clone(set)));
        assert!(!shared(&index, &value));
        index.link(Arc::clone(&value));
        assert!(shared(&index, &value) && others.iter().all(|set| !shared(&index, set)));
    }
}
