//! [`Abled`]: the operations on the values of a route.

use std::any::Any;

use super::erased::{By, Contents};
use super::hop::Hop;
use crate::path::ability::{Abilities, AbilityPart, AbilityTree, builtin};
use crate::path::shape::{Kind, Shape};

/// A place of which nothing is known.
const UNKNOWN: AbilityPart =
    AbilityPart { own: Abilities::NONE, inner: &[], tree: None, custom: false, left_out: None };

/// Abilities on the way along a route.
#[derive(Clone, Copy)]
pub(crate) struct Abled {
    part: AbilityPart,
}

impl Abled {
    pub(crate) const fn root(tree: &'static AbilityTree) -> Self {
        Self { part: AbilityPart { own: tree.own, tree: Some(tree), ..UNKNOWN } }
    }

    pub(crate) fn abilities(&self) -> Abilities {
        self.part.abilities()
    }

    /// The abilities of the parts at a value of the given shape. Where the value's abilities
    /// are composed of those of its content, the keys of maps in it must be known to the
    /// runtime.
    pub(crate) fn at(&self, shape: &'static Shape) -> Abilities {
        let own = self.part.own;
        match self.abilities() {
            found if knows_keys(shape) => found,
            found => Abilities { write: own.write, read: own.read, ..found },
        }
    }

    /// Whether functions of the user's write and read the value, and not its type.
    pub(crate) fn is_custom(&self) -> bool {
        self.part.custom
    }

    /// Whether a part of the value is not a place.
    pub(crate) fn hides_parts(&self) -> bool {
        self.part.tree.is_none_or(|tree| tree.hides_parts)
    }

    /// Whether serde writes the value in a form that does not show its parts.
    pub(crate) fn is_opaque(&self) -> bool {
        self.part.custom || self.part.tree.is_none_or(|tree| tree.is_converted)
    }

    /// The predicate for the values that serde skips at the place of this number.
    pub(crate) fn left_out(&self, index: usize) -> Option<fn(&dyn Any) -> bool> {
        self.part.tree?.parts.get(index)?.left_out
    }

    pub(crate) fn along(self, hops: &[Hop]) -> Self {
        hops.iter().fold(self, Self::step)
    }

    pub(crate) fn step(self, hop: &Hop) -> Self {
        let part = match (hop, self.part.tree) {
            (Hop::Variant { .. }, _) => return self,
            (_, None) => UNKNOWN,
            (Hop::Field { owner, index, .. }, Some(tree)) => {
                let part = tree.parts.get(*index).copied().unwrap_or(UNKNOWN);
                if owner.kind == Kind::Option { self.inside(part) } else { part }
            }
            (Hop::Inside(_) | Hop::Entry { .. }, Some(tree)) => {
                let tree = tree.inner.map(|inner| inner());
                self.inside(AbilityPart { tree, ..UNKNOWN })
            }
        };
        Self { part }
    }

    /// `part`, which is the content of the value, with what the field knows of the content.
    fn inside(&self, part: AbilityPart) -> AbilityPart {
        match self.part.inner {
            [own, inner @ ..] => AbilityPart { own: *own, inner, ..part },
            [] => part,
        }
    }
}

/// Whether the runtime knows the keys of the maps of which a value is composed. A derived
/// type knows how its own maps are written.
fn knows_keys(shape: &'static Shape) -> bool {
    match (shape.kind, shape.contents) {
        (Kind::Option, _) => knows_keys(shape.fields[0].shape),
        (_, Contents::Inside(inside)) => knows_keys((inside.shape)()),
        (Kind::Set, _) => true,
        (_, Contents::Entries(entries)) => {
            let is_known = match entries.by {
                By::Index { .. } => true,
                By::Key { key, .. } => builtin(key).is_some(),
            };
            is_known && knows_keys((entries.shape)())
        }
        _ => true,
    }
}
