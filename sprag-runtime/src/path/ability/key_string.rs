//! A key that serde writes as a string, without the JSON around it.

use serde::ser::{Impossible, Serialize, Serializer};

use super::one_form::{OtherValue, refuse, refuse_most};

/// The string that serde writes for a key; `None` for a key of any other form, of which JSON
/// may make a string.
pub(super) fn string_of<K: Serialize>(key: &K) -> Option<String> {
    key.serialize(StringOnly).ok()
}

struct StringOnly;

type Never = Impossible<String, OtherValue>;

impl Serializer for StringOnly {
    type Ok = String;
    type Error = OtherValue;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    fn serialize_str(self, text: &str) -> Result<String, OtherValue> {
        Ok(text.to_owned())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<String, OtherValue> {
        Ok(variant.to_owned())
    }

    fn serialize_newtype_struct<V: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &V,
    ) -> Result<String, OtherValue> {
        value.serialize(self)
    }

    refuse_most!();
    refuse! { serialize_map(Option<usize>) -> SerializeMap; }

    fn serialize_some<V: ?Sized + Serialize>(self, _: &V) -> Result<String, OtherValue> {
        Err(OtherValue)
    }
}
