//! [`hold`]: whether the places of a write have the values that its page saw.
//!
//! The state is locked during the comparison, so its cost is bounded: at a place without hidden
//! parts by the length of the expected value, and at the others by [`HIDING`].

use serde_json::Value;
use sprag_runtime::path::{Address, Right, Schema, State};
use sprag_runtime::{ToJsonState, json_within};

use crate::live::hiding::{at, pruned};
use crate::writes::answer::WriteRefusal;
use crate::writes::page_writes::Condition;
use crate::writes::same_value::same;

/// How many bytes of JSON the conditions of one write read at places with hidden parts, which
/// count: the browser does not see them, so the expected value bounds no length.
const HIDING: usize = 1024 * 1024;

/// Checks that the places have the values that the write's page saw.
pub(crate) fn hold<T: State + ToJsonState>(
    state: &T,
    conditions: &[Condition],
) -> Result<(), WriteRefusal> {
    let mut room = HIDING;
    for condition in conditions {
        let holds = match condition {
            Condition::Holds((place, expected)) => has(state, place, expected, &mut room)?,
            Condition::Absent((place,)) => !is_shown(state, place),
        };
        if !holds {
            return Err(("conflict", "another write was faster".to_owned()));
        }
    }
    Ok(())
}

/// Whether browsers see `expected` at `place`.
fn has<T: State + ToJsonState>(
    state: &T,
    place: &Address,
    expected: &Value,
    room: &mut usize,
) -> Result<bool, WriteRefusal> {
    let schemas = at(Schema::of::<T>(), place);
    if is_hidden(&schemas) {
        return Ok(false);
    }
    if !schemas.iter().any(|schema| schema.hides()) {
        // The same number may have three times the text: `1` and `1.0`.
        let limit = 3 * expected.to_string().len() + 64;
        let found = json_within(state, place, limit).ok().flatten();
        return Ok(found.is_some_and(|found| is_same(expected, &found)));
    }
    match json_within(state, place, *room) {
        Ok(Some(found)) => {
            *room -= found.len();
            let found = schemas.iter().try_fold(found, |json, schema| pruned(*schema, &json));
            Ok(found.is_ok_and(|found| is_same(expected, &found)))
        }
        Ok(None) => Err(("place", "the write compares more than 1 MiB of values".to_owned())),
        Err(_) => Ok(false),
    }
}

fn is_same(expected: &Value, found: &str) -> bool {
    serde_json::from_str(found).is_ok_and(|found| same(expected, &found))
}

/// Whether the place exists for browsers. No value is read.
fn is_shown<T: State + ToJsonState>(state: &T, place: &Address) -> bool {
    !is_hidden(&at(Schema::of::<T>(), place)) && json_within(state, place, 0).is_ok()
}

fn is_hidden(schemas: &[Schema]) -> bool {
    schemas.iter().any(|schema| schema.right() == Right::Never)
}
