//! What can be subscribed to: places, tuples of places, outlines of collections,
//! functions over places and over the whole state.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use super::site::{AnySite, Kept, OutlineSite, Shown, Site, SiteOf};
use super::write::Edit;
use crate::path::{Mapped, Mode, Outline, OutlineKind, Place, Walk};
use crate::sync::Mutex;

/// A selector of a `T`: a place, a tuple of places, a place with
/// [`.map(f)`](crate::path::Path::map), a collection's
/// [`.len()`](crate::path::Path::len) or [`.keys()`](crate::path::Path::keys), or a
/// closure over the whole state whose argument's type is written (`|tv: &Tv| …`).
///
/// `K` tells the kinds apart and is always inferred.
///
/// What is selected must be `Clone`, `PartialEq`, `Send` and `Sync`. A place is compared
/// by the write that touches it; a closure over the whole state is asked after every
/// commit.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// let position = tv.select(Tv::PATHS.position);
/// let both = tv.select((Tv::PATHS.url, Tv::PATHS.position));
/// let minutes = tv.select(Tv::PATHS.position.map(|seconds| seconds / 60));
/// let playing = tv.select(|tv: &Tv| tv.url.is_some());
/// assert_eq!((position, both, minutes, playing), (0, (None, 0), 0, false));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not select anything of `{T}`",
    label = "not a selector of `{T}`",
    note = "select with a place (`{T}::PATHS.…`), a tuple of places, `place.map(f)` or a closure \
            `|state: &{T}| …`; what is selected must be `Clone`, `PartialEq`, `Send` and `Sync`"
)]
pub trait Selector<T, K> {
    /// What is compared to tell whether it has changed; of a tuple all of it.
    type Value;

    /// A [`Select`] where the selected value is fit for it. The methods ask for that, and
    /// not the impls here: which of them is meant is then known, and a value that cannot
    /// be compared is reported as such.
    #[doc(hidden)]
    type __Select;

    #[doc(hidden)]
    fn __select(self) -> Self::__Select;
}

/// The working form of a [`Selector`].
#[doc(hidden)]
pub trait Select<T>: Send + Sync + 'static {
    /// What is put by under the lock.
    type Payload: Send + 'static;
    /// What the drainer makes of it.
    type Ready: 'static;
    /// What a subscriber is shown.
    type Item<'a>;
    /// The same as a value of its own.
    type Owned;

    /// Whether [`ready`](Self::ready) runs none of the user's code.
    const PLAIN: bool = false;
    /// Whether a new subscription must first learn the present value.
    const BASELINE: bool = false;
    /// Whether it is told of the written places.
    const EDITS: bool = false;
    /// Whether those of one node and no key, or of no node, can share one inbox.
    const SHARED: bool = false;

    /// The `part`th place whose changes touch it. One that has none is told of every
    /// commit.
    fn site(&self, part: usize) -> Option<&dyn AnySite<T>> {
        let _ = part;
        None
    }

    fn stage(&self, state: &Arc<T>, version: u64, edits: &[Edit<T>]) -> Self::Payload;

    /// Lets go of the snapshot in what is not delivered after all. Gives back what else
    /// there is, for the user to drop.
    fn give_up(payload: Self::Payload) -> Option<UsersValue> {
        drop(payload);
        None
    }

    /// `None` where nothing has changed after all. Called by the drainer only.
    fn ready(&self, payload: Self::Payload) -> Option<Self::Ready>;

    fn item<'a>(&'a self, ready: &'a Self::Ready) -> Self::Item<'a>;

    /// Takes back what has been shown to all, or drops it.
    fn shown(&self, ready: Self::Ready) {
        drop(ready);
    }

    fn own(item: Self::Item<'_>) -> Self::Owned;
}

/// A value that is kept only to be dropped outside of every lock.
pub(super) type UsersValue = Box<dyn Any + Send>;

/// One place.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct One<S> {
    site: S,
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
    type __Select = One<SiteOf<T, P>>;
    type Value = P::Value;

    fn __select(self) -> Self::__Select {
        One { site: Site::of(self) }
    }
}

impl<T, W, M> Select<T> for One<Site<W, M>>
where
    T: Send + Sync + 'static,
    W: Walk<T, Value: Clone + PartialEq + Send + Sync> + 'static,
    M: Mode,
{
    type Payload = Kept<T, W::Value>;
    type Ready = Kept<T, W::Value>;
    // Not what the site says: where the value cannot be compared, that would be one
    // more error at the callback.
    type Item<'a> = M::Ref<'a, W::Value>;
    type Owned = M::Read<W::Value>;

    const PLAIN: bool = true;
    const SHARED: bool = true;

    fn site(&self, part: usize) -> Option<&dyn AnySite<T>> {
        (part == 0).then_some(&self.site)
    }

    fn stage(&self, state: &Arc<T>, _: u64, _: &[Edit<T>]) -> Self::Payload {
        self.site.keep(state)
    }

    fn give_up(payload: Self::Payload) -> Option<UsersValue> {
        payload.give_up()
    }

    fn ready(&self, payload: Self::Payload) -> Option<Self::Ready> {
        Some(payload)
    }

    fn item<'a>(&'a self, ready: &'a Self::Ready) -> Self::Item<'a> {
        self.site.show(ready)
    }

    fn own(item: Self::Item<'_>) -> Self::Owned {
        <Site<W, M> as Shown<T>>::own(item)
    }
}

/// The kind of a selector that is a tuple of places.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct ByTuple;

macro_rules! tuples {
    ($($select:ident: $(($place:ident, $index:tt)),+;)*) => {$(
        #[doc(hidden)]
        #[expect(missing_debug_implementations, reason = "hidden")]
        pub struct $select<$($place),+>($($place),+);

        #[diagnostic::do_not_recommend]
        impl<T, $($place: Place<T>),+> Selector<T, ByTuple> for ($($place,)+) {
            type __Select = $select<$(SiteOf<T, $place>),+>;
            type Value = ($($place::Value,)+);

            fn __select(self) -> Self::__Select {
                $select($(Site::of(self.$index)),+)
            }
        }

        impl<T, $($place: Shown<T>),+> Select<T> for $select<$($place),+> {
            type Payload = ($($place::Kept,)+);
            type Ready = Self::Payload;
            type Item<'a> = ($($place::Ref<'a>,)+);
            type Owned = ($($place::Read,)+);

            const PLAIN: bool = true;

            fn site(&self, part: usize) -> Option<&dyn AnySite<T>> {
                match part { $($index => Some(&self.$index),)+ _ => None }
            }

            fn stage(&self, state: &Arc<T>, _: u64, _: &[Edit<T>]) -> Self::Payload {
                ($(self.$index.keep(state),)+)
            }

            fn give_up(payload: Self::Payload) -> Option<UsersValue> {
                Some(Box::new(($($place::give_up(payload.$index),)+)))
            }

            fn ready(&self, payload: Self::Payload) -> Option<Self::Ready> {
                Some(payload)
            }

            fn item<'a>(&'a self, ready: &'a Self::Ready) -> Self::Item<'a> {
                ($(self.$index.show(&ready.$index),)+)
            }

            fn own(item: Self::Item<'_>) -> Self::Owned {
                ($($place::own(item.$index),)+)
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

/// What entries a collection has.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Outlined<W, M, V> {
    site: OutlineSite<W, M, V>,
}

/// The kind of a selector that is an outline.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct ByOutline;

#[diagnostic::do_not_recommend]
impl<T, P, V> Selector<T, ByOutline> for Outline<P, V>
where
    T: Send + Sync + 'static,
    P: Place<T>,
    V: OutlineKind<P::Value>,
{
    type Value = V::Shown;
    type __Select = Outlined<<P::__Walk as Walk<T>>::Owned, P::Mode, V>;

    fn __select(self) -> Self::__Select {
        Outlined { site: OutlineSite::of(self.place) }
    }
}

impl<T, W, M, V> Select<T> for Outlined<W, M, V>
where
    T: Send + Sync + 'static,
    W: Walk<T> + 'static,
    M: Mode,
    V: OutlineKind<W::Value>,
{
    type Payload = Kept<T, V::Shown>;
    type Ready = Option<V::Shown>;
    type Item<'a> = M::Ref<'a, V::Shown>;
    type Owned = M::Read<V::Shown>;

    fn site(&self, part: usize) -> Option<&dyn AnySite<T>> {
        (part == 0).then_some(&self.site)
    }

    fn stage(&self, state: &Arc<T>, _: u64, _: &[Edit<T>]) -> Self::Payload {
        self.site.keep(state)
    }

    fn give_up(payload: Self::Payload) -> Option<UsersValue> {
        payload.give_up()
    }

    fn ready(&self, payload: Self::Payload) -> Option<Self::Ready> {
        Some(self.site.view(payload))
    }

    fn item<'a>(&'a self, ready: &'a Self::Ready) -> Self::Item<'a> {
        M::__ref(ready.as_ref())
    }

    fn own(item: Self::Item<'_>) -> Self::Owned {
        M::__own(item)
    }
}

/// The last result of a function. It is away while it is shown: only the drainer
/// is here.
struct Last<U>(Mutex<Option<U>>);

impl<U> Last<U> {
    fn new() -> Self {
        Self(Mutex::new(None))
    }

    fn put_back(&self, value: U) {
        let none = self.0.lock().replace(value);
        drop(none);
    }
}

impl<U: PartialEq> Last<U> {
    /// `new`, unless it equals the last one. Compares outside the lock.
    fn changed(&self, new: U) -> Option<U> {
        let last = Taken { value: self.0.lock().take(), home: self };
        if last.value.as_ref() == Some(&new) {
            return None;
        }
        last.forget();
        Some(new)
    }
}

/// A last result that is being compared; it goes back even if that panics.
struct Taken<'a, U> {
    value: Option<U>,
    home: &'a Last<U>,
}

impl<U> Taken<'_, U> {
    fn forget(mut self) {
        self.value = None;
    }
}

impl<U> Drop for Taken<'_, U> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            self.home.put_back(value);
        }
    }
}

/// A function over a place.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct MappedPlace<S, F, U> {
    site: S,
    map: F,
    last: Last<U>,
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
    type __Select = MappedPlace<SiteOf<T, P>, F, U>;
    type Value = U;

    fn __select(self) -> Self::__Select {
        MappedPlace { site: Site::of(self.place), map: self.map, last: Last::new() }
    }
}

impl<T, S, F, U> Select<T> for MappedPlace<S, F, U>
where
    S: Shown<T>,
    F: for<'a> Fn(S::Ref<'a>) -> U + Send + Sync + 'static,
    U: Clone + PartialEq + Send + Sync + 'static,
{
    type Payload = S::Kept;
    type Ready = U;
    type Item<'a> = &'a U;
    type Owned = U;

    const BASELINE: bool = true;

    fn site(&self, part: usize) -> Option<&dyn AnySite<T>> {
        (part == 0).then_some(&self.site)
    }

    fn stage(&self, state: &Arc<T>, _: u64, _: &[Edit<T>]) -> Self::Payload {
        self.site.keep(state)
    }

    fn give_up(payload: Self::Payload) -> Option<UsersValue> {
        S::give_up(payload)
    }

    fn ready(&self, payload: Self::Payload) -> Option<U> {
        self.last.changed((self.map)(self.site.show(&payload)))
    }

    fn item<'a>(&'a self, ready: &'a U) -> &'a U {
        ready
    }

    fn shown(&self, ready: U) {
        self.last.put_back(ready);
    }

    fn own(item: &U) -> U {
        item.clone()
    }
}

/// A closure over the whole state: asked after every commit.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Asked<F, U> {
    ask: F,
    last: Last<U>,
}

/// The kind of a selector that is a closure.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct ByClosure<U>(PhantomData<U>);

#[diagnostic::do_not_recommend]
impl<T, F, U> Selector<T, ByClosure<U>> for F
where
    F: Fn(&T) -> U + Send + Sync + 'static,
    U: Clone + PartialEq + Send + Sync + 'static,
{
    type __Select = Asked<F, U>;
    type Value = U;

    fn __select(self) -> Asked<F, U> {
        Asked { ask: self, last: Last::new() }
    }
}

impl<T, F, U> Select<T> for Asked<F, U>
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> U + Send + Sync + 'static,
    U: Clone + PartialEq + Send + Sync + 'static,
{
    type Payload = Arc<T>;
    type Ready = U;
    type Item<'a> = &'a U;
    type Owned = U;

    const BASELINE: bool = true;

    fn stage(&self, state: &Arc<T>, _: u64, _: &[Edit<T>]) -> Arc<T> {
        Arc::clone(state)
    }

    fn ready(&self, state: Arc<T>) -> Option<U> {
        self.last.changed((self.ask)(&state))
    }

    fn item<'a>(&'a self, ready: &'a U) -> &'a U {
        ready
    }

    fn shown(&self, ready: U) {
        self.last.put_back(ready);
    }

    fn own(item: &U) -> U {
        item.clone()
    }
}

/// Every commit, as a snapshot: what a `Store`'s subscribers and `Changed` see.
pub(crate) struct Every;

impl<T: Send + Sync + 'static> Select<T> for Every {
    type Payload = Arc<T>;
    type Ready = Arc<T>;
    type Item<'a> = &'a Arc<T>;
    type Owned = Arc<T>;

    const PLAIN: bool = true;
    const SHARED: bool = true;

    fn stage(&self, state: &Arc<T>, _: u64, _: &[Edit<T>]) -> Arc<T> {
        Arc::clone(state)
    }

    fn ready(&self, state: Arc<T>) -> Option<Arc<T>> {
        Some(state)
    }

    fn item<'a>(&'a self, ready: &'a Arc<T>) -> &'a Arc<T> {
        ready
    }

    fn own(item: &Arc<T>) -> Arc<T> {
        Arc::clone(item)
    }
}
