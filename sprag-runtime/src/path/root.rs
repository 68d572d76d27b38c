//! [`root`]: where the paths of a type start.

use super::build::Build;
use super::lens::Here;
use super::mode::Whole;
use super::state::State;
use super::steps::Access;

/// The paths that start at a `T`: `T::PATHS`, for types that have none by that name.
///
/// A state need not be a type of yours: a map or a list is one too.
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
// A function, because the compiler evaluates a constant that is alone in a constant, used
// or not.
#[must_use]
pub const fn root<T: State>() -> T::__Paths<T, Whole> {
    <T::__At<Here<T>> as Build<T::__Paths<T, Whole>>>::__PATHS
}

/// The way from a value to all of it.
pub(super) const fn all_of<V: State>() -> Access<V, V> {
    Access::of::<Here<V>>(V::__SHAPE.nodes)
}
