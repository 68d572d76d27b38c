//! A selector that is a function over a place.

use std::marker::PhantomData;
use std::sync::Arc;

use super::last::LastResult;
use super::{CommitInfo, Select, SelectOne, Selector, UsersValue};
use crate::cell::watched::{Watch, WatchValue, WatchedPlace, WatchedPlaceOf};
use crate::path::{Mapped, Mode, Place};

/// Selects the result of a function for the value at a place.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct MappedSelect<P, F, U> {
    place: P,
    map: F,
    last: LastResult<U>,
}

/// The kind of a selector that is a function over a place.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct ByMap<U>(PhantomData<U>);

#[diagnostic::do_not_recommend]
impl<T, P, F, U> Selector<T, ByMap<U>> for Mapped<P, F>
where
    T: Send + Sync + 'static,
    P: Place<T>,
    P::Value: Clone + PartialEq + Send + Sync,
    F: for<'a> Fn(<P::Mode as Mode>::Ref<'a, P::Value>) -> U + Send + Sync + 'static,
    U: Clone + PartialEq + Send + Sync + 'static,
{
    type __Select = MappedSelect<WatchedPlaceOf<T, P>, F, U>;
    type Value = U;

    fn __select(self) -> Self::__Select {
        let place = WatchedPlace::of(self.place);
        MappedSelect { place, map: self.map, last: LastResult::new() }
    }
}

impl<T, P, F, U> Select<T> for MappedSelect<P, F, U>
where
    P: WatchValue<T>,
    F: for<'a> Fn(P::Ref<'a>) -> U + Send + Sync + 'static,
    U: Clone + PartialEq + Send + Sync + 'static,
{
    type Captured = P::Captured;
    type Resolved = U;
    type Item<'a> = &'a U;

    const BASELINE: bool = true;

    fn watch(&self, part: usize) -> Option<&dyn Watch<T>> {
        (part == 0).then_some(&self.place)
    }

    fn capture(&self, state: &Arc<T>, _: &CommitInfo<'_, T>) -> Self::Captured {
        self.place.capture_value(state)
    }

    fn discard(captured: Self::Captured) -> Option<UsersValue> {
        P::discard(captured)
    }

    fn resolve(&self, captured: Self::Captured) -> Option<U> {
        self.last.changed((self.map)(self.place.value(&captured)))
    }

    fn each_item(&self, resolved: &Self::Resolved, mut call: impl FnMut(Self::Item<'_>)) {
        call(self.item(resolved));
    }

    fn after_calls(&self, resolved: U) {
        self.last.put_back(resolved);
    }
}

impl<T, P, F, U> SelectOne<T> for MappedSelect<P, F, U>
where
    P: WatchValue<T>,
    F: for<'a> Fn(P::Ref<'a>) -> U + Send + Sync + 'static,
    U: Clone + PartialEq + Send + Sync + 'static,
{
    type Owned = U;

    fn item<'a>(&'a self, resolved: &'a U) -> &'a U {
        resolved
    }

    fn to_owned(item: &U) -> U {
        item.clone()
    }
}
