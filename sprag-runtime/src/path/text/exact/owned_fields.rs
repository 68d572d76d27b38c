//! [`OwnedFields`]: the fields of a struct or of a variant, by the names that serde has for
//! them.

use crate::path::shape::{Kind, Note, Noted, Shape, ShapeField, Tagging};
use crate::path::text::erased::Contents;
use crate::path::text::hop::wire_of_field;

/// The fields of a struct or of a variant.
#[derive(Clone, Copy)]
pub(super) struct OwnedFields {
    pub(super) owner: &'static Shape,
    pub(super) fields: &'static [ShapeField],
    /// How many places other variants have before them.
    pub(super) before: usize,
}

impl OwnedFields {
    pub(super) fn of_variants(shape: &'static Shape) -> Vec<Self> {
        let mut before = 0;
        let fields = shape.fields.iter().map(|variant| {
            let fields = Self { owner: shape, fields: variant.shape.fields, before };
            before += fields.fields.len();
            fields
        });
        fields.collect()
    }

    pub(super) fn each(self) -> impl Iterator<Item = (Note, &'static ShapeField)> {
        let note = move |index| self.owner.note(Noted::Place(self.before + index));
        self.fields.iter().enumerate().map(move |(index, field)| (note(index), field))
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
pub(super) enum MemberName {
    Field(Note, &'static ShapeField),
    /// A flattened map, which takes any name.
    Any,
    Nothing,
}

pub(super) fn named(owners: &[OwnedFields], name: &str) -> MemberName {
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
pub(super) fn nth(owners: &[OwnedFields], index: usize) -> Option<(Note, &'static ShapeField)> {
    let [owner] = owners else { return None };
    let index = index.to_string();
    owner.each().find(|(note, field)| wire_of_field(note, field) == Some(&*index))
}
