//! [`pruned`]: JSON without the places that browsers never see.
//!
//! A state that hides nothing is sent as serde writes it. If a state hides something, its
//! JSON is split along the schema of its type, and the parts that hide nothing are copied.
//!
//! JSON that contradicts the schema is an error and is not sent: a manual `Serialize` may
//! have written a hidden value under another name.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use sprag_runtime::path::{Address, Layout, Part, Right, Schema, SchemaVariant, Tags};

/// `json`, written by serde for `schema`, without the hidden places.
pub(crate) fn pruned(schema: Schema, json: &str) -> Result<String, serde_json::Error> {
    let mut out = String::with_capacity(json.len());
    prune(schema, serde_json::from_str(json)?, Strange::Refused, &mut out)?;
    Ok(out)
}

/// The schemas of the places at `place`; several if variants have them.
pub(crate) fn at(schema: Schema, place: &Address) -> Vec<Schema> {
    place.parts().iter().fold(vec![schema], |places, part| {
        places.into_iter().flat_map(|schema| below(schema, part)).collect()
    })
}

/// The schemas one part further.
fn below(schema: Schema, part: &Part) -> Vec<Schema> {
    match schema.layout() {
        Layout::Option(inner) | Layout::Same(inner) => below(inner, part),
        Layout::List(inner) | Layout::Array(inner, _) | Layout::Set(inner) | Layout::Map(inner) => {
            vec![inner]
        }
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

/// The treatment of JSON that contradicts the schema.
#[derive(Clone, Copy, PartialEq)]
enum Strange {
    Refused,
    /// It is kept: the schema is that of one variant, and the JSON may be another's.
    Kept,
}

fn prune(
    schema: Schema,
    json: &RawValue,
    strange: Strange,
    out: &mut String,
) -> Result<(), serde_json::Error> {
    let text = json.get();
    if !schema.hides() {
        out.push_str(text);
        return Ok(());
    }
    if strange == Strange::Refused && !fits(schema, text) {
        return Err(unlike(text));
    }
    match text.as_bytes().first() {
        Some(b'[') => prune_list(schema, text, strange, out),
        Some(b'{') => prune_object(schema, text, strange, out),
        _ => {
            out.push_str(text);
            Ok(())
        }
    }
}

/// Whether JSON has the form in which serde writes a `schema`.
fn fits(schema: Schema, json: &str) -> bool {
    match schema.layout() {
        Layout::Option(inner) => json == "null" || fits(inner, json),
        Layout::Same(inner) => fits(inner, json),
        Layout::List(_) | Layout::Array(..) | Layout::Set(_) | Layout::Tuple(_) => {
            json.starts_with('[')
        }
        Layout::Map(_) | Layout::Struct { .. } => json.starts_with('{'),
        _ => true,
    }
}

/// Whether serde writes a member `name` of a `schema`.
fn has_member(schema: Schema, name: &str) -> bool {
    match schema.layout() {
        Layout::Option(inner) | Layout::Same(inner) => has_member(inner, name),
        Layout::Struct { tag, members, flattened } => {
            tag.is_some_and(|(tag, _)| tag == name)
                || members.iter().any(|member| member.name == name)
                || flattened.into_iter().any(|inner| has_member(inner, name))
        }
        Layout::Enum { tags, variants } => {
            is_tag(tags, name) || variants.iter().any(|variant| variant_has(tags, variant, name))
        }
        Layout::Map(_) | Layout::Leaf | Layout::Unknown => true,
        _ => false,
    }
}

fn is_tag(tags: Tags, name: &str) -> bool {
    match tags {
        Tags::Internal(tag) => tag == name,
        Tags::Adjacent { tag, content } => tag == name || content == name,
        _ => false,
    }
}

fn variant_has(tags: Tags, variant: &SchemaVariant, name: &str) -> bool {
    let is_inside = variant.is_untagged || matches!(tags, Tags::Internal(_) | Tags::Untagged);
    match variant.content {
        Some(content) if is_inside => has_member(content, name),
        _ => matches!(tags, Tags::External) && variant.name == name,
    }
}

/// The text names no value, since an error may reach a log.
fn unlike(json: &str) -> serde_json::Error {
    let found = match json.as_bytes().first() {
        Some(b'{') => "an object with a member that the type does not have",
        Some(b'[') => "an array",
        _ => "a single value",
    };
    serde::de::Error::custom(format!(
        "a value around a `never` place is written as {found}; derive its `Serialize`"
    ))
}

fn prune_list(
    schema: Schema,
    text: &str,
    strange: Strange,
    out: &mut String,
) -> Result<(), serde_json::Error> {
    let elements: Vec<&RawValue> = serde_json::from_str(text)?;
    out.push('[');
    for (at, element) in elements.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        prune_as(&below(schema, &Part::Index(at)), element, strange, out)?;
    }
    out.push(']');
    Ok(())
}

fn prune_object(
    schema: Schema,
    text: &str,
    strange: Strange,
    out: &mut String,
) -> Result<(), serde_json::Error> {
    let ObjectMembers(members) = serde_json::from_str(text)?;
    out.push('{');
    let mut is_first = true;
    for (name, value) in members {
        let schemas = below(schema, &Part::Name(name.clone().into_owned()));
        if schemas.iter().any(|schema| schema.right() == Right::Never) {
            continue;
        }
        if strange == Strange::Refused && !has_member(schema, &name) {
            return Err(unlike(text));
        }
        if !std::mem::take(&mut is_first) {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(&name)?);
        out.push(':');
        prune_as(&schemas, value, strange, out)?;
    }
    out.push('}');
    Ok(())
}

/// Removes the members that any of `schemas` hides. A member that no schema has is a tag.
fn prune_as(
    schemas: &[Schema],
    json: &RawValue,
    strange: Strange,
    out: &mut String,
) -> Result<(), serde_json::Error> {
    match schemas {
        [] => out.push_str(json.get()),
        [schema] => prune(*schema, json, strange, out)?,
        [schema, others @ ..] => {
            let mut less = String::new();
            prune(*schema, json, Strange::Kept, &mut less)?;
            prune_as(others, serde_json::from_str(&less)?, Strange::Kept, out)?;
        }
    }
    Ok(())
}

/// The members of an object, in order and unparsed.
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
