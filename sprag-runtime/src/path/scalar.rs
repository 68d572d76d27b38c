//! [`Scalar`]: a number, a `bool` or a `Uuid`, kept without an allocation.

use std::any::{Any, TypeId};
use std::mem::needs_drop;
use std::sync::Arc;

use serde::{Serialize, Serializer};

macro_rules! scalars {
    ($($(#[$cfg:meta])? $name:ident($type:ty),)*) => {
        /// A copy of a small value of a common type.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Scalar {
            $($(#[$cfg])? $name($type),)*
        }

        impl Scalar {
            /// A copy of `value`, if its type is one of these; the compiler decides which.
            #[inline]
            pub(crate) fn of<T: 'static>(value: &T) -> Option<Self> {
                // Known where the code is generated, which is then empty for most types.
                if const { needs_drop::<T>() } {
                    return None;
                }
                let value = value as &dyn Any;
                $($(#[$cfg])? if let Some(value) = value.downcast_ref::<$type>() {
                    return Some(Self::$name(*value));
                })*
                None
            }

            /// Whether [`of`](Self::of) copies values of this type; the compiler decides.
            #[inline]
            pub(crate) fn holds<T: 'static>() -> bool {
                let is_it = |type_id| type_id == TypeId::of::<T>();
                $($(#[$cfg])? if is_it(TypeId::of::<$type>()) {
                    return true;
                })*
                false
            }

            pub(crate) fn get(&self) -> &(dyn Any + Send + Sync) {
                match self {
                    $($(#[$cfg])? Self::$name(value) => value,)*
                }
            }

            pub(crate) fn to_shared(self) -> Arc<dyn Any + Send + Sync> {
                match self {
                    $($(#[$cfg])? Self::$name(value) => Arc::new(value),)*
                }
            }
        }

        impl Serialize for Scalar {
            #[inline]
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $($(#[$cfg])? Self::$name(value) => value.serialize(serializer),)*
                }
            }
        }
    };
}

scalars! {
    Bool(bool),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    Usize(usize),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
    #[cfg(feature = "uuid")]
    Uuid(uuid::Uuid),
}

impl Scalar {
    /// Whether serde writes the value as a string in a format for people.
    pub(crate) fn is_text(self) -> bool {
        #[cfg(feature = "uuid")]
        return matches!(self, Self::Uuid(_));
        #[cfg(not(feature = "uuid"))]
        return false;
    }
}
