//! D0: a map's key is named by the string that serde writes for it, whatever its type.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::path::Address;
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct User {
    age: u8,
}

/// No model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct UserId(u64);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
struct RoomId {
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Colour {
    DarkRed,
}

type Aliased = HashMap<UserId, User>;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct House {
    users: HashMap<UserId, User>,
    rooms: BTreeMap<RoomId, HashMap<Colour, User>>,
    paths: BTreeMap<PathBuf, u8>,
    letters: BTreeMap<char, u8>,
    flags: BTreeMap<bool, u8>,
    shared: BTreeMap<Arc<str>, u8>,
    aliased: Aliased,
    many: Vec<BTreeMap<UserId, u8>>,
}

fn house() -> House {
    let attic = || RoomId { name: "at.tic".into() };
    House {
        users: HashMap::from([(UserId(7), User { age: 1 })]),
        rooms: BTreeMap::from([(attic(), HashMap::from([(Colour::DarkRed, User { age: 2 })]))]),
        paths: BTreeMap::from([("/srv".into(), 3)]),
        letters: BTreeMap::from([('"', 4), ('.', 5), (' ', 6), ('\\', 7)]),
        flags: BTreeMap::from([(true, 8)]),
        shared: BTreeMap::from([("a".into(), 9)]),
        aliased: HashMap::from([(UserId(8), User { age: 10 })]),
        many: vec![BTreeMap::from([(UserId(9), 11)])],
    }
}

/// Each place of the state with its typed path's text, its address and its value.
fn places() -> Vec<(String, Value, u8)> {
    let paths = House::PATHS;
    let attic = RoomId { name: "at.tic".into() };
    let age = User::PATHS.age;
    vec![
        (paths.users.key(UserId(7)).then(age).to_string(), json!(["users", "7", "age"]), 1),
        (
            paths.rooms.key(attic).key(Colour::DarkRed).then(age).to_string(),
            json!(["rooms", "at.tic", "dark-red", "age"]),
            2,
        ),
        (paths.paths.key(PathBuf::from("/srv")).to_string(), json!(["paths", "/srv"]), 3),
        (paths.letters.key('"').to_string(), json!(["letters", "\""]), 4),
        (paths.letters.key('.').to_string(), json!(["letters", "."]), 5),
        (paths.letters.key(' ').to_string(), json!(["letters", " "]), 6),
        (paths.letters.key('\\').to_string(), json!(["letters", "\\"]), 7),
        (paths.flags.key(true).to_string(), json!(["flags", "true"]), 8),
        (paths.shared.key("a").to_string(), json!(["shared", "a"]), 9),
        (paths.aliased.key(UserId(8)).then(age).to_string(), json!(["aliased", "8", "age"]), 10),
        (paths.many.at(0).key(UserId(9)).to_string(), json!(["many", 0, "9"]), 11),
    ]
}

#[test]
fn d0_text_and_address_of_a_typed_path_lead_to_its_place() {
    for (text, address, value) in places() {
        let address: Address = serde_json::from_value(address).unwrap();
        assert_eq!(Address::parse(&text).unwrap(), address, "{text}");
        assert_eq!(Address::parse(&address.to_string()).unwrap(), address, "{text}");
        let house = create_model("house", house());
        assert_eq!(house.get_value(&text).unwrap(), json!(value), "{text}");
        assert_eq!(house.get_at(&address).unwrap(), json!(value), "{text}");
        assert_eq!(house.set_value(&text, json!(100)).unwrap(), 1, "{text}");
        assert_eq!(house.get_at(&address).unwrap(), json!(100), "{text}");
        assert_eq!(house.set_at(&address, json!(101)).unwrap(), 2, "{text}");
        assert_eq!(house.get_value(&text).unwrap(), json!(101), "{text}");
    }
}

#[test]
fn d0_a_key_of_any_type_is_inserted_by_its_name_in_the_json() {
    let house = create_model("house", House::default());
    for (text, value) in [
        ("users.9", json!({ "age": 3 })),
        ("rooms.attic", json!({ "dark-red": { "age": 3 } })),
        ("rooms.attic.dark-red", json!({ "age": 4 })),
        ("paths.\"/srv\"", json!(5)),
        ("letters.x", json!(6)),
        ("flags.false", json!(7)),
        ("aliased.9", json!({ "age": 8 })),
    ] {
        house.set_value(text, value.clone()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(house.get_value(text).unwrap(), value, "{text}");
    }
    assert_eq!(house.snapshot().users[&UserId(9)].age, 3);
    for text in ["users.nine", "flags.maybe", "letters.xy"] {
        let error = house.set_value(text, json!(1)).unwrap_err();
        assert!(error.is_not_found(), "{error}");
    }
}

#[test]
fn d0_maps_of_any_key_are_roots_too() {
    let ids = create_model("ids", HashMap::from([(UserId(7), User { age: 1 })]));
    assert_eq!(ids.get_value("7.age").unwrap(), json!(1));
    ids.set_value("8", json!({ "age": 2 })).unwrap();
    ids.set_value("8.age", json!(3)).unwrap();
    ids.patch_value("", json!({ "7": null, "9": { "age": 4 } })).unwrap();
    assert_eq!(ids.get_value("").unwrap(), json!({ "8": { "age": 3 }, "9": { "age": 4 } }));
}

#[test]
fn d0_what_a_path_prints_leads_to_no_other_place() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Dir {
        size: u8,
        dirs: BTreeMap<String, Dir>,
    }

    let leaf = Dir::default();
    let a = Dir { size: 0, dirs: [("b".into(), leaf.clone())].into() };
    let dirs = [("a".into(), a), ("a.dirs.b".into(), leaf)].into();
    let dir = create_model("dir", Dir { size: 0, dirs });
    let inner = Dir::PATHS.dirs.key("a").then(Dir::PATHS.dirs.key("b")).then(Dir::PATHS.size);
    let dotted = Dir::PATHS.dirs.key("a.dirs.b").then(Dir::PATHS.size);
    dir.set_value(&inner.to_string(), json!(7)).unwrap();
    dir.set_value(&dotted.to_string(), json!(8)).unwrap();
    assert_eq!((dir.get(inner), dir.get(dotted)), (Some(7), Some(8)));
    dir.set_value("dirs.\"new.dir\"", json!({ "size": 1, "dirs": {} })).unwrap();
    assert_eq!(dir.snapshot().dirs["new.dir"].size, 1);
}

/// `json` walks the place that it has.
#[test]
fn d0_a_commit_shows_the_value_of_its_own_place() {
    use futures_util::{FutureExt as _, StreamExt as _};

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Deep {
        deep: HashMap<String, HashMap<String, u64>>,
    }

    let model = create_model("deep", Deep::default());
    model.insert(Deep::PATHS.deep, "a", HashMap::from([("b.c".into(), 1)]));
    model.insert(Deep::PATHS.deep, "a.b", HashMap::from([("c".into(), 2)]));
    let place = Deep::PATHS.deep.key("a").key("b.c");
    let mut changes = model.changes();
    model.set(place, 41).unwrap();
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    let change = commit.changes().next().unwrap();
    assert_eq!((change.value(), change.json()), (Some(&41u64), Some(json!(41))));
    model.set_value(&place.to_string(), json!(99)).unwrap();
    assert_eq!(
        model.get_value("").unwrap(),
        json!({ "deep": { "a": { "b.c": 99 }, "a.b": { "c": 2 } } })
    );
}

#[test]
fn d0_an_address_and_a_pointer_name_what_serde_writes() {
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Root {
        media: Media,
        tagged: Tagged,
        metres: Metres,
        list: List,
        #[model(rename = "mine")]
        #[serde(rename = "theirs")]
        renamed: u8,
    }

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Media {
        Playing { url: u8 },
    }

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Busy { with: u8 },
    }

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Metres(u8);

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct List(Vec<u8>);

    let root = Root {
        media: Media::Playing { url: 1 },
        tagged: Tagged::Busy { with: 2 },
        metres: Metres(3),
        list: List(vec![4, 5]),
        renamed: 6,
    };
    let model = create_model("root", root);
    for (text, pointer, value) in [
        ("media.playing.url", "/media/Playing/url", 1),
        ("tagged.busy.with", "/tagged/with", 2),
        ("metres.0", "/metres", 3),
        ("list.0.1", "/list/1", 5),
        ("mine", "/theirs", 6),
    ] {
        assert_eq!(model.get_value(text).unwrap(), json!(value), "{text}");
        assert_eq!(model.get_value(pointer).unwrap(), json!(value), "{pointer}");
        let address = Address::parse(pointer).unwrap();
        model.set_at(&address, json!(value + 10)).unwrap();
        assert_eq!(model.get_value(text).unwrap(), json!(value + 10), "{text}");
    }
}

/// A map of a type parameter, whose keys only the whole state knows how to write.
#[test]
fn d0_keys_of_a_type_parameter_are_reached_by_their_names_in_the_json() {
    use std::fmt::Debug;
    use std::net::IpAddr;
    use std::num::NonZeroU8;

    use serde::de::DeserializeOwned;
    use sprag::path::{Key, State};

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(bound = "K: Key + Serialize + DeserializeOwned")]
    struct By<K: Key> {
        by: HashMap<K, User>,
    }

    /// `Debug` is not the name.
    #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
    struct Own(u8);
    impl Debug for Own {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "own #{}", self.0)
        }
    }

    fn reached<K>(key: K, name: &str)
    where
        K: Key + Serialize + DeserializeOwned,
        By<K>: State + Send + Sync,
    {
        let model = create_model("by", By { by: HashMap::from([(key.clone(), User { age: 1 })]) });
        let place = Address::from_iter(["by".into(), name.into(), "age".into()]);
        let text = place.to_string();
        assert_eq!(model.get_value("by").unwrap(), json!({ name: { "age": 1 } }));
        assert_eq!(model.get_value(&text).unwrap(), 1, "{text}");
        model.set_value(&text, json!(2)).unwrap();
        model.set_at(&place, json!(3)).unwrap();
        assert_eq!(model.snapshot().by[&key].age, 3, "{text}");
    }

    reached(UserId(7), "7");
    reached(RoomId { name: "a.b \"q\"".into() }, "a.b \"q\"");
    reached(Colour::DarkRed, "dark-red");
    reached(Own(4), "4");
    reached(PathBuf::from("/srv/a b"), "/srv/a b");
    reached("10.0.0.1".parse::<IpAddr>().unwrap(), "10.0.0.1");
    reached("::1".parse::<IpAddr>().unwrap(), "::1");
    reached(Arc::<str>::from("shared"), "shared");
    reached(Box::<str>::from("bo\"xed"), "bo\"xed");
    reached(NonZeroU8::new(3).unwrap(), "3");
    reached(u128::MAX, &u128::MAX.to_string());
    reached(i64::MIN, &i64::MIN.to_string());
    reached(' ', " ");
    reached('"', "\"");
    reached(true, "true");
}

/// A key is a number as JSON writes it, and as nothing else.
#[test]
fn d0_a_number_in_another_form_is_not_a_key() {
    let numbers = create_model("numbers", BTreeMap::from([(7_u64, 1_u8)]));
    let signed = create_model("signed", BTreeMap::from([(-7_i8, 1_u8)]));
    for text in ["07", "+7", "7.0", "7e0", " 7", "7 ", "-7", "-0", "18446744073709551616", "x"] {
        let place = Address::from_iter([text.into()]);
        let error = numbers.set_at(&place, json!(2)).unwrap_err();
        assert!(error.is_not_found(), "{text}: {error}");
    }
    for text in ["-07", "--7", "+7", "-", "-129", "128", "-7.0"] {
        let place = Address::from_iter([text.into()]);
        let error = signed.set_at(&place, json!(2)).unwrap_err();
        assert!(error.is_not_found(), "{text}: {error}");
    }
    numbers.set_value("0", json!(3)).unwrap();
    numbers.set_value("18446744073709551615", json!(4)).unwrap();
    signed.set_value("-7", json!(2)).unwrap();
    signed.set_value("-128", json!(5)).unwrap();
    assert_eq!(*numbers.snapshot(), [(0, 3), (7, 1), (u64::MAX, 4)].into());
    assert_eq!(*signed.snapshot(), [(-128, 5), (-7, 2)].into());
}
