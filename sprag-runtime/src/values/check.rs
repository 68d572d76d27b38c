//! Checks that a value was read exactly: each of its members is known, and no number lost
//! digits.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use crate::error::{PathError, cut};
use crate::path::{
    Address, Contents, Kind, Note, Noted, Part, Reading, Shape, ShapeField, Tagging, listed, names,
    nearest, wire_of_field, wire_of_variant,
};

/// Compares the given JSON for the place at `within` with the JSON of the value that was
/// read from it.
pub(super) fn check(
    shape: &'static Shape,
    given: &Value,
    written: &Value,
    within: &Address,
) -> Result<(), ValueProblem> {
    unknown(shape, given, written, within)
}

/// The reason why a value does not fit.
pub(super) enum ValueProblem {
    Unknown { name: String, within: String, known: Vec<String> },
    Skipped { at: String },
    Lossy { at: String },
}

impl ValueProblem {
    /// The error of a write at the place that a text names.
    pub(super) fn at(self, path: String) -> PathError {
        match self {
            Self::Skipped { at } => PathError::Skipped { path: at },
            Self::Lossy { at } => PathError::Lossy { path, at },
            Self::Unknown { name, within, known } => PathError::UnknownMember {
                path,
                nearest: nearest(&name, &known),
                name: cut(&name),
                within,
                known: listed(&known),
            },
        }
    }
}

/// Whether each number is the same number, or the nearest one of its type, and nothing has
/// become `null`. A set has an order of its own, so the numbers may have moved.
fn lossless(given: &Value, written: &Value, at: &Address) -> Result<(), ValueProblem> {
    in_place(given, written, at)
        .or_else(|problem| if has_moved(given, written) { Ok(()) } else { Err(problem) })
}

fn in_place(given: &Value, written: &Value, at: &Address) -> Result<(), ValueProblem> {
    let is_kept = match (given, written) {
        (Value::Number(given), Value::Number(written)) => is_near(given, written),
        (Value::Number(_), Value::Null) => false,
        (Value::Array(given), Value::Array(written)) if given.len() == written.len() => {
            let mut pairs = given.iter().zip(written).enumerate();
            return pairs.try_for_each(|(index, (given, written))| {
                in_place(given, written, &below(at, Part::Index(index)))
            });
        }
        (Value::Object(given), Value::Object(written)) => {
            return given.iter().try_for_each(|(name, given)| match written.get(name) {
                Some(written) => in_place(given, written, &below(at, Part::from(&**name))),
                None => Ok(()),
            });
        }
        _ => true,
    };
    if is_kept { Ok(()) } else { Err(ValueProblem::Lossy { at: cut(&at.to_string()) }) }
}

/// Whether both have the same numbers in some order.
fn has_moved(given: &Value, written: &Value) -> bool {
    let (mut of_given, mut of_written) = (Vec::new(), Vec::new());
    numbers(given, &mut of_given);
    numbers(written, &mut of_written);
    of_given.sort_by(|a, b| order(a, b));
    of_written.sort_by(|a, b| order(a, b));
    let mut pairs = of_given.iter().zip(&of_written);
    of_given.len() == of_written.len() && pairs.all(|(given, written)| is_near(given, written))
}

fn numbers<'a>(value: &'a Value, found: &mut Vec<&'a Number>) {
    match value {
        Value::Number(number) => found.push(number),
        Value::Array(items) => items.iter().for_each(|item| numbers(item, found)),
        Value::Object(members) => members.values().for_each(|member| numbers(member, found)),
        _ => {}
    }
}

/// By value; integers that are the same fraction, by their digits.
fn order(a: &Number, b: &Number) -> Ordering {
    let value = |number: &Number| number.as_f64().unwrap_or(f64::NAN);
    value(a).total_cmp(&value(b)).then_with(|| a.to_string().cmp(&b.to_string()))
}

/// An integer is exact; a fraction may be rounded to the place's precision.
fn is_near(given: &Number, written: &Number) -> bool {
    if given == written {
        return true;
    }
    let (Some(a), Some(b)) = (given.as_f64(), written.as_f64()) else { return false };
    let is_integer = given.is_i64() || given.is_u64();
    #[allow(clippy::cast_possible_truncation, reason = "both are rounded to one precision")]
    let is_rounded = || !is_integer && (a as f32).is_finite() && a as f32 == b as f32;
    a == b || is_rounded()
}

/// Searches for members that neither the shape nor the written JSON has.
fn unknown(
    shape: &'static Shape,
    given: &Value,
    written: &Value,
    within: &Address,
) -> Result<(), ValueProblem> {
    match (shape.kind, shape.contents) {
        (Kind::Option, _) => unknown(shape.fields[0].shape, given, written, within),
        (Kind::Struct, _) => {
            let fields = OwnedFields { owner: shape, fields: shape.fields, before: 0 };
            content(&[fields], given, written, within)
        }
        (Kind::Enum, _) => variant(shape, given, written, within),
        (_, Contents::Inside(inside)) => unknown((inside.shape)(), given, written, within),
        (Kind::Set, _) => lossless(given, written, within),
        (_, Contents::Entries(entries)) => {
            items(given, written, |part, given, written| match written {
                Some(written) => unknown((entries.shape)(), given, written, &below(within, part)),
                None => Ok(()),
            })
        }
        _ => lossless(given, written, within),
    }
}

/// The fields of a struct or of a variant.
#[derive(Clone, Copy)]
struct OwnedFields {
    owner: &'static Shape,
    fields: &'static [ShapeField],
    /// How many places other variants have before them.
    before: usize,
}

impl OwnedFields {
    fn of_variants(shape: &'static Shape) -> Vec<Self> {
        let mut before = 0;
        let fields = shape.fields.iter().map(|variant| {
            let fields = Self { owner: shape, fields: variant.shape.fields, before };
            before += fields.fields.len();
            fields
        });
        fields.collect()
    }

    fn each(self) -> impl Iterator<Item = (Note, &'static ShapeField)> {
        let note = move |index| self.owner.note(Noted::Place(self.before + index));
        self.fields.iter().enumerate().map(move |(index, field)| (note(index), field))
    }
}

fn variant(
    shape: &'static Shape,
    given: &Value,
    written: &Value,
    within: &Address,
) -> Result<(), ValueProblem> {
    let all = OwnedFields::of_variants(shape);
    match (shape.tagging, given) {
        (Tagging::Internal | Tagging::Untagged, _) => content(&all, given, written, within),
        (Tagging::Adjacent(name), Value::Object(members)) => {
            let both = members.get(name).zip(written.get(name));
            both.map_or(Ok(()), |(given, written)| {
                content(&all, given, written, &below(within, name.into()))
            })
        }
        (Tagging::External, Value::Object(members)) => {
            let named = |name: &str| {
                let is_named =
                    |index: &usize| wire_of_variant(shape, *index, &shape.fields[*index]) == name;
                (0..shape.fields.len()).find(is_named)
            };
            members.iter().try_for_each(|(name, given)| match (named(name), written.get(name)) {
                (Some(index), Some(written)) => {
                    content(&all[index..=index], given, written, &below(within, (&**name).into()))
                }
                _ => Ok(()),
            })
        }
        _ => Ok(()),
    }
}

/// The content of a struct, or of a variant that is one of several.
fn content(
    owners: &[OwnedFields],
    given: &Value,
    written: &Value,
    within: &Address,
) -> Result<(), ValueProblem> {
    if let [owner] = owners
        && let Some((note, field)) =
            owner.each().find(|(note, _)| note.wire == Some("") && !note.flat)
    {
        return member(&note, field, given, Some(written), within);
    }
    items(given, written, |part, given, written| match part {
        Part::Index(index) => {
            let at = below(within, part);
            let field = nth(owners, index);
            field.map_or(Ok(()), |(note, field)| member(&note, field, given, written, &at))
        }
        Part::Name(name) => match named(owners, &name) {
            MemberName::Field(_, field) if field.skipped => {
                Err(ValueProblem::Skipped { at: cut(&below(within, name.into()).to_string()) })
            }
            MemberName::Field(note, field) => {
                member(&note, field, given, written, &below(within, name.into()))
            }
            MemberName::Any => Ok(()),
            MemberName::Nothing if written.is_some() => Ok(()),
            MemberName::Nothing => {
                let known = owners.iter().flat_map(|owner| names(owner.fields)).collect();
                Err(ValueProblem::Unknown { name, within: cut(&within.to_string()), known })
            }
        },
        // `items` passes names and indices alone.
        Part::Member(_) => Ok(()),
    })
}

/// A field of known form. A member that serde leaves out is not compared.
fn member(
    note: &Note,
    field: &ShapeField,
    given: &Value,
    written: Option<&Value>,
    at: &Address,
) -> Result<(), ValueProblem> {
    match written {
        Some(written) if !note.custom && note.reading == Reading::Usual => {
            unknown(field.shape, given, written, at)
        }
        _ => Ok(()),
    }
}

/// The name that serde writes for the field that it reads under `alias`.
pub(super) fn wire_of_alias(shape: &'static Shape, alias: &str) -> Option<&'static str> {
    if shape.kind != Kind::Struct {
        return None;
    }
    let fields = OwnedFields { owner: shape, fields: shape.fields, before: 0 };
    let mut fields = fields.each();
    let (note, field) = fields.find(|(note, _)| note.aliases.contains(&alias))?;
    wire_of_field(&note, field).filter(|wire| *wire != alias)
}

/// Whether a member called `name` may belong to a field that is flattened into a struct.
pub(super) fn is_flattened(shape: &'static Shape, name: &str) -> bool {
    if shape.kind != Kind::Struct {
        return false;
    }
    let fields = OwnedFields { owner: shape, fields: shape.fields, before: 0 };
    let mut flat = fields.each().filter(|(note, _)| note.flat);
    flat.any(|(_, field)| !matches!(flattened(field.shape, name), MemberName::Nothing))
}

/// The meaning of a member's name.
enum MemberName {
    Field(Note, &'static ShapeField),
    /// A flattened map, which takes any name.
    Any,
    Nothing,
}

fn named(owners: &[OwnedFields], name: &str) -> MemberName {
    let mut found = MemberName::Nothing;
    for (note, field) in owners.iter().flat_map(|owner| owner.each()) {
        let is_named = note.aliases.contains(&name) || wire_of_field(&note, field) == Some(name);
        if is_named {
            return MemberName::Field(note, field);
        }
        if note.flat {
            match flattened(field.shape, name) {
                MemberName::Nothing => {}
                MemberName::Any => found = MemberName::Any,
                field => return field,
            }
        }
    }
    found
}

/// The meaning of a name in flattened content.
fn flattened(shape: &'static Shape, name: &str) -> MemberName {
    match (shape.kind, shape.contents) {
        (Kind::Option, _) => flattened(shape.fields[0].shape, name),
        (Kind::Struct, _) => {
            named(&[OwnedFields { owner: shape, fields: shape.fields, before: 0 }], name)
        }
        (Kind::Enum, _) if matches!(shape.tagging, Tagging::Internal | Tagging::Untagged) => {
            match named(&OwnedFields::of_variants(shape), name) {
                // The name of the tag is not known here.
                MemberName::Nothing => MemberName::Any,
                found => found,
            }
        }
        (_, Contents::Inside(inside)) => flattened((inside.shape)(), name),
        _ => MemberName::Any,
    }
}

/// The field that serde writes as the `index`th of a list.
fn nth(owners: &[OwnedFields], index: usize) -> Option<(Note, &'static ShapeField)> {
    let [owner] = owners else { return None };
    let index = index.to_string();
    owner.each().find(|(note, field)| wire_of_field(note, field) == Some(&*index))
}

/// Passes each element or member, and the written one, to the visitor.
fn items(
    given: &Value,
    written: &Value,
    mut visit: impl FnMut(Part, &Value, Option<&Value>) -> Result<(), ValueProblem>,
) -> Result<(), ValueProblem> {
    match given {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, given)| visit(Part::Index(index), given, written.get(index))),
        Value::Object(members) => members
            .iter()
            .try_for_each(|(name, given)| visit(Part::from(&**name), given, written.get(name))),
        _ => Ok(()),
    }
}

fn below(within: &Address, part: Part) -> Address {
    let mut below = within.clone();
    below.push(part);
    below
}
