//! Distinguishes the places that are a value of their own in the serde form of a state, so
//! that an op there is exact, from the places that are only a part of a larger value.

use super::known::Known;
use crate::path::{Hop, Kind, Note, Noted, Tagging};

/// The place of a hop in the JSON of the state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trace {
    /// As a member or an element.
    Member,
    /// As nothing: the value takes its owner's place.
    Merged,
    /// As nothing, and the members of the value are among others.
    Shared,
}

impl Trace {
    pub(crate) fn of(hop: &Hop) -> Self {
        match hop {
            Hop::Variant { owner, index, .. } => match owner.tagging_of(*index) {
                Tagging::External | Tagging::Adjacent(_) => Self::Member,
                Tagging::Internal => Self::Shared,
                Tagging::Untagged => Self::Merged,
            },
            Hop::Field { owner, .. } if owner.kind == Kind::Option => Self::Merged,
            Hop::Field { owner, index, .. } => match owner.note(Noted::Place(*index)) {
                Note { flat: true, .. } => Self::Shared,
                Note { wire: Some(""), .. } => Self::Merged,
                _ => Self::Member,
            },
            Hop::Inside(_) => Self::Merged,
            Hop::Entry { .. } => Self::Member,
        }
    }
}

/// The number of hops to the value that an op at the end of them must set as a whole: all
/// of them if the op is exact.
pub(crate) fn exact_depth(root: Known, hops: &[Hop]) -> usize {
    let mut depth = own_depth(&hops[..open_depth(root, hops)]);
    // A variant is not a value of its own.
    while let [owner @ .., Hop::Variant { .. }] = &hops[..depth] {
        depth = own_depth(owner);
    }
    depth
}

/// How many hops lead to values whose form serde shows and writes: not through an `Arc`, which
/// is written as a whole, nor through a field or a variant that functions of the user's write,
/// nor to an entry whose key cannot be written, nor to a value of a type that is not known to
/// be `Serialize`.
fn open_depth(root: Known, hops: &[Hop]) -> usize {
    // Nothing is written of a state without `Serialize`, nor of a place that serde skips.
    let is_written = root.abilities.write.is_some() && !hops.iter().any(Hop::is_skipped);
    let mut known = root;
    let mut written = 0;
    let mut keys = Vec::new();
    for (index, hop) in hops.iter().enumerate() {
        keys.push(known.shape.keys);
        let is_shared = matches!(hop, Hop::Inside(inside) if inside.is_shared);
        let has_no_text =
            matches!(hop, Hop::Entry { entries, .. } if !entries.has_key_texts(&keys));
        let is_custom = matches!(hop, Hop::Variant { owner, index, .. }
            if owner.note(Noted::Variant(*index)).custom);
        if known.is_opaque() || is_shared || is_custom || has_no_text {
            return if is_written { written } else { index };
        }
        known = known.hop(hop);
        // A variant is not a value of its own.
        if known.abilities.write.is_some() && !matches!(hop, Hop::Variant { .. }) {
            written = index + 1;
        }
    }
    if is_written { written } else { hops.len() }
}

/// The number of hops to the last value that has a member, an element or the root for
/// itself alone.
fn own_depth(hops: &[Hop]) -> usize {
    let merged = |hop: &&Hop| Trace::of(hop) != Trace::Member;
    let start = hops.len() - hops.iter().rev().take_while(merged).count();
    let shared = hops[start..].iter().position(|hop| Trace::of(hop) == Trace::Shared);
    shared.map_or(hops.len(), |shared| start + shared)
}

/// Whether serde writes the last hop's field as an element, whose absence moves others.
pub(super) fn is_element(hop: &Hop) -> bool {
    matches!(hop, Hop::Field { field, .. } if field.name.parse::<usize>().is_ok())
}
