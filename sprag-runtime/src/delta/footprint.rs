//! [`Footprint`]: the places and kinds of a write's changes, before any value is read.

use std::any::Any;

use smallvec::{SmallVec, smallvec};

use super::op::ValueOrigin;
use crate::path::{AnyKey, Contents, Hop, Hops};

/// The places that one write changes: one, of most writes.
pub(crate) type Footprints<'a> = SmallVec<[Footprint<'a>; 1]>;

/// One place that a write changes.
pub(crate) struct Footprint<'a> {
    /// To the list of `Put`, `Take` and `Order`, else to the value itself.
    pub(crate) hops: Vec<Hop>,
    /// The node of the place in the tree that begins at the end of the hops.
    pub(crate) node: u32,
    pub(crate) doing: Doing,
    /// The old and the new value of a set, where the write has both.
    pub(crate) values: Option<(&'a dyn Any, &'a dyn Any)>,
}

/// The change that the write makes there.
pub(crate) enum Doing {
    /// Sets the value.
    Set,
    /// Sets the value to an edited clone of it.
    Edit,
    /// Adds the entry, which the map does not have.
    Add,
    /// Removes the entry from the map.
    Remove,
    /// Puts elements into the list, which then have these indices.
    Put(Vec<usize>),
    /// Removes the elements at these ascending indices from the list.
    Take(Vec<usize>),
    /// The elements from an index on become the elements from these indices.
    Order(usize, Vec<usize>),
}

impl Doing {
    /// The origin of a set's new value; `None` for other changes.
    pub(super) fn origin(&self) -> Option<ValueOrigin> {
        match self {
            Self::Set => Some(ValueOrigin::Given),
            Self::Edit => Some(ValueOrigin::Edited),
            _ => None,
        }
    }
}

impl<'a> Footprint<'a> {
    /// At a place of which no value is at hand.
    pub(crate) fn along(hops: Vec<Hop>, doing: Doing) -> Self {
        Self { hops, node: 0, doing, values: None }
    }

    /// A value is set at the place that `walk` leads to.
    pub(crate) fn set(hops: Hops, old: &'a dyn Any, new: &'a dyn Any, origin: ValueOrigin) -> Self {
        // Closed hops end at a value around the place.
        let values = (!hops.is_closed()).then_some((old, new));
        let doing = match origin {
            ValueOrigin::Given => Doing::Set,
            ValueOrigin::Edited => Doing::Edit,
        };
        Self { values, ..Self::of(hops, doing) }
    }

    /// The change that an operation makes to entries of a collection; `follow` passes the
    /// hops to the collection.
    pub(crate) fn of_entries(
        follow: &dyn Fn(&mut Hops),
        doings: Vec<(Option<AnyKey>, Doing)>,
    ) -> Footprints<'a> {
        let mut footprints = smallvec![];
        for (key, doing) in doings {
            let mut hops = Hops::without_texts();
            follow(&mut hops);
            if let Some(key) = key {
                hops.entry(key);
            }
            let is_closed = hops.is_closed();
            footprints.push(Self::of(hops, doing));
            if is_closed {
                // The value around all of the entries is set as a whole.
                break;
            }
        }
        footprints
    }

    /// At the end of `hops`. If no shape describes the effect of the write, the value there
    /// is set as a whole.
    pub(crate) fn of(hops: Hops, doing: Doing) -> Self {
        let is_of_elements = matches!(doing, Doing::Put(_) | Doing::Take(_) | Doing::Order(..));
        let has_elements = matches!(hops.contents(), Contents::Entries(_));
        let is_known = !hops.is_closed() && (has_elements || !is_of_elements);
        let doing = if is_known { doing } else { Doing::Set };
        Self::along(hops.hops, doing)
    }
}
