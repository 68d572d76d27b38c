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
    /// Its node, counted from its owner.
    pub offset: u32,
    /// What it is.
    pub shape: &'static Shape,
}

/// The shape of one opaque value.
#[doc(hidden)]
pub const fn __shape_of_leaf() -> &'static Shape {
    const { &Shape { kind: Kind::Leaf, nodes: 1, fields: &[] } }
}

impl Shape {
    /// Writes the names on the way from here to node `id`.
    pub(super) fn describe(&self, id: u32, text: &mut PathText<'_>) -> fmt::Result {
        let Some(field) = self.fields.iter().rev().find(|field| field.offset <= id) else {
            return Ok(());
        };
        if !field.name.is_empty() {
            text.name(field.name)?;
        }
        field.shape.describe(id - field.offset, text)
    }
}
