//! Reads a key from its text as `serde_json` does, without the JSON around it.

use std::fmt::{self, Display};

use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

/// The key that is written `text`. `None` also for the forms that only JSON can read: an enum,
/// a truth value, a number that is not whole.
pub(super) fn read_plain<K: DeserializeOwned>(text: &str) -> Option<K> {
    K::deserialize(KeyReader(text)).ok()
}

struct KeyReader<'a>(&'a str);

/// The text is not a key, or has another form.
#[derive(Debug)]
struct UnplainKey;

impl Display for UnplainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key of another form")
    }
}

impl std::error::Error for UnplainKey {}

impl de::Error for UnplainKey {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

macro_rules! whole_numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnplainKey> {
            self.number(visitor)
        }
    )*};
}

macro_rules! others {
    ($($method:ident($($parameter:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(self, $(_: $parameter,)* _: V) -> Result<V::Value, UnplainKey> {
            Err(UnplainKey)
        }
    )*};
}

impl KeyReader<'_> {
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnplainKey> {
        match self.0.strip_prefix('-') {
            None if is_whole(self.0) => visitor.visit_u64(self.0.parse().map_err(|_| UnplainKey)?),
            // `-0` is a fraction in JSON.
            Some(digits) if is_whole(digits) && digits != "0" => {
                visitor.visit_i64(self.0.parse().map_err(|_| UnplainKey)?)
            }
            _ => Err(UnplainKey),
        }
    }
}

/// Whether JSON has such a number. A text without digits passes, and fails when it is parsed.
fn is_whole(digits: &str) -> bool {
    let is_short = digits.len() == 1 || !digits.starts_with('0');
    is_short && digits.bytes().all(|digit| digit.is_ascii_digit())
}

impl<'de> Deserializer<'de> for KeyReader<'_> {
    type Error = UnplainKey;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnplainKey> {
        visitor.visit_string(self.0.to_owned())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnplainKey> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, UnplainKey> {
        visitor.visit_newtype_struct(self)
    }

    whole_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    others! {
        deserialize_bool();
        deserialize_i128();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_enum(&'static str, &'static [&'static str]);
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
