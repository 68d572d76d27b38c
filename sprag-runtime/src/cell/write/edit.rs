//! A written place, as the index compares it after the write.

use super::change::{Comparison, Diff, EntryChange, EntryRange, WrittenKeys};
use crate::path::Location;

/// A written place.
#[derive(Debug)]
pub(crate) struct WrittenPlace {
    pub(in crate::cell) location: Location,
    /// The written entries of the collection there, where it is not all of it.
    pub(in crate::cell) entries: Option<EntryChange>,
}

impl WrittenPlace {
    /// The written place that `diff` describes.
    pub(in crate::cell) fn of(diff: &Diff<'_>) -> Self {
        Self { location: diff.at.clone(), entries: diff.entries.cloned() }
    }

    /// The place, to be compared by its watchers.
    pub(in crate::cell) fn unknown<'a>(&'a self, keys: Option<&'a dyn WrittenKeys>) -> Diff<'a> {
        let (at, entries) = (&self.location, self.entries.as_ref());
        Diff { at, entries, keys, comparison: Comparison::Unknown }
    }

    pub(in crate::cell) fn changes_outline(&self) -> bool {
        self.entries.as_ref().is_some_and(EntryChange::changes_outline)
    }

    pub(in crate::cell) fn range(&self) -> Option<&EntryRange> {
        self.entries.as_ref().map(EntryChange::range)
    }
}
