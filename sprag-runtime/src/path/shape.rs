//! The tree of names behind a type: what turns node numbers into text.

use std::any::Any;
use std::fmt;

use super::access::PathText;
use super::state::State;

/// The static description of a [`State`] type.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// What kind of value it is.
    pub kind: Kind,
    /// How many nodes its tree has, itself included.
    pub nodes: u32,
    /// What lies below, in preorder.
    pub fields: &'static [ShapeField],
    /// Whether a clone costs less than holding a snapshot does.
    cheap: bool,
    /// The value at a node of the tree, counted from here.
    node: fn(&dyn Any, u32) -> Option<&dyn Any>,
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

/// Where a node lies: the index of its place, as `State::__part` counts, the place,
/// and the node counted from there. `None` for the owner and for a variant.
pub(super) fn part_at(kind: Kind, fields: &'static [ShapeField], id: u32) -> Option<Part> {
    let (index, below) = locate(fields, id)?;
    let field = &fields[index];
    if kind != Kind::Enum {
        return Some(Part { index, field, below });
    }
    let before: usize = fields[..index].iter().map(|variant| variant.shape.fields.len()).sum();
    let (index, below) = locate(field.shape.fields, below)?;
    Some(Part { index: before + index, field: &field.shape.fields[index], below })
}

/// What [`part_at`] finds.
pub(super) struct Part {
    pub(super) index: usize,
    field: &'static ShapeField,
    below: u32,
}

impl Part {
    /// The node of `value`, which is the value of the place.
    pub(super) fn node<'a>(&self, value: &'a dyn Any) -> Option<&'a dyn Any> {
        (self.field.shape.node)(value, self.below)
    }
}

/// The field in which node `id` lies, and its number counted from there; `None`
/// for the owner itself.
fn locate(fields: &[ShapeField], id: u32) -> Option<(usize, u32)> {
    let index = fields.partition_point(|field| field.offset <= id).checked_sub(1)?;
    Some((index, id - fields[index].offset))
}

/// The shape of one opaque value. What needs no drop holds no allocation.
#[doc(hidden)]
pub const fn __shape_of_leaf<V>() -> &'static Shape {
    const {
        let cheap = !std::mem::needs_drop::<V>();
        &Shape { kind: Kind::Leaf, nodes: 1, fields: &[], cheap, node: only_node }
    }
}

fn only_node(value: &dyn Any, id: u32) -> Option<&dyn Any> {
    (id == 0).then_some(value)
}

fn node_of<V: State>(value: &dyn Any, id: u32) -> Option<&dyn Any> {
    value.downcast_ref::<V>()?.__node(id)
}

/// What parts that are laid out come to, with their owner.
const fn nodes(fields: &[ShapeField]) -> u32 {
    match fields {
        [] => 1,
        [.., last] => last.offset + last.shape.nodes,
    }
}

impl Shape {
    pub(super) const fn of<V: State>() -> Self {
        let nodes = nodes(V::__FIELDS);
        Self { kind: V::__KIND, nodes, fields: V::__FIELDS, cheap: V::__CHEAP, node: node_of::<V> }
    }

    /// A variant of an enum, with its fields.
    #[doc(hidden)]
    pub const fn __variant(fields: &'static [ShapeField]) -> Self {
        let cheap = all_cheap(fields);
        Self { kind: Kind::Struct, nodes: nodes(fields), fields, cheap, node: only_node }
    }

    /// Writes the names on the way from here to node `id`.
    pub(super) fn describe(&self, id: u32, text: &mut PathText<'_>) -> fmt::Result {
        let Some((index, id)) = locate(self.fields, id) else {
            return Ok(());
        };
        let field = &self.fields[index];
        if !field.name.is_empty() {
            text.name(field.name)?;
        }
        field.shape.describe(id, text)
    }
}
