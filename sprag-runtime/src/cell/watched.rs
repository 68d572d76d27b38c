//! A watched place: how the index compares it, and how its value is captured for delivery.
//! A watched place knows neither subscribers nor selectors.

mod each;

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use smallvec::SmallVec;

pub(crate) use self::each::WatchEach;
pub(super) use self::each::{Compared, VisitKeys, WatchedEach, WhichEntries};
use super::selector::UsersValue;
#[cfg(feature = "serde")]
use crate::path::{Hop, Hops};
use crate::path::{Location, Mode, OutlineKind, Place, Walk};

/// Where a watched place is in a cell's index.
#[doc(hidden)]
#[derive(Debug)]
pub struct Position {
    pub(super) location: Location,
    pub(super) part: WatchedPart,
}

/// The watched part of the value at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WatchedPart {
    Value,
    /// The collection's outline alone: which entries it has.
    Outline,
}

/// The positions of a selector's places; none means every commit.
pub type Positions = SmallVec<[Position; 1]>;

/// A watched place, whatever its value.
#[doc(hidden)]
pub trait Watch<T> {
    /// Its position. Runs the `Hash` of keys.
    fn position(&self) -> Position;
    /// Whether its value differs between two states.
    fn differs(&self, old: &T, new: &T) -> bool;
    /// Whether it differs between two values of its node.
    fn differs_in_node(&self, old: Option<&dyn Any>, new: Option<&dyn Any>) -> bool;
    /// Its value before a write, for [`has_changed`](Self::has_changed).
    fn capture(&self, state: &T) -> Box<dyn Any + Send>;
    /// Whether its value in `state` is another than the captured one.
    fn has_changed(&self, before: &dyn Any, state: &T) -> bool;
}

/// A watched place whose value callbacks receive.
#[doc(hidden)]
pub trait WatchValue<T>: Watch<T> + Send + Sync + 'static {
    /// The value while it waits for delivery.
    type Captured: Send + 'static;
    /// As a callback receives it.
    type Ref<'a>: Copy;
    /// As a value of its own.
    type Read;

    /// The hops to the place.
    #[cfg(feature = "serde")]
    #[expect(private_interfaces, reason = "hidden")]
    fn hops(&self) -> Vec<Hop>;
    fn capture_value(&self, state: &Arc<T>) -> Self::Captured;
    /// See [`Select::discard`](super::Select::discard).
    fn discard(captured: Self::Captured) -> Option<UsersValue>;
    fn value<'a>(&self, captured: &'a Self::Captured) -> Self::Ref<'a>;
    fn to_owned(value: Self::Ref<'_>) -> Self::Read;
}

/// A selected value while it waits for delivery: a clone where that is cheap, else the
/// snapshot that contains it.
#[doc(hidden)]
#[derive(Debug)]
pub enum CapturedValue<T, V> {
    Value(Option<V>),
    State(Arc<T>),
}

impl<T, V: Send + 'static> CapturedValue<T, V> {
    /// Releases the snapshot. Returns a value of its own, for the caller to drop.
    pub(super) fn discard(self) -> Option<UsersValue> {
        match self {
            Self::Value(value) => Some(Box::new(value)),
            Self::State(_) => None,
        }
    }
}

/// The place that `W` leads to, with keys of its own.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct WatchedPlace<W, M> {
    walk: W,
    kind: PhantomData<fn() -> M>,
}

/// The [`WatchedPlace`] of a place.
pub(super) type WatchedPlaceOf<T, P> =
    WatchedPlace<<<P as Place<T>>::__Walk as Walk<T>>::Owned, <P as Place<T>>::Mode>;

impl<W, M> WatchedPlace<W, M> {
    pub(super) fn of<T, P: Place<T, __Walk: Walk<T, Owned = W>>>(place: P) -> Self {
        Self { walk: place.__walk().owned(), kind: PhantomData }
    }
}

impl<T, W, M> Watch<T> for WatchedPlace<W, M>
where
    W: Walk<T, Value: Clone + PartialEq + Send + Sync> + 'static,
{
    fn position(&self) -> Position {
        Position { location: location(&self.walk), part: WatchedPart::Value }
    }

    fn differs(&self, old: &T, new: &T) -> bool {
        self.walk.get(old) != self.walk.get(new)
    }

    fn differs_in_node(&self, old: Option<&dyn Any>, new: Option<&dyn Any>) -> bool {
        let old = old.and_then(<dyn Any>::downcast_ref::<W::Value>);
        let new = new.and_then(<dyn Any>::downcast_ref::<W::Value>);
        old != new
    }

    fn capture(&self, state: &T) -> Box<dyn Any + Send> {
        Box::new(self.walk.get(state).cloned())
    }

    fn has_changed(&self, before: &dyn Any, state: &T) -> bool {
        let before = before.downcast_ref::<Option<W::Value>>();
        before.and_then(Option::as_ref) != self.walk.get(state)
    }
}

impl<T, W, M> WatchValue<T> for WatchedPlace<W, M>
where
    T: Send + Sync + 'static,
    W: Walk<T, Value: Clone + PartialEq + Send + Sync> + 'static,
    M: Mode,
{
    type Captured = CapturedValue<T, W::Value>;
    type Ref<'a> = M::Ref<'a, W::Value>;
    type Read = M::Read<W::Value>;

    #[cfg(feature = "serde")]
    #[expect(private_interfaces, reason = "hidden")]
    fn hops(&self) -> Vec<Hop> {
        let mut hops = Hops::without_texts();
        self.walk.hops(&mut hops);
        hops.hops
    }

    #[inline]
    fn capture_value(&self, state: &Arc<T>) -> Self::Captured {
        if W::CHEAP {
            CapturedValue::Value(self.walk.get(state).cloned())
        } else {
            CapturedValue::State(Arc::clone(state))
        }
    }

    fn discard(captured: Self::Captured) -> Option<UsersValue> {
        captured.discard()
    }

    #[inline]
    fn value<'a>(&self, captured: &'a Self::Captured) -> Self::Ref<'a> {
        M::__ref(match captured {
            CapturedValue::Value(value) => value.as_ref(),
            CapturedValue::State(state) => self.walk.get(state),
        })
    }

    fn to_owned(value: Self::Ref<'_>) -> Self::Read {
        M::__own(value)
    }
}

/// The outline `V` of the collection that `W` leads to.
pub(super) struct WatchedOutline<W, M, V> {
    walk: W,
    kind: PhantomData<fn() -> (M, V)>,
}

impl<W, M, V> WatchedOutline<W, M, V> {
    pub(super) fn of<T, P: Place<T, __Walk: Walk<T, Owned = W>>>(place: P) -> Self {
        Self { walk: place.__walk().owned(), kind: PhantomData }
    }

    fn differ<C>(old: Option<&C>, new: Option<&C>) -> bool
    where
        V: OutlineKind<C>,
    {
        match (old, new) {
            (Some(old), Some(new)) => !V::is_same(old, new),
            (old, new) => old.is_some() != new.is_some(),
        }
    }

    /// The outline that callbacks receive.
    pub(super) fn outline_of<T>(&self, captured: CapturedValue<T, V::Shown>) -> Option<V::Shown>
    where
        W: Walk<T>,
        V: OutlineKind<W::Value>,
    {
        match captured {
            CapturedValue::Value(value) => value,
            CapturedValue::State(state) => self.walk.get(&state).map(V::of),
        }
    }

    pub(super) fn capture_outline<T>(&self, state: &Arc<T>) -> CapturedValue<T, V::Shown>
    where
        W: Walk<T>,
        V: OutlineKind<W::Value>,
    {
        if V::CHEAP {
            CapturedValue::Value(self.walk.get(state).map(V::of))
        } else {
            CapturedValue::State(Arc::clone(state))
        }
    }
}

impl<T, W, M, V> Watch<T> for WatchedOutline<W, M, V>
where
    W: Walk<T> + 'static,
    V: OutlineKind<W::Value>,
{
    fn position(&self) -> Position {
        Position { location: location(&self.walk), part: WatchedPart::Outline }
    }

    fn differs(&self, old: &T, new: &T) -> bool {
        Self::differ(self.walk.get(old), self.walk.get(new))
    }

    fn differs_in_node(&self, old: Option<&dyn Any>, new: Option<&dyn Any>) -> bool {
        let old = old.and_then(<dyn Any>::downcast_ref::<W::Value>);
        let new = new.and_then(<dyn Any>::downcast_ref::<W::Value>);
        Self::differ(old, new)
    }

    fn capture(&self, state: &T) -> Box<dyn Any + Send> {
        Box::new(self.walk.get(state).map(V::of))
    }

    fn has_changed(&self, before: &dyn Any, state: &T) -> bool {
        let before = before.downcast_ref::<Option<V::Shown>>().and_then(Option::as_ref);
        match (before, self.walk.get(state)) {
            (Some(before), Some(now)) => !V::is(before, now),
            (before, now) => before.is_some() != now.is_some(),
        }
    }
}

fn location<T, W: Walk<T>>(walk: &W) -> Location {
    let mut location = Location::root();
    walk.locate(&mut location);
    location
}
