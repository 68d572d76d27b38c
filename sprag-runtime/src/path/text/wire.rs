//! [`PartStep`]: the parts of a place as serde writes them, in every entry of the
//! collections on the way.

use super::erased::By;
use super::hop::{Hop, WirePart};
use super::key_tables::KeyTables;
use crate::path::ability::KeyText;
use crate::path::shape::Shape;

/// One part.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PartStep {
    Name(&'static str),
    Index(usize),
    /// The key of an entry; `None` if its type cannot be written.
    Key(Option<KeyText>),
    /// The index of an element.
    Element,
}

/// The parts of the place that `hops` lead to; `None` for a place in a set, and for one that
/// serde leaves out.
pub(crate) fn wire_steps(root: &'static Shape, hops: &[Hop]) -> Option<Box<[PartStep]>> {
    let (mut steps, mut keys) = (Vec::with_capacity(hops.len()), KeyTables::of(root));
    for hop in hops {
        if hop.members().is_some() || hop.is_skipped() {
            return None;
        }
        match hop {
            Hop::Entry { entries, .. } => steps.push(match entries.by {
                By::Index { .. } => PartStep::Element,
                By::Key { key, .. } => PartStep::Key(keys.key_text(key)),
            }),
            _ => steps.extend(match hop.part_with(None) {
                Some(WirePart::Name(name)) => Some(PartStep::Name(name)),
                Some(WirePart::Index(index)) => Some(PartStep::Index(index)),
                _ => None,
            }),
        }
        keys.enter(hop);
    }
    Some(steps.into())
}
