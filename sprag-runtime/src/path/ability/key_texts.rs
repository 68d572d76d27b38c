//! The keys that serde writes of a map, in the order in which the map iterates.

use std::any::Any;
use std::fmt::{self, Display};

use serde::ser::{self, Impossible, Serialize, SerializeMap, Serializer};

use super::keys;
use super::{Write, Writing};

/// The strings that serde writes for the keys of `map`; `None` where it does not write a
/// map. Values are passed over.
pub(crate) fn key_texts(map: &dyn Any, write: Write) -> Option<Vec<String>> {
    key_texts_of(&Writing { value: map, write })
}

/// The same of a map whose type is known.
pub(crate) fn key_texts_of<M: ?Sized + Serialize>(map: &M) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    map.serialize(KeyWriter(&mut texts)).ok()?;
    Some(texts)
}

struct KeyWriter<'a>(&'a mut Vec<String>);

/// The written value is not a map.
#[derive(Debug)]
struct NoMap;

impl Display for NoMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a map")
    }
}

impl std::error::Error for NoMap {}

impl ser::Error for NoMap {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl SerializeMap for KeyWriter<'_> {
    type Ok = ();
    type Error = NoMap;

    fn serialize_key<K: ?Sized + Serialize>(&mut self, key: &K) -> Result<(), NoMap> {
        self.0.push(keys::text(&key).ok_or(NoMap)?);
        Ok(())
    }

    fn serialize_value<V: ?Sized + Serialize>(&mut self, _: &V) -> Result<(), NoMap> {
        Ok(())
    }

    fn end(self) -> Result<(), NoMap> {
        Ok(())
    }
}

macro_rules! refused {
    ($($method:ident($($type:ty),*) -> $ok:ty;)*) => {$(
        fn $method(self $(, _: $type)*) -> Result<$ok, NoMap> {
            Err(NoMap)
        }
    )*};
}

type No = Impossible<(), NoMap>;

impl Serializer for KeyWriter<'_> {
    type Ok = ();
    type Error = NoMap;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = Self;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    refused! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_struct(&'static str, usize) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }

    fn serialize_some<V: ?Sized + Serialize>(self, value: &V) -> Result<(), NoMap> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<V>(self, _: &'static str, value: &V) -> Result<(), NoMap>
    where
        V: ?Sized + Serialize,
    {
        value.serialize(self)
    }

    fn serialize_newtype_variant<V: ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &V,
    ) -> Result<(), NoMap> {
        Err(NoMap)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, NoMap> {
        Ok(self)
    }
}
