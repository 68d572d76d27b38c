//! Checks that a value was read exactly: each of its members is known, and no number lost
//! digits.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::address::{Address, Part};
use super::erased::{Contents, Entries};
use super::hop::{wire_of_field, wire_of_variant};
use super::suggest::{listed, names, nearest};
use crate::error::{PathError, cut};
use crate::path::shape::{
    Kind, Note, Noted, Reading, Shape, ShapeField, ShapeOf, Tagging, WireLayout,
};

/// Compares the given JSON for the place at `within` with the JSON of the value that was
/// read from it.
pub(crate) fn check_exact(
    shape: &'static Shape,
    given: &Value,
    written: &Value,
    within: &Address,
) -> Result<(), ValueProblem> {
    unknown(shape, given, written, &CheckedPart::Place(within))
}

/// Where a part of the value is. The address is made for an error alone, so that a long key
/// is not copied for each member behind it.
#[derive(Clone, Copy)]
enum CheckedPart<'a> {
    Place(&'a Address),
    Member(&'a Self, &'a str),
    Element(&'a Self, usize),
}

impl CheckedPart<'_> {
    fn address(&self) -> Address {
        match self {
            Self::Place(address) => (*address).clone(),
            Self::Member(owner, name) => owner.below(Part::from(*name)),
            Self::Element(owner, index) => owner.below(Part::Index(*index)),
        }
    }

    fn below(&self, part: Part) -> Address {
        let mut address = self.address();
        address.push(part);
        address
    }

    /// The place as text, as short as an error needs it.
    fn shown(&self) -> String {
        cut(&self.address().to_string())
    }
}

/// The reason why a value does not fit.
pub(crate) enum ValueProblem {
    Unknown { name: String, within: String, known: Vec<String> },
    Skipped { at: String },
    Lossy { at: String },
}

impl ValueProblem {
    /// The error of a write at the place that a text names.
    pub(crate) fn at(self, path: String) -> PathError {
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
fn lossless(given: &Value, written: &Value, at: &CheckedPart<'_>) -> Result<(), ValueProblem> {
    in_place(given, written, at)
        .or_else(|problem| if has_moved(given, written) { Ok(()) } else { Err(problem) })
}

fn in_place(given: &Value, written: &Value, at: &CheckedPart<'_>) -> Result<(), ValueProblem> {
    let is_kept = match (given, written) {
        (Value::Number(given), Value::Number(written)) => is_near(given, written),
        (Value::Number(_), Value::Null) => false,
        (Value::Array(given), Value::Array(written)) if given.len() == written.len() => {
            let mut pairs = given.iter().zip(written).enumerate();
            return pairs.try_for_each(|(index, (given, written))| {
                in_place(given, written, &CheckedPart::Element(at, index))
            });
        }
        (Value::Object(given), Value::Object(written)) => {
            return given.iter().try_for_each(|(name, given)| match written.get(name) {
                Some(written) => in_place(given, written, &CheckedPart::Member(at, name)),
                None => Ok(()),
            });
        }
        _ => true,
    };
    if is_kept { Ok(()) } else { Err(ValueProblem::Lossy { at: at.shown() }) }
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
    within: &CheckedPart<'_>,
) -> Result<(), ValueProblem> {
    match (shape.kind, shape.contents) {
        (Kind::Option, _) => unknown(shape.fields[0].shape, given, written, within),
        (Kind::Struct, _) => {
            let fields = OwnedFields { owner: shape, fields: shape.fields, before: 0 };
            content(&[fields], given, written, within)
        }
        (Kind::Enum, _) => variant(shape, given, written, within),
        (_, Contents::Inside(inside)) => unknown((inside.shape)(), given, written, within),
        (Kind::Set, Contents::Entries(entries)) => {
            lossless(given, written, within)?;
            members_of_set(entries, given, within)
        }
        (_, Contents::Entries(entries)) => each_of(entries.shape, given, written, within),
        _ => laid_out(shape.layout, given, written, within),
    }
}

/// A value without places, whose parts may be known nevertheless.
fn laid_out(
    layout: WireLayout,
    given: &Value,
    written: &Value,
    within: &CheckedPart<'_>,
) -> Result<(), ValueProblem> {
    let part = |shape: Option<ShapeOf>,
                given: &Value,
                written: Option<&Value>,
                at: &CheckedPart<'_>| match (shape, written) {
        (Some(shape), Some(written)) => unknown(shape(), given, written, at),
        _ => Ok(()),
    };
    match layout {
        WireLayout::Same(other) => unknown(other(), given, written, within),
        WireLayout::Items(item) => each_of(item, given, written, within),
        WireLayout::Heap(item) => elements_of_heap(item, given, written, within),
        WireLayout::Tuple(parts) => items(given, written, within, |at, given, written| {
            let index = if let CheckedPart::Element(_, index) = at { Some(*index) } else { None };
            part(index.and_then(|index| parts.get(index)).copied(), given, written, at)
        }),
        WireLayout::Members(known) => items(given, written, within, |at, given, written| {
            let CheckedPart::Member(owner, name) = *at else { return Ok(()) };
            match known.iter().find(|(known, _)| *known == name) {
                Some((_, shape)) => part(Some(*shape), given, written, at),
                None => Err(unknown_member(name, owner, known.iter().map(|(name, _)| *name))),
            }
        }),
        WireLayout::OneOf(known) => items(given, written, within, |at, given, written| {
            let CheckedPart::Member(_, name) = *at else { return Ok(()) };
            let found = known.iter().find(|(known, _)| *known == name);
            part(found.and_then(|(_, shape)| *shape), given, written, at)
        }),
        WireLayout::Usual | WireLayout::Array(_) => lossless(given, written, within),
    }
}

/// The elements of a list, or the values of a map.
fn each_of(
    item: ShapeOf,
    given: &Value,
    written: &Value,
    within: &CheckedPart<'_>,
) -> Result<(), ValueProblem> {
    items(given, written, within, |at, given, written| match written {
        Some(written) => unknown(item(), given, written, at),
        None => Ok(()),
    })
}

/// The members of a set whose type can be read alone, each compared with itself: a set has
/// an order of its own, and the same member may be given twice.
fn members_of_set(
    entries: &Entries,
    given: &Value,
    within: &CheckedPart<'_>,
) -> Result<(), ValueProblem> {
    let (Some(members), Value::Array(items)) = (entries.members, given) else { return Ok(()) };
    items.iter().enumerate().try_for_each(|(index, given)| {
        let written = entries.read_member(given).and_then(|member| members.json(&*member));
        match written {
            Some(written) => {
                unknown((members.shape)(), given, &written, &CheckedPart::Element(within, index))
            }
            None => Ok(()),
        }
    })
}

/// The elements of a heap, which has an order of its own; compared in that of their texts.
fn elements_of_heap(
    item: ShapeOf,
    given: &Value,
    written: &Value,
    within: &CheckedPart<'_>,
) -> Result<(), ValueProblem> {
    let (Value::Array(given), Value::Array(written)) = (given, written) else { return Ok(()) };
    let pairs = sorted(given).into_iter().zip(sorted(written));
    pairs.into_iter().try_for_each(|((index, given), (_, written))| {
        unknown(item(), given, written, &CheckedPart::Element(within, index))
    })
}

/// The values with their indices.
fn sorted(values: &[Value]) -> Vec<(usize, &Value)> {
    let mut sorted: Vec<_> = values.iter().enumerate().collect();
    sorted.sort_by_cached_key(|(_, value)| value.to_string());
    sorted
}

fn unknown_member(
    name: &str,
    within: &CheckedPart<'_>,
    known: impl Iterator<Item = impl Into<String>>,
) -> ValueProblem {
    let known = known.map(Into::into).collect();
    ValueProblem::Unknown { name: name.to_owned(), within: within.shown(), known }
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
    within: &CheckedPart<'_>,
) -> Result<(), ValueProblem> {
    let all = OwnedFields::of_variants(shape);
    match (shape.tagging, given) {
        (Tagging::Internal | Tagging::Untagged, _) => content(&all, given, written, within),
        (Tagging::Adjacent(name), Value::Object(members)) => {
            let both = members.get(name).zip(written.get(name));
            both.map_or(Ok(()), |(given, written)| {
                content(&all, given, written, &CheckedPart::Member(within, name))
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
                    content(&all[index..=index], given, written, &CheckedPart::Member(within, name))
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
    within: &CheckedPart<'_>,
) -> Result<(), ValueProblem> {
    if let [owner] = owners
        && let Some((note, field)) =
            owner.each().find(|(note, _)| note.wire == Some("") && !note.flat)
    {
        return member(&note, field, given, Some(written), within);
    }
    items(given, written, within, |at, given, written| match *at {
        CheckedPart::Element(_, index) => {
            let field = nth(owners, index);
            field.map_or(Ok(()), |(note, field)| member(&note, field, given, written, at))
        }
        CheckedPart::Member(_, name) => match named(owners, name) {
            MemberName::Field(_, field) if field.skipped => {
                Err(ValueProblem::Skipped { at: at.shown() })
            }
            MemberName::Field(note, field) => member(&note, field, given, written, at),
            MemberName::Any => Ok(()),
            MemberName::Nothing if written.is_some() => Ok(()),
            MemberName::Nothing => {
                let known = owners.iter().flat_map(|owner| names(owner.fields));
                Err(unknown_member(name, within, known))
            }
        },
        // `items` passes what is below.
        CheckedPart::Place(_) => Ok(()),
    })
}

/// A field of known form. A member that serde leaves out is not compared.
fn member(
    note: &Note,
    field: &ShapeField,
    given: &Value,
    written: Option<&Value>,
    at: &CheckedPart<'_>,
) -> Result<(), ValueProblem> {
    match written {
        Some(written) if !note.custom && note.reading == Reading::Usual => {
            unknown(field.shape, given, written, at)
        }
        _ => Ok(()),
    }
}

/// The name that serde writes for the field that it reads under `alias`.
pub(crate) fn wire_of_alias(shape: &'static Shape, alias: &str) -> Option<&'static str> {
    if shape.kind != Kind::Struct {
        return None;
    }
    let fields = OwnedFields { owner: shape, fields: shape.fields, before: 0 };
    let mut fields = fields.each();
    let (note, field) = fields.find(|(note, _)| note.aliases.contains(&alias))?;
    wire_of_field(&note, field).filter(|wire| *wire != alias)
}

/// Whether a member called `name` may belong to a field that is flattened into a struct.
pub(crate) fn is_flattened(shape: &'static Shape, name: &str) -> bool {
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
    within: &CheckedPart<'_>,
    mut visit: impl FnMut(&CheckedPart<'_>, &Value, Option<&Value>) -> Result<(), ValueProblem>,
) -> Result<(), ValueProblem> {
    match given {
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, given)| {
            visit(&CheckedPart::Element(within, index), given, written.get(index))
        }),
        Value::Object(members) => members.iter().try_for_each(|(name, given)| {
            visit(&CheckedPart::Member(within, name), given, written.get(name))
        }),
        _ => Ok(()),
    }
}
