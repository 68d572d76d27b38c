//! The tree of names behind a type: what turns node numbers into text.

use std::fmt;

use super::access::PathText;

/// The static description of a [`State`](super::State) type.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// What kind of value it is.
    pub kind: Kind,
    /// How many nodes its tree has, itself included.
    pub nodes: u32,
    /// What lies below, in preorder.
    pub fields: &'static [ShapeField],
}

/// What kind of value a [`Shape`] describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// One opaque value.
    Leaf,
    /// An `Option`; its one field is what it holds and has no name of its own.
    Option,
    /// A struct or a tuple struct.
    Struct,
    /// An enum; its fields are its variants.
    Enum,
}

/// One named part of a [`Shape`].
#[derive(Clone, Copy, Debug)]
pub struct ShapeField {
    /// Its name in a path's text; empty for what has none (`Option`, `flatten`).
    pub name: &'static str,
    /// Whether serde leaves it out, so that text from outside must not reach it.
    pub skipped: bool,
    /// Its node, counted from its owner.
    pub offset: u32,
    /// What it is.
    pub shape: &'static Shape,
}

impl ShapeField {
    /// A part that [`__laid_out`] has yet to give its place.
    #[doc(hidden)]
    pub const fn __new(name: &'static str, shape: &'static Shape) -> Self {
        Self { name, skipped: false, offset: 0, shape }
    }

    /// The same, left out by serde.
    #[doc(hidden)]
    pub const fn __skipped(name: &'static str, shape: &'static Shape) -> Self {
        Self { name, skipped: true, offset: 0, shape }
    }
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

/// The node of a variant's field, counted from the enum.
#[doc(hidden)]
pub const fn __offset_in_variant(variants: &[ShapeField], variant: usize, field: usize) -> u32 {
    let variant = &variants[variant];
    variant.offset + variant.shape.fields[field].offset
}

/// The part in which node `id` lies, and its number counted from there; `None`
/// for the owner itself.
#[doc(hidden)]
pub fn __locate(fields: &[ShapeField], id: u32) -> Option<(usize, u32)> {
    let index = fields.partition_point(|field| field.offset <= id).checked_sub(1)?;
    Some((index, id - fields[index].offset))
}

/// The shape of one opaque value.
#[doc(hidden)]
pub const fn __shape_of_leaf() -> &'static Shape {
    const { &Shape::of(Kind::Leaf, &[]) }
}

impl Shape {
    /// A value of parts that are laid out.
    #[doc(hidden)]
    pub const fn of(kind: Kind, fields: &'static [ShapeField]) -> Self {
        let nodes = match fields {
            [] => 1,
            [.., last] => last.offset + last.shape.nodes,
        };
        Self { kind, nodes, fields }
    }

    /// Writes the names on the way from here to node `id`.
    pub(super) fn describe(&self, id: u32, text: &mut PathText<'_>) -> fmt::Result {
        let Some((index, id)) = __locate(self.fields, id) else {
            return Ok(());
        };
        let field = &self.fields[index];
        if !field.name.is_empty() {
            text.name(field.name)?;
        }
        field.shape.describe(id, text)
    }
}
