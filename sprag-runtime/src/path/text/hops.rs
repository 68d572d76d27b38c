//! [`Hops`]: the steps of a typed walk.

use super::erased::{AnyKey, Contents};
use super::hop::Hop;
use crate::path::shape::{Kind, Shape, ShapeField, locate, part_at};

/// Collects the hops of a typed walk.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Hops {
    pub(crate) hops: Vec<Hop>,
    /// The shape of the value that the hops lead to.
    shape: Option<&'static Shape>,
    /// Whether the walk leads to a value that no shape describes, a part of a leaf. The
    /// hops then end at the leaf.
    is_closed: bool,
}

impl Hops {
    /// Without the texts of keys, whose `Serialize` must not run under a lock;
    /// [`with_texts`](super::with_texts) adds them.
    pub(crate) fn without_texts() -> Self {
        Self { hops: Vec::new(), shape: None, is_closed: false }
    }

    /// After some hops.
    pub(crate) fn along(hops: Vec<Hop>) -> Self {
        Self { hops, ..Self::without_texts() }
    }

    /// Whether the hops end at a value around the place, since no shape knows the rest of
    /// the way.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The contents of the value that the hops lead to.
    pub(crate) fn contents(&self) -> Contents {
        self.shape.map_or(Contents::Nothing, |shape| shape.contents)
    }

    /// To the node `id` of a tree of the given shape.
    pub(crate) fn node(&mut self, shape: &'static Shape, id: u32) {
        if self.is_closed {
            return;
        }
        self.shape = Some(shape);
        if let Some((field, below)) = hops_to(shape, id, &mut self.hops) {
            self.node(field.shape, below);
        }
    }

    /// Into an `Option`.
    pub(in crate::path) fn inner(&mut self) {
        match self.shape {
            Some(shape) if shape.kind == Kind::Option => self.node(shape, 1),
            _ => self.is_closed = true,
        }
    }

    /// Into a box.
    pub(in crate::path) fn inside(&mut self) {
        match self.contents() {
            Contents::Inside(inside) => self.step(Hop::Inside(inside)),
            _ => self.is_closed = true,
        }
    }

    /// To an entry.
    pub(crate) fn entry(&mut self, key: impl FnOnce() -> AnyKey) {
        match self.contents() {
            Contents::Entries(entries) => {
                self.step(Hop::Entry { entries, key: key(), text: None });
            }
            _ => self.is_closed = true,
        }
    }

    fn step(&mut self, hop: Hop) {
        if !self.is_closed {
            self.shape = Some(hop.shape());
            self.hops.push(hop);
        }
    }
}

/// Appends the steps from a value of the shape `owner` to the field in which node `id` is.
/// Returns the field, and the node counted from there; `None` for the owner itself and
/// behind a variant that ends the way.
fn hops_to(
    owner: &'static Shape,
    id: u32,
    hops: &mut Vec<Hop>,
) -> Option<(&'static ShapeField, u32)> {
    let (index, below) = locate(owner.fields, id)?;
    let field = &owner.fields[index];
    if owner.kind != Kind::Enum {
        hops.push(Hop::Field { owner, index, field });
        return Some((field, below));
    }
    hops.push(Hop::Variant { owner, index, field });
    let Some(part) = part_at(owner.kind, owner.fields, id) else {
        return Some((field, below));
    };
    hops.push(Hop::Field { owner, index: part.index, field: part.field });
    Some((part.field, part.below))
}
