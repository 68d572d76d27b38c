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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde::{Deserialize, Serialize};
    use serde_json::json;
    use sprag::prelude::*;

    use super::*;

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct RightsHouse {
        size: u8,
        #[model(browser = "write")]
        owner: User,
        #[model(browser = "write")]
        users: BTreeMap<String, User>,
        #[model(browser = "write")]
        numbers: Vec<u8>,
        #[model(browser = "write")]
        keys: BTreeSet<u8>,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct User {
        name: String,
        #[serde(default)]
        age: u8,
        #[serde(default)]
        #[model(browser = "never")]
        pin: String,
    }

    /// The ops that are made of one op, as JSON; or the kind of the refusal.
    fn made(op: Value) -> Result<Value, &'static str> {
        let op: Op = serde_json::from_value(op).expect("an op");
        let made = permitted(Schema::of::<RightsHouse>(), vec![op]).map_err(|(kind, _)| kind)?;
        Ok(serde_json::to_value(made).expect("JSON"))
    }

    #[test]
    fn w5_a_struct_with_hidden_members_is_set_by_those_that_are_given() {
        assert_eq!(
            made(json!(["=", ["owner"], { "name": "ada", "age": 7 }])),
            Ok(json!([["=", ["owner", "age"], 7], ["=", ["owner", "name"], "ada"]]))
        );
        assert_eq!(
            made(json!(["=", ["owner"], { "name": "ada" }])),
            Ok(json!([["=", ["owner", "name"], "ada"]])),
            "the age has a default"
        );
        assert_eq!(made(json!(["=", ["owner"], { "age": 7 }])), Err("type"), "the name is missing");
        assert_eq!(made(json!(["=", ["owner"], null])), Ok(json!([["=", ["owner"], null]])));
        let plain = json!(["=", ["numbers"], [1, 2]]);
        assert_eq!(made(plain.clone()), Ok(json!([plain])));
    }

    #[test]
    fn w5_a_value_with_a_hidden_member_is_refused_as_if_there_were_none() {
        let forged = json!({ "name": "eve", "pin": "forged" });
        assert_eq!(made(json!(["=", ["owner"], forged])), Err("place"));
        assert_eq!(made(json!(["+", ["users", "eve"], forged])), Err("place"));
        assert_eq!(made(json!(["=", ["owner", "pin"], "forged"])), Err("place"));
    }

    #[test]
    fn w5_each_op_needs_the_right_of_its_place() {
        for allowed in [
            json!(["+", ["users", "eve"], { "name": "eve" }]),
            json!(["-", ["users", "eve"]]),
            json!(["+", ["numbers", 0], 1]),
            json!(["-", ["numbers", 0]]),
            json!(["-", ["numbers"], [0, 1]]),
            json!(["~", ["numbers"], 0, [1, 0]]),
            json!(["+", ["keys", [4]]]),
            json!(["-", ["keys", [4]]]),
        ] {
            assert_eq!(made(allowed.clone()), Ok(json!([allowed])));
        }
        for refused in [
            json!(["=", ["size"], 1]),
            json!(["+", ["size"], 1]),
            json!(["-", ["size"]]),
            json!(["=", [], {}]),
        ] {
            assert_eq!(made(refused.clone()), Err("readonly"), "{refused}");
        }
    }
}
