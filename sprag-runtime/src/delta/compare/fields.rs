//! Whether every field of a struct or a variant is set, so that one set of the whole value has
//! the same values and is smaller as data: it names the place once.

use super::ValueComparison;
use crate::delta::exact::exact_depth;
use crate::delta::known::Known;
use crate::delta::op::{Act, RecordedOp, Shows};
use crate::path::{Hop, Kind};

impl ValueComparison {
    /// Whether the ops from `first` on set each field of the value at the end of the hops, and
    /// serde writes several of the fields.
    ///
    /// Where a field stays as it is, the others keep their own ops: a set of the whole value
    /// would name a place that did not change, and an inverse would touch that place.
    pub(super) fn sets_each_field(&self, known: Known, first: usize) -> bool {
        let (ops, depth) = (&self.ops[first..], self.hops.len());
        let Some((count, hops)) = fields(known, ops, depth) else { return false };
        let is_of_field = |op: &RecordedOp| {
            op.route.hops.len() == depth + hops && matches!(op.act, Act::Set { .. })
        };
        ops.len() == count
            && ops.iter().all(is_of_field)
            && ops.iter().filter(|op| is_written(op)).nth(1).is_some()
            && known.abilities.clone.is_some()
            && exact_depth(self.root, &self.hops) == depth
    }
}

/// The number of fields of a struct or of the variant that the ops are in, and the number of
/// hops that lead to each.
fn fields(known: Known, ops: &[RecordedOp], depth: usize) -> Option<(usize, usize)> {
    match (known.shape.kind, ops.first()?.route.hops.get(depth)?) {
        (Kind::Struct, _) => Some((known.shape.fields.len(), 1)),
        (Kind::Enum, Hop::Variant { field, .. }) => Some((field.shape.fields.len(), 2)),
        _ => None,
    }
}

/// Whether serde writes the field that the op sets, before or after.
fn is_written(op: &RecordedOp) -> bool {
    op.shows != Shows::Nothing && !op.route.hops.last().is_some_and(Hop::is_skipped)
}
