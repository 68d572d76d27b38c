//! The writes of one place: a value is set, a patch is merged.

use std::any::Any;
use std::marker::PhantomData;

use super::change::{Comparison, Diff, WalkKeys, WrittenKeys};
#[cfg(feature = "serde")]
use super::{AcceptSet, OfferedSet, Swapped};
use super::{CellWrite, CheckedWrite, location};
#[cfg(feature = "serde")]
use crate::delta::{Both, Doing, Footprint, Footprints, ValueOrigin};
#[cfg(feature = "serde")]
use crate::path::Hops;
use crate::path::{FieldDiff, Node, Nodes, Patch, PatchDiff, Walk};

/// A value as nodes.
struct Valued<'a, R, W: Walk<R>>(&'a W::Value, PhantomData<fn() -> R>);

impl<R, W: Walk<R>> Nodes for Valued<'_, R, W> {
    fn node(&self, id: u32) -> Option<&dyn Any> {
        W::node_of(self.0, id)
    }
}

/// Sets one place.
pub(crate) struct SetPlace<W, V, D> {
    pub(crate) walk: W,
    /// The new value; after the write, the old one.
    pub(crate) value: Option<V>,
    #[cfg(feature = "serde")]
    origin: ValueOrigin,
    discarded: D,
}

impl<W, V, D: Default> SetPlace<W, V, D> {
    pub(crate) fn new(walk: W, value: Option<V>) -> Self {
        Self {
            walk,
            value,
            #[cfg(feature = "serde")]
            origin: ValueOrigin::Given,
            discarded: Default::default(),
        }
    }

    /// Sets a clone of the present value after an edit; the write's preparation or its
    /// caller supplies the clone.
    pub(crate) fn edit(walk: W, value: Option<V>) -> Self {
        Self {
            #[cfg(feature = "serde")]
            origin: ValueOrigin::Edited,
            ..Self::new(walk, value)
        }
    }
}

impl<T: Clone + 'static, W: Walk<T>> CellWrite<T> for SetPlace<W, W::Value, W::Discarded>
where
    W::Value: PartialEq,
{
    #[inline]
    fn node(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    #[inline]
    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_>)) {
        let (Some(old), Some(new)) = (self.walk.get(current), &self.value) else { return };
        let comparison = Comparison::Values {
            differs: old != new,
            old: &Valued::<T, W>(old, PhantomData),
            new: &Valued::<T, W>(new, PhantomData),
        };
        let keys = Some(&WalkKeys(&self.walk, PhantomData) as &dyn WrittenKeys);
        visit(Diff { at: &location(&self.walk), entries: None, keys, comparison });
    }

    fn with_keys(&self, visit: &mut dyn FnMut(Option<&dyn WrittenKeys>)) {
        visit(Some(&WalkKeys(&self.walk, PhantomData)));
    }

    #[inline]
    fn swap(&mut self, target: &mut T) {
        let Self { walk, value: Some(value), discarded, .. } = self else { return };
        if let Some(place) = walk.get_mut(target, discarded) {
            std::mem::swap(place, value);
        }
    }

    #[cfg(feature = "serde")]
    fn footprints<'a>(&'a self, current: &'a T) -> Option<Footprints<'a>> {
        let (Some(old), Some(new)) = (self.walk.get(current), &self.value) else { return None };
        let mut footprints = Footprints::new();
        if old != new {
            let mut hops = Hops::without_texts();
            self.walk.hops(&mut hops);
            footprints.push(Footprint::set(hops, old, new, self.origin));
        }
        Some(footprints)
    }

    #[cfg(feature = "serde")]
    fn way(&self, hops: &mut Hops) -> Option<ValueOrigin> {
        self.walk.hops(hops);
        Some(self.origin)
    }

    #[cfg(feature = "serde")]
    fn swap_accepted(&mut self, target: &mut T, accept: AcceptSet<'_>) -> Swapped {
        let Self { walk, value: Some(new), discarded, .. } = self else { return Swapped::Refused };
        let Some(place) = walk.get_mut(target, discarded) else { return Swapped::Absent };
        if *place == *new {
            return Swapped::Refused;
        }
        let put_scalars = &|both: &mut Both| both.put_scalars(place, new);
        let way = &|hops: &mut Hops| walk.hops(hops);
        if !accept(&OfferedSet { old: place, new, put_scalars, way }) {
            return Swapped::Refused;
        }
        std::mem::swap(place, new);
        Swapped::Made
    }
}

impl<T: Clone + 'static, W: Walk<T>> CheckedWrite<T> for SetPlace<W, W::Value, W::Discarded>
where
    W::Value: PartialEq,
{
    fn only_checks_the_place(&self) -> bool {
        true
    }

    #[inline]
    fn is_plain(&self) -> bool {
        W::PLAIN
    }

    #[inline]
    fn prepare(&mut self, current: &T) -> bool {
        self.walk.get(current).is_some()
    }
}

/// Merges a patch into the struct at a place.
pub(crate) struct PatchAt<W, P, D> {
    pub(crate) walk: W,
    patch: P,
    /// Whether the place exists.
    pub(crate) is_there: bool,
    discarded: D,
}

impl<W, P, D: Default> PatchAt<W, P, D> {
    pub(crate) fn new(walk: W, patch: P) -> Self {
        Self { walk, patch, is_there: false, discarded: Default::default() }
    }
}

impl<T, W, P> CellWrite<T> for PatchAt<W, P, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T>,
    P: PatchDiff<W::Value>,
{
    #[inline]
    fn node(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_>)) {
        let Some(current) = self.walk.get(current) else { return };
        let mut at = location(&self.walk);
        let place = *at.innermost();
        let keys = Some(&WalkKeys(&self.walk, PhantomData) as &dyn WrittenKeys);
        self.patch.__diff(current, &mut |FieldDiff { node, differs, old, new }| {
            *at.innermost() = place.then(node);
            let comparison = Comparison::Values { differs, old, new };
            visit(Diff { at: &at, entries: None, keys, comparison });
        });
    }

    fn with_keys(&self, visit: &mut dyn FnMut(Option<&dyn WrittenKeys>)) {
        visit(Some(&WalkKeys(&self.walk, PhantomData)));
    }

    fn swap(&mut self, target: &mut T) {
        if let Some(target) = self.walk.get_mut(target, &mut self.discarded) {
            self.patch.__swap(target);
        }
    }

    #[cfg(feature = "serde")]
    fn footprints<'a>(&'a self, current: &'a T) -> Option<Footprints<'a>> {
        let (current, mut fields) = (self.walk.get(current)?, Footprints::new());
        self.patch.__diff(current, &mut |FieldDiff { node, differs, .. }| {
            if differs {
                let mut hops = Hops::without_texts();
                self.walk.hops(&mut hops);
                fields.push(Footprint { node: node.id, ..Footprint::of(hops, Doing::Set) });
            }
        });
        Some(fields)
    }
}

impl<T, W, P> CheckedWrite<T> for PatchAt<W, P, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T>,
    P: PatchDiff<W::Value>,
{
    fn prepare(&mut self, current: &T) -> bool {
        self.is_there = self.walk.get(current).is_some();
        self.is_there && !self.patch.is_empty()
    }
}

/// Merges a patch into the root of a state that is not watched by place.
pub(crate) struct PatchRoot<P> {
    pub(crate) patch: P,
}

impl<T: Clone + 'static, P: Patch<T>> CellWrite<T> for PatchRoot<P> {
    fn diff(&self, _: &T, _: &mut dyn FnMut(Diff<'_>)) {}

    fn swap(&mut self, target: &mut T) {
        self.patch.__swap(target);
    }
}

impl<T: Clone + 'static, P: Patch<T>> CheckedWrite<T> for PatchRoot<P> {
    fn is_plain(&self) -> bool {
        true
    }

    fn prepare(&mut self, _: &T) -> bool {
        !self.patch.is_empty()
    }
}
