//! Keys of maps as the strings that `serde_json` writes for them.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
    NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
};
use std::path::PathBuf;
use std::sync::Arc;

use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::key_string::string_of;
use super::{KeyAbilities, Probe};

/// The string that `serde_json` writes for a key; `None` where it refuses the key.
pub(super) fn text<K: Serialize>(key: &K) -> Option<String> {
    struct SoleEntry<'a, K>(&'a K);

    impl<K: Serialize> Serialize for SoleEntry<'_, K> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(self.0, &())?;
            map.end()
        }
    }

    if let Some(text) = string_of(key) {
        return Some(text);
    }
    match serde_json::to_value(SoleEntry(key)) {
        Ok(Value::Object(entry)) => entry.into_iter().next().map(|(key, _)| key),
        _ => None,
    }
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

    let entry = Value::Object([(text.to_owned(), Value::Null)].into_iter().collect());
    let key = entry.deserialize_map(First::<K>(PhantomData)).ok()?;
    Some(Arc::new(key))
}

macro_rules! key {
    ($key:ty) => {
        KeyAbilities {
            id: TypeId::of::<$key>(),
            text: Probe::<$key>::KEY_TEXT,
            read: Probe::<$key>::KEY_READ,
        }
    };
}

macro_rules! table {
    ($($key:ty),* $(,)?) => {
        [$(key!($key)),*]
    };
}

/// The keys that the standard library brings.
static BUILTIN: [KeyAbilities; 36] = table![
    String,
    u64,
    u32,
    usize,
    i64,
    i32,
    u8,
    u16,
    u128,
    i8,
    i16,
    i128,
    isize,
    bool,
    char,
    Box<str>,
    NonZeroU64,
    NonZeroU32,
    NonZeroU8,
    NonZeroU16,
    NonZeroU128,
    NonZeroUsize,
    NonZeroI8,
    NonZeroI16,
    NonZeroI32,
    NonZeroI64,
    NonZeroI128,
    NonZeroIsize,
    IpAddr,
    Ipv4Addr,
    Ipv6Addr,
    SocketAddr,
    SocketAddrV4,
    SocketAddrV6,
    PathBuf,
    (),
];

/// An `Arc<str>`, and the keys that other crates bring.
static FOREIGN: &[KeyAbilities] = &[
    // Serde writes an `Arc` with its feature `rc` alone.
    KeyAbilities {
        id: TypeId::of::<Arc<str>>(),
        text: Some(|key| Some(key.downcast_ref::<Arc<str>>()?.to_string())),
        read: Some(|text| Some(Arc::new(Arc::<str>::from(text)))),
    },
    #[cfg(feature = "uuid")]
    key!(uuid::Uuid),
    #[cfg(feature = "uuid")]
    key!(uuid::NonNilUuid),
    #[cfg(feature = "jiff")]
    key!(jiff::Timestamp),
    #[cfg(feature = "jiff")]
    key!(jiff::civil::Date),
    #[cfg(feature = "chrono")]
    key!(chrono::NaiveDate),
    #[cfg(feature = "chrono")]
    key!(chrono::DateTime<chrono::Utc>),
    #[cfg(feature = "url")]
    key!(url::Url),
    #[cfg(feature = "smol_str")]
    key!(smol_str::SmolStr),
    #[cfg(feature = "rust_decimal")]
    key!(rust_decimal::Decimal),
];

/// How a key of this type is written and read, where every program knows the type.
pub(crate) fn builtin(id: TypeId) -> Option<&'static KeyAbilities> {
    BUILTIN.iter().chain(FOREIGN).find(|key| key.id == id)
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
