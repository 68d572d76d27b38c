//! Keys and collections whose form serde decides.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sprag::error::PathError;
use sprag::prelude::*;

use super::{Held, Network, both};

#[derive(
    Clone, Copy, Debug, Hash, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Model,
)]
pub(super) struct Id(pub(super) u32);

#[derive(
    Clone, Copy, Debug, Hash, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Model,
)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Colour {
    DarkRed,
    Blue,
}

#[test]
fn keys_whose_text_differs_from_their_json() {
    let ids = || BTreeMap::from([(Id(7), 1), (Id(71), 2)]);
    both(ids(), "7", json!(5), json!({"7": 5, "71": 2}));
    let colours = || HashMap::from([(Colour::DarkRed, 1), (Colour::Blue, 2)]);
    both(colours(), "dark-red", json!(5), json!({"dark-red": 5, "blue": 2}));
    let hosts = || BTreeMap::from([(Ipv4Addr::LOCALHOST, Network { port: 1, host: None })]);
    both(hosts(), "\"127.0.0.1\".port", json!(5), json!({"127.0.0.1": {"port": 5}}));
    let signs = || BTreeMap::from([('a', 1)]);
    both(signs(), "a", json!(5), json!({"a": 5}));
    let negative = || BTreeMap::from([(-1i8, 1), (1, 2)]);
    both(negative(), "-1", json!(5), json!({"-1": 5, "1": 2}));

    let model = create_model("hosts", hosts());
    model.set_value("\"10.0.0.1\"", json!({ "port": 3 })).unwrap();
    assert_eq!(model.snapshot()[&Ipv4Addr::new(10, 0, 0, 1)].port, 3);
    let model = create_model("ids", ids());
    model.set_value("8", json!(1)).unwrap();
    model.patch_value("", json!({ "9": 1 })).unwrap();
    assert_eq!(model.get_value("").unwrap(), json!({ "7": 1, "71": 2, "8": 1, "9": 1 }));
}

/// The collections that come with features.
#[cfg(all(feature = "imbl", feature = "indexmap"))]
#[test]
fn other_collections_are_followed_too() {
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Collections {
        #[serde(with = "pairs_of_imbl")]
        ordered: imbl::OrdMap<String, Network>,
        #[serde(with = "pairs_of_imbl")]
        list: imbl::Vector<u8>,
        #[serde(with = "pairs_of_index")]
        inserted: indexmap::IndexMap<String, u8>,
    }

    mod pairs_of_imbl {
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        pub(super) trait Plain: Sized {
            type Plain: Serialize + for<'de> Deserialize<'de>;
            fn plain(&self) -> Self::Plain;
            fn of(plain: Self::Plain) -> Self;
        }

        impl Plain for imbl::OrdMap<String, super::Network> {
            type Plain = std::collections::BTreeMap<String, super::Network>;
            fn plain(&self) -> Self::Plain {
                self.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
            }
            fn of(plain: Self::Plain) -> Self {
                plain.into_iter().collect()
            }
        }

        impl Plain for imbl::Vector<u8> {
            type Plain = Vec<u8>;
            fn plain(&self) -> Vec<u8> {
                self.iter().copied().collect()
            }
            fn of(plain: Vec<u8>) -> Self {
                plain.into_iter().collect()
            }
        }

        pub(super) fn serialize<T: Plain, S: Serializer>(
            value: &T,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            value.plain().serialize(serializer)
        }

        pub(super) fn deserialize<'de, T: Plain, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<T, D::Error> {
            T::Plain::deserialize(deserializer).map(T::of)
        }
    }

    mod pairs_of_index {
        use indexmap::IndexMap;
        use serde::{Deserializer, Serializer, de::MapAccess, de::Visitor};

        pub(super) fn serialize<S: Serializer>(
            map: &IndexMap<String, u8>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            serializer.collect_map(map)
        }

        pub(super) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<IndexMap<String, u8>, D::Error> {
            struct Entries;
            impl<'de> Visitor<'de> for Entries {
                type Value = IndexMap<String, u8>;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("a map")
                }
                fn visit_map<A: MapAccess<'de>>(
                    self,
                    mut entries: A,
                ) -> Result<Self::Value, A::Error> {
                    let mut map = IndexMap::new();
                    while let Some((key, value)) = entries.next_entry()? {
                        map.insert(key, value);
                    }
                    Ok(map)
                }
            }
            deserializer.deserialize_map(Entries)
        }
    }

    let network = Network { port: 1, host: None };
    let collections = Collections {
        ordered: imbl::OrdMap::unit("a".into(), network),
        list: imbl::vector![1, 2, 3],
        inserted: indexmap::IndexMap::from([("z".into(), 1), ("a".into(), 2)]),
    };
    let model = create_model("collections", collections);
    model.set_value("ordered.a.port", json!(7)).unwrap();
    model.set_value("list.1", json!(7)).unwrap();
    model.set_value("inserted.z", json!(7)).unwrap();
    model.set_value("inserted.m", json!(8)).unwrap();
    let state = model.snapshot();
    assert_eq!((state.ordered["a"].port, state.list[1]), (7, 7));
    let order: Vec<_> = state.inserted.iter().map(|(key, &value)| (&**key, value)).collect();
    assert_eq!(order, [("z", 7), ("a", 2), ("m", 8)], "the order of insertion stays");
}

#[test]
fn two_keys_that_look_alike_are_not_mixed_up() {
    #[derive(Clone, Debug, Hash, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Model)]
    #[serde(transparent)]
    struct Name(String);
    let names = BTreeMap::from([(Name("a-b".into()), 1), (Name("ab".into()), 2)]);
    let model = create_model("names", names);
    assert_eq!(model.get_value("ab").unwrap(), json!(2));
    model.set_value("a-b", json!(3)).unwrap();
    let error = model.get_value("Name(ab)").unwrap_err();
    assert!(matches!(error, PathError::NoEntry { .. }), "{error}");
    assert_eq!(model.get_value("").unwrap(), json!({ "a-b": 3, "ab": 2 }));
}

/// Written as one string.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
struct Version {
    major: u8,
    minor: u8,
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        format!("{}.{}", version.major, version.minor)
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (major, minor) = text.split_once('.').ok_or("no dot")?;
        let number = |text: &str| text.parse().map_err(|_| "no number");
        Ok(Self { major: number(major)?, minor: number(minor)? })
    }
}

#[test]
fn a_form_of_its_own_is_written_as_a_whole() {
    let model = create_model("held", Held { held: Version { major: 1, minor: 2 } });
    assert_eq!(model.get_value("held").unwrap(), json!("1.2"));
    model.set_value("held", json!("1.3")).unwrap();
    assert_eq!(model.snapshot().held.minor, 3);
    assert!(matches!(model.set_value("held", json!("x")), Err(PathError::Misfit { .. })));
    for refused in [
        model.get_value("held.minor").err(),
        model.set_value("held.minor", json!(4)).err(),
        model.patch_value("held.minor", json!(4)).err(),
    ] {
        assert!(matches!(refused, Some(PathError::Hidden { .. })));
    }
}
