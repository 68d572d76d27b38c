//! Places in what serde writes of a state. It reads and knows no cell.

mod locate;
mod merge;

use serde::Serialize;
use serde_json::Value;

pub(crate) use self::locate::{Member, locate, owner};
pub(crate) use self::merge::merged;
use crate::error::PathError;
use crate::path::{Shape, resolve};

/// The value at `path` of `state`, which is of the given shape.
pub(crate) fn get<T: Serialize + 'static>(
    shape: &'static Shape,
    state: &T,
    path: &str,
) -> Result<Value, PathError> {
    let resolved = resolve(shape, state, path)?;
    if let Some(missing) = resolved.missing {
        return Err(missing.error);
    }
    let found = locate(state, &resolved.route.hops, path)?;
    Ok(found.value.unwrap_or_default())
}
