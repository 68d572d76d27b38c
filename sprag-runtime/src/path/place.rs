//! [`Place`]: the bound of every method that takes a place.

use std::fmt;

use super::collection::Collection;
use super::mode::Mode;
use super::walk::Walk;

/// A place with a function of its value: a selector. Returned by
/// [`Path::map`](super::Path::map).
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::path::{PartialPath, Path};
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { playback: Playback, current: Option<Track>, queue: Vec<Track> }
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Playback { position: u64 }
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Track { title: String }
/// let minutes = Tv::PATHS.playback.position.map(|seconds| seconds / 60);
/// assert_eq!(create_model("tv", Tv::default()).select(minutes), 0);
/// ```
#[derive(Clone, Copy)]
pub struct Mapped<P, F> {
    pub(crate) place: P,
    pub(crate) map: F,
}

impl<P: fmt::Debug, F> fmt::Debug for Mapped<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mapped").field("place", &self.place).finish_non_exhaustive()
    }
}

/// A selector of whether the collection `C` has the entry at `P`.
pub type Contains<P, C> = Mapped<P, fn(Option<&<C as Collection>::Item>) -> bool>;

/// Whether the entry exists.
pub(super) fn is_there<V>(entry: Option<&V>) -> bool {
    entry.is_some()
}

/// A value that identifies a place in a `T`: a [`Path`](super::Path), a struct's paths
/// (`Tv::PATHS.playback`), a [`PartialPath`](super::PartialPath), a
/// [`KeyedPath`](super::KeyedPath).
///
/// `Place` is the bound of all methods that take a place, such as `get`, `set` and
/// `subscribe`.
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::path::{PartialPath, Path};
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { playback: Playback, current: Option<Track>, queue: Vec<Track> }
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Playback { position: u64 }
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Track { title: String }
/// use sprag::path::{Place, Whole};
///
/// /// Any place of a number that is always there, in any model.
/// fn raise<T, P>(model: &Model<T>, place: P)
/// where
///     T: sprag::path::State + Clone + Send + Sync,
///     P: Place<T, Value = u64, Mode = Whole>,
/// {
///     let () = model.update_at(place, |number| *number += 1);
/// }
///
/// let tv = create_model("tv", Tv::default());
/// raise(&tv, Tv::PATHS.playback.position);
/// assert_eq!(tv.get(Tv::PATHS.playback.position), 1);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a place in `{T}`",
    label = "not a place in `{T}`",
    note = "places in `{T}` start at `{T}::PATHS`"
)]
pub trait Place<T>: Sized {
    /// The type of the value at the place.
    type Value: 'static;
    /// Whether the place always exists.
    type Mode: Mode;

    #[doc(hidden)]
    type __Walk: Walk<T, Value = Self::Value>;

    #[doc(hidden)]
    fn __walk(self) -> Self::__Walk;
}
