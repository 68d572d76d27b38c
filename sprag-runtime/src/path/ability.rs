//! [`Abilities`]: the operations on a value whose type only its shape knows, found without
//! a bound on the type.
//!
//! The derive queries each ability of `Self` through [`Probe`]: an inherent constant whose
//! bound holds precedes the constant of the same name in [`Otherwise`]. Which bound
//! holds is decided where the type is written, so that a generic type has the abilities
//! that its own bounds grant, and a field of a type with arguments those of that type.
//!
//! The table is kept apart from [`Shape`](super::Shape), which every program uses: the
//! compiler generates every function that a constant mentions.

mod composite;
mod field;
#[cfg(feature = "serde")]
mod key_reader;
#[cfg(feature = "serde")]
mod key_string;
#[cfg(feature = "serde")]
mod key_texts;
#[cfg(feature = "serde")]
mod keys;
#[cfg(feature = "serde")]
mod one_form;
#[cfg(feature = "serde")]
mod serial;
#[cfg(feature = "serde")]
mod spoken;

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

pub(in crate::path) use self::composite::{
    boxed, list, list_reader, map, map_reader, option, set, shared, tree,
};
#[cfg(feature = "serde")]
pub(crate) use self::key_texts::{key_texts, key_texts_of};
#[cfg(feature = "serde")]
pub(crate) use self::keys::builtin;
#[cfg(feature = "serde")]
pub(in crate::path) use self::keys::known_key;
#[cfg(feature = "serde")]
pub use self::serial::{Read, Write, read_by, unreadable, unwritable};
#[cfg(feature = "serde")]
pub(crate) use self::serial::{ReadSeed, Writing};
#[cfg(feature = "serde")]
pub use self::spoken::Spoken;

/// Makes a copy that may be shared between threads.
pub type CloneValue = fn(&dyn Any, CloneInto<'_>) -> Option<ClonedValue>;

/// The destination of a copy.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum CloneInto<'a> {
    Box,
    Arc,
    /// Beside a copy of a second value.
    Both(&'a dyn Any),
}

/// A copy.
#[doc(hidden)]
#[derive(Debug)]
pub enum ClonedValue {
    Boxed(Box<dyn Any + Send + Sync>),
    Shared(Arc<dyn Any + Send + Sync>),
    /// Both in one allocation, where holding one costs little more than holding neither.
    Pair(Arc<dyn SharedPair>),
    Two(Arc<dyn Any + Send + Sync>, Arc<dyn Any + Send + Sync>),
}

/// Two values of one type in one allocation.
#[doc(hidden)]
pub trait SharedPair: fmt::Debug + Send + Sync {
    fn first(&self) -> &(dyn Any + Send + Sync);
    fn second(&self) -> &(dyn Any + Send + Sync);
}

struct TwoOf<T>(T, T);

impl<T> fmt::Debug for TwoOf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TwoOf")
    }
}

impl<T: Send + Sync + 'static> SharedPair for TwoOf<T> {
    fn first(&self) -> &(dyn Any + Send + Sync) {
        &self.0
    }

    fn second(&self) -> &(dyn Any + Send + Sync) {
        &self.1
    }
}

impl ClonedValue {
    /// A clone of `value`.
    pub fn of<T: Clone + Send + Sync + 'static>(
        value: &dyn Any,
        into: CloneInto<'_>,
    ) -> Option<Self> {
        let value = value.downcast_ref::<T>()?;
        Some(match into {
            CloneInto::Box => Self::Boxed(Box::new(value.clone())),
            CloneInto::Arc => Self::Shared(cloned(value)),
            CloneInto::Both(second) => {
                let second = second.downcast_ref::<T>()?;
                if size_of::<T>() <= 16 && !std::mem::needs_drop::<T>() {
                    Self::Pair(Arc::new(TwoOf(value.clone(), second.clone())))
                } else {
                    Self::Two(cloned(value), cloned(second))
                }
            }
        })
    }
}

fn cloned<T: Clone + Send + Sync + 'static>(value: &T) -> Arc<dyn Any + Send + Sync> {
    Arc::new(value.clone())
}

/// Compares two values; `None` when one of them is of another type.
pub type Equal = fn(&dyn Any, &dyn Any) -> Option<bool>;

/// Passes the string that names the entry of a key.
pub type KeyText = fn(&dyn Any, &mut dyn FnMut(&str)) -> Option<()>;

/// The string that names the entry of a key.
#[cfg(feature = "serde")]
pub(in crate::path) fn text_of_key(text: KeyText, key: &dyn Any) -> Option<String> {
    let mut found = None;
    text(key, &mut |text| found = Some(text.to_owned()))?;
    found
}

/// Reads a key from that string.
pub type KeyRead = fn(&str) -> Option<Arc<dyn Any + Send + Sync>>;

/// Without serde no value is written.
#[cfg(not(feature = "serde"))]
pub type Write = std::convert::Infallible;

/// Without serde no value is read.
#[cfg(not(feature = "serde"))]
pub type Read = std::convert::Infallible;

/// The abilities of a value of one type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Abilities {
    pub clone: Option<CloneValue>,
    pub eq: Option<Equal>,
    pub write: Option<Write>,
    pub read: Option<Read>,
}

impl Abilities {
    /// The abilities of a type of which nothing is known.
    pub const NONE: Self = Self { clone: None, eq: None, write: None, read: None };

    /// These, and where one is missing that of `other`.
    #[cfg(feature = "serde")]
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            clone: self.clone.or(other.clone),
            eq: self.eq.or(other.eq),
            write: self.write.or(other.write),
            read: self.read.or(other.read),
        }
    }
}

/// The abilities of a type and of its places.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "read by the edge alone"))]
pub struct AbilityTree {
    pub(crate) own: Abilities,
    /// The abilities of the places, counted as `State::__part` does.
    pub(crate) parts: &'static [AbilityPart],
    /// The abilities of a box's content, or of an entry of a collection.
    pub(crate) inner: Option<fn() -> &'static AbilityTree>,
    /// Whether a field is not a place.
    pub(crate) hides_parts: bool,
    /// Whether serde writes a value of another type in its place, which has other parts.
    pub(crate) is_converted: bool,
}

/// The abilities of a place.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct AbilityPart {
    /// The abilities that the field itself declares; the field's type supplies the others.
    pub own: Abilities,
    /// The same for the types that the field's type contains, each inside of the one before:
    /// the item of a collection, the content of an `Option` or a box.
    pub inner: &'static [Abilities],
    /// Of its type; `None` for one opaque value.
    pub tree: Option<&'static AbilityTree>,
    /// Whether functions of the user's write and read the field, and not its type.
    pub custom: bool,
    /// Whether serde leaves the field out when it has this value (`skip_serializing_if`).
    pub left_out: Option<fn(&dyn Any) -> bool>,
}

#[cfg(feature = "serde")]
impl AbilityPart {
    /// The abilities of the value at the field.
    pub(crate) fn abilities(&self) -> Abilities {
        let of_type = self.tree.map_or(Abilities::NONE, |tree| tree.own);
        let of_type =
            if self.custom { Abilities { write: None, read: None, ..of_type } } else { of_type };
        self.own.or(of_type)
    }
}

/// How a key of one type is written and read.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "read by the edge alone"))]
pub struct KeyAbilities {
    pub id: std::any::TypeId,
    pub text: Option<KeyText>,
    pub read: Option<KeyRead>,
}

/// Answers whether a `T` has an ability: `Probe::<T>::CLONE`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<fn() -> T>);

/// The answers if the bounds of [`Probe`]'s own constants do not hold.
#[doc(hidden)]
pub trait Otherwise {
    const CLONE: Option<CloneValue> = None;
    const EQ: Option<Equal> = None;
    const WRITE: Option<Write> = None;
    const PLAIN_WRITE: Option<Write> = None;
    const READ: Option<Read> = None;
    const KEY_TEXT: Option<KeyText> = None;
    const KEY_READ: Option<KeyRead> = None;
    const MAP_KEY: Option<KeyAbilities> = None;
}

impl<T: ?Sized> Otherwise for Probe<T> {}

impl<T: Clone + Send + Sync + 'static> Probe<T> {
    pub const CLONE: Option<CloneValue> = Some(ClonedValue::of::<T>);
}

impl<T: PartialEq + 'static> Probe<T> {
    pub const EQ: Option<Equal> =
        Some(|a, b| Some(a.downcast_ref::<T>()? == b.downcast_ref::<T>()?));
}

/// All abilities of a type that is written out.
macro_rules! abilities {
    ($type:ty) => {{
        #[allow(unused_imports, reason = "a type may have all abilities")]
        use $crate::path::ability::Otherwise as _;
        $crate::path::ability::Abilities {
            clone: $crate::path::ability::Probe::<$type>::CLONE,
            eq: $crate::path::ability::Probe::<$type>::EQ,
            write: $crate::path::ability::Probe::<$type>::PLAIN_WRITE,
            read: $crate::path::ability::Probe::<$type>::READ,
        }
    }};
}

pub(in crate::path) use abilities;
