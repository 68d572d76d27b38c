//! A written place of a draft, as the index compares it.

use super::change::EntryChange;
use super::location;
#[cfg(feature = "serde")]
use crate::delta::{Edit as StepEdit, Step};
#[cfg(feature = "serde")]
use crate::path::Route;
use crate::path::{Location, Walk};

/// A written place.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(super) location: Location,
    /// The written entries of the collection there, where it is not all of it.
    pub(super) entries: Option<EntryChange>,
}

impl Edit {
    /// The place that `walk` leads to.
    pub(crate) fn at<T, W: Walk<T>>(walk: &W) -> Self {
        Self { location: location(walk), entries: None }
    }

    /// Entries of the collection that `walk` leads to.
    pub(super) fn entries<T, W: Walk<T>>(walk: &W, entries: EntryChange) -> Self {
        Self { entries: Some(entries), ..Self::at(walk) }
    }

    /// The places that a step changes.
    #[cfg(feature = "serde")]
    pub(crate) fn of_step(step: &Step) -> Self {
        let entries = match &step.edit {
            StepEdit::Set(_) => return Self::along(&step.route, false),
            StepEdit::Add(..) | StepEdit::Remove => return Self::along(&step.route, true),
            StepEdit::Put(items) => EntryChange::appended(items.first().map_or(0, |item| item.0)),
            StepEdit::Take(indices) => EntryChange::appended(indices.first().copied().unwrap_or(0)),
            StepEdit::Order(first, _) => EntryChange::moved(*first),
        };
        Self { location: step.route.location(), entries: Some(entries) }
    }

    #[cfg(feature = "serde")]
    fn along(route: &Route, is_of_outline: bool) -> Self {
        let (location, entries) = EntryChange::along(route, is_of_outline);
        Self { location, entries }
    }
}
