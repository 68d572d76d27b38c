//! [`pruned`]: JSON without what browsers never see.
//!
//! A state that hides nothing goes out as serde writes it. Of one that does, the JSON is
//! taken apart along the schema of its type, and what hides nothing is copied as it is.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use sprag_runtime::path::{Address, Layout, Part, Right, Schema, SchemaVariant, Tags};

/// `json`, which serde wrote of a `schema`, without what is hidden.
pub(crate) fn pruned(schema: Schema, json: &str) -> Result<String, serde_json::Error> {
    let mut out = String::with_capacity(json.len());
    prune(schema, serde_json::from_str(json)?, &mut out)?;
    Ok(out)
}

/// What the places at `place` may be; several where variants have them.
pub(crate) fn at(schema: Schema, place: &Address) -> Vec<Schema> {
    place.parts().iter().fold(vec![schema], |places, part| {
        places.into_iter().flat_map(|schema| below(schema, part)).collect()
    })
}

/// The places one part further.
fn below(schema: Schema, part: &Part) -> Vec<Schema> {
    match schema.layout() {
        Layout::Option(inner) | Layout::Same(inner) => below(inner, part),
        Layout::List(inner) | Layout::Array(inner, _) | Layout::Map(inner) => vec![inner],
        Layout::Tuple(parts) => {
            let mut numbered = parts.into_iter().enumerate();
            numbered
                .find(|(at, _)| *part == Part::from(*at))
                .map(|(_, part)| part)
                .into_iter()
                .collect()
        }
        Layout::Struct { members, flattened, .. } => {
            match members.iter().find(|member| *part == Part::from(member.name)) {
                Some(member) => vec![member.schema],
                None => flattened.into_iter().flat_map(|inner| below(inner, part)).collect(),
            }
        }
        Layout::Enum { tags, variants } => {
            variants.iter().flat_map(|variant| below_variant(tags, variant, part)).collect()
        }
        _ => Vec::new(),
    }
}

fn below_variant(tags: Tags, variant: &SchemaVariant, part: &Part) -> Vec<Schema> {
    let Some(content) = variant.content else { return Vec::new() };
    match tags {
        _ if variant.is_untagged => below(content, part),
        Tags::External if *part == Part::from(variant.name) => vec![content],
        Tags::Adjacent { content: name, .. } if *part == Part::from(name) => vec![content],
        Tags::Internal(_) | Tags::Untagged => below(content, part),
        _ => Vec::new(),
    }
}

fn prune(schema: Schema, json: &RawValue, out: &mut String) -> Result<(), serde_json::Error> {
    let text = json.get();
    if !schema.hides() {
        out.push_str(text);
        return Ok(());
    }
    match text.as_bytes().first() {
        Some(b'[') => prune_list(schema, text, out),
        Some(b'{') => prune_object(schema, text, out),
        _ => {
            out.push_str(text);
            Ok(())
        }
    }
}

fn prune_list(schema: Schema, text: &str, out: &mut String) -> Result<(), serde_json::Error> {
    let elements: Vec<&RawValue> = serde_json::from_str(text)?;
    out.push('[');
    for (at, element) in elements.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        prune_as(&below(schema, &Part::Index(at)), element, out)?;
    }
    out.push(']');
    Ok(())
}

fn prune_object(schema: Schema, text: &str, out: &mut String) -> Result<(), serde_json::Error> {
    let ObjectMembers(members) = serde_json::from_str(text)?;
    out.push('{');
    let mut is_first = true;
    for (name, value) in members {
        let schemas = below(schema, &Part::Name(name.clone().into_owned()));
        if schemas.iter().any(|schema| schema.right() == Right::Never) {
            continue;
        }
        if !std::mem::take(&mut is_first) {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(&name)?);
        out.push(':');
        prune_as(&schemas, value, out)?;
    }
    out.push('}');
    Ok(())
}

/// Leaves out what any of `schemas` hides. A member that no schema has is a tag.
fn prune_as(
    schemas: &[Schema],
    json: &RawValue,
    out: &mut String,
) -> Result<(), serde_json::Error> {
    match schemas {
        [] => out.push_str(json.get()),
        [schema] => prune(*schema, json, out)?,
        [schema, others @ ..] => {
            let mut less = String::new();
            prune(*schema, json, &mut less)?;
            prune_as(others, serde_json::from_str(&less)?, out)?;
        }
    }
    Ok(())
}

/// The members of an object, in order and not read.
pub(crate) struct ObjectMembers<'j>(pub(crate) Vec<(Cow<'j, str>, &'j RawValue)>);

impl<'j> Deserialize<'j> for ObjectMembers<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'j> Visitor<'j> for ObjectVisitor {
    type Value = ObjectMembers<'j>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<ObjectMembers<'j>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(ObjectMembers(members))
    }
}
