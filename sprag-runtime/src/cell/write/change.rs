//! The parts of the state that a write changes, as the index compares them: places, and
//! entries of collections.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

#[cfg(feature = "serde")]
use crate::path::Route;
use crate::path::{Collection, EntryId, Location, Nodes, Resizable, Walk};

/// One written place with its old and new value.
pub(crate) struct Diff<'a> {
    pub(in crate::cell) at: &'a Location,
    /// The written entries of the collection at the place, where it is not all of it.
    pub(in crate::cell) entries: Option<&'a EntryChange>,
    /// The keys of the place and of the written entries, where they are known.
    pub(in crate::cell) keys: Option<&'a dyn WrittenKeys>,
    pub(in crate::cell) comparison: Comparison<'a>,
}

/// The keys of a written place, for watchers of every entry of a collection.
pub(crate) trait WrittenKeys {
    /// Passes the keys on the way to the place: as many as its location has.
    fn on_the_way(&self, visit: &mut dyn FnMut(&dyn Any));
    /// Passes the keys of the written entries, unless they are a range of elements.
    fn of_entries(&self, _: &mut dyn FnMut(&dyn Any)) {}
}

/// The keys on the way of a walk.
pub(super) struct WalkKeys<'a, T, W>(pub(super) &'a W, pub(super) PhantomData<fn() -> T>);

impl<T, W: Walk<T>> WrittenKeys for WalkKeys<'_, T, W> {
    fn on_the_way(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.0.keys(visit);
    }
}

/// How the watchers of the place, and of places below it, are compared.
pub(crate) enum Comparison<'a> {
    /// One value becomes another.
    Values { differs: bool, old: &'a dyn Nodes, new: &'a dyn Nodes },
    /// The place changes; the watchers below are compared after the write.
    Later,
    /// The watchers at the place, above and below compare their own values.
    Unknown,
    /// Something at or below the place differs between two whole states.
    Roots { old: &'a dyn Any, new: &'a dyn Any },
}

impl<'a> Comparison<'a> {
    /// The two whole states, if it is of states.
    #[inline]
    pub(in crate::cell) fn roots<T: 'static>(&self) -> Option<(&'a T, &'a T)> {
        match self {
            Self::Roots { old, new } => old.downcast_ref().zip(new.downcast_ref()),
            _ => None,
        }
    }
}

impl Diff<'_> {
    #[inline]
    pub(in crate::cell) fn is_equal(&self) -> bool {
        matches!(self.comparison, Comparison::Values { differs: false, .. })
    }
}

/// Entries of a collection that are added, removed, replaced or moved.
#[derive(Clone, Debug)]
pub(crate) struct EntryChange {
    range: EntryRange,
    outline: OutlineChange,
}

/// Whether there are other entries than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cell) enum OutlineChange {
    Same,
    Other,
    /// Another write of the commit may make up for this one.
    Unsure,
}

#[derive(Clone, Debug)]
pub(in crate::cell) enum EntryRange {
    One(EntryId),
    These(Arc<[EntryId]>),
    /// The elements from an index on.
    From(usize),
}

impl EntryChange {
    /// The entry under `key` is written.
    pub(super) fn written<C: Collection>(key: &C::Key) -> Self {
        Self { range: EntryRange::One(C::__id(key)), outline: OutlineChange::Same }
    }

    /// An entry is added under `key`.
    pub(super) fn added<C: Collection>(key: &C::Key) -> Self {
        Self::come_or_gone(C::__id(key))
    }

    /// The entry at the end of `route` is added or removed: the place of the collection, and
    /// the entry.
    #[cfg(feature = "serde")]
    pub(super) fn at_end_of(route: &Route) -> (Location, Option<Self>) {
        let mut location = route.location();
        let key = location.keys.pop();
        (location, key.map(|(id, _)| Self::come_or_gone(id)))
    }

    fn come_or_gone(id: EntryId) -> Self {
        Self { range: EntryRange::One(id), outline: OutlineChange::Other }
    }

    /// The elements from `index` on change places.
    pub(super) fn moved(index: usize) -> Self {
        Self { range: EntryRange::From(index), outline: OutlineChange::Same }
    }

    /// Elements are added, the first of them at `index`.
    pub(super) fn appended(index: usize) -> Self {
        Self { range: EntryRange::From(index), outline: OutlineChange::Other }
    }

    /// The entries under `keys`, in order, are removed. In a sequence the later ones move
    /// up.
    pub(super) fn removed<C: Resizable>(keys: &[C::Key]) -> Self {
        let range = match keys {
            [first, ..] if C::__SHIFTS => match C::__id(first) {
                EntryId::Index(first) => EntryRange::From(first),
                id => EntryRange::One(id),
            },
            [one] => EntryRange::One(C::__id(one)),
            keys => {
                let mut ids = Vec::with_capacity(keys.len());
                for key in keys {
                    ids.push(C::__id(key));
                }
                EntryRange::These(ids.into())
            }
        };
        Self { range, outline: OutlineChange::Other }
    }

    pub(in crate::cell) fn range(&self) -> &EntryRange {
        &self.range
    }

    pub(in crate::cell) fn outline(&self) -> OutlineChange {
        self.outline
    }

    pub(in crate::cell) fn changes_outline(&self) -> bool {
        self.outline != OutlineChange::Same
    }

    /// The same diff, except that the watchers of the outline compare their values.
    pub(in crate::cell) fn unsure(&self) -> Self {
        let outline = if self.changes_outline() { OutlineChange::Unsure } else { self.outline };
        Self { range: self.range.clone(), outline }
    }
}
