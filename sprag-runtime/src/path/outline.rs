//! [`Outline`]: the set of a collection's entries, independent of their values.

use std::fmt;
use std::marker::PhantomData;

use super::collection::{Keyed, Resizable};

/// A selector of the set of entries of a collection, independent of their values: the cell
/// matches it only when entries are added or removed. Returned by [`Path::len`] and
/// [`Path::keys`].
///
/// [`Path::len`]: super::Path::len
/// [`Path::keys`]: super::Path::keys
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::BTreeMap;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { seen: BTreeMap<u64, String> }
/// # let tv = create_model("tv", Tv::default());
/// tv.insert(Tv::PATHS.seen, 7, "Alien".into());
/// assert_eq!((tv.select(Tv::PATHS.seen.len()), tv.select(Tv::PATHS.seen.keys())), (1, vec![7]));
/// ```
#[derive(Clone, Copy)]
pub struct Outline<P, V> {
    pub(crate) place: P,
    view: PhantomData<fn() -> V>,
}

impl<P, V> Outline<P, V> {
    pub(super) const fn new(place: P) -> Self {
        Self { place, view: PhantomData }
    }
}

impl<P: fmt::Debug, V> fmt::Debug for Outline<P, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outline").field("place", &self.place).finish_non_exhaustive()
    }
}

/// The part of a collection that an [`Outline`] selects.
#[doc(hidden)]
pub trait OutlineKind<C>: 'static {
    type Shown: Clone + PartialEq + Send + Sync + 'static;

    /// Whether the part costs less than holding a snapshot does.
    const CHEAP: bool;

    fn of(collection: &C) -> Self::Shown;

    /// Whether the parts of both are equal. Clones nothing, since the drop of a user's key
    /// must not run under a lock.
    fn is_same(a: &C, b: &C) -> bool;

    /// Whether `shown` is still the part of `collection`.
    fn is(shown: &Self::Shown, collection: &C) -> bool;
}

/// The number of entries.
#[derive(Clone, Copy, Debug)]
pub struct Len;

impl<C: Resizable> OutlineKind<C> for Len {
    type Shown = usize;

    const CHEAP: bool = true;

    fn of(collection: &C) -> usize {
        collection.__len()
    }

    fn is_same(a: &C, b: &C) -> bool {
        a.__len() == b.__len()
    }

    fn is(shown: &usize, collection: &C) -> bool {
        *shown == collection.__len()
    }
}

/// The keys of a map, or the members of a set.
#[derive(Clone, Copy, Debug)]
pub struct Keys;

impl<C: Keyed> OutlineKind<C> for Keys {
    type Shown = C::Keys;

    const CHEAP: bool = false;

    fn of(collection: &C) -> C::Keys {
        collection.__keys()
    }

    fn is_same(a: &C, b: &C) -> bool {
        a.__has_keys_of(b)
    }

    fn is(shown: &C::Keys, collection: &C) -> bool {
        collection.__has_keys(shown)
    }
}
