//! [`PlaceIndex`]: the watched nodes, found by node number in O(1).
//!
//! One bitmap says for each node whether a watched node contains it, which settles most
//! writes with one load. A second bitmap with running counts leads from a node's number
//! to its watchers. Nothing here depends on the type of the state, so that each function is
//! compiled once, however many types of state a program has.

use super::level::{Level, WatchedNode, Watcher};
use crate::cell::watched::{Positions, WatchedPart};
use crate::path::Node;

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

/// The places of a state that are watched.
pub(super) struct PlaceIndex {
    /// The number of nodes of the state.
    nodes: u32,
    /// Empty while no node is watched.
    words: Box<[Word]>,
    /// The watched nodes of the root's tree.
    level: Level,
}

impl PlaceIndex {
    #[inline]
    pub(super) fn new(nodes: u32) -> Self {
        Self { nodes, words: Box::default(), level: Level::default() }
    }

    /// The watched nodes of the root's tree.
    #[inline]
    pub(super) fn level(&self) -> &Level {
        &self.level
    }

    /// Whether nothing is watched.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.level.is_empty()
    }

    /// Whether a write at this node can affect a watcher.
    #[inline]
    pub(super) fn is_watched(&self, node: Node) -> bool {
        self.is_covered(node.id) || !self.level.below(node).is_empty()
    }

    /// The watchers of the value of one plain place, if the positions are that place alone.
    pub(super) fn plain(&self, positions: &Positions) -> &[Watcher] {
        let plain = match &positions[..] {
            [position]
                if position.location.keys.is_empty() && position.part == WatchedPart::Value =>
            {
                self.at(position.location.node.id)
            }
            _ => None,
        };
        plain.map_or(&[], |watched| &watched.plain)
    }

    /// Finds the set of this number for writes to the positions.
    pub(super) fn link(&mut self, positions: &Positions, set: u32) {
        let before = self.level.nodes().len();
        for (position, part) in positions.iter().zip(0..) {
            self.level.link(position, Watcher { set, part });
        }
        if self.level.nodes().len() != before {
            self.rebuild();
        }
    }

    pub(super) fn unlink(&mut self, positions: &Positions, set: u32) {
        let before = self.level.nodes().len();
        for (position, part) in positions.iter().zip(0..) {
            self.level.unlink(position, Watcher { set, part });
        }
        if self.level.nodes().len() != before {
            self.rebuild();
        }
    }

    pub(super) fn clear(&mut self) {
        self.level = Level::default();
        self.words = Box::default();
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

    /// The node of this number, if it is watched itself.
    fn at(&self, id: u32) -> Option<&WatchedNode> {
        let word = self.words.get(id as usize / 64)?;
        let bit = 1 << (id % 64);
        let at = (word.rank + ones(word.own & (bit - 1))) as usize;
        (word.own & bit != 0).then(|| &self.level.nodes()[at])
    }

    /// Whether a watched node is `id` or contains it.
    #[inline]
    fn is_covered(&self, id: u32) -> bool {
        self.words.get(id as usize / 64).is_some_and(|word| word.covered & (1 << (id % 64)) != 0)
    }

    /// The nearest watched node that is `id` or contains it.
    #[inline]
    pub(super) fn nearest(&self, id: u32) -> Option<usize> {
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
