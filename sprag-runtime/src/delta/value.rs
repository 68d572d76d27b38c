//! Values of a state that outlive it, of types that only their abilities know.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::path::{Abilities, CloneInto, ClonedValue, Writing};

/// A value that a step moves.
pub(crate) type Owned = Box<dyn Any>;

/// A clone of a value, with what can be done with it. Cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Held {
    value: Arc<dyn Any + Send + Sync>,
    abilities: Abilities,
}

impl Held {
    pub(crate) fn new(value: Arc<dyn Any + Send + Sync>, abilities: Abilities) -> Self {
        Self { value, abilities }
    }

    pub(crate) fn get(&self) -> &(dyn Any + Send + Sync) {
        &*self.value
    }

    /// A clone of the value for a step to move. Runs the user's `Clone`.
    pub(crate) fn to_owned(&self) -> Option<Owned> {
        match self.abilities.clone?(self.get(), CloneInto::Box)? {
            ClonedValue::Boxed(value) => Some(value),
            ClonedValue::Shared(_) => None,
        }
    }

    /// Whether `other` equals the value; what cannot be compared equals nothing.
    pub(crate) fn is(&self, other: &dyn Any) -> bool {
        self.abilities.eq.and_then(|eq| eq(self.get(), other)) == Some(true)
    }

    /// Whether `other` equals the value in all that serde shows: what serde skips is in no
    /// op, and so has no say in whether an op's value is still there.
    pub(crate) fn is_shown_as(&self, other: &dyn Any) -> bool {
        self.is(other)
            || self.abilities.write.is_some_and(|write| {
                let shown = |value| serde_json::to_value(Writing { value, write });
                matches!((shown(self.get()), shown(other)), (Ok(own), Ok(other)) if own == other)
            })
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

/// As serde writes the value.
impl Serialize for Held {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.abilities.write {
            Some(write) => Writing { value: self.get(), write }.serialize(serializer),
            None => Err(serde::ser::Error::custom("the type of the value has no `Serialize`")),
        }
    }
}
