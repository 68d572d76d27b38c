//! Checks that a value was read exactly: each of its members is known, and no number lost
//! digits.

mod numbers;
mod owned_fields;

use std::cell::RefCell;

use serde_json::Value;

use numbers::{lossless, lossless_set, sorted, turned};
use owned_fields::{MemberName, OwnedFields, named, nth};
pub(crate) use owned_fields::{is_flattened, wire_of_alias};

use super::address::{Address, Part};
use super::erased::{Contents, Entries};
use super::hop::{wire_of_field, wire_of_variant};
use super::suggest::{listed, names, nearest};
use crate::error::{PathError, cut};
use crate::path::shape::{Kind, Note, Reading, Shape, ShapeField, ShapeOf, Tagging, WireLayout};

/// Compares the given JSON for the place at `within` with the JSON of the value that was
/// read from it. `is_same` decides whether other JSON is read as the same value, as far as
/// that can be compared. `within` makes the address, for an error alone.
pub(crate) fn check_exact(
    shape: &'static Shape,
    given: &Value,
    written: &Value,
    within: &dyn Fn() -> Address,
    is_same: &dyn Fn(&Value) -> bool,
) -> Result<(), ValueProblem> {
    let place = CheckedPlace { address: within, moved: RefCell::default() };
    unknown(shape, given, written, &CheckedPart::Place(&place))?;
    let moved = place.moved.into_inner();
    match moved.first() {
        Some(first) if !is_same(&turned(given, &moved, &within())) => {
            Err(ValueProblem::Lossy { at: cut(&first.to_string()) })
        }
        _ => Ok(()),
    }
}

/// The place of the value that is checked.
struct CheckedPlace<'a> {
    address: &'a dyn Fn() -> Address,
    /// Lists in values without known parts that were written in another order. They are the
    /// same only if their type has an order of its own.
    moved: RefCell<Vec<Address>>,
}

/// Where a part of the value is. The address is made for an error alone, so that a long key
/// is not copied for each member behind it.
#[derive(Clone, Copy)]
enum CheckedPart<'a> {
    Place(&'a CheckedPlace<'a>),
    Member(&'a Self, &'a str),
    Element(&'a Self, usize),
}

impl CheckedPart<'_> {
    fn address(&self) -> Address {
        match self {
            Self::Place(place) => (place.address)(),
            Self::Member(owner, name) => owner.below(Part::from(*name)),
            Self::Element(owner, index) => owner.below(Part::Index(*index)),
        }
    }

    fn below(&self, part: Part) -> Address {
        let mut address = self.address();
        address.push(part);
        address
    }

    /// Notes that the list here was written in another order.
    fn note_moved(&self) {
        let mut part = self;
        let place = loop {
            match part {
                Self::Place(place) => break place,
                Self::Member(owner, _) | Self::Element(owner, _) => part = owner,
            }
        };
        place.moved.borrow_mut().push(self.address());
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
            lossless_set(given, written, within)?;
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

fn unknown_member(
    name: &str,
    within: &CheckedPart<'_>,
    known: impl Iterator<Item = impl Into<String>>,
) -> ValueProblem {
    let known = known.map(Into::into).collect();
    ValueProblem::Unknown { name: name.to_owned(), within: within.shown(), known }
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
    let all = written;
    items(given, written, within, |at, given, written| match *at {
        CheckedPart::Element(_, index) => {
            let field = nth(owners, index);
            field.map_or(Ok(()), |(note, field)| member(&note, field, given, written, at))
        }
        CheckedPart::Member(_, name) => match named(owners, name) {
            MemberName::Field(_, field) if field.skipped => {
                Err(ValueProblem::Skipped { at: at.shown() })
            }
            MemberName::Field(note, field) => {
                // Given under an alias, and written under the name.
                let named = || all.get(wire_of_field(&note, field)?);
                member(&note, field, given, written.or_else(named), at)
            }
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
