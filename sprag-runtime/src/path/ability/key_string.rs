//! A key that serde writes as a string, without the JSON around it.

use std::fmt::{self, Display};

use serde::ser::{self, Impossible, Serialize, Serializer};

/// The string that serde writes for a key; `None` for a key of any other form, of which JSON
/// may make a string.
pub(super) fn string_of<K: Serialize>(key: &K) -> Option<String> {
    key.serialize(StringOnly).ok()
}

struct StringOnly;

/// The key is not a string.
#[derive(Debug)]
struct NotAString;

impl Display for NotAString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a string")
    }
}

impl std::error::Error for NotAString {}

impl ser::Error for NotAString {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

macro_rules! not_strings {
    ($($method:ident($($type:ty),*) -> $ok:ty;)*) => {$(
        fn $method(self $(, _: $type)*) -> Result<$ok, NotAString> {
            Err(NotAString)
        }
    )*};
}

type Never = Impossible<String, NotAString>;

impl Serializer for StringOnly {
    type Ok = String;
    type Error = NotAString;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    fn serialize_str(self, text: &str) -> Result<String, NotAString> {
        Ok(text.to_owned())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<String, NotAString> {
        Ok(variant.to_owned())
    }

    fn serialize_newtype_struct<V: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &V,
    ) -> Result<String, NotAString> {
        value.serialize(self)
    }

    not_strings! {
        serialize_bool(bool) -> String;
        serialize_i8(i8) -> String;
        serialize_i16(i16) -> String;
        serialize_i32(i32) -> String;
        serialize_i64(i64) -> String;
        serialize_u8(u8) -> String;
        serialize_u16(u16) -> String;
        serialize_u32(u32) -> String;
        serialize_u64(u64) -> String;
        serialize_f32(f32) -> String;
        serialize_f64(f64) -> String;
        serialize_char(char) -> String;
        serialize_bytes(&[u8]) -> String;
        serialize_none() -> String;
        serialize_unit() -> String;
        serialize_unit_struct(&'static str) -> String;
        serialize_seq(Option<usize>) -> Never;
        serialize_tuple(usize) -> Never;
        serialize_tuple_struct(&'static str, usize) -> Never;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Never;
        serialize_map(Option<usize>) -> Never;
        serialize_struct(&'static str, usize) -> Never;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Never;
    }

    fn serialize_some<V: ?Sized + Serialize>(self, _: &V) -> Result<String, NotAString> {
        Err(NotAString)
    }

    fn serialize_newtype_variant<V: ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &V,
    ) -> Result<String, NotAString> {
        Err(NotAString)
    }
}
