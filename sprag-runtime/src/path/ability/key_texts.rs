//! The keys that serde writes of a map, in the order in which the map iterates.

use std::any::Any;

use serde::ser::{Impossible, Serialize, SerializeMap, Serializer};

use super::keys;
use super::one_form::{OtherValue, refuse, refuse_most, refuse_scalars};
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

impl SerializeMap for KeyWriter<'_> {
    type Ok = ();
    type Error = OtherValue;

    fn serialize_key<K: ?Sized + Serialize>(&mut self, key: &K) -> Result<(), OtherValue> {
        self.0.push(keys::text(&key).ok_or(OtherValue)?);
        Ok(())
    }

    fn serialize_value<V: ?Sized + Serialize>(&mut self, _: &V) -> Result<(), OtherValue> {
        Ok(())
    }

    fn end(self) -> Result<(), OtherValue> {
        Ok(())
    }
}

type No = Impossible<(), OtherValue>;

impl Serializer for KeyWriter<'_> {
    type Ok = ();
    type Error = OtherValue;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = Self;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    refuse_scalars!();
    refuse_most!();
    refuse! {
        serialize_str(&str) -> Ok;
        serialize_unit_variant(&'static str, u32, &'static str) -> Ok;
    }

    fn serialize_some<V: ?Sized + Serialize>(self, value: &V) -> Result<(), OtherValue> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<V>(self, _: &'static str, value: &V) -> Result<(), OtherValue>
    where
        V: ?Sized + Serialize,
    {
        value.serialize(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, OtherValue> {
        Ok(self)
    }
}
