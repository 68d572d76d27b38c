//! The refusals of a serializer that accepts one form of values alone, for
//! [`key_string`](super::key_string) and [`key_texts`](super::key_texts).

use std::fmt::{self, Display};

use serde::ser;

/// The value has another form.
#[derive(Debug)]
pub(super) struct OtherValue;

impl Display for OtherValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of another form")
    }
}

impl std::error::Error for OtherValue {}

impl ser::Error for OtherValue {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

/// Methods of a [`Serializer`](serde::Serializer) that refuse their value.
macro_rules! refuse {
    ($($method:ident($($type:ty),*) -> $ok:ident;)*) => {$(
        fn $method(self $(, _: $type)*) -> Result<Self::$ok, Self::Error> {
            Err($crate::path::ability::one_form::OtherValue)
        }
    )*};
}

/// Refuses numbers, truth values and letters.
macro_rules! refuse_scalars {
    () => {
        $crate::path::ability::one_form::refuse! {
            serialize_bool(bool) -> Ok;
            serialize_i8(i8) -> Ok;
            serialize_i16(i16) -> Ok;
            serialize_i32(i32) -> Ok;
            serialize_i64(i64) -> Ok;
            serialize_u8(u8) -> Ok;
            serialize_u16(u16) -> Ok;
            serialize_u32(u32) -> Ok;
            serialize_u64(u64) -> Ok;
            serialize_char(char) -> Ok;
        }
    };
}

/// Refuses all values but those of [`refuse_scalars`], strings, unit variants, maps, newtypes and what is in a `Some`.
macro_rules! refuse_most {
    () => {
        $crate::path::ability::one_form::refuse! {
            serialize_f32(f32) -> Ok;
            serialize_f64(f64) -> Ok;
            serialize_bytes(&[u8]) -> Ok;
            serialize_none() -> Ok;
            serialize_unit() -> Ok;
            serialize_unit_struct(&'static str) -> Ok;
            serialize_seq(Option<usize>) -> SerializeSeq;
            serialize_tuple(usize) -> SerializeTuple;
            serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct;
            serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant;
            serialize_struct(&'static str, usize) -> SerializeStruct;
            serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant;
        }

        fn serialize_newtype_variant<V: ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &V,
        ) -> Result<Self::Ok, Self::Error> {
            Err($crate::path::ability::one_form::OtherValue)
        }
    };
}

pub(super) use refuse;
pub(super) use refuse_most;
pub(super) use refuse_scalars;
