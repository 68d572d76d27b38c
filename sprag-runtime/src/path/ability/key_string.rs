//! A key that serde writes as a string, or as what JSON makes the same string of: a whole
//! number, a truth value, a letter. Without the JSON around it.

use serde::ser::{Impossible, Serialize, Serializer};

use super::one_form::{OtherValue, refuse, refuse_most};

/// Passes the string that names a key; `None` for a key of any other form, of which JSON may
/// make a string.
pub(super) fn pass_string<K: Serialize>(key: &K, pass: &mut dyn FnMut(&str)) -> Option<()> {
    key.serialize(StringOnly(pass)).ok()
}

struct StringOnly<'a>(&'a mut dyn FnMut(&str));

/// Methods for values that JSON writes as a key like `Display` does.
macro_rules! as_strings {
    ($($method:ident($value:ident: $type:ty) => $text:expr;)*) => {$(
        fn $method(self, $value: $type) -> Result<(), OtherValue> {
            self.serialize_str($text)
        }
    )*};
}

type Never = Impossible<(), OtherValue>;

impl Serializer for StringOnly<'_> {
    type Ok = ();
    type Error = OtherValue;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    fn serialize_str(self, text: &str) -> Result<(), OtherValue> {
        (self.0)(text);
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), OtherValue> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<V: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &V,
    ) -> Result<(), OtherValue> {
        value.serialize(self)
    }

    as_strings! {
        serialize_i8(value: i8) => itoa::Buffer::new().format(value);
        serialize_i16(value: i16) => itoa::Buffer::new().format(value);
        serialize_i32(value: i32) => itoa::Buffer::new().format(value);
        serialize_i64(value: i64) => itoa::Buffer::new().format(value);
        serialize_u8(value: u8) => itoa::Buffer::new().format(value);
        serialize_u16(value: u16) => itoa::Buffer::new().format(value);
        serialize_u32(value: u32) => itoa::Buffer::new().format(value);
        serialize_u64(value: u64) => itoa::Buffer::new().format(value);
        serialize_bool(value: bool) => if value { "true" } else { "false" };
        serialize_char(value: char) => value.encode_utf8(&mut [0; 4]);
    }

    refuse_most!();
    refuse! { serialize_map(Option<usize>) -> SerializeMap; }

    fn serialize_some<V: ?Sized + Serialize>(self, _: &V) -> Result<(), OtherValue> {
        Err(OtherValue)
    }
}
