//! Values of a state that outlive it, of types that only their abilities know.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use erased_serde::Deserializer as AnyDeserializer;
use serde::de::Error as _;
use serde::{Serialize, Serializer};

use super::keep::is_partial;
use crate::path::{Abilities, CloneInto, ClonedValue, Scalar, Shape, SharedPair, Writing};

/// A value that a step moves.
pub(crate) type Owned = Box<dyn Any>;

/// A clone of a value, with the operations on it. Cloning this is cheap.
#[derive(Clone)]
pub(crate) struct Held {
    value: HeldValue,
    abilities: Abilities,
}

#[derive(Clone)]
enum HeldValue {
    Scalar(Scalar),
    Alone(Arc<dyn Any + Send + Sync>),
    First(Arc<dyn SharedPair>),
    Second(Arc<dyn SharedPair>),
}

/// Clones of an old and a new value of one type. Cloning this is cheap.
#[derive(Clone)]
pub(crate) enum Both {
    Scalars(Scalar, Scalar),
    /// Small values, in one allocation.
    Pair(Arc<dyn SharedPair>),
    Two(Arc<dyn Any + Send + Sync>, Arc<dyn Any + Send + Sync>),
}

/// A value to be replaced.
impl Default for Both {
    #[inline]
    fn default() -> Self {
        Self::Scalars(Scalar::Bool(false), Scalar::Bool(false))
    }
}

impl Both {
    /// Copies of two values, if their type is one of scalars. Returns whether it is.
    #[inline]
    pub(crate) fn put_scalars<V: 'static>(&mut self, old: &V, new: &V) -> bool {
        let (Some(old), Some(new)) = (Scalar::of(old), Scalar::of(new)) else { return false };
        *self = Self::Scalars(old, new);
        true
    }

    /// The old and the new value.
    pub(super) fn held(&self, abilities: Abilities) -> (Held, Held) {
        let (old, new) = match self {
            Self::Scalars(old, new) => (HeldValue::Scalar(*old), HeldValue::Scalar(*new)),
            Self::Pair(pair) => {
                (HeldValue::First(Arc::clone(pair)), HeldValue::Second(Arc::clone(pair)))
            }
            Self::Two(old, new) => {
                (HeldValue::Alone(Arc::clone(old)), HeldValue::Alone(Arc::clone(new)))
            }
        };
        (Held { value: old, abilities }, Held { value: new, abilities })
    }

    /// The new value.
    pub(super) fn second(&self) -> &dyn Any {
        match self {
            Self::Scalars(_, new) => new.get(),
            Self::Pair(pair) => pair.second(),
            Self::Two(_, new) => &**new,
        }
    }
}

impl Held {
    pub(crate) fn new(value: Arc<dyn Any + Send + Sync>, abilities: Abilities) -> Self {
        Self { value: HeldValue::Alone(value), abilities }
    }

    pub(crate) fn get(&self) -> &(dyn Any + Send + Sync) {
        match &self.value {
            HeldValue::Scalar(value) => value.get(),
            HeldValue::Alone(value) => &**value,
            HeldValue::First(pair) => pair.first(),
            HeldValue::Second(pair) => pair.second(),
        }
    }

    /// A clone of the value for a step to move. Runs the user's `Clone`.
    pub(crate) fn to_owned(&self) -> Option<Owned> {
        match self.abilities.clone?(self.get(), CloneInto::Box)? {
            ClonedValue::Boxed(value) => Some(value),
            _ => None,
        }
    }

    /// Whether `other` equals the value; a value that cannot be compared equals nothing.
    pub(crate) fn is(&self, other: &dyn Any) -> bool {
        self.abilities.eq.and_then(|eq| eq(self.get(), other)) == Some(true)
    }

    /// Whether `present` is still this value. A value that does not equal itself, such as
    /// one with a NaN, is compared by its JSON.
    pub(crate) fn is_still(&self, present: &dyn Any) -> bool {
        self.is(present) || !self.is(self.get()) && self.is_shown_as(present)
    }

    /// Whether `other` equals the value in all parts that serde writes. Parts that serde
    /// skips are in no op, so they do not decide whether an op's value is still in place.
    pub(crate) fn is_shown_as(&self, other: &dyn Any) -> bool {
        self.is(other)
            || self.abilities.write.is_some_and(|write| {
                let shown = |value| serde_json::to_value(Writing { value, write });
                matches!((shown(self.get()), shown(other)), (Ok(own), Ok(other)) if own == other)
            })
    }
}

impl Held {
    /// Whether serde reads the value, which is at or below a place of this shape, back as the
    /// same one.
    pub(crate) fn reads_back(&self, shape: &'static Shape) -> Result<(), serde_json::Error> {
        let read = self.abilities.read;
        let read =
            read.ok_or_else(|| serde_json::Error::custom("its type has no `Deserialize`"))?;
        let json = serde_json::to_value(self)?;
        let back = read(&mut <dyn AnyDeserializer<'_>>::erase(&json));
        let back = back.map_err(serde_json::Error::custom)?;
        let is_same = match self.abilities.eq {
            Some(_) if !self.is(self.get()) => false, // it has a NaN
            Some(_) => self.is(&*back) || is_partial(shape) && self.is_shown_as(&*back),
            None => self.is_shown_as(&*back),
        };
        is_same
            .then_some(())
            .ok_or_else(|| serde_json::Error::custom("JSON cannot carry the value"))
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

/// Where no owner of the value can be written either.
const UNWRITTEN: &str = "no `Serialize` is known for the type of the value; a generic type needs \
                         the bound on its parameter, `T: Serialize`";

/// As serde writes the value.
impl Serialize for Held {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.abilities.write {
            Some(write) => Writing { value: self.get(), write }.serialize(serializer),
            None => Err(serde::ser::Error::custom(UNWRITTEN)),
        }
    }
}
