//! Writes of places that were found at run time: the edge's.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::CellWrite;
use super::change::{Comparison, Diff, EntryChange, WrittenKeys};
use crate::delta::{Doing, Footprint, Footprints, KeptValue, exchange};
use crate::isolate::discard;
use crate::path::{
    AnyKey, By, Entries, Equal, Hop, Location, Nodes, Route, Shape, follow, follow_mut,
};

/// One change of a state whose types are not known.
pub(crate) enum RoutedChange {
    /// A value replaces the one at a place.
    Set {
        route: Arc<Route>,
        /// The new value, or its container; after the write it holds the old value.
        holder: Box<dyn Any>,
        /// The way from the holder to the value.
        inner: Vec<Hop>,
        /// Whether the new value is at the place.
        is_written: bool,
        /// Compares the two values; without it they count as different.
        equal: Option<Equal>,
        /// Values inside of both that exchange the parts that serde omits.
        kept: Vec<KeptValue>,
    },
    /// An entry is added to a map that has none of its key.
    Add {
        /// The entry.
        route: Arc<Route>,
        entries: &'static Entries,
        key: AnyKey,
        /// The value while it is not in the map.
        item: Option<Box<dyn Any>>,
        /// The value that was taken out again.
        undone: Option<Box<dyn Any>>,
    },
    /// An entry is removed from a map.
    Remove {
        /// The entry.
        route: Arc<Route>,
        entries: &'static Entries,
        key: AnyKey,
        /// The entry while it is not in the map.
        removed: Option<Box<dyn Any>>,
    },
}

/// Changes that are one commit.
#[derive(Default)]
pub(crate) struct Routed {
    pub(crate) changes: Vec<RoutedChange>,
    is_written: bool,
}

impl RoutedChange {
    fn route(&self) -> &Arc<Route> {
        match self {
            Self::Set { route, .. } | Self::Add { route, .. } | Self::Remove { route, .. } => route,
        }
    }

    /// Where the change is, and the entry of the collection there that comes or goes.
    fn place(&self) -> (Location, Option<EntryChange>) {
        match self {
            Self::Set { route, .. } => (route.location(), None),
            Self::Add { route, .. } | Self::Remove { route, .. } => EntryChange::at_end_of(route),
        }
    }

    fn swap(&mut self, root: &mut dyn Any) {
        match self {
            Self::Set { route, holder, inner, is_written, kept, .. } => {
                let Some(place) = route.get_mut(root) else { return };
                let Some(value) = follow_mut(&mut **holder, inner) else { return };
                exchange(route.shape, kept, is_written, place, value);
            }
            Self::Add { route, entries, key, item, undone } => {
                let Some(map) = collection_mut(route, root) else { return };
                let By::Key { add, remove, restore, .. } = entries.by else { return };
                match (item.take(), undone.take()) {
                    (Some(new), _) => *item = add(map, &**key, new).err(),
                    (None, Some(entry)) => *undone = restore(map, entry).err(),
                    (None, None) => *undone = remove(map, &**key),
                }
            }
            Self::Remove { route, entries, key, removed } => {
                let Some(map) = collection_mut(route, root) else { return };
                let By::Key { remove, restore, .. } = entries.by else { return };
                *removed = match removed.take() {
                    Some(entry) => restore(map, entry).err(),
                    None => remove(map, &**key),
                };
            }
        }
    }
}

/// The collection of the entry that `route` leads to.
fn collection_mut<'a>(route: &Route, root: &'a mut dyn Any) -> Option<&'a mut dyn Any> {
    let (_, hops) = route.hops.split_last()?;
    follow_mut(root, hops)
}

/// Whether two values are not known to be equal.
fn differs(equal: Option<Equal>, old: Option<&dyn Any>, new: Option<&dyn Any>) -> bool {
    equal.zip(old.zip(new)).and_then(|(eq, (old, new))| eq(old, new)) != Some(true)
}

/// The keys on a route, of which the last one may be the written entry's.
pub(super) struct RouteKeys<'a>(pub(super) &'a Route);

impl WrittenKeys for RouteKeys<'_> {
    fn on_the_way(&self, visit: &mut dyn FnMut(&dyn Any)) {
        for hop in &self.0.hops {
            match hop {
                Hop::Entry { key, .. } => visit(&**key),
                Hop::Inside(_) => visit(&()),
                Hop::Field { .. } | Hop::Variant { .. } => {}
            }
        }
    }

    fn of_entries(&self, visit: &mut dyn FnMut(&dyn Any)) {
        if let Some(Hop::Entry { key, .. }) = self.0.hops.last() {
            visit(&**key);
        }
    }
}

/// A value of which the shape is known, as nodes.
pub(super) struct Shaped<'a> {
    pub(super) value: Option<&'a dyn Any>,
    pub(super) shape: &'static Shape,
}

impl Nodes for Shaped<'_> {
    fn node(&self, id: u32) -> Option<&dyn Any> {
        self.shape.__node(self.value?, id)
    }
}

impl<T: Clone + 'static> CellWrite<T> for Routed {
    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_>)) {
        self.changed(current, visit);
    }

    fn swap(&mut self, target: &mut T) {
        self.exchange(target);
    }

    fn footprints<'a>(&'a self, current: &'a T) -> Option<Footprints<'a>> {
        Some(self.footprints_in(current))
    }
}

impl Routed {
    fn changed(&self, current: &dyn Any, visit: &mut dyn FnMut(Diff<'_>)) {
        for change in &self.changes {
            let (at, entries) = change.place();
            let (at, entries) = (&at, entries.as_ref());
            let keys = Some(&RouteKeys(change.route()) as &dyn WrittenKeys);
            match change {
                // The parts that the values exchange are compared when they are exchanged.
                RoutedChange::Set { kept, .. } if !kept.is_empty() => {
                    visit(Diff { at, entries, keys, comparison: Comparison::Unknown });
                }
                RoutedChange::Set { route, holder, inner, equal, .. } => {
                    let shape = route.shape;
                    let (old, new) = (route.get(current), follow(&**holder, inner));
                    let differs = differs(*equal, old, new);
                    let old = Shaped { value: old, shape };
                    let new = Shaped { value: new, shape };
                    let comparison = Comparison::Values { differs, old: &old, new: &new };
                    visit(Diff { at, entries, keys, comparison });
                }
                RoutedChange::Add { .. } | RoutedChange::Remove { .. } => {
                    visit(Diff { at, entries, keys, comparison: Comparison::Later });
                }
            }
        }
    }

    fn exchange(&mut self, target: &mut dyn Any) {
        // When a write is reverted, the last change is undone first.
        self.is_written = !self.is_written;
        if !self.is_written {
            return self.changes.iter_mut().rev().for_each(|change| change.swap(target));
        }
        let mut made = 0;
        let make = || {
            for change in &mut self.changes {
                change.swap(target);
                made += 1;
            }
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(make)) {
            // A key has panicked: the changes before it must not stay.
            self.is_written = false;
            let made = self.changes[..made].iter_mut().rev();
            let take_back = || made.for_each(|change| change.swap(target));
            if let Err(second) = catch_unwind(AssertUnwindSafe(take_back)) {
                discard(second);
            }
            resume_unwind(panic);
        }
    }

    fn footprints_in<'a>(&self, current: &dyn Any) -> Footprints<'a> {
        let doing = |change: &RoutedChange| match change {
            RoutedChange::Set { route, holder, inner, equal, .. } => {
                let (old, new) = (route.get(current), follow(&**holder, inner));
                differs(*equal, old, new).then_some(Doing::Set)
            }
            RoutedChange::Add { .. } => Some(Doing::Add),
            RoutedChange::Remove { .. } => Some(Doing::Remove),
        };
        let footprint = |change: &RoutedChange| {
            let hops = change.route().hops.clone();
            doing(change).map(|doing| Footprint::along(hops, doing))
        };
        self.changes.iter().filter_map(footprint).collect()
    }
}
