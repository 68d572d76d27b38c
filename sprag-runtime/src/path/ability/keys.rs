//! Keys of maps as the strings that `serde_json` writes for them.

mod foreign;
mod standard;

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::KeyAbilities;
use super::key_reader::read_plain;
use super::key_string::pass_string;

/// Passes the string that `serde_json` writes for a key; `None` where it refuses the key.
pub(super) fn pass_text<K: Serialize>(key: &K, pass: &mut dyn FnMut(&str)) -> Option<()> {
    struct SoleEntry<'a, K>(&'a K);

    impl<K: Serialize> Serialize for SoleEntry<'_, K> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(self.0, &())?;
            map.end()
        }
    }

    if let Some(()) = pass_string(key, pass) {
        return Some(());
    }
    match serde_json::to_value(SoleEntry(key)) {
        Ok(Value::Object(entry)) => entry.keys().next().map(|key| pass(key)),
        _ => None,
    }
}

/// That string.
pub(super) fn text<K: Serialize>(key: &K) -> Option<String> {
    let mut text = None;
    pass_text(key, &mut |key| text = Some(key.to_owned()))?;
    text
}

/// The key that `serde_json` reads from a string.
pub(super) fn read<K: DeserializeOwned + Send + Sync + 'static>(
    text: &str,
) -> Option<Arc<dyn Any + Send + Sync>> {
    struct First<K>(PhantomData<fn() -> K>);

    impl<'de, K: DeserializeOwned> Visitor<'de> for First<K> {
        type Value = K;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a key")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<K, A::Error> {
            let missing = || serde::de::Error::custom("there is no key");
            let key = entries.next_key()?.ok_or_else(missing)?;
            entries.next_value::<()>()?;
            Ok(key)
        }
    }

    if let Some(key) = read_plain::<K>(text) {
        return Some(Arc::new(key));
    }
    let entry = Value::Object([(text.to_owned(), Value::Null)].into_iter().collect());
    let key = entry.deserialize_map(First::<K>(PhantomData)).ok()?;
    Some(Arc::new(key))
}

macro_rules! key {
    ($key:ty) => {
        KeyAbilities {
            id: TypeId::of::<$key>(),
            text: $crate::path::ability::Probe::<$key>::KEY_TEXT,
            read: $crate::path::ability::Probe::<$key>::KEY_READ,
        }
    };
}

use key;

/// How a key of this type is written and read, where every program knows the type.
pub(crate) fn builtin(id: TypeId) -> Option<&'static KeyAbilities> {
    standard::KEYS.iter().chain(foreign::KEYS).find(|key| key.id == id)
}

/// How a key of this type is written and read: the runtime knows, or one of `tables`.
pub(in crate::path) fn known_key(
    id: TypeId,
    tables: &[&'static [Option<KeyAbilities>]],
) -> Option<&'static KeyAbilities> {
    let declared = || tables.iter().rev().copied().flatten().flatten().find(|key| key.id == id);
    builtin(id).or_else(declared)
}

/// The key of a type that every program knows.
pub(super) fn read_builtin<K: Clone + 'static>(text: &str) -> Option<K> {
    let read = builtin(TypeId::of::<K>())?.read?;
    (&*read(text)? as &dyn Any).downcast_ref::<K>().cloned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fmt::Debug;
    use std::hash::Hash;

    use serde::{Deserialize, Serialize};

    use super::{DeserializeOwned, Value, read, text};

    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    struct Id(u32);

    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    enum Side {
        #[serde(rename = "l")]
        Left,
    }

    /// The key has the string of a map's member, and is read from that.
    fn is_like_a_member<K>(key: K)
    where
        K: Clone + Debug + Eq + Hash + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let map = HashMap::from([(key.clone(), 0)]);
        let member = match serde_json::to_value(&map) {
            Ok(Value::Object(members)) => members.keys().next().cloned(),
            _ => None,
        };
        let written = text(&key);
        assert_eq!(written, member, "{key:?}");
        let read_back = written.and_then(|written| read::<K>(&written));
        let read_back = read_back.map(|read| read.downcast_ref::<K>().cloned());
        assert_eq!(read_back, member.is_some().then_some(Some(key)));
    }

    #[test]
    fn d0_a_key_has_the_text_that_serde_json_writes() {
        is_like_a_member("a.b".to_owned());
        is_like_a_member('x');
        is_like_a_member(true);
        is_like_a_member(u64::MAX);
        is_like_a_member(-7_i8);
        is_like_a_member(u128::MAX);
        is_like_a_member(Id(7));
        is_like_a_member(Side::Left);
        is_like_a_member(Some(7_u8));
        is_like_a_member(Some("a".to_owned()));
        is_like_a_member(Some(Id(7)));
        is_like_a_member(None::<u8>);
        is_like_a_member((1_u8, 2_u8));
    }
}
