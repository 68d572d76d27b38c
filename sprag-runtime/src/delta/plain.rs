//! [`PlainPlace`]: a place at which a set of a value is exact, remembered so that the next
//! set there need not check that again.

use std::ptr;

use smallvec::SmallVec;

use super::footprint::Footprint;
use super::known::Known;
use super::op::{Act, RecordedOp};
use crate::path::{Hop, Route, Shape};

/// A place of a cell's state, in every entry of the collections on the way: serde cannot
/// omit any field on the way, the value has its own member in the JSON, and the value can
/// be cloned.
pub(crate) struct PlainPlace {
    steps: SmallVec<[PlainStep; 8]>,
    /// The shape and abilities of the value at the place.
    known: Known,
}

/// One hop, without its key.
enum PlainStep {
    Field(&'static Shape, usize),
    Variant(&'static Shape, usize),
    Inside,
    Entry,
}

impl PlainStep {
    fn of(hop: &Hop) -> Self {
        match hop {
            Hop::Field { owner, index, .. } => Self::Field(owner, *index),
            Hop::Variant { owner, index, .. } => Self::Variant(owner, *index),
            Hop::Inside(_) => Self::Inside,
            Hop::Entry { .. } => Self::Entry,
        }
    }

    /// Whether the step is that of `hop`, where the steps before are the same.
    fn is(&self, hop: &Hop) -> bool {
        match (self, hop) {
            (Self::Field(own, at), Hop::Field { owner, index, .. })
            | (Self::Variant(own, at), Hop::Variant { owner, index, .. }) => {
                ptr::eq(*own, *owner) && at == index
            }
            (Self::Inside, Hop::Inside(_)) | (Self::Entry, Hop::Entry { .. }) => true,
            _ => false,
        }
    }
}

impl PlainPlace {
    /// The place at the end of `hops`.
    pub(super) fn of(hops: &[Hop], known: Known) -> Self {
        Self { steps: hops.iter().map(PlainStep::of).collect(), known }
    }

    fn is(&self, hops: &[Hop]) -> bool {
        self.steps.len() == hops.len() && self.steps.iter().zip(hops).all(|(own, hop)| own.is(hop))
    }

    /// The op of a set at this place whose values are at hand; otherwise returns the
    /// footprint.
    pub(super) fn set<'a>(
        place: Option<&Self>,
        footprint: Footprint<'a>,
    ) -> Result<RecordedOp, Footprint<'a>> {
        let (Some(place), Footprint { hops, node: 0, doing, values: Some((old, new)) }) =
            (place, &footprint)
        else {
            return Err(footprint);
        };
        let Some(origin) = doing.origin() else { return Err(footprint) };
        if !place.is(hops) {
            return Err(footprint);
        }
        let Some(new) = place.known.hold(*new) else { return Err(footprint) };
        let old = place.known.hold(*old);
        let route = Route { hops: footprint.hops, shape: place.known.shape };
        Ok(RecordedOp { origin, ..RecordedOp::new(route, Act::Set { old, new }) })
    }
}
