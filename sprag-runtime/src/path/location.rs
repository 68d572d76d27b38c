//! The location of a place as numbers, by which a cell finds the subscriptions that a write
//! affects, even behind keys. A location knows neither types nor values.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use smallvec::SmallVec;

/// A place's number in its root's tree, in preorder, and the size of its subtree.
///
/// `a` contains `b` when `b.id` is in `a.id .. a.id + a.count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The preorder number; the root's is 0.
    pub id: u32,
    /// The number of nodes in the subtree, itself included.
    pub count: u32,
}

impl Node {
    /// The root of a tree of `count` nodes.
    pub const fn root(count: u32) -> Self {
        Self { id: 0, count }
    }

    /// Whether `other` is this node or below it.
    #[inline]
    pub const fn contains(self, other: Self) -> bool {
        self.id <= other.id && other.id < self.id + self.count
    }

    /// `inner`, a node of the tree below this one, as a node of this one's root.
    pub const fn then(self, inner: Self) -> Self {
        Self { id: self.id + inner.id, count: inner.count }
    }
}

/// A node of the root's tree and, for each key on the way, the entry and a node of the tree
/// that begins there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub(crate) node: Node,
    pub(crate) keys: SmallVec<[(EntryId, Node); 1]>,
}

/// Distinguishes the entries of one collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryId {
    /// The entry of a map: the hash of its key. Two keys with one hash cost a
    /// comparison, never a wrong answer.
    Hash(u64),
    /// The element of a sequence.
    Index(usize),
    /// The only entry: the content of a pointer.
    Only,
    /// Every entry: of a watched place alone, never of a written one.
    Every,
}

impl EntryId {
    pub(crate) fn of_key<K: Hash + ?Sized>(key: &K) -> Self {
        Self::Hash(BuildHasherDefault::<DefaultHasher>::default().hash_one(key))
    }

    /// Whether no other entry can have the same id.
    pub(crate) fn is_exact(self) -> bool {
        !matches!(self, Self::Hash(_))
    }
}

impl Location {
    /// Everything below any root.
    pub(crate) fn root() -> Self {
        Self { node: Node::root(u32::MAX), keys: SmallVec::new() }
    }

    /// Appends `inner`, a node of the tree that begins here.
    #[inline]
    pub(crate) fn enter(&mut self, inner: Node) {
        let node = self.innermost();
        *node = node.then(inner);
    }

    /// The node of the tree that begins at the last key.
    #[inline]
    pub(crate) fn innermost(&mut self) -> &mut Node {
        match &mut self.keys[..] {
            [] => &mut self.node,
            [.., (_, node)] => node,
        }
    }

    /// Appends an entry, whose tree has `nodes` nodes.
    pub(crate) fn enter_entry(&mut self, entry: EntryId, nodes: u32) {
        self.keys.push((entry, Node::root(nodes)));
    }
}
