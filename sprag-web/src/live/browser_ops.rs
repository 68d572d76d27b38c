//! [`ops`]: the ops of a commit in the form that browsers receive.

use serde_json::{Error, to_string};
use sprag_runtime::path::{Address, Right, Schema};
use sprag_runtime::{Op, OpValue};

use crate::live::hiding::{at, pruned};

/// The ops as JSON, without hidden places and hidden values. `None` if the place of an op
/// is not in the schema, so that its rights are unknown, or if an op has a member of a set in
/// which places are hidden.
pub(crate) fn ops(schema: Schema, ops: &[Op]) -> Result<Option<String>, Error> {
    if !schema.hides() {
        return to_string(ops).map(Some);
    }
    let mut shown = Vec::with_capacity(ops.len());
    for op in ops {
        let Some(place) = place(op) else { return Ok(None) };
        let schemas = at(schema, place);
        if schemas.is_empty() || is_of_hiding_member(&schemas, op) {
            return Ok(None);
        }
        // Places below a hidden place are hidden.
        if schemas.iter().all(|schema| schema.right() != Right::Never) {
            shown.push(one(&schemas, op)?);
        }
    }
    Ok(Some(format!("[{}]", shown.join(","))))
}

/// Whether the op has a set's member in which places are hidden. A browser sees such a member
/// in part, and cannot find the member in its state.
fn is_of_hiding_member(schemas: &[Schema], op: &Op) -> bool {
    matches!(op, Op::AddMember { .. } | Op::RemoveMember { .. })
        && schemas.iter().any(|schema| schema.hides())
}

fn one(schemas: &[Schema], op: &Op) -> Result<String, Error> {
    if !schemas.iter().any(|schema| schema.hides()) {
        return to_string(op);
    }
    match op {
        Op::Set { place, value } => {
            Ok(format!("[\"=\",{},{}]", to_string(place)?, shown(schemas, value)?))
        }
        Op::Insert { place, values } => {
            let values: Result<Vec<_>, _> =
                values.iter().map(|value| shown(schemas, value)).collect();
            Ok(format!("[\"+\",{},{}]", to_string(place)?, values?.join(",")))
        }
        _ => to_string(op),
    }
}

fn shown(schemas: &[Schema], value: &OpValue) -> Result<String, Error> {
    schemas.iter().try_fold(to_string(value)?, |json, schema| pruned(*schema, &json))
}

fn place(op: &Op) -> Option<&Address> {
    match op {
        Op::Set { place, .. }
        | Op::Insert { place, .. }
        | Op::Remove { place }
        | Op::RemoveMany { place, .. }
        | Op::AddMember { place, .. }
        | Op::RemoveMember { place, .. }
        | Op::Order { place, .. } => Some(place),
        _ => None,
    }
}
