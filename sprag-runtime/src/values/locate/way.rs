//! [`Way`]: a route without the hops that are not visible in the JSON.

use crate::path::{Hop, Kind, Note, Noted, Tagging};

/// The part of a hop in the serde form.
#[derive(Clone, Copy, PartialEq)]
enum WireStep {
    /// A member of its own.
    Member,
    /// No part: the value behind the hop takes its owner's place.
    None,
    /// No part, and others' members are among the members of the value behind the hop.
    Shared,
    /// A variant's name around the content.
    Variant,
}

impl WireStep {
    pub(super) fn of(hop: &Hop) -> Self {
        match hop {
            Hop::Variant { owner, index, .. } => match owner.tagging_of(*index) {
                Tagging::External => Self::Variant,
                Tagging::Internal => Self::Shared,
                Tagging::Untagged => Self::None,
                Tagging::Adjacent(_) => Self::Member,
            },
            Hop::Field { owner, .. } if owner.kind == Kind::Option => Self::None,
            Hop::Field { owner, index, .. } => match owner.note(Noted::Place(*index)) {
                Note { flat: true, .. } => Self::Shared,
                Note { wire: Some(""), .. } => Self::None,
                _ => Self::Member,
            },
            Hop::Inside(_) => Self::None,
            Hop::Entry { .. } => Self::Member,
        }
    }
}

/// The hops from the first one on that serde shows as something of its own.
pub(super) struct Way<'a> {
    pub(super) hops: &'a [Hop],
    /// Whether members that belong to others are among the next members.
    pub(super) shared: bool,
}

impl<'a> Way<'a> {
    pub(super) fn of(mut hops: &'a [Hop]) -> Self {
        let mut shared = false;
        while let [hop, rest @ ..] = hops
            && let trace @ (WireStep::None | WireStep::Shared) = WireStep::of(hop)
        {
            shared |= trace == WireStep::Shared;
            hops = rest;
        }
        Self { hops, shared }
    }

    /// The hops of [`of`](Self::of), for a variant that serde writes untagged and therefore
    /// without its name.
    pub(super) fn inside(hops: &'a [Hop]) -> &'a [Hop] {
        match Self::of(hops) {
            Self { hops: [hop, rest @ ..], .. } if WireStep::of(hop) == WireStep::Variant => {
                Self::of(rest).hops
            }
            way => way.hops,
        }
    }
}
