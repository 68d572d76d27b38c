//! A selector that is one place.

use std::sync::Arc;

#[cfg(feature = "serde")]
use super::SelectPlaces;
use super::{CommitInfo, Select, SelectOne, Selector, UsersValue};
use crate::cell::watched::{CapturedValue, Watch, WatchValue, WatchedPlace, WatchedPlaceOf};
#[cfg(feature = "serde")]
use crate::path::Hop;
use crate::path::{Mode, Place, Walk};

/// Selects the value at one place.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct PlaceSelect<P> {
    place: P,
}

/// The kind of a selector that is a place.
#[doc(hidden)]
#[derive(Debug)]
pub struct ByPlace;

#[diagnostic::do_not_recommend]
impl<T, P> Selector<T, ByPlace> for P
where
    P: Place<T>,
{
    type __Select = PlaceSelect<WatchedPlaceOf<T, P>>;
    type Value = P::Value;

    fn __select(self) -> Self::__Select {
        PlaceSelect { place: WatchedPlace::of(self) }
    }
}

impl<T, W, M> Select<T> for PlaceSelect<WatchedPlace<W, M>>
where
    T: Send + Sync + 'static,
    W: Walk<T, Value: Clone + PartialEq + Send + Sync> + 'static,
    M: Mode,
{
    type Captured = CapturedValue<T, W::Value>;
    type Resolved = CapturedValue<T, W::Value>;
    // Not `WatchValue::Ref`: a value that cannot be compared would then cause one more
    // error, at the callback.
    type Item<'a> = M::Ref<'a, W::Value>;

    const PLAIN: bool = true;
    const SHARED: bool = true;

    fn watch(&self, part: usize) -> Option<&dyn Watch<T>> {
        (part == 0).then_some(&self.place)
    }

    fn capture(&self, state: &Arc<T>, _: &CommitInfo<'_, T>) -> Self::Captured {
        self.place.capture_value(state)
    }

    fn discard(captured: Self::Captured) -> Option<UsersValue> {
        captured.discard()
    }

    fn resolve(&self, captured: Self::Captured) -> Option<Self::Resolved> {
        Some(captured)
    }

    fn each_item(&self, resolved: &Self::Resolved, mut call: impl FnMut(Self::Item<'_>)) {
        call(self.item(resolved));
    }
}

impl<T, W, M> SelectOne<T> for PlaceSelect<WatchedPlace<W, M>>
where
    T: Send + Sync + 'static,
    W: Walk<T, Value: Clone + PartialEq + Send + Sync> + 'static,
    M: Mode,
{
    type Owned = M::Read<W::Value>;

    fn item<'a>(&'a self, resolved: &'a Self::Resolved) -> Self::Item<'a> {
        self.place.value(resolved)
    }

    fn to_owned(item: Self::Item<'_>) -> Self::Owned {
        <WatchedPlace<W, M> as WatchValue<T>>::to_owned(item)
    }
}

#[cfg(feature = "serde")]
#[expect(private_interfaces, reason = "hidden")]
impl<T, W, M> SelectPlaces<T> for PlaceSelect<WatchedPlace<W, M>>
where
    T: Send + Sync + 'static,
    W: Walk<T, Value: Clone + PartialEq + Send + Sync> + 'static,
    M: Mode,
{
    fn places(&self) -> Vec<(Vec<Hop>, Option<usize>)> {
        vec![(self.place.hops(), None)]
    }
}
