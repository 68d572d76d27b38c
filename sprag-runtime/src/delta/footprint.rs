//! [`Footprint`]: where a write is about to do what, before any value is looked at.

use std::ops::Range;

use crate::path::{AnyKey, Entries, Hop, Hops, Walk};

/// One place that a write changes.
pub(crate) struct Footprint {
    /// To the list of `Put`, `Take` and `Order`, else to the value itself.
    pub(crate) hops: Vec<Hop>,
    /// The node of the place in the tree that begins at the end of the hops.
    pub(crate) node: u32,
    pub(crate) doing: Doing,
}

/// What the write does there.
pub(crate) enum Doing {
    /// Sets the value.
    Set,
    /// Adds the entry, which the map does not have.
    Add,
    /// Takes the entry out of the map.
    Remove,
    /// Puts elements into the list, which then have these indices.
    Put(Range<usize>),
    /// Takes the elements at these indices, which ascend, out of the list.
    Take(Vec<usize>),
    /// The elements from an index on become those that stood at these indices.
    Order(usize, Vec<usize>),
}

impl Footprint {
    /// At the place that `walk` leads to.
    pub(crate) fn at<T, W: Walk<T>>(walk: &W, doing: Doing) -> Self {
        let mut hops = Hops::without_texts();
        walk.hops(&mut hops);
        Self { hops: hops.hops, node: 0, doing }
    }

    /// At an entry of the collection.
    pub(crate) fn entry(mut self, entries: Entries, key: AnyKey) -> Self {
        self.hops.push(Hop::Entry { entries, key, text: None });
        self
    }
}
