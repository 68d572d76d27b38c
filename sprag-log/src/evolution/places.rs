//! Converts places and values of another type to this process's type.

use serde_json::Value;
use sprag_runtime::path::{Address, Layout, Part, Schema, SchemaVariant, Tags};
use sprag_runtime::{Op, OpValue};

/// The result of following a name from a value.
enum MemberOf {
    /// The value has this schema, and this name in this type.
    To(Schema, Option<&'static str>),
    /// The type does not specify its members.
    Anywhere,
    /// The type has no such member.
    Nowhere,
}

/// `op` with the names of this type; `Err` is the part of its place that the type does not
/// have.
pub(super) fn adapted(root: Schema, op: Op) -> Result<Op, Address> {
    let renamed = |place: Address| renamed(root, &place);
    Ok(match op {
        Op::Set { place, value } => Op::Set { place: renamed(place)?, value },
        Op::Insert { place, values } => Op::Insert { place: renamed(place)?, values },
        Op::AddMember { place, member, next } => {
            Op::AddMember { place: renamed(place)?, member, next }
        }
        Op::RemoveMember { place, member } => Op::RemoveMember { place: renamed(place)?, member },
        Op::Remove { place } => Op::Remove { place: renamed(place)? },
        Op::RemoveMany { place, parts } => Op::RemoveMany { place: renamed(place)?, parts },
        Op::Order { place, first, from } => Op::Order { place: renamed(place)?, first, from },
        other => other,
    })
}

/// The first part of the value of `op` that this type would not keep.
pub(super) fn unheld(root: Schema, op: &Op) -> Option<Address> {
    let (place, values): (&Address, &[OpValue]) = match op {
        Op::AddMember { place, member, .. } => {
            let MemberOf::To(inner, _) = next(schema_at(root, place)?, &Part::Index(0)) else {
                return None;
            };
            return lost(inner, &member.to_json().ok()?, place);
        }
        Op::Set { place, value } => (place, std::slice::from_ref(value)),
        Op::Insert { place, values } => (place, values),
        _ => return None,
    };
    let schema = schema_at(root, place)?;
    values.iter().find_map(|value| lost(schema, &value.to_json().ok()?, place))
}

fn renamed(root: Schema, place: &Address) -> Result<Address, Address> {
    let (mut schema, mut renamed) = (Some(root), Address::default());
    for (index, part) in place.parts().iter().enumerate() {
        let here = || place.parts()[..=index].iter().cloned().collect();
        match schema.map_or(MemberOf::Anywhere, |schema| next(schema, part)) {
            MemberOf::To(inner, name) => {
                schema = Some(inner);
                renamed.push(name.map_or_else(|| part.clone(), Part::from));
            }
            MemberOf::Anywhere => {
                schema = None;
                renamed.push(part.clone());
            }
            MemberOf::Nowhere => return Err(here()),
        }
    }
    Ok(renamed)
}

/// The type of the value at `place`, if it is known.
fn schema_at(root: Schema, place: &Address) -> Option<Schema> {
    place.parts().iter().try_fold(root, |schema, part| match next(schema, part) {
        MemberOf::To(inner, _) => Some(inner),
        MemberOf::Anywhere | MemberOf::Nowhere => None,
    })
}

/// The first member in `value` that the type does not have. A member without content is
/// ignored.
pub(super) fn lost(schema: Schema, value: &Value, place: &Address) -> Option<Address> {
    let below = |part: Part, value: &Value| {
        let mut here = place.clone();
        here.push(part.clone());
        match next(schema, &part) {
            MemberOf::To(inner, _) => lost(inner, value, &here),
            MemberOf::Anywhere => None,
            MemberOf::Nowhere => Some(here),
        }
    };
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !is_empty(value))
            .find_map(|(name, value)| below(Part::Name(name.clone()), value)),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| below(Part::Index(index), item))
        }
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn next(schema: Schema, part: &Part) -> MemberOf {
    match schema.layout() {
        Layout::Option(inner) | Layout::Same(inner) => next(inner, part),
        Layout::List(inner) | Layout::Array(inner, _) | Layout::Set(inner) | Layout::Map(inner) => {
            MemberOf::To(inner, None)
        }
        Layout::Tuple(parts) => match part {
            Part::Index(index) => {
                parts.get(*index).map_or(MemberOf::Nowhere, |at| MemberOf::To(*at, None))
            }
            Part::Name(_) | Part::Member(_) => MemberOf::Anywhere,
        },
        Layout::Struct { tag, members, flattened } => {
            let Part::Name(name) = part else { return MemberOf::Anywhere };
            if tag.is_some_and(|(member, _)| member == name) {
                return MemberOf::Anywhere;
            }
            let own = members.iter().find(|member| member.name == name);
            let member =
                own.or_else(|| members.iter().find(|member| member.aliases.contains(&&**name)));
            match member {
                Some(member) => MemberOf::To(member.schema, Some(member.name)),
                None => first(flattened, part),
            }
        }
        Layout::Enum { tags, variants } => of_enum(tags, variants, part),
        _ => MemberOf::Anywhere,
    }
}

/// The answer of the first of `schemas` that has the member.
fn first(schemas: Vec<Schema>, part: &Part) -> MemberOf {
    let found = schemas.into_iter().map(|schema| next(schema, part));
    found.into_iter().find(|next| !matches!(next, MemberOf::Nowhere)).unwrap_or(MemberOf::Nowhere)
}

fn of_enum(tags: Tags, variants: Vec<SchemaVariant>, part: &Part) -> MemberOf {
    let Part::Name(name) = part else { return MemberOf::Anywhere };
    let contents = || variants.iter().filter_map(|variant| variant.content).collect();
    match tags {
        Tags::External => match variants.iter().find(|variant| variant.name == name) {
            Some(SchemaVariant { content: Some(content), .. }) => MemberOf::To(*content, None),
            Some(_) => MemberOf::Anywhere,
            // serde has aliases of variants, which a schema does not list.
            None => MemberOf::Anywhere,
        },
        Tags::Internal(tag) if tag == name => MemberOf::Anywhere,
        Tags::Adjacent { tag, .. } if tag == name => MemberOf::Anywhere,
        // Another member has the name of the variant.
        Tags::Adjacent { content, .. } if content == name => MemberOf::Anywhere,
        Tags::Internal(_) | Tags::Untagged => first(contents(), part),
        _ => MemberOf::Nowhere,
    }
}
