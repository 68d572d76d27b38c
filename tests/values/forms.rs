//! Values whose JSON serde's attributes change, and text paths into them.

#![allow(dead_code, reason = "some fields are seen by serde alone")]

mod collections;
mod layouts;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use self::collections::Id;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::error::PathError;
use sprag::path::Address;
use sprag::prelude::*;

/// Writes `value` at `path` and reads it back; gives the root as JSON.
fn written<T>(state: T, path: &str, value: Value) -> Value
where
    T: sprag::path::State + Clone + Send + Sync + Serialize + for<'de> Deserialize<'de>,
{
    let model = create_model("forms", state);
    model.get_value(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    model.set_value(path, value.clone()).unwrap_or_else(|error| panic!("{path}: {error:?}"));
    assert_eq!(model.get_value(path).unwrap(), value, "{path}");
    model.get_value("").unwrap()
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    max_volume: u8,
    #[serde(rename = "lang.code")]
    language: String,
    #[model(rename = "mine")]
    #[serde(rename = "theirs")]
    of_two: u8,
    #[serde(flatten)]
    network: Network,
    #[serde(flatten)]
    proxy: Option<Proxy>,
    #[serde(flatten)]
    mode: Mode,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Extended {
    port: u16,
    #[serde(flatten)]
    extra: HashMap<String, u8>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Network {
    port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Proxy {
    proxy_port: u16,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
enum Mode {
    #[default]
    Idle,
    Busy {
        with: String,
    },
}

#[test]
fn renamed_and_flattened_fields() {
    let settings = || Settings {
        proxy: Some(Proxy { proxy_port: 1 }),
        mode: Mode::Busy { with: "x".into() },
        ..Settings::default()
    };
    assert_eq!(written(settings(), "maxVolume", json!(4))["maxVolume"], 4);
    assert_eq!(written(settings(), "\"lang.code\"", json!("en"))["lang.code"], "en");
    assert_eq!(written(settings(), "mine", json!(4))["theirs"], 4);
    assert_eq!(written(settings(), "port", json!(4))["port"], 4);
    assert_eq!(written(settings(), "host", json!("h"))["host"], "h");
    assert_eq!(written(settings(), "host", Value::Null).get("host"), None);
    assert_eq!(written(settings(), "proxy_port", json!(4))["proxy_port"], 4);
    assert_eq!(written(settings(), "busy.with", json!("y"))["with"], "y");
    let error = create_model("settings", settings()).get_value("prt").unwrap_err().to_string();
    assert!(error.starts_with("there is no `prt` in the state; did you mean `port`?"), "{error}");
    for name in ["maxVolume", "lang.code", "mine", "port", "proxy_port", "idle", "busy"] {
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn a_flattened_map_takes_the_unknown_names() {
    let extended = || Extended { port: 1, extra: HashMap::from([("k".into(), 1)]) };
    assert_eq!(written(extended(), "k", json!(4)), json!({ "port": 1, "k": 4 }));
    assert_eq!(written(extended(), "port", json!(4)), json!({ "port": 4, "k": 1 }));
    let model = create_model("extended", extended());
    assert!(matches!(model.get_value("new"), Err(PathError::NoEntry { .. })));
    model.set_value("new", json!(9)).unwrap();
    assert_eq!(model.snapshot().extra["new"], 9);
}

#[test]
fn a_flattened_option_is_absent_with_its_content() {
    let model = create_model("settings", Settings::default());
    assert!(matches!(model.get_value("proxy_port"), Err(PathError::Absent(_))));
    assert!(matches!(model.set_value("proxy_port", json!(1)), Err(PathError::Absent(_))));
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum External {
    Named { url: String },
    New(Network),
    Both(u8, Network),
    Bare(u8),
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Internal {
    Named { url: String },
    New(Network),
    Map(BTreeMap<String, u8>),
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Named { url: String, c: u8 },
    New(Network),
    Both(u8, Network),
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Named { url: String },
    Both(u8, Network),
    New(Network),
    Bare(u8),
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Mixed {
    Named {
        url: String,
    },
    #[serde(untagged)]
    Plain {
        path: String,
    },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Held<T> {
    held: T,
}

/// The same as a root and as a field.
fn both<T>(state: T, path: &str, value: Value, shown: Value)
where
    T: sprag::path::State + Clone + Send + Sync + Serialize + for<'de> Deserialize<'de>,
{
    assert_eq!(written(state.clone(), path, value.clone()), shown, "{path}");
    let held = written(Held { held: state }, &format!("held.{path}"), value);
    assert_eq!(held, json!({ "held": shown }), "{path}");
}

#[test]
fn externally_tagged_enums() {
    let url = || "a".to_owned();
    let network = || Network { port: 1, host: None };
    both(External::Named { url: url() }, "named.url", "b".into(), json!({"Named": {"url": "b"}}));
    both(External::New(network()), "new.0.port", json!(2), json!({"New": {"port": 2}}));
    both(External::New(network()), "new.0", json!({"port": 2}), json!({"New": {"port": 2}}));
    both(External::Both(1, network()), "both.0", json!(2), json!({"Both": [2, {"port": 1}]}));
    both(External::Both(1, network()), "both.1.port", json!(2), json!({"Both": [1, {"port": 2}]}));
    both(External::Bare(1), "bare.0", json!(2), json!({"Bare": 2}));
    both(Mixed::Named { url: url() }, "named.url", "b".into(), json!({"Named": {"url": "b"}}));
    both(Mixed::Plain { path: url() }, "plain.path", "b".into(), json!({"path": "b"}));
}

#[test]
fn internally_tagged_enums() {
    let named = || Internal::Named { url: "a".into() };
    both(named(), "named.url", "b".into(), json!({"type": "Named", "url": "b"}));
    let new = || Internal::New(Network { port: 1, host: None });
    both(new(), "new.0.port", json!(2), json!({"type": "New", "port": 2}));
    let map = || Internal::Map(BTreeMap::from([("k".into(), 1), ("l".into(), 5)]));
    both(map(), "map.0.k", json!(2), json!({"type": "Map", "k": 2, "l": 5}));

    // The content and its tag are one object, of which no part is the content alone.
    let model = create_model("new", new());
    assert!(matches!(model.get_value("new.0"), Err(PathError::Hidden { .. })));
    let error = model.set_value("new.0", json!({ "port": 3 })).unwrap_err();
    assert!(matches!(error, PathError::Hidden { .. }));
}

#[test]
fn adjacently_tagged_enums() {
    let named = || Adjacent::Named { url: "a".into(), c: 1 };
    both(named(), "named.url", "b".into(), json!({"t": "Named", "c": {"url": "b", "c": 1}}));
    both(named(), "named.c", json!(2), json!({"t": "Named", "c": {"url": "a", "c": 2}}));
    let new = || Adjacent::New(Network { port: 1, host: None });
    both(new(), "new.0.port", json!(2), json!({"t": "New", "c": {"port": 2}}));
    both(new(), "new.0", json!({"port": 2}), json!({"t": "New", "c": {"port": 2}}));
    let two = || Adjacent::Both(1, Network { port: 1, host: None });
    both(two(), "both.0", json!(2), json!({"t": "Both", "c": [2, {"port": 1}]}));
}

#[test]
fn a_name_in_an_address_is_that_of_a_variant_where_the_variant_is_named() {
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Same {
        #[serde(rename = "name")]
        Named { name: u8 },
    }

    let at = |place: &str| Address::parse(place).unwrap();
    let same = create_model("same", Same::Named { name: 7 });
    assert_eq!(same.get_at(&at("name.name")).unwrap(), json!(7));
    let adjacent = create_model("adjacent", Adjacent::Named { url: "a".into(), c: 1 });
    assert_eq!(adjacent.get_at(&at("c.url")).unwrap(), json!("a"));
    for place in ["zzz.url", "c", "url"] {
        let error = adjacent.get_at(&at(place)).unwrap_err();
        assert!(matches!(error, PathError::Unknown { .. }), "{place}: {error}");
    }
}

#[test]
fn untagged_enums() {
    let network = || Network { port: 1, host: None };
    both(Untagged::Named { url: "a".into() }, "named.url", "b".into(), json!({"url": "b"}));
    both(Untagged::Both(1, network()), "both.1.port", json!(2), json!([1, {"port": 2}]));
    both(Untagged::New(network()), "new.0.port", json!(2), json!({"port": 2}));
    both(Untagged::New(network()), "new.0", json!({"port": 2}), json!({"port": 2}));
    both(Untagged::Bare(1), "bare.0", json!(2), json!(2));

    // A value that turns the enum into another variant has no place in this one.
    let model = create_model("bare", Untagged::Bare(1));
    let error = model.set_value("bare.0", json!({ "port": 3 })).unwrap_err();
    assert!(error.is_misfit(), "{error}");
    assert_eq!((model.get_value("").unwrap(), model.version()), (json!(1), 0));
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Clear {
    only: Network,
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct New(Network);

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Tuple(Network, #[serde(skip)] u8, u8);

#[test]
fn structs_that_are_written_in_the_place_of_their_owner() {
    let network = || Network { port: 1, host: None };
    both(Clear { only: network() }, "only.port", json!(2), json!({"port": 2}));
    both(Clear { only: network() }, "only", json!({"port": 2}), json!({"port": 2}));
    both(New(network()), "0.port", json!(2), json!({"port": 2}));
    both(New(network()), "0", json!({"port": 2}), json!({"port": 2}));
    both(Tuple(network(), 7, 1), "2", json!(2), json!([{"port": 1}, 2]));
    both(Tuple(network(), 7, 1), "0.port", json!(2), json!([{"port": 2}, 1]));
}

/// A map that is written as a list of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        map: &BTreeMap<String, u8>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, u8>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pairs {
    #[serde(with = "pairs")]
    map: BTreeMap<String, u8>,
    other: u8,
}

#[test]
fn values_that_serde_writes_in_another_form_are_opaque() {
    let map = BTreeMap::from([("0".into(), 1), ("1".into(), 2)]);
    let model = create_model("pairs", Pairs { map, other: 1 });
    assert_eq!(model.get_value("map").unwrap(), json!([["0", 1], ["1", 2]]));
    assert!(matches!(model.get_value("map.1"), Err(PathError::Hidden { .. })));
    assert!(matches!(model.set_value("map.1", json!(3)), Err(PathError::Hidden { .. })));
    model.set_value("other", json!(2)).unwrap();
    model.set_value("map", json!([["x", 3]])).unwrap();
    assert_eq!(model.snapshot().map, BTreeMap::from([("x".into(), 3)]));
}

/// A type with the name that a helper of the derive's expansion once had.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Field {
    at: u8,
}

mod as_number {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Field;

    pub(super) fn serialize<S: Serializer>(field: &Field, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u8(field.at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Field, D::Error> {
        Ok(Field { at: u8::deserialize(from)? })
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Form {
    #[serde(with = "as_number")]
    field: Field,
}

#[test]
fn a_type_called_field_has_functions_of_its_own() {
    let model = create_model("form", Form::default());
    model.set_value("field", json!(3)).unwrap();
    assert_eq!(model.get_value("field").unwrap(), json!(3));
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Shared {
    #[serde(with = "rc")]
    node: Arc<Network>,
    boxed: Box<Network>,
}

mod rc {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Arc<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        (**value).serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(deserializer).map(Arc::new)
    }
}

#[test]
fn the_content_of_an_arc_is_read_and_the_arc_is_written() {
    let network = Network { port: 1, host: None };
    let shared = Shared { node: Arc::new(network.clone()), boxed: Box::new(network) };
    let model = create_model("shared", shared);
    assert_eq!(model.get_value("node.port").unwrap(), json!(1));
    let error = model.set_value("node.port", json!(2)).unwrap_err();
    assert!(matches!(error, PathError::Shared { .. }), "{error}");
    model.set_value("node", json!({ "port": 2 })).unwrap();
    model.set_value("boxed.port", json!(3)).unwrap();
    assert_eq!((model.snapshot().node.port, model.snapshot().boxed.port), (2, 3));
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Plan {
    inner: Inner,
    tags: BTreeSet<u8>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Inner {
    port: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Plans {
    #[serde(with = "rc")]
    plan: Arc<Plan>,
}

#[test]
fn a_merge_into_an_arc_is_refused_with_the_place_that_was_named() {
    let plan = Plan { tags: [7].into(), ..Plan::default() };
    let plans = create_model("plans", Plans { plan: Arc::new(plan) });
    for (place, patch) in [
        ("plan.inner", json!({ "port": 2 })),
        ("plan.inner", json!({})),
        ("plan.tags.7", Value::Null),
        ("plan.tags.8", json!(8)),
    ] {
        let error = plans.patch_value(place, patch).unwrap_err();
        assert!(matches!(&error, PathError::Shared { path } if path == place), "{place}: {error}");
    }
    assert_eq!(plans.version(), 0);
}

/// The JSON of a commit's place follows the same rules.
#[test]
fn changes_have_the_json_that_serde_writes() {
    use futures_util::{FutureExt as _, StreamExt as _};

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Ids {
        ids: HashMap<Id, u8>,
    }

    let model = create_model("ids", Ids { ids: HashMap::from([(Id(7), 1u8)]) });
    let mut changes = model.changes();
    model.insert(Ids::PATHS.ids, Id(7), 2);
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    let change = commit.changes().next().unwrap();
    assert_eq!((change.path(), change.json()), ("ids.7".to_owned(), Some(json!(2))));

    // A type with parameters does not know how their values are written, nor their keys.
    let model = create_model("ids", Held { held: HashMap::from([(Id(7), 1u8)]) });
    let mut changes = model.changes();
    model.insert(Held::<HashMap<Id, u8>>::PATHS.held, Id(7), 2);
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    let change = commit.changes().next().unwrap();
    assert_eq!((change.path(), change.json()), (String::new(), None), "the whole state");
    assert!(change.value::<Held<HashMap<Id, u8>>>().is_some());
    assert_eq!(model.get_value("held.7").unwrap(), json!(2));
}
