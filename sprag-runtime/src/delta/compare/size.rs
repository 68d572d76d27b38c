//! The sizes, as data, of removals from a map and of the map without the removed entries.

use std::any::Any;
use std::io;

use serde::Serialize;

use crate::delta::known::Known;
use crate::delta::op::{Act, RecordedOp};
use crate::path::{Hop, Part, WirePart, Writing, wire_parts};

/// Whether several removals among `ops` are larger than a set of the map at `hops`, which is
/// `map` now.
///
/// Serialises no more bytes of the map than the removals have.
pub(super) fn are_larger(
    root: Known,
    ops: &[RecordedOp],
    (hops, known, map): (&[Hop], Known, &dyn Any),
) -> bool {
    let removals = || ops.iter().filter(|op| matches!(op.act, Act::Remove { .. }));
    let Some(write) = known.abilities.write.filter(|_| removals().nth(1).is_some()) else {
        return false;
    };
    let size: usize = removals().map(|op| place_size(root, &op.route.hops)).sum();
    let rest = size.saturating_sub(place_size(root, hops));
    size_within(rest, &Writing { value: map, write }).is_some_and(|map| map < rest)
}

/// The number of bytes of an op without a value at the place.
fn place_size(root: Known, hops: &[Hop]) -> usize {
    let parts: Vec<Part> = wire_parts(root.shape, hops).map(WirePart::into_part).collect();
    size_within(usize::MAX, &("-", parts)).unwrap_or_default()
}

/// The number of bytes of the value's JSON, unless there are more than `limit`.
fn size_within(limit: usize, value: &impl Serialize) -> Option<usize> {
    let mut budget = ByteBudget(limit);
    serde_json::to_writer(&mut budget, value).ok()?;
    Some(limit - budget.0)
}

/// Accepts bytes up to a number, and keeps none.
struct ByteBudget(usize);

impl io::Write for ByteBudget {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.0.checked_sub(bytes.len());
        self.0 = left.ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
