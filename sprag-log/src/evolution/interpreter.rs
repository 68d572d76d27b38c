//! [`make`]: applies the ops of a changeset to JSON, for states whose type does not exist
//! any more.

use serde_json::Value;
use sprag_runtime::path::{Address, Part};
use sprag_runtime::{Op, OpValue};

/// Why an op cannot be applied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnfitOp {
    #[error("nothing is at `{0}`")]
    Absent(Address),
    #[error("`{0}` has no such elements")]
    OutOfRange(Address),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("an op that this version does not know")]
    Unknown,
}

/// Applies `op` to the JSON of a state.
pub(super) fn make(state: &mut Value, op: &Op) -> Result<(), UnfitOp> {
    match op {
        Op::Set { place, value } => set(state, place, value.to_json()?),
        Op::Insert { place, values } => insert(state, place, values),
        Op::Remove { place } => remove(state, place),
        Op::AddMember { place, member, next } => add_member(state, place, member, next.as_ref()),
        Op::RemoveMember { place, member } => remove_member(state, place, member),
        Op::RemoveMany { place, parts } => remove_many(state, place, parts),
        Op::Order { place, first, from } => order(state, place, *first, from),
        _ => Err(UnfitOp::Unknown),
    }
}

fn set(state: &mut Value, place: &Address, value: Value) -> Result<(), UnfitOp> {
    let Some((last, owner)) = place.parts().split_last() else {
        *state = value;
        return Ok(());
    };
    match at(state, owner, place)? {
        Value::Object(members) => drop(members.insert(name(last), value)),
        Value::Array(items) => {
            let item = index(last).and_then(|index| items.get_mut(index));
            *item.ok_or_else(|| UnfitOp::OutOfRange(place.clone()))? = value;
        }
        _ => return Err(UnfitOp::Absent(place.clone())),
    }
    Ok(())
}

fn insert(state: &mut Value, place: &Address, values: &[OpValue]) -> Result<(), UnfitOp> {
    let absent = || UnfitOp::Absent(place.clone());
    let (last, owner) = place.parts().split_last().ok_or_else(absent)?;
    match (at(state, owner, place)?, values) {
        (Value::Object(members), [value]) => drop(members.insert(name(last), value.to_json()?)),
        (Value::Array(items), values) => {
            let first = index(last).filter(|first| *first <= items.len());
            let first = first.ok_or_else(|| UnfitOp::OutOfRange(place.clone()))?;
            let values = values.iter().map(OpValue::to_json).collect::<Result<Vec<_>, _>>()?;
            items.splice(first..first, values);
        }
        _ => return Err(absent()),
    }
    Ok(())
}

fn remove(state: &mut Value, place: &Address) -> Result<(), UnfitOp> {
    let absent = || UnfitOp::Absent(place.clone());
    let (last, owner) = place.parts().split_last().ok_or_else(absent)?;
    match at(state, owner, place)? {
        Value::Object(members) => drop(members.remove(&name(last))),
        Value::Array(items) => {
            let index = index(last).filter(|index| *index < items.len());
            items.remove(index.ok_or_else(|| UnfitOp::OutOfRange(place.clone()))?);
        }
        _ => return Err(absent()),
    }
    Ok(())
}

fn remove_many(state: &mut Value, place: &Address, parts: &[Part]) -> Result<(), UnfitOp> {
    match at(state, place.parts(), place)? {
        Value::Object(members) => parts.iter().for_each(|part| drop(members.remove(&name(part)))),
        Value::Array(items) => {
            let taken = parts.iter().map(|part| index(part).filter(|index| *index < items.len()));
            let taken = taken.collect::<Option<Vec<_>>>();
            let taken = taken.ok_or_else(|| UnfitOp::OutOfRange(place.clone()))?;
            let mut present = 0..;
            items.retain(|_| present.next().is_none_or(|index| !taken.contains(&index)));
        }
        _ => return Err(UnfitOp::Absent(place.clone())),
    }
    Ok(())
}

fn add_member(
    state: &mut Value,
    place: &Address,
    member: &OpValue,
    next: Option<&OpValue>,
) -> Result<(), UnfitOp> {
    let (member, next) = (member.to_json()?, next.map(OpValue::to_json).transpose()?);
    let members = members(state, place)?;
    if !members.contains(&member) {
        let at = members.iter().position(|present| Some(present) == next.as_ref());
        members.insert(at.unwrap_or(members.len()), member);
    }
    Ok(())
}

fn remove_member(state: &mut Value, place: &Address, member: &OpValue) -> Result<(), UnfitOp> {
    let member = member.to_json()?;
    members(state, place)?.retain(|present| *present != member);
    Ok(())
}

/// The members of the set at `place`.
fn members<'a>(state: &'a mut Value, place: &Address) -> Result<&'a mut Vec<Value>, UnfitOp> {
    match at(state, place.parts(), place)? {
        Value::Array(members) => Ok(members),
        _ => Err(UnfitOp::Absent(place.clone())),
    }
}

fn order(state: &mut Value, place: &Address, first: usize, from: &[usize]) -> Result<(), UnfitOp> {
    let Value::Array(items) = at(state, place.parts(), place)? else {
        return Err(UnfitOp::Absent(place.clone()));
    };
    let moved = from.iter().map(|index| items.get(*index).cloned()).collect::<Option<Vec<_>>>();
    let target = items.get_mut(first..first.saturating_add(from.len()));
    match (moved, target) {
        (Some(moved), Some(target)) => target.clone_from_slice(&moved),
        _ => return Err(UnfitOp::OutOfRange(place.clone())),
    }
    Ok(())
}

/// The value at `parts`, which are part of the op at `place`.
fn at<'a>(state: &'a mut Value, parts: &[Part], place: &Address) -> Result<&'a mut Value, UnfitOp> {
    parts.iter().try_fold(state, |value, part| {
        let next = match value {
            Value::Object(members) => members.get_mut(&name(part)),
            Value::Array(items) => index(part).and_then(|index| items.get_mut(index)),
            _ => None,
        };
        next.ok_or_else(|| UnfitOp::Absent(place.clone()))
    })
}

fn name(part: &Part) -> String {
    match part {
        Part::Name(name) => name.clone(),
        Part::Index(index) => index.to_string(),
        Part::Member(member) => member.to_string(),
    }
}

fn index(part: &Part) -> Option<usize> {
    match part {
        Part::Index(index) => Some(*index),
        Part::Name(name) => name.parse().ok(),
        Part::Member(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(op: Value) -> Result<Value, String> {
        let mut state = json!({ "list": [1, 2, 3], "map": { "7": 1 }, "none": null });
        let op: Op = serde_json::from_value(op).expect("an op");
        make(&mut state, &op).map_err(|error| error.to_string())?;
        Ok(state)
    }

    #[test]
    fn l6_ops_are_made_on_json_as_on_a_state() {
        let list = |op| made(op).map(|state| state["list"].clone());
        assert_eq!(list(json!(["=", ["list", 1], 9])), Ok(json!([1, 9, 3])));
        assert_eq!(list(json!(["+", ["list", 3], 4, 5])), Ok(json!([1, 2, 3, 4, 5])));
        assert_eq!(list(json!(["-", ["list", 0]])), Ok(json!([2, 3])));
        assert_eq!(list(json!(["-", ["list"], [0, 2]])), Ok(json!([2])));
        assert_eq!(list(json!(["~", ["list"], 1, [2, 1]])), Ok(json!([1, 3, 2])));
        let map = |op| made(op).map(|state| state["map"].clone());
        assert_eq!(map(json!(["+", ["map", "8"], 2])), Ok(json!({ "7": 1, "8": 2 })));
        assert_eq!(map(json!(["-", ["map", "7"]])), Ok(json!({})));
        assert_eq!(map(json!(["-", ["map"], ["7", "8"]])), Ok(json!({})));
        assert_eq!(list(json!(["+", ["list", [4]]])), Ok(json!([1, 2, 3, 4])));
        assert_eq!(list(json!(["+", ["list", [4]], [2]])), Ok(json!([1, 4, 2, 3])));
        assert_eq!(list(json!(["+", ["list", [3]], [2]])), Ok(json!([1, 2, 3])));
        assert_eq!(list(json!(["-", ["list", [2]]])), Ok(json!([1, 3])));
        assert_eq!(list(json!(["-", ["list", [4]]])), Ok(json!([1, 2, 3])));
        assert_eq!(made(json!(["=", [], 1])), Ok(json!(1)));
    }

    #[test]
    fn l6_ops_that_do_not_fit_name_their_place() {
        let refused = |op| made(op).expect_err("it does not fit");
        assert!(refused(json!(["=", ["none", "x"], 1])).contains("none.x"));
        assert!(refused(json!(["=", ["list", 3], 1])).contains("list.3"));
        assert!(refused(json!(["+", ["list", 4], 1])).contains("list.4"));
        assert!(refused(json!(["-", ["list", 3]])).contains("list.3"));
        assert!(refused(json!(["-", ["list"], [0, 3]])).contains("list"));
        assert!(refused(json!(["~", ["list"], 2, [0, 1]])).contains("list"));
        assert!(refused(json!(["~", ["list"], 0, [9]])).contains("list"));
    }
}
