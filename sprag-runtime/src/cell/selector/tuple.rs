//! A selector that is a tuple of places: notified once for a commit that changes any.

use std::sync::Arc;

#[cfg(feature = "serde")]
use super::SelectPlaces;
use super::{CommitInfo, Select, SelectOne, Selector, UsersValue};
use crate::cell::watched::{Watch, WatchValue, WatchedPlace, WatchedPlaceOf};
#[cfg(feature = "serde")]
use crate::path::Hop;
use crate::path::Place;

/// The kind of a selector that is a tuple of places.
#[doc(hidden)]
#[derive(Debug)]
pub struct ByTuple;

macro_rules! tuples {
    ($($select:ident: $(($place:ident, $index:tt)),+;)*) => {$(
        #[doc(hidden)]
        #[expect(missing_debug_implementations, reason = "hidden")]
        pub struct $select<$($place),+>($($place),+);

        #[diagnostic::do_not_recommend]
        impl<T, $($place: Place<T>),+> Selector<T, ByTuple> for ($($place,)+) {
            type __Select = $select<$(WatchedPlaceOf<T, $place>),+>;
            type Value = ($($place::Value,)+);

            fn __select(self) -> Self::__Select {
                $select($(WatchedPlace::of(self.$index)),+)
            }
        }

        impl<T: 'static, $($place: WatchValue<T>),+> Select<T> for $select<$($place),+> {
            type Captured = ($($place::Captured,)+);
            type Resolved = Self::Captured;
            type Item<'a> = ($($place::Ref<'a>,)+);

            const PLAIN: bool = true;

            fn watch(&self, part: usize) -> Option<&dyn Watch<T>> {
                match part { $($index => Some(&self.$index),)+ _ => None }
            }

            fn capture(&self, state: &Arc<T>, _: &CommitInfo<'_, T>) -> Self::Captured {
                ($(self.$index.capture_value(state),)+)
            }

            fn discard(captured: Self::Captured) -> Option<UsersValue> {
                Some(Box::new(($($place::discard(captured.$index),)+)))
            }

            fn resolve(&self, captured: Self::Captured) -> Option<Self::Resolved> {
                Some(captured)
            }

            fn each_item(&self, resolved: &Self::Resolved, mut call: impl FnMut(Self::Item<'_>)) {
                call(self.item(resolved));
            }
        }

        impl<T: 'static, $($place: WatchValue<T>),+> SelectOne<T> for $select<$($place),+> {
            type Owned = ($($place::Read,)+);

            fn item<'a>(&'a self, resolved: &'a Self::Resolved) -> Self::Item<'a> {
                ($(self.$index.value(&resolved.$index),)+)
            }

            fn to_owned(item: Self::Item<'_>) -> Self::Owned {
                ($($place::to_owned(item.$index),)+)
            }
        }

        #[cfg(feature = "serde")]
        #[expect(private_interfaces, reason = "hidden")]
        impl<T: 'static, $($place: WatchValue<T>),+> SelectPlaces<T> for $select<$($place),+> {
            fn places(&self) -> Vec<(Vec<Hop>, Option<usize>)> {
                vec![$((self.$index.hops(), None)),+]
            }
        }
    )*};
}

tuples! {
    Two: (A, 0), (B, 1);
    Three: (A, 0), (B, 1), (C, 2);
    Four: (A, 0), (B, 1), (C, 2), (D, 3);
    Five: (A, 0), (B, 1), (C, 2), (D, 3), (E, 4);
    Six: (A, 0), (B, 1), (C, 2), (D, 3), (E, 4), (F, 5);
}
