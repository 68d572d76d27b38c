//! [`Leaf`]: a value of any type as state.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::build::PathAt;
use super::lens::Lens;
use super::mode::Mode;
use super::state::State;
use super::static_path::Path;

/// Makes a value of any type one opaque value of a state, wherever a state is required: in
/// an `Option`, a `Vec`, a map or an argument of a generic type.
///
/// A `Leaf` derefs to the `T`, and prints, compares and serialises as the `T`. No path
/// leads into the value, so a write of it notifies as one place. For a field whose type you
/// do not want to wrap, `#[model(leaf)]` has the same effect.
///
/// ```
/// # use sprag::prelude::*;
/// use std::collections::BTreeMap;
/// use std::fs::FileType; // not a state
/// use sprag::path::Leaf;
///
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Folder {
///     kinds: BTreeMap<String, Leaf<FileType>>,
/// }
///
/// let folder = create_model("folder", Folder::default());
/// let kind = std::fs::metadata(".")?.file_type();
/// folder.insert(Folder::PATHS.kinds, "media", Leaf(kind));
/// assert!(folder.get(Folder::PATHS.kinds.key("media")).is_some_and(|kind| kind.is_dir()));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leaf<T>(pub T);

impl<T> Leaf<T> {
    /// Returns the value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Leaf<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Leaf<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Leaf<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: fmt::Debug> fmt::Debug for Leaf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for Leaf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: 'static> State for Leaf<T> {
    type __Paths<R: State, M: Mode> = Path<R, Self, M>;
    type __At<L: Lens<Target = Self>> = PathAt<L>;
    type __Some<R: State> = ();

    // A type without drop glue holds no allocation.
    const __CHEAP: bool = !std::mem::needs_drop::<T>() && size_of::<T>() <= 64;
}

#[cfg(feature = "serde")]
impl<T: serde::Serialize> serde::Serialize for Leaf<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Leaf<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}
