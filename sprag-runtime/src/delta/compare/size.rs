//! Whether removals from a map are larger, as data, than a set of what is left of the map.

use std::any::Any;
use std::ops::Range;
use std::{io, iter};

use crate::delta::known::Known;
use crate::delta::op::{Act, RecordedOp};
use crate::path::{Hop, Part, WirePart, Writing, wire_parts};

/// The maps of a comparison whose removals stay, in the order of their ops and without the maps
/// inside of them.
#[derive(Default)]
pub(super) struct KeptRemovals(Vec<KeptMap>);

/// A map of which a set would be no smaller than the several removals from it.
struct KeptMap {
    /// Its ops in the comparison.
    ops: Range<usize>,
    /// The number of bytes of the removals among these ops.
    removals: usize,
    /// How many bytes a set of the map has at least.
    set: usize,
}

impl KeptRemovals {
    /// Whether several removals among the ops from `first` on are larger than a set of the map
    /// at `hops`, which is `map` now.
    ///
    /// The removals and the map are serialised in turn until one of them is known to be the
    /// larger, so the cost is that of the smaller. The bytes that maps inside have counted are
    /// not counted again.
    pub(super) fn are_larger(
        &mut self,
        root: Known,
        (ops, first): (&[RecordedOp], usize),
        (hops, known, map): (&[Hop], Known, &dyn Any),
    ) -> bool {
        let Some(write) = known.abilities.write else { return false };
        let inner = self.take(first);
        let removals = || removals_outside(ops, first, &inner);
        if inner.is_empty() && removals().nth(1).is_none() {
            return false;
        }
        let own = place_size(root, hops);
        let mut sizes = Sizes {
            removals: inner.iter().map(|kept| kept.removals).sum(),
            further: removals().map(|op| place_size(root, &op.route.hops)),
            set: own,
        };
        // The way from this map to one inside takes at least as many bytes here as in a place.
        let inside = inner.iter().map(|kept| kept.set.saturating_sub(own));
        let least = own + inside.sum::<usize>();
        let map = Writing { value: map, write };
        if sizes.are_removals_above(least) && serde_json::to_writer(&mut sizes, &map).is_ok() {
            return true;
        }
        let Sizes { removals, set, .. } = sizes;
        self.0.push(KeptMap { ops: first..ops.len(), removals, set: set.max(least) });
        false
    }

    /// Forgets the maps with ops from `first` on.
    pub(super) fn truncate(&mut self, first: usize) {
        drop(self.take(first));
    }

    fn take(&mut self, first: usize) -> Vec<KeptMap> {
        self.0.split_off(self.0.partition_point(|kept| kept.ops.start < first))
    }
}

/// The removals among the ops from `first` on that are in none of `maps`.
fn removals_outside<'a>(
    ops: &'a [RecordedOp],
    first: usize,
    maps: &'a [KeptMap],
) -> impl Iterator<Item = &'a RecordedOp> {
    let starts = iter::once(first).chain(maps.iter().map(|kept| kept.ops.end));
    let ends = maps.iter().map(|kept| kept.ops.start).chain([ops.len()]);
    let outside = starts.zip(ends).flat_map(move |(start, end)| &ops[start..end]);
    outside.filter(|op| matches!(op.act, Act::Remove { .. }))
}

/// The number of bytes of an op without a value at the place.
fn place_size(root: Known, hops: &[Hop]) -> usize {
    let parts: Vec<Part> = wire_parts(root.shape, hops).map(WirePart::into_part).collect();
    serde_json::to_vec(&("-", parts)).map_or(0, |bytes| bytes.len())
}

/// The numbers of bytes of removals and of a set, as far as they are counted.
struct Sizes<I> {
    removals: usize,
    /// The sizes of the removals that are not counted yet.
    further: I,
    set: usize,
}

impl<I: Iterator<Item = usize>> Sizes<I> {
    /// Whether the removals have more than `bytes`. Counts as many of them as that takes.
    fn are_removals_above(&mut self, bytes: usize) -> bool {
        while self.removals <= bytes {
            let Some(next) = self.further.next() else { return false };
            self.removals += next;
        }
        true
    }
}

/// Counts the bytes of the set, and fails once the removals do not have more.
impl<I: Iterator<Item = usize>> io::Write for Sizes<I> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.set += bytes.len();
        if self.are_removals_above(self.set) {
            return Ok(bytes.len());
        }
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
