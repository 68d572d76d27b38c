//! Which subscribers watch which node.
//!
//! [`places`] finds the watchers of a node by its number, and [`level`] keeps them.
//! [`matching`] finds the watchers that a write affects. A watcher names its set of
//! subscribers by a number, and [`sets`] has the sets. The index knows sets of subscribers
//! only through [`WatcherSet`].

mod cache;
mod level;
mod matching;
mod places;
mod sets;
mod undecided;

use std::sync::Arc;

pub(super) use self::cache::SubscriberCache;
pub(super) use self::matching::{
    AffectedSubscribers, CapturedWatcher, KeepCaptured, Marking, Matching, TouchedEntries,
};
use self::places::PlaceIndex;
use self::sets::Sets;
pub(super) use self::undecided::Undecided;
use super::watched::{Positions, Watch, WatchEach};
use crate::path::Node;

/// A set of subscribers of one selector, as the index knows it.
pub(super) trait WatcherSet: Send + Sync + 'static {
    type State: 'static;
    /// The subscribers of one moment.
    type Subscribers: ?Sized;

    /// Its own among the sets of its cell.
    fn number(&self) -> u32;
    /// The watched places; none means every commit.
    fn positions(&self) -> &Positions;
    /// The `part`th of the watched places.
    fn watch(&self, part: u32) -> &dyn Watch<Self::State>;
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

pub(super) struct Index<S: ?Sized> {
    places: PlaceIndex,
    sets: Sets<S>,
    /// Counts attempts, not commits, so that a failed one leaves no marks.
    attempts: u64,
}

impl<S: WatcherSet + ?Sized> Index<S> {
    pub(super) fn new(nodes: u32) -> Self {
        Self { places: PlaceIndex::new(nodes), sets: Sets::default(), attempts: 0 }
    }

    /// Whether nothing is watched.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty() && !self.watches_all()
    }

    /// Whether a write at this node, or anywhere, can affect a subscriber.
    #[inline]
    pub(super) fn is_affected(&self, node: Option<Node>) -> bool {
        if self.is_empty() {
            return false;
        }
        node.is_none_or(|node| self.watches_all() || self.places.is_watched(node))
    }

    /// Whether a write at this node, or anywhere, can affect a subscriber of places.
    #[inline]
    pub(super) fn is_watched(&self, node: Option<Node>) -> bool {
        !self.places.is_empty() && node.is_none_or(|node| self.places.is_watched(node))
    }

    /// Whether a subscriber is notified of every commit.
    #[inline]
    pub(super) fn watches_all(&self) -> bool {
        !self.sets.of_every_commit().is_empty()
    }

    /// The set that the subscribers of one plain place share, or the subscribers of every
    /// commit: the first set that `is_it` accepts.
    pub(super) fn find(&self, positions: &Positions, is_it: impl Fn(&S) -> bool) -> Option<Arc<S>> {
        if positions.is_empty() {
            return self.sets.of_every_commit().iter().find(|set| is_it(set)).cloned();
        }
        for watcher in self.places.plain(positions) {
            let set = self.sets.of(*watcher);
            if is_it(set) {
                return Some(Arc::clone(set));
            }
        }
        None
    }

    pub(super) fn link(&mut self, set: Arc<S>) {
        if !set.positions().is_empty() {
            self.places.link(set.positions(), set.number());
        }
        self.sets.add(set);
    }

    pub(super) fn unlink(&mut self, set: &Arc<S>) {
        if !set.positions().is_empty() {
            self.places.unlink(set.positions(), set.number());
        }
        self.sets.remove(set);
    }

    /// All sets.
    #[cfg(any(feature = "metrics", feature = "test"))]
    pub(super) fn sets(&self) -> Vec<Arc<S>> {
        self.sets.all()
    }

    /// Removes all sets and returns them.
    pub(super) fn clear(&mut self) -> Vec<Arc<S>> {
        self.places.clear();
        std::mem::take(&mut self.sets).into_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::watched::{Position, WatchedPart};
    use crate::path::{EntryId, Location};

    /// A set of one place that is only looked for.
    struct PlacedSet {
        number: u32,
        positions: Positions,
    }

    impl WatcherSet for PlacedSet {
        type State = ();
        type Subscribers = ();

        fn number(&self) -> u32 {
            self.number
        }

        fn positions(&self) -> &Positions {
            &self.positions
        }

        fn watch(&self, _: u32) -> &dyn Watch<()> {
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
    fn set_at(
        number: u32,
        node: Node,
        behind: Option<(EntryId, Node)>,
        part: WatchedPart,
    ) -> Arc<PlacedSet> {
        let location = Location { node, keys: behind.into_iter().collect() };
        let positions = [Position { location, part }].into_iter().collect();
        Arc::new(PlacedSet { number, positions })
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
            let level = index.places.level();
            let found = index.places.nearest(node.id).map(|at| level.nodes()[at].node);
            let found_below: Vec<Node> = level.below(node).iter().map(|of| of.node).collect();
            assert_eq!(
                (found.as_ref(), &found_below),
                (nearest, &below),
                "{node:?} in {watched:?}"
            );
            let plain = set_at(0, node, None, WatchedPart::Value);
            assert_eq!(shares(index, &plain), watched.contains(&node));
            let is_watched = nearest.is_some() || !below.is_empty();
            assert_eq!(index.is_watched(Some(node)), is_watched);
            assert_eq!(index.is_affected(Some(node)), is_watched || index.watches_all());
        }
        assert_eq!(index.is_watched(None), !watched.is_empty());
        assert_eq!(index.is_empty(), watched.is_empty() && !index.watches_all());
    }

    /// Whether the index has a set at the place of `set` that it could share.
    fn shares(index: &Index<PlacedSet>, set: &PlacedSet) -> bool {
        index.find(&set.positions, |_| true).is_some()
    }

    #[test]
    fn i6_the_watched_nodes_around_and_below_each_node_are_found() {
        let mut nodes = Vec::new();
        tree(0, 200, &mut nodes);
        assert_eq!(nodes.len(), 200);
        let (mut index, mut sets) = (Index::new(200), Vec::<Arc<PlacedSet>>::new());
        let mut random = fastrand::Rng::with_seed(7);
        let node_of = |set: &Arc<PlacedSet>| set.positions[0].location.node;
        for step in 0..200 {
            let node = nodes[random.usize(..nodes.len())];
            match sets.iter().position(|set| node_of(set) == node) {
                Some(at) => index.unlink(&sets.remove(at)),
                None if step > 150 => index.unlink(&sets.remove(0)),
                None => {
                    sets.push(set_at(step, node, None, WatchedPart::Value));
                    index.link(Arc::clone(&sets[sets.len() - 1]));
                }
            }
            let mut watched: Vec<Node> = sets.iter().map(node_of).collect();
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
        let every = Arc::new(PlacedSet { number: 0, positions: Positions::new() });
        index.link(Arc::clone(&every));
        check(&index, &[], &nodes);
        assert!(index.watches_all() && index.is_affected(None));
        assert!(shares(&index, &every));
        index.unlink(&every);
        check(&index, &[], &nodes);
        assert!(!index.watches_all() && !index.is_affected(None));
    }

    #[test]
    fn i6_a_set_is_shared_at_the_value_of_one_place_alone() {
        let mut index = Index::new(70);
        let (node, behind) = (Node { id: 67, count: 2 }, Some((EntryId::Only, Node::root(1))));
        let value = set_at(0, node, None, WatchedPart::Value);
        let others = [
            set_at(1, node, None, WatchedPart::Outline),
            set_at(2, node, behind, WatchedPart::Value),
        ];
        others.iter().for_each(|set| index.link(Arc::clone(set)));
        assert!(!shares(&index, &value));
        index.link(Arc::clone(&value));
        assert!(shares(&index, &value) && others.iter().all(|set| !shares(&index, set)));
    }

    #[test]
    fn i8_removed_sets_leave_no_room_behind() {
        let mut index = Index::new(100);
        let set = |number| {
            let node = Node { id: number % 10, count: 1 };
            set_at(number, node, None, WatchedPart::Value)
        };
        let sets: Vec<_> = (0..100).map(set).collect();
        sets.iter().for_each(|set| index.link(Arc::clone(set)));
        let room = index.sets.room();
        assert!(room >= 100);
        for removed in
            sets[1..].iter().rev().step_by(2).chain(sets[1..].iter().rev().skip(1).step_by(2))
        {
            index.unlink(removed);
        }
        assert!(index.sets.room() < 4 && shares(&index, &sets[0]));
        index.unlink(&sets[0]);
        assert!(index.is_empty() && index.sets.room() == 0);
    }
}
