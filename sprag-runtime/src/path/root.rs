//! [`root`]: the start of the paths of a type.

use super::build::Build;
use super::lens::Here;
use super::mode::Whole;
use super::state::State;
use super::steps::Access;

/// The paths that start at a `T`, like `T::PATHS`, for types without that constant.
///
/// A state need not be a type of the user's own: a map or a list is state, too.
///
/// The keys of a map that is the whole state have a type that a program knows anyway: a
/// string, a number, a `Uuid`, another type of the features. For a type of your own, changes
/// as data (`changes`, `apply`) need the map in a struct that derives `Model`, since only a
/// derive can see how serde writes a type without a bound on each method. With
/// `#[serde(transparent)]` the struct has the JSON, and the places, of the map. Reads and
/// writes by text need no such struct, but write all keys to find one.
///
/// ```
/// # use sprag::prelude::*;
/// use std::collections::HashMap;
/// use sprag::path::root;
///
/// type Devices = HashMap<u64, String>;
///
/// let devices = create_model("devices", Devices::new());
/// devices.insert(root::<Devices>(), 7, "lamp".into());
/// assert_eq!(devices.get(root::<Devices>().key(7)).as_deref(), Some("lamp"));
/// ```
// A function and not a constant, since the compiler evaluates a constant inside of a
// constant even if it is not used.
#[must_use]
pub const fn root<T: State>() -> T::__Paths<T, Whole> {
    <T::__At<Here<T>> as Build<T::__Paths<T, Whole>>>::__PATHS
}

/// The path from a value to the whole value.
pub(super) const fn all_of<V: State>() -> Access<V, V> {
    Access::of::<Here<V>>()
}
