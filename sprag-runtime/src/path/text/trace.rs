//! [`WalkTrace`]: a typed walk as numbers and keys, which costs less than its hops.

use smallvec::SmallVec;

use super::held_key::HeldKey;

/// The steps of a walk without its keys. Two walks from one type with equal traces lead to
/// the same place, each in the entries of its own keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct WalkTrace(SmallVec<[u32; 8]>);

/// The keys of a walk, outermost first.
pub(crate) type Keys = SmallVec<[HeldKey; 1]>;

/// The numbers of steps that are not nodes: a tree has fewer than 2³¹ nodes.
const INNER: u32 = u32::MAX;
const INSIDE: u32 = u32::MAX - 1;
const ENTRY: u32 = u32::MAX - 2;

impl WalkTrace {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn node(&mut self, id: u32) {
        self.0.push(id);
    }

    pub(super) fn inner(&mut self) {
        self.0.push(INNER);
    }

    pub(super) fn inside(&mut self) {
        self.0.push(INSIDE);
    }

    pub(super) fn entry(&mut self) {
        self.0.push(ENTRY);
    }
}
