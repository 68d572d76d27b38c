//! [`permitted`]: checks a browser's write against the rights of the type's places.

use serde_json::Value;
use sprag_runtime::path::{Address, Layout, Obstacle, Part, Rights, Schema};
use sprag_runtime::{Op, OpValue};

use crate::live::hiding::at;
use crate::writes::answer::WriteRefusal;

/// The ops of a browser's write in their final form, if the places' rights allow them.
///
/// A struct with hidden fields is set member by member, so that the hidden ones remain.
pub(crate) fn permitted(schema: Schema, ops: Vec<Op>) -> Result<Vec<Op>, WriteRefusal> {
    let mut made = Vec::with_capacity(ops.len());
    for op in ops {
        allow(schema, &op)?;
        match op {
            Op::Set { place, value } if at(schema, &place).iter().any(|at| at.hides()) => {
                let value = json(&value)?;
                members(at(schema, &place)[0], place, value, &mut made)?;
            }
            op => made.push(op),
        }
    }
    Ok(made)
}

fn allow(schema: Schema, op: &Op) -> Result<(), WriteRefusal> {
    let rights = |place: &Address| schema.rights(place).ok_or(Obstacle::Hidden);
    let allowed = match op {
        Op::Set { place, value } => {
            unmentioned(schema, place, std::slice::from_ref(value))?;
            rights(place).and_then(|rights| rights.set())
        }
        Op::Insert { place, values } => {
            unmentioned(schema, place, values)?;
            in_owner(rights(&owner(place)), Rights::insert, || rights(place)?.set())
        }
        Op::Remove { place } => {
            in_owner(rights(&owner(place)), Rights::remove, || rights(place)?.set())
        }
        Op::AddMember { place, .. } => {
            rights(place).and_then(|rights| rights.insert().and_then(|()| whole(&rights)))
        }
        Op::RemoveMember { place, .. } => {
            rights(place).and_then(|rights| rights.remove().and_then(|()| whole(&rights)))
        }
        Op::RemoveMany { place, .. } | Op::Order { place, .. } => {
            rights(place).and_then(|rights| rights.remove())
        }
        _ => Err(Obstacle::ReadOnly),
    };
    allowed.map_err(refusal)
}

/// Whether browsers know the whole of a set's member, which identifies the member.
fn whole(set: &Rights) -> Result<(), Obstacle> {
    if set.hides() { Err(Obstacle::HiddenBelow) } else { Ok(()) }
}

/// The right of a collection to be changed. Elsewhere an op adds or removes a member, which
/// is a write of the member's place.
fn in_owner(
    owner: Result<Rights, Obstacle>,
    collection: impl FnOnce(&Rights) -> Result<(), Obstacle>,
    member: impl FnOnce() -> Result<(), Obstacle>,
) -> Result<(), Obstacle> {
    match collection(&owner?) {
        Err(Obstacle::NoCollection | Obstacle::ReadOnly) => member(),
        allowed => allowed,
    }
}

/// Refuses values with members that browsers never see.
fn unmentioned(schema: Schema, place: &Address, values: &[OpValue]) -> Result<(), WriteRefusal> {
    let schemas = at(schema, place);
    for value in values {
        let value = json(value)?;
        if schemas.iter().any(|schema| schema.mentions_hidden(&value)) {
            return Err(refusal(Obstacle::Hidden));
        }
    }
    Ok(())
}

/// Sets `value`; member by member if the place has hidden members.
fn members(
    schema: Schema,
    place: Address,
    value: Value,
    made: &mut Vec<Op>,
) -> Result<(), WriteRefusal> {
    match (schema.layout(), value) {
        (Layout::Same(inner), value) => members(inner, place, value, made),
        (Layout::Struct { members: known, .. }, Value::Object(given)) if schema.hides() => {
            let is_missing = |name: &str| !given.contains_key(name);
            let mut shown = known.iter().filter(|member| !member.schema.hides());
            if shown.any(|member| is_missing(member.name) && !member.has_default) {
                return Err(("type", "the value lacks a member".to_owned()));
            }
            for (name, value) in given {
                let mut below = place.clone();
                below.push(name.as_str());
                let schemas = at(schema, &Address::from_iter([Part::Name(name)]));
                let inner = schemas.first().copied().ok_or_else(|| refusal(Obstacle::Hidden))?;
                members(inner, below, value, made)?;
            }
            Ok(())
        }
        (_, value) => {
            made.push(Op::Set { place, value: value.into() });
            Ok(())
        }
    }
}

fn owner(place: &Address) -> Address {
    let parts = place.parts();
    parts[..parts.len().saturating_sub(1)].iter().cloned().collect()
}

fn json(value: &OpValue) -> Result<Value, WriteRefusal> {
    value.to_json().map_err(|_| ("type", "a value is not JSON".to_owned()))
}

/// The refusal for a browser: a hidden place cannot be distinguished from a missing one.
fn refusal(obstacle: Obstacle) -> WriteRefusal {
    let kind = match obstacle {
        Obstacle::ReadOnly | Obstacle::ReadOnlyBelow => "readonly",
        Obstacle::HiddenBelow => "hidden below",
        _ => "place",
    };
    (kind, obstacle.to_string())
}
