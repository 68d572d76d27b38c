//! Selectors: the places that a subscription watches, and the value that its callback
//! receives.
//!
//! A user passes a [`Selector`]. [`Select`] is its working form: the places that it
//! watches, the capture under the lock, the conversion of the captured value by the
//! drainer, and the argument of the callback. Each kind of selector has a file.

mod closure;
mod each;
mod every;
mod last;
mod mapped;
mod outline;
mod place;
mod tuple;

use std::any::Any;
use std::sync::Arc;

pub(crate) use self::every::EveryCommit;
use super::origin::Origin;
use super::recorder::Recorded;
use super::watched::{Watch, WatchEach};
#[cfg(feature = "serde")]
use crate::path::Hop;

/// A selector of a `T`: a place, a tuple of places, a place with
/// [`.map(f)`](crate::path::Path::map), a collection's [`.len()`](crate::path::Path::len)
/// or [`.keys()`](crate::path::Path::keys), every entry of a collection
/// ([`.each()`](crate::path::Path::each)), or a closure over the whole state whose argument
/// has a type (`|tv: &Tv| …`).
///
/// `K` distinguishes the kinds of selectors and is always inferred.
///
/// The selected value must be `Clone`, `PartialEq`, `Send` and `Sync`. A write compares the
/// places that it affects. A closure over the whole state runs after every commit.
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
            `|state: &{T}| …`; the selected value must be `Clone`, `PartialEq`, `Send` and `Sync`; \
            an `each()` is in no tuple"
)]
pub trait Selector<T, K> {
    /// The compared value; of a tuple, all of it.
    type Value;

    /// A [`Select`], provided that the selected value has the traits for it. The methods
    /// state these bounds, and the impls here do not: the compiler then knows which impl
    /// applies, and reports a value that cannot be compared as such.
    #[doc(hidden)]
    type __Select;

    #[doc(hidden)]
    fn __select(self) -> Self::__Select;
}

/// The working form of a [`Selector`].
#[doc(hidden)]
pub trait Select<T>: Send + Sync + 'static {
    /// The value captured under the lock.
    type Captured: Send + 'static;
    /// The value that the drainer computes from the captured one.
    type Resolved: 'static;
    /// The argument of a callback.
    type Item<'a>;

    /// Whether [`resolve`](Self::resolve) runs none of the user's code.
    const PLAIN: bool = false;
    /// Whether a new subscription must first learn the present value.
    const BASELINE: bool = false;
    /// Whether a result can have several items.
    const MANY: bool = false;
    /// Whether [`capture`](Self::capture) uses the written places.
    const RECORDS: bool = false;
    /// Whether the subscriptions of one node without keys, or of every commit, can share
    /// one set.
    const SHARED: bool = false;

    /// The `part`th place whose changes affect the selector. A selector without places is
    /// affected by every commit.
    fn watch(&self, _part: usize) -> Option<&dyn Watch<T>> {
        None
    }

    /// The place in every entry of a collection whose changes affect the selector.
    fn watch_each(&self) -> Option<&dyn WatchEach<T>> {
        None
    }

    /// Captures, under the lock, the input of [`resolve`](Self::resolve).
    fn capture(&self, state: &Arc<T>, commit: &CommitInfo<'_, T>) -> Self::Captured;

    /// Like [`capture`](Self::capture), for a selector that [records](Self::RECORDS) and
    /// whose subscribers alone are affected: takes the record of the commit.
    fn capture_recorded(
        &self,
        state: &Arc<T>,
        commit: &CommitInfo<'_, T>,
        recorded: Recorded,
    ) -> Self::Captured {
        let _ = recorded;
        self.capture(state, commit)
    }

    /// Releases the snapshot in a captured value that is not delivered after all. Returns
    /// the other values, for the caller to drop outside of every lock.
    fn discard(_captured: Self::Captured) -> Option<UsersValue> {
        None
    }

    /// Turns a captured value into the result; `None` if the result has not changed.
    /// Only the drainer calls it.
    fn resolve(&self, captured: Self::Captured) -> Option<Self::Resolved>;

    /// Passes the result to `call` as a callback receives it, once for each item.
    fn each_item(&self, resolved: &Self::Resolved, call: impl FnMut(Self::Item<'_>));

    /// Takes the result back after every callback has received it.
    fn after_calls(&self, _resolved: Self::Resolved) {}
}

/// The working form of a selector that selects one value.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an `each()` selects many values, and one is needed here",
    label = "needs a selector of one value",
    note = "`subscribe` takes `each()`; `read` and `snapshot` look at all entries at once"
)]
pub trait SelectOne<T>: Select<T> {
    /// The item as a value of its own.
    type Owned;

    /// The result as a callback receives it.
    fn item<'a>(&'a self, resolved: &'a Self::Resolved) -> Self::Item<'a>;

    /// The item as a value of its own.
    fn to_owned(item: Self::Item<'_>) -> Self::Owned;
}

/// The working form of a selector of places.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "changes are limited to places, and this selector has none",
    label = "needs a place, a tuple of places, or `each()`",
    note = "a closure and a `.map(f)` select values, not places"
)]
pub trait SelectPlaces<T>: Select<T> {
    /// The hops to each place, and the number of the hop that means every entry.
    #[expect(private_interfaces, reason = "hidden")]
    fn places(&self) -> Vec<(Vec<Hop>, Option<usize>)>;
}

/// The facts of a commit, beside its state.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
#[cfg_attr(not(feature = "serde"), expect(dead_code, reason = "changes need serde"))]
pub struct CommitInfo<'a, T> {
    /// The version before the commit.
    pub(crate) from: u64,
    pub(crate) version: u64,
    pub(crate) origins: &'a [Origin],
    /// The leftovers of its writes, if there are any.
    pub(super) remains: Option<&'a dyn Remains<T>>,
}

/// The leftovers of a commit's writes, for its subscribers.
pub(super) trait Remains<T> {
    /// The operations of the commit; nothing unless [`Select::RECORDS`].
    #[cfg_attr(not(feature = "serde"), expect(dead_code, reason = "changes need serde"))]
    fn recorded(&self) -> &Recorded;
    /// The entries that the commit touched, for the watcher with the number `id`.
    fn touched(&self, id: u64) -> Option<&dyn Any>;
}

impl<T> CommitInfo<'_, T> {
    /// The present state, without a commit.
    pub(crate) fn present(version: u64) -> Self {
        Self { from: version, version, origins: &[], remains: None }
    }

    #[cfg(feature = "serde")]
    pub(crate) fn recorded(&self) -> Option<&Recorded> {
        self.remains.map(Remains::recorded)
    }

    fn touched(&self, id: u64) -> Option<&dyn Any> {
        self.remains?.touched(id)
    }
}

/// A value that is kept only to be dropped outside of every lock.
pub(crate) type UsersValue = Box<dyn Any + Send>;
