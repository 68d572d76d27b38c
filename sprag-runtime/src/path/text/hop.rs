//! [`Hop`]: one step of a way to a place, over values whose types are not known.

use serde_json::Value;

use super::address::Part;
use super::erased::{AnyKey, By, Entries, Inside, Members, ValueRef};
use crate::path::location::{EntryId, Location, Node};
use crate::path::shape::{Kind, Note, Noted, Shape, ShapeField, Tagging};

/// One step.
#[derive(Clone)]
pub(crate) enum Hop {
    /// To a field or into an `Option`: the `index`th place of its owner.
    Field { owner: &'static Shape, index: usize, field: &'static ShapeField },
    /// To the `index`th variant, which is not a step in the value.
    Variant { owner: &'static Shape, index: usize, field: &'static ShapeField },
    /// Into a box.
    Inside(Inside),
    /// To an entry. The text of a key is the string that `serde_json` writes for it; `None`
    /// if the type of the key is unknown.
    Entry { entries: &'static Entries, key: AnyKey, text: Option<String> },
}

impl Hop {
    pub(crate) fn step<'a>(&self, from: ValueRef<'a>) -> Option<ValueRef<'a>> {
        match self {
            Self::Field { owner, index, .. } => (owner.part)(from, *index),
            Self::Variant { .. } => Some(from),
            Self::Inside(inside) => (inside.step)(from),
            Self::Entry { entries, key, .. } => (entries.step)(from, &**key),
        }
    }

    /// The shape of the value that the hop leads to.
    pub(crate) fn shape(&self) -> &'static Shape {
        match self {
            Self::Field { field, .. } | Self::Variant { field, .. } => field.shape,
            Self::Inside(inside) => (inside.shape)(),
            Self::Entry { entries, .. } => (entries.shape)(),
        }
    }

    pub(super) fn locate(&self, location: &mut Location) {
        match self {
            Self::Field { field, .. } | Self::Variant { field, .. } => {
                location.enter(Node { id: field.offset, count: field.shape.nodes });
            }
            Self::Inside(inside) => {
                location.enter_entry(EntryId::Only, (inside.shape)().nodes);
            }
            Self::Entry { entries, key, .. } => {
                let id = (entries.id)(&**key).unwrap_or(EntryId::Only);
                location.enter_entry(id, (entries.shape)().nodes);
            }
        }
    }

    /// The part of an address that leads here, where serde writes one.
    pub(crate) fn part(&self) -> Option<Part> {
        let text = match self {
            Self::Entry { text, .. } => text.clone(),
            _ => None,
        };
        self.part_with(text).map(WirePart::into_part)
    }

    /// Whether serde writes a part for it.
    pub(crate) fn is_part(&self) -> bool {
        self.members().is_some() || self.part_with(None).is_some()
    }

    /// Whether serde leaves the value out.
    pub(crate) fn is_skipped(&self) -> bool {
        match self {
            Self::Field { field, .. } | Self::Variant { field, .. } => field.skipped,
            Self::Inside(_) | Self::Entry { .. } => false,
        }
    }

    /// The facts of the set, if the hop leads to a member of one.
    pub(crate) fn members(&self) -> Option<Members> {
        match self {
            Self::Entry { entries, .. } => entries.members,
            _ => None,
        }
    }

    /// The set's facts and the member, if the hop leads to one.
    pub(crate) fn member(&self) -> Option<(Members, &AnyKey)> {
        match self {
            Self::Entry { entries, key, .. } => Some((entries.members?, key)),
            _ => None,
        }
    }

    /// The part without a copy of a static name; `text` is that of the key.
    pub(super) fn part_with(&self, text: Option<String>) -> Option<WirePart> {
        match self {
            Self::Inside(_) => None,
            Self::Entry { entries: Entries { members: Some(members), .. }, key, .. } => {
                members.json(&**key).map(WirePart::Member)
            }
            Self::Entry { entries, .. } => {
                let text = text.unwrap_or_default();
                Some(match entries.by {
                    By::Index { .. } => text.parse().map_or(WirePart::Key(text), WirePart::Index),
                    By::Key { .. } => WirePart::Key(text),
                })
            }
            Self::Variant { owner, index, field } => match owner.tagging_of(*index) {
                Tagging::External => Some(WirePart::Name(wire_of_variant(owner, *index, field))),
                Tagging::Internal | Tagging::Untagged => None,
                Tagging::Adjacent(content) => Some(WirePart::Name(content)),
            },
            Self::Field { owner, .. } if owner.kind == Kind::Option => None,
            Self::Field { owner, index, field } => {
                let note = owner.note(Noted::Place(*index));
                wire_of_field(&note, field)
                    .map(|wire| wire.parse().map_or(WirePart::Name(wire), WirePart::Index))
            }
        }
    }
}

/// One part of a place as serde writes the place.
pub(crate) enum WirePart {
    Name(&'static str),
    Key(String),
    Index(usize),
    /// A member of a set.
    Member(Value),
}

impl WirePart {
    pub(crate) fn into_part(self) -> Part {
        match self {
            Self::Name(name) => name.into(),
            Self::Key(key) => Part::Name(key),
            Self::Index(index) => Part::Index(index),
            Self::Member(member) => Part::Member(member),
        }
    }
}

/// The name that serde writes for a field; `None` where the field has no member of its
/// own.
pub(crate) fn wire_of_field(note: &Note, field: &ShapeField) -> Option<&'static str> {
    match note.wire {
        _ if note.flat => None,
        Some("") => None,
        Some(wire) => Some(wire),
        None => Some(field.name),
    }
}

/// The name that serde writes for a variant.
pub(crate) fn wire_of_variant(owner: &Shape, index: usize, field: &ShapeField) -> &'static str {
    owner.note(Noted::Variant(index)).wire.unwrap_or(field.name)
}
