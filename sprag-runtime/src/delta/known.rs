//! [`Known`]: facts about the values at a place, besides their type.

use std::any::Any;

use erased_serde::Deserializer as AnyDeserializer;
use serde::de::Error as _;
use serde_json::Value;

use super::value::{Both, Held, Owned};
use crate::path::{
    Abilities, AbilityTree, Abled, CloneInto, ClonedValue, Hop, Shape, State, Writing,
};

/// The shape of a place and the operations on its values. Callers pass it along with a
/// value from the root on, since a field may know more of its type than the type itself.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub(crate) shape: &'static Shape,
    pub(crate) abilities: Abilities,
    abled: Abled,
    /// The abilities below the root.
    tree: &'static AbilityTree,
}

impl Known {
    /// The facts of a whole state.
    pub(crate) fn root<T: State + Clone + Send + Sync>() -> &'static Self {
        const { &Self::of_state::<T>() }
    }

    const fn of_state<T: State + Clone + Send + Sync>() -> Self {
        let tree = T::__ABILITY_TREE;
        Self {
            shape: T::__SHAPE,
            abilities: Abilities { clone: Some(ClonedValue::of::<T>), ..tree.own },
            abled: Abled::root(tree),
            tree,
        }
    }

    fn of(shape: &'static Shape, abled: Abled, tree: &'static AbilityTree) -> Self {
        Self { shape, abilities: abled.abilities(), abled, tree }
    }

    /// The facts of the value behind a hop.
    pub(crate) fn hop(self, hop: &Hop) -> Self {
        match hop {
            // A variant is not a value of its own.
            Hop::Variant { .. } => self,
            Hop::Field { field, .. } => Self::of(field.shape, self.abled.step(hop), self.tree),
            Hop::Inside(inside) => Self::of((inside.shape)(), self.abled.step(hop), self.tree),
            Hop::Entry { entries, .. } => {
                Self::of((entries.shape)(), self.abled.step(hop), self.tree)
            }
        }
    }

    /// The facts of the value behind several hops.
    pub(crate) fn at(self, hops: &[Hop]) -> Self {
        hops.iter().fold(self, Self::hop)
    }

    /// The known abilities, along the way.
    pub(crate) fn abled(&self) -> Abled {
        self.abled
    }

    /// Whether serde writes the value in a form that does not show its parts.
    pub(crate) fn is_opaque(&self) -> bool {
        self.abled.is_opaque()
    }

    /// Whether a part of the value is not a place.
    pub(crate) fn hides_parts(&self) -> bool {
        self.abled.hides_parts()
    }

    /// The predicate for the values that serde skips at the place of this number.
    pub(crate) fn left_out(&self, index: usize) -> Option<fn(&dyn Any) -> bool> {
        self.abled.left_out(index)
    }

    /// Whether two values are equal; `None` where the type is not known to be `PartialEq`.
    pub(crate) fn is_equal(&self, a: &dyn Any, b: &dyn Any) -> Option<bool> {
        self.abilities.eq?(a, b)
    }

    /// The abilities of the type and of its places.
    pub(crate) fn tree(&self) -> &'static AbilityTree {
        self.tree
    }

    /// Reads a value; `None` where the type is not known to be `Deserialize`.
    pub(crate) fn read(&self, value: &Value) -> Option<Result<Owned, serde_json::Error>> {
        let read = self.abilities.read?;
        Some(read(&mut <dyn AnyDeserializer<'_>>::erase(value)).map_err(serde_json::Error::custom))
    }

    /// The JSON of a value; `None` where the type is not known to be `Serialize`, and for a
    /// value that JSON cannot represent.
    pub(crate) fn json(&self, value: &dyn Any) -> Option<Value> {
        serde_json::to_value(Writing { value, write: self.abilities.write? }).ok()
    }

    /// A clone of a value; `None` where the type is not known to be `Clone`.
    pub(crate) fn hold(&self, value: &dyn Any) -> Option<Held> {
        match self.abilities.clone?(value, CloneInto::Arc)? {
            ClonedValue::Shared(value) => Some(Held::new(value, self.abilities)),
            ClonedValue::Boxed(value) => Some(Held::new(value.into(), self.abilities)),
            ClonedValue::Pair(_) | ClonedValue::Two(..) => None,
        }
    }

    /// Clones of an old and a new value; `None` where the type is not known to be `Clone`.
    pub(crate) fn hold_both(&self, old: &dyn Any, new: &dyn Any) -> Option<Both> {
        match self.abilities.clone?(old, CloneInto::Both(new))? {
            ClonedValue::Pair(pair) => Some(Both::Pair(pair)),
            ClonedValue::Two(old, new) => Some(Both::Two(old, new)),
            ClonedValue::Boxed(_) | ClonedValue::Shared(_) => None,
        }
    }
}
