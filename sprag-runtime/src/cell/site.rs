//! A place that is watched: what the table asks of it, and how its value waits for
//! delivery. It knows neither subscribers nor selectors.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use super::select::UsersValue;
use crate::path::{Location, Mode, OutlineKind, Place, Walk};

/// Where a watched place stands in a cell's table.
#[doc(hidden)]
#[derive(Debug)]
pub struct Seat {
    pub(super) location: Location,
    /// Whether it looks only at which entries the collection there has.
    pub(super) outline: bool,
}

/// A watched place, whatever is there.
#[doc(hidden)]
pub trait AnySite<T> {
    /// Where it stands. Runs the `Hash` of keys.
    fn seat(&self) -> Seat;
    /// Whether its value differs between two states.
    fn roots(&self, old: &T, new: &T) -> bool;
    /// Whether it differs between two values of its node.
    fn nodes(&self, old: Option<&dyn Any>, new: Option<&dyn Any>) -> bool;
    /// Its value now, to be compared with later.
    fn capture(&self, state: &T) -> Box<dyn Any + Send>;
    /// Whether its value is no longer the captured one.
    fn changed(&self, before: &dyn Any, state: &T) -> bool;
}

/// A watched place whose value is shown.
#[doc(hidden)]
pub trait Shown<T>: AnySite<T> + Send + Sync + 'static {
    /// The value while it waits.
    type Kept: Send + 'static;
    /// As a subscriber sees it.
    type Ref<'a>: Copy;
    /// As a value of its own.
    type Read;

    fn keep(&self, state: &Arc<T>) -> Self::Kept;
    /// See [`Select::give_up`](super::Select::give_up).
    fn give_up(kept: Self::Kept) -> Option<UsersValue>;
    fn show<'a>(&self, kept: &'a Self::Kept) -> Self::Ref<'a>;
    fn own(shown: Self::Ref<'_>) -> Self::Read;
}

/// A selected value while it waits: a clone of its own where that is cheap, else
/// the snapshot that it stands in.
#[doc(hidden)]
#[derive(Debug)]
pub enum Kept<T, V> {
    Value(Option<V>),
    State(Arc<T>),
}

impl<T, V: Send + 'static> Kept<T, V> {
    /// Lets go of the snapshot; a value of its own is the user's to drop.
    pub(super) fn give_up(self) -> Option<UsersValue> {
        match self {
            Self::Value(value) => Some(Box::new(value)),
            Self::State(_) => None,
        }
    }
}

/// The place that `W` leads to, whose keys are its own.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Site<W, M> {
    walk: W,
    kind: PhantomData<fn() -> M>,
}

/// The site of a place.
pub(super) type SiteOf<T, P> =
    Site<<<P as Place<T>>::__Walk as Walk<T>>::Owned, <P as Place<T>>::Mode>;

impl<W, M> Site<W, M> {
    pub(super) fn of<T, P: Place<T, __Walk: Walk<T, Owned = W>>>(place: P) -> Self {
        Self { walk: place.__walk().owned(), kind: PhantomData }
    }
}

impl<T, W, M> AnySite<T> for Site<W, M>
where
    W: Walk<T, Value: Clone + PartialEq + Send + Sync> + 'static,
{
    fn seat(&self) -> Seat {
        Seat { location: location(&self.walk), outline: false }
    }

    fn roots(&self, old: &T, new: &T) -> bool {
        self.walk.get(old) != self.walk.get(new)
    }

    fn nodes(&self, old: Option<&dyn Any>, new: Option<&dyn Any>) -> bool {
        let old = old.and_then(<dyn Any>::downcast_ref::<W::Value>);
        let new = new.and_then(<dyn Any>::downcast_ref::<W::Value>);
        old != new
    }

    fn capture(&self, state: &T) -> Box<dyn Any + Send> {
        Box::new(self.walk.get(state).cloned())
    }

    fn changed(&self, before: &dyn Any, state: &T) -> bool {
        let before = before.downcast_ref::<Option<W::Value>>();
        before.and_then(Option::as_ref) != self.walk.get(state)
    }
}

impl<T, W, M> Shown<T> for Site<W, M>
where
    T: Send + Sync + 'static,
    W: Walk<T, Value: Clone + PartialEq + Send + Sync> + 'static,
    M: Mode,
{
    type Kept = Kept<T, W::Value>;
    type Ref<'a> = M::Ref<'a, W::Value>;
    type Read = M::Read<W::Value>;

    #[inline]
    fn keep(&self, state: &Arc<T>) -> Self::Kept {
        if W::CHEAP {
            Kept::Value(self.walk.get(state).cloned())
        } else {
            Kept::State(Arc::clone(state))
        }
    }

    fn give_up(kept: Self::Kept) -> Option<UsersValue> {
        kept.give_up()
    }

    #[inline]
    fn show<'a>(&self, kept: &'a Self::Kept) -> Self::Ref<'a> {
        M::__ref(match kept {
            Kept::Value(value) => value.as_ref(),
            Kept::State(state) => self.walk.get(state),
        })
    }

    fn own(shown: Self::Ref<'_>) -> Self::Read {
        M::__own(shown)
    }
}

/// What `V` shows of the collection that `W` leads to.
pub(super) struct OutlineSite<W, M, V> {
    walk: W,
    kind: PhantomData<fn() -> (M, V)>,
}

impl<W, M, V> OutlineSite<W, M, V> {
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

    /// What a subscriber is shown of `kept`.
    pub(super) fn view<T>(&self, kept: Kept<T, V::Shown>) -> Option<V::Shown>
    where
        W: Walk<T>,
        V: OutlineKind<W::Value>,
    {
        match kept {
            Kept::Value(value) => value,
            Kept::State(state) => self.walk.get(&state).map(V::of),
        }
    }

    pub(super) fn keep<T>(&self, state: &Arc<T>) -> Kept<T, V::Shown>
    where
        W: Walk<T>,
        V: OutlineKind<W::Value>,
    {
        if V::CHEAP {
            Kept::Value(self.walk.get(state).map(V::of))
        } else {
            Kept::State(Arc::clone(state))
        }
    }
}

impl<T, W, M, V> AnySite<T> for OutlineSite<W, M, V>
where
    W: Walk<T> + 'static,
    V: OutlineKind<W::Value>,
{
    fn seat(&self) -> Seat {
        Seat { location: location(&self.walk), outline: true }
    }

    fn roots(&self, old: &T, new: &T) -> bool {
        Self::differ(self.walk.get(old), self.walk.get(new))
    }

    fn nodes(&self, old: Option<&dyn Any>, new: Option<&dyn Any>) -> bool {
        let old = old.and_then(<dyn Any>::downcast_ref::<W::Value>);
        let new = new.and_then(<dyn Any>::downcast_ref::<W::Value>);
        Self::differ(old, new)
    }

    fn capture(&self, state: &T) -> Box<dyn Any + Send> {
        Box::new(self.walk.get(state).map(V::of))
    }

    fn changed(&self, before: &dyn Any, state: &T) -> bool {
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
