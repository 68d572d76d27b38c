//! Places in text or address form, and values as JSON: the edge to HTTP, to an inspector,
//! to a command line.
//!
//! One implementation for [`Model`](crate::Model) and [`Store`](crate::Store). The cost of
//! a read or a write depends on the depth of the place and on the value there.

mod bounds;
mod check;
mod description;
mod faces;
mod locate;
mod merge;
mod read;
mod write;

use serde::Serialize;
use serde_json::Value;

pub use self::bounds::{JsonState, ToJsonState};
pub use self::description::Description;
use self::locate::Goal;
use self::read::{Root, refused, shown};
use crate::error::{PathError, cut};
use crate::path::{Address, Spelling, State};

/// Returns the value at `place` of a state that is not in a model, or that a closure of a
/// model receives. Like [`Model::get_at`](crate::View::get_at).
///
/// # Errors
///
/// A [`PathError`], which says where the address stopped and what exists there.
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use sprag::prelude::*;
/// use sprag::path::Address;
///
/// #[derive(Model, Clone, Default, Serialize, Deserialize)]
/// struct Tv {
///     url: Option<String>,
///     position: u64,
/// }
///
/// let value = sprag::state::value_at(&Tv::default(), &Address::from_iter(["position".into()]))?;
/// assert_eq!(value, 0);
/// # Ok::<(), sprag::error::PathError>(())
/// ```
pub fn value_at<T: State + ToJsonState>(state: &T, place: &Address) -> Result<Value, PathError> {
    get(state, place, Spelling::Wire)
}

/// Returns the JSON text of the value at `place`, like [`value_at`], exactly as serde
/// writes it: the order of members and the form of numbers are kept.
///
/// # Errors
///
/// A [`PathError`], which says where the address stopped and what exists there.
///
/// ```
/// use sprag::path::Address;
///
/// let json = sprag::state::json_at(&vec![1.5_f32, 2.5], &Address::from_iter([1.into()]))?;
/// assert_eq!(json, "2.5");
/// # Ok::<(), sprag::error::PathError>(())
/// ```
pub fn json_at<T: State + ToJsonState>(state: &T, place: &Address) -> Result<String, PathError> {
    Ok(match seek(state, place, Spelling::Wire, Goal::Text)? {
        Value::String(json) => json,
        // The place is omitted at the moment.
        value => value.to_string(),
    })
}

/// The value at `address` of `state`.
fn get<T: State + Serialize>(
    state: &T,
    address: &Address,
    spelling: Spelling,
) -> Result<Value, PathError> {
    seek(state, address, spelling, Goal::Value)
}

/// The part of `state` at `address` that `goal` names.
fn seek<T: State + Serialize>(
    state: &T,
    address: &Address,
    spelling: Spelling,
    goal: Goal,
) -> Result<Value, PathError> {
    let resolved = Root::of(state).resolve(T::__SHAPE, address, spelling)?;
    if let Some(missing) = resolved.missing {
        return Err(missing.error);
    }
    let shown = shown(Root::of(state), &resolved.route.hops, goal);
    shown.map(|shown| shown.value).map_err(|stop| refused(stop, cut(&address.to_string())))
}
