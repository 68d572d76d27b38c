//! A written place, kept as data.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use super::change::EntryChange;
use super::location;
use crate::path::{Collection, Location, PathText, Walk};
#[cfg(feature = "serde")]
use crate::path::{Hops, Route};

/// A place that can be described and read.
pub(crate) trait Describe<T>: Send + Sync {
    fn describe(&self, text: &mut PathText<'_>) -> std::fmt::Result;
    fn value<'a>(&self, state: &'a T) -> Option<&'a dyn Any>;

    /// Appends the steps to the place.
    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops);
}

struct Described<W, T> {
    walk: W,
    root: PhantomData<fn() -> T>,
}

impl<T: 'static, W: Walk<T>> Describe<T> for Described<W, T> {
    fn describe(&self, text: &mut PathText<'_>) -> std::fmt::Result {
        self.walk.describe(text)
    }

    fn value<'a>(&self, state: &'a T) -> Option<&'a dyn Any> {
        self.walk.get(state).map(|value| value as &dyn Any)
    }

    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops) {
        self.walk.hops(hops);
    }
}

/// A place that was found by its text.
#[cfg(feature = "serde")]
struct Routed {
    route: Arc<Route>,
}

#[cfg(feature = "serde")]
impl<T: 'static> Describe<T> for Routed {
    fn describe(&self, text: &mut PathText<'_>) -> std::fmt::Result {
        self.route.describe(text)
    }

    fn value<'a>(&self, state: &'a T) -> Option<&'a dyn Any> {
        self.route.get(state)
    }

    fn hops(&self, hops: &mut Hops) {
        hops.route(&self.route);
    }
}

/// An entry of a collection.
struct DescribedEntry<W, K, T> {
    collection: W,
    key: K,
    root: PhantomData<fn() -> T>,
}

impl<T, W, C> Describe<T> for DescribedEntry<W, C::Key, T>
where
    T: 'static,
    W: Walk<T, Value = C>,
    C: Collection,
{
    fn describe(&self, text: &mut PathText<'_>) -> std::fmt::Result {
        self.collection.describe(text)?;
        text.key(&self.key)
    }

    fn value<'a>(&self, state: &'a T) -> Option<&'a dyn Any> {
        self.collection.get(state)?.__get(&self.key).map(|value| value as &dyn Any)
    }

    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops) {
        self.collection.hops(hops);
        hops.entry(C::__ENTRIES, Arc::new(self.key.clone()));
    }
}

/// A written place. Cloning is cheap.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Edit<T> {
    pub(super) location: Location,
    /// The written entries of the collection there, where it is not all of it.
    pub(super) entries: Option<EntryChange>,
    /// The described place; `None`: the whole state.
    pub(crate) place: Option<Arc<dyn Describe<T>>>,
}

impl<T> Clone for Edit<T> {
    fn clone(&self) -> Self {
        let (location, entries) = (self.location.clone(), self.entries.clone());
        Self { location, entries, place: self.place.clone() }
    }
}

impl<T: 'static> Edit<T> {
    pub(super) fn whole() -> Self {
        Self { location: Location::root(), entries: None, place: None }
    }

    /// The place that `walk` leads to.
    pub(crate) fn at<W: Walk<T>>(walk: &W) -> Self {
        let place = Described { walk: walk.owned(), root: PhantomData };
        Self { location: location(walk), entries: None, place: Some(Arc::new(place)) }
    }

    /// Entries of the collection that `walk` leads to.
    pub(super) fn entries<W: Walk<T>>(walk: &W, entries: EntryChange) -> Self {
        Self { entries: Some(entries), ..Self::at(walk) }
    }

    /// Entries of the collection that `walk` leads to, described as the one at `key`.
    pub(super) fn entry<W, C>(walk: &W, key: C::Key, entries: EntryChange) -> Self
    where
        W: Walk<T, Value = C>,
        C: Collection,
    {
        let place = DescribedEntry { collection: walk.owned(), key, root: PhantomData };
        let place = Some(Arc::new(place) as _);
        Self { location: location(walk), entries: Some(entries), place }
    }

    /// The place's text, joined by dots.
    pub(crate) fn path(&self) -> String {
        let mut text = String::new();
        self.describe(&mut PathText::new(&mut text));
        text
    }

    /// A place that was found by its text or its address.
    ///
    /// With `is_of_outline` the place is an entry that is added or removed.
    #[cfg(feature = "serde")]
    pub(crate) fn routed(route: &Arc<Route>, is_of_outline: bool) -> Self {
        let (location, entries) = EntryChange::along(route, is_of_outline);
        let place = Routed { route: Arc::clone(route) };
        Self { location, entries, place: Some(Arc::new(place)) }
    }

    fn describe(&self, text: &mut PathText<'_>) {
        if let Some(place) = &self.place {
            // Writing to a `String` fails only where a key's `Debug` does.
            let _ = place.describe(text);
        }
    }
}
