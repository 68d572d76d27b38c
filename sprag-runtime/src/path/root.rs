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
