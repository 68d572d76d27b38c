//! The tree of names behind a type: what turns node numbers into text, and text into
//! places.

use std::any::Any;

use super::ability::KeyAbilities;
use super::form::WireForm;
use super::text::erased::{Contents, TypeVtable, ValueRef, no_part};

/// The static description of a [`State`](crate::path::State) type.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "text alone asks for the rest"))]
pub struct Shape {
    /// The kind of the value.
    pub kind: Kind,
    /// How many nodes its tree has, itself included.
    pub nodes: u32,
    /// The parts below, in preorder.
    pub fields: &'static [ShapeField],
    /// Whether a clone costs less than holding a snapshot does.
    pub(super) cheap: bool,
    /// The value of a place, counted as `State::__part` does.
    pub(crate) part: for<'a> fn(ValueRef<'a>, usize) -> Option<ValueRef<'a>>,
    /// The operations on a value of which no more is known; `None` for a variant, which is
    /// not a value of its own.
    pub(crate) typed: Option<TypeVtable>,
    /// How serde marks the active variant of an enum.
    pub(crate) tagging: Tagging,
    /// The parts behind keys and boxes, where the static tree ends.
    pub(crate) contents: Contents,
    /// The particularities of the parts.
    pub(crate) notes: &'static [Note],
    /// How the keys of maps among the parts are written and read.
    pub(crate) keys: &'static [Option<KeyAbilities>],
    /// The form that serde writes, and the rights of browsers.
    pub(crate) form: &'static WireForm,
    pub(crate) layout: WireLayout,
}

/// The kind of value that a [`Shape`] describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// One opaque value.
    Leaf,
    /// An `Option`; its one field is its content and has no name of its own.
    Option,
    /// A struct or a tuple struct.
    Struct,
    /// An enum; its fields are its variants.
    Enum,
    /// A variant of an enum.
    Variant,
    /// A collection whose entries are found by index.
    List,
    /// A collection whose entries are found by key.
    Map,
    /// A set, which is written as one value.
    Set,
}

impl Kind {
    /// Its name as data.
    #[cfg(feature = "serde")]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Option => "option",
            Self::Struct => "struct",
            Self::Enum => "enum",
            Self::Variant => "variant",
            Self::List => "list",
            Self::Map => "map",
            Self::Set => "set",
        }
    }
}

/// How serde marks the active variant of an enum.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// By an object with the variant's name around the content; the default.
    External,
    /// A member among those of the content is the tag.
    Internal,
    /// Not at all.
    Untagged,
    /// By a member beside this one, which holds the content.
    Adjacent(&'static str),
}

/// A shape, as a function, because a type may contain itself.
pub(crate) type ShapeOf = fn() -> &'static Shape;

/// How serde writes a value of a type that is not derived.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "what leaves the process"))]
pub enum WireLayout {
    /// As the rest of the shape says.
    Usual,
    /// As an array of these, one after another.
    Tuple(&'static [ShapeOf]),
    /// As an array of so many.
    Array(usize),
    /// As an array of any length, which has no places.
    Items(ShapeOf),
    /// The same, in an order that is not that of the given elements.
    Heap(ShapeOf),
    /// As another type is.
    Same(ShapeOf),
    /// As an object with these members.
    Members(&'static [(&'static str, ShapeOf)]),
    /// As an object with one of these members, or as a name alone.
    OneOf(&'static [(&'static str, Option<ShapeOf>)]),
}

/// The particularities of one part of a type. Most parts have none.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Note {
    pub of: Noted,
    /// The member with the field's value in the JSON, if its name differs from the field's;
    /// empty if the field is written instead of its owner (`transparent`, newtypes).
    pub wire: Option<&'static str>,
    /// Whether serde writes the part's members among those of its owner, or the variant without
    /// a tag.
    pub flat: bool,
    pub reading: Reading,
    /// Whether functions of the user's write and read it, so that its form is not known.
    pub custom: bool,
    /// Further names under which serde reads it.
    pub aliases: &'static [&'static str],
    pub doc: &'static str,
}

/// Which part a [`Note`] is of.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// The place of this number, counted as `State::__part` does.
    Place(usize),
    /// The variant of this number.
    Variant(usize),
}

/// How serde reads back the form that it has written.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Usual,
    /// Serde reads the value under another name.
    OtherName,
    /// Serde supplies a value of its own.
    Never,
}

#[cfg(feature = "serde")]
impl Note {
    /// The note of an ordinary field.
    const PLAIN: Self = Self {
        of: Noted::Place(0),
        wire: None,
        flat: false,
        reading: Reading::Usual,
        custom: false,
        aliases: &[],
        doc: "",
    };
}

/// One named part of a [`Shape`].
#[derive(Clone, Copy, Debug)]
pub struct ShapeField {
    /// The name in a path's text; empty for a field without one (`Option`, `flatten`).
    pub name: &'static str,
    /// Whether serde leaves it out, so that text from outside must not reach it.
    pub skipped: bool,
    /// Its node, counted from its owner.
    pub offset: u32,
    /// The shape of the part.
    pub shape: &'static Shape,
}

/// Whether a clone of a `T` of these parts costs less than holding a snapshot does.
pub(super) const fn is_cheap<T>(fields: &[ShapeField]) -> bool {
    size_of::<T>() <= 64 && all_cheap(fields)
}

const fn all_cheap(fields: &[ShapeField]) -> bool {
    let mut i = 0;
    while i < fields.len() {
        if !fields[i].shape.cheap {
            return false;
        }
        i += 1;
    }
    true
}

/// Numbers the parts in preorder, one after another.
#[doc(hidden)]
pub const fn __laid_out<const N: usize>(mut fields: [ShapeField; N]) -> [ShapeField; N] {
    let mut next = 1;
    let mut i = 0;
    while i < N {
        fields[i].offset = next;
        next += fields[i].shape.nodes;
        i += 1;
    }
    fields
}

/// The node of the `index`th place of a type, counted as `State::__part` does.
pub(super) const fn offset_of(kind: Kind, fields: &[ShapeField], mut index: usize) -> u32 {
    if !matches!(kind, Kind::Enum) {
        return fields[index].offset;
    }
    let mut variant = 0;
    while index >= fields[variant].shape.fields.len() {
        index -= fields[variant].shape.fields.len();
        variant += 1;
    }
    fields[variant].offset + fields[variant].shape.fields[index].offset
}

/// The part that contains a node: the index of its place, as `State::__part` counts, the
/// place, and the node counted from there. `None` for the owner and for a variant.
pub(super) fn part_at(kind: Kind, fields: &'static [ShapeField], id: u32) -> Option<FoundPart> {
    let (index, below) = locate(fields, id)?;
    let field = &fields[index];
    if kind != Kind::Enum {
        return Some(FoundPart { index, field, below });
    }
    let before: usize = fields[..index].iter().map(|variant| variant.shape.fields.len()).sum();
    let (index, below) = locate(field.shape.fields, below)?;
    Some(FoundPart { index: before + index, field: &field.shape.fields[index], below })
}

/// The result of [`part_at`].
pub(super) struct FoundPart {
    pub(super) index: usize,
    pub(super) field: &'static ShapeField,
    pub(super) below: u32,
}

/// The field that contains node `id`, and the node's number counted from there; `None` for
/// the owner itself.
pub(super) fn locate(fields: &[ShapeField], id: u32) -> Option<(usize, u32)> {
    let index = fields.partition_point(|field| field.offset <= id).checked_sub(1)?;
    Some((index, id - fields[index].offset))
}

/// The shape of one opaque value. A value that needs no drop holds no allocation.
#[doc(hidden)]
pub const fn __shape_of_leaf<V: 'static>() -> &'static Shape {
    const {
        let cheap = !std::mem::needs_drop::<V>();
        &Shape { cheap, typed: Some(TypeVtable::opaque::<V>()), ..Shape::bare(Kind::Leaf, &[]) }
    }
}

/// The number of nodes of parts that are laid out, with their owner.
const fn nodes(fields: &[ShapeField]) -> u32 {
    match fields {
        [] => 1,
        [.., last] => last.offset + last.shape.nodes,
    }
}

impl Shape {
    pub(super) const fn bare(kind: Kind, fields: &'static [ShapeField]) -> Self {
        Self {
            kind,
            nodes: nodes(fields),
            fields,
            cheap: false,
            part: no_part,
            typed: None,
            tagging: Tagging::External,
            contents: Contents::Nothing,
            notes: &[],
            keys: &[],
            form: &WireForm::PLAIN,
            layout: WireLayout::Usual,
        }
    }

    /// A variant of an enum, with its fields.
    #[doc(hidden)]
    pub const fn __variant(fields: &'static [ShapeField]) -> Self {
        Self { cheap: all_cheap(fields), ..Self::bare(Kind::Variant, fields) }
    }

    /// The value at node `id` of the tree below `value`, which is of this shape.
    #[cfg(feature = "serde")]
    pub(crate) fn __node<'a>(&self, value: &'a dyn Any, id: u32) -> Option<&'a dyn Any> {
        self.node(value, id)
    }

    /// The part of `value` at node `id`.
    pub(super) fn node<'a>(&self, mut value: &'a dyn Any, mut id: u32) -> Option<&'a dyn Any> {
        let mut shape = self;
        while id > 0 {
            let part = part_at(shape.kind, shape.fields, id)?;
            let ValueRef::Ref(next) = (shape.part)(ValueRef::Ref(value), part.index)? else {
                return None;
            };
            (value, shape, id) = (next, part.field.shape, part.below);
        }
        Some(value)
    }

    /// The only field of a struct that serde writes in the struct's place.
    #[cfg(feature = "serde")]
    pub(crate) fn note_of_only_field(&self) -> Option<usize> {
        let is_merged = self.fields.len() == 1 && self.note(Noted::Place(0)).wire == Some("");
        is_merged.then_some(0)
    }

    /// Whether a value has parts that are places.
    #[cfg(feature = "serde")]
    pub(crate) fn has_parts(&self) -> bool {
        !self.fields.is_empty() || !matches!(self.contents, Contents::Nothing)
    }

    /// How serde marks the variant of this number.
    #[cfg(feature = "serde")]
    pub(crate) fn tagging_of(&self, variant: usize) -> Tagging {
        let is_untagged = self.note(Noted::Variant(variant)).flat;
        if is_untagged { Tagging::Untagged } else { self.tagging }
    }

    /// The particularities of a part.
    #[cfg(feature = "serde")]
    pub(crate) fn note(&self, of: Noted) -> Note {
        self.notes.iter().find(|note| note.of == of).copied().unwrap_or(Note::PLAIN)
    }
}
