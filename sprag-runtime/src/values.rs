//! Places in text or address form, and values as JSON: the edge to HTTP, to an inspector,
//! to a command line.
//!
//! One implementation for [`Model`](crate::Model) and [`Store`](crate::Store). The cost of
//! a read or a write depends on the depth of the place and on the value there.

mod bounds;
mod description;
mod faces;
mod locate;
mod merge;
mod read;
mod write;

use std::error::Error;

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
    seek(state, place, Spelling::Wire, Goal::Text).map(text)
}

/// Returns the JSON text of the value at `place`, like [`json_at`], if the text has at most
/// `limit` bytes, and otherwise `None`.
///
/// Serialising ends at the limit, so the cost is bounded by the limit where the state is
/// large.
///
/// # Errors
///
/// Those of [`json_at`].
///
/// ```
/// use sprag::path::Address;
///
/// let names = vec!["a long name".to_owned(); 1_000];
/// assert_eq!(sprag::state::json_within(&names, &Address::default(), 100)?, None);
/// let first = sprag::state::json_within(&names, &Address::from_iter([0.into()]), 100)?;
/// assert_eq!(first.as_deref(), Some("\"a long name\""));
/// # Ok::<(), sprag::error::PathError>(())
/// ```
pub fn json_within<T: State + ToJsonState>(
    state: &T,
    place: &Address,
    limit: usize,
) -> Result<Option<String>, PathError> {
    match seek(state, place, Spelling::Wire, Goal::TextWithin(limit)) {
        Ok(found) => Ok(Some(text(found))),
        Err(PathError::RoundTrip { source, .. }) if is_of_writer(&*source) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The text of a place that was sought as text.
fn text(found: Value) -> String {
    match found {
        Value::String(json) => json,
        // The place is omitted at the moment.
        value => value.to_string(),
    }
}

fn is_of_writer(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<serde_json::Error>().is_some_and(serde_json::Error::is_io)
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{json_at, json_within, value_at};
    use crate::error::PathError;
    use crate::path::Address;

    #[test]
    fn d0_a_place_of_a_state_without_a_model_is_read() {
        let state = BTreeMap::from([("a".to_owned(), vec![0.1_f32, 2.0]), ("b".into(), vec![])]);
        let at = |parts: &[&str]| parts.iter().map(|part| (*part).into()).collect::<Address>();
        assert_eq!(value_at(&state, &at(&["a", "1"])).unwrap(), json!(2.0));
        assert_eq!(value_at(&state, &at(&["b"])).unwrap(), json!([]));
        assert_eq!(json_at(&state, &at(&["a", "0"])).unwrap(), "0.1");
        assert_eq!(json_at(&state, &at(&[])).unwrap(), r#"{"a":[0.1,2.0],"b":[]}"#);
        assert_eq!(json_within(&state, &at(&["a"]), 9).unwrap().as_deref(), Some("[0.1,2.0]"));
        assert_eq!(json_within(&state, &at(&["a"]), 8).unwrap(), None);
        for error in [
            value_at(&state, &at(&["c"])).unwrap_err(),
            json_at(&state, &at(&["c"])).unwrap_err(),
            json_within(&state, &at(&["c"]), 9).unwrap_err(),
        ] {
            assert!(matches!(&error, PathError::NoEntry { .. }), "{error}");
        }
    }
}
