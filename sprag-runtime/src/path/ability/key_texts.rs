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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::key_texts_of;

    #[derive(Serialize)]
    struct Wrapper<M>(M);

    #[test]
    fn d0_a_map_has_its_keys_inside_of_what_serde_does_not_show() {
        let map = BTreeMap::from([(1, 'a'), (10, 'b'), (2, 'c')]);
        let keys = Some(["1", "2", "10"].map(str::to_owned).to_vec());
        assert_eq!(key_texts_of(&map), keys);
        assert_eq!(key_texts_of(&Some(&map)), keys);
        assert_eq!(key_texts_of(&Wrapper(&map)), keys);
        assert_eq!(key_texts_of(&Wrapper(Some(Box::new(map)))), keys);
        assert_eq!(key_texts_of(&[(1, 'a')]), None);
        assert_eq!(key_texts_of(&Wrapper(7)), None);
    }
}
