//! W4 and W5: what browsers may do at each place, as the type declares it.

use std::collections::{BTreeMap, BTreeSet, LinkedList};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sprag::path::{Address, Layout, Obstacle, Right, Schema, Tags};
use sprag::prelude::*;

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tv {
    playback: Playback,
    #[model(browser = "write")]
    volume: u8,
    #[model(browser = "never")]
    api_key: String,
    #[model(browser = "write")]
    rooms: BTreeMap<String, Room>,
    #[model(browser = "write")]
    source: Source,
    #[model(browser = "write")]
    tree: Option<Box<Folder>>,
    #[model(browser = "write")]
    settings: Arc<Settings>,
    #[model(browser = "never")]
    accounts: Vec<Room>,
    #[model(skip)]
    #[model(browser = "never")]
    nonce: u64,
    #[serde(flatten)]
    meta: Meta,
}

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Playback {
    position: f64,
    #[model(browser = "write")]
    speed: f64,
}

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    name: String,
    #[serde(default, alias = "password")]
    #[model(browser = "never")]
    key: String,
}

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Source {
    #[default]
    None,
    File {
        path: String,
    },
    Stream {
        path: String,
        #[serde(default)]
        #[model(browser = "never")]
        token: String,
    },
}

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Folder {
    name: String,
    folders: Vec<Folder>,
}

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
#[model(browser = "read")]
struct Settings {
    region: String,
    #[model(browser = "write")]
    theme: String,
}

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Meta {
    title: String,
    #[model(browser = "write")]
    stars: u8,
}

fn rights(place: &str) -> sprag::path::Rights {
    let place = Address::parse(place).expect("a place");
    Schema::of::<Tv>().rights(&place).unwrap_or_else(|| panic!("there is no `{place}`"))
}

#[test]
fn w4_a_place_has_its_own_right_else_that_of_its_type_else_that_of_its_owner() {
    let expected = [
        ("", Right::Read),
        ("playback", Right::Read),
        ("playback.position", Right::Read),
        ("playback.speed", Right::Write),
        ("volume", Right::Write),
        ("apiKey", Right::Never),
        ("rooms", Right::Write),
        ("rooms.attic.name", Right::Write),
        ("rooms.attic.key", Right::Never),
        ("source.path", Right::Write),
        ("source.token", Right::Never),
        ("tree.folders.0.folders.7.name", Right::Write),
        ("settings", Right::Write),
        ("settings.region", Right::Write),
        ("accounts.0.name", Right::Never),
        ("nonce", Right::Never),
        ("title", Right::Read),
        ("stars", Right::Write),
    ];
    for (place, right) in expected {
        assert_eq!(rights(place).right(), right, "{place}");
    }
}

#[test]
fn w5_a_place_that_serde_does_not_write_has_no_rights() {
    for place in ["api_key", "meta", "meta.title", "rooms.attic.password", "source.Stream"] {
        let address = Address::parse(place).expect("a place");
        assert!(Schema::of::<Tv>().rights(&address).is_none(), "{place}");
    }
}

#[test]
fn w5_a_value_is_not_written_whole_where_a_hidden_place_could_be_lost() {
    let refused = [
        ("rooms", Obstacle::HiddenBelow),
        ("rooms.attic", Obstacle::HiddenBelow),
        ("source", Obstacle::HiddenBelow),
        ("apiKey", Obstacle::Hidden),
        ("playback", Obstacle::ReadOnly),
    ];
    for (place, obstacle) in refused {
        assert_eq!(rights(place).set(), Err(obstacle), "{place}");
    }
    for place in ["tree", "tree.folders.0", "rooms.attic.name", "source.path", "settings"] {
        assert_eq!(rights(place).set(), Ok(()), "{place}");
    }
}

#[test]
fn w5_elements_come_and_go_by_insert_and_remove() {
    assert_eq!((rights("rooms").insert(), rights("rooms").remove()), (Ok(()), Ok(())));
    assert_eq!(rights("tree.folders").insert(), Ok(()));
    assert_eq!(rights("volume").insert(), Err(Obstacle::NoCollection));
    assert_eq!(rights("accounts").remove(), Err(Obstacle::Hidden));
}

#[test]
fn w4_a_value_with_a_read_only_place_is_neither_written_nor_inserted_whole() {
    #[derive(Model, Clone, Serialize, Deserialize)]
    #[model(browser = "write")]
    struct Blog {
        comments: Vec<Comment>,
    }

    #[derive(Model, Clone, Serialize, Deserialize)]
    struct Comment {
        text: String,
        #[model(browser = "read")]
        is_approved: bool,
    }

    let rights = |place: &str| {
        let place = Address::parse(place).expect("a place");
        Schema::of::<Blog>().rights(&place).expect("rights")
    };
    assert_eq!(rights("").right(), Right::Write, "the type of a root gives its right");
    assert_eq!(rights("comments").set(), Err(Obstacle::ReadOnlyBelow));
    assert_eq!(rights("comments").insert(), Err(Obstacle::ReadOnlyBelow));
    assert_eq!(rights("comments").remove(), Ok(()));
    assert_eq!(rights("comments.0.text").set(), Ok(()));
}

#[test]
fn w5_a_value_from_a_browser_that_has_a_hidden_member_is_known() {
    let mentions = |value| Schema::of::<Tv>().mentions_hidden(&value);
    assert!(mentions(json!({ "apiKey": "x" })));
    assert!(mentions(json!({ "nonce": 3 })));
    assert!(mentions(json!({ "rooms": { "attic": { "name": "", "key": "x" } } })));
    assert!(mentions(json!({ "rooms": { "attic": { "name": "", "password": "x" } } })));
    assert!(mentions(json!({ "source": { "kind": "Stream", "path": "", "token": "x" } })));
    assert!(!mentions(json!({ "rooms": { "key": { "name": "key" } }, "volume": 3 })));
    assert!(!mentions(json!({ "source": { "kind": "Stream", "path": "token" } })));
}

#[test]
fn w5_a_type_knows_whether_it_hides_something() {
    assert!(Schema::of::<Tv>().hides() && Schema::of::<Vec<Source>>().hides());
    assert!(!Schema::of::<Folder>().hides() && !Schema::of::<Playback>().hides());
}

/// A value with a hidden member, in each kind of collection.
#[derive(Model, Clone, Default)]
#[model(browser = "write")]
struct Rooms {
    list: Vec<Room>,
    array: [Room; 1],
    linked: LinkedList<Room>,
    set: BTreeSet<u8>,
    pair: (u8, Room),
    maybe: Option<Vec<Room>>,
    boxed: Box<Room>,
    range: Range<u8>,
    numbers: Vec<u8>,
}

#[test]
fn w5_a_hidden_place_keeps_those_around_it_that_could_lose_it_from_being_written() {
    let rights = |place: &str| {
        let place = Address::parse(place).expect("a place");
        Schema::of::<Rooms>().rights(&place).expect("rights")
    };
    let (hidden, none) = (Err(Obstacle::HiddenBelow), Err(Obstacle::NoCollection));
    for (place, set, insert, hides) in [
        ("list", hidden, Ok(()), true),
        ("list.0", hidden, none, true),
        ("array", hidden, none, true),
        ("linked", hidden, none, true),
        ("set", Ok(()), Ok(()), false),
        ("pair", Ok(()), none, true),
        ("pair.1", Ok(()), none, true),
        ("maybe", hidden, Ok(()), true),
        ("boxed", Ok(()), none, true),
        ("range", Ok(()), none, false),
        ("numbers", Ok(()), Ok(()), false),
        ("numbers.0", Ok(()), none, false),
    ] {
        let rights = rights(place);
        assert_eq!(
            (rights.set(), rights.insert(), rights.hides()),
            (set, insert, hides),
            "{place}"
        );
        assert_eq!(rights.remove(), insert, "{place}");
    }
}

#[test]
fn w5_a_hidden_member_is_known_in_each_form() {
    #[derive(Model, Clone, Serialize, Deserialize)]
    #[serde(tag = "kind", content = "value")]
    enum Beside {
        Nothing,
        New(Room),
    }

    #[derive(Model, Clone, Serialize, Deserialize)]
    enum Mixed {
        Nothing,
        #[serde(untagged)]
        New(Room),
    }

    let (open, hidden) = (json!({ "name": "attic" }), json!({ "name": "attic", "key": "x" }));
    let forms = [
        (Schema::of::<Vec<Room>>(), json!([open, "room"])),
        (Schema::of::<[Room; 1]>(), json!(["room"])),
        (Schema::of::<LinkedList<Room>>(), json!(["room"])),
        (Schema::of::<BTreeMap<String, Room>>(), json!({ "key": "room" })),
        (Schema::of::<(u8, Room)>(), json!([1, "room"])),
        (Schema::of::<Option<Room>>(), json!("room")),
        (Schema::of::<Result<u8, Room>>(), json!({ "Err": "room" })),
        (Schema::of::<Beside>(), json!({ "kind": "New", "value": "room" })),
        (Schema::of::<Mixed>(), json!("room")),
    ];
    for (schema, form) in forms {
        let with = |room: &serde_json::Value| {
            let text = form.to_string().replace("\"room\"", &room.to_string());
            serde_json::from_str(&text).expect("it is JSON")
        };
        assert!(schema.mentions_hidden(&with(&hidden)), "{form}");
        assert!(!schema.mentions_hidden(&with(&open)), "{form}");
        assert!(!schema.mentions_hidden(&json!(7)), "{form}");
    }
    // A tuple has a value at each position, and the content of a variant is in one member.
    assert!(!Schema::of::<(u8, Room)>().mentions_hidden(&json!([hidden, 1])));
    assert!(!Schema::of::<Beside>().mentions_hidden(&json!({ "kind": hidden, "value": open })));
}

#[test]
fn w4_an_obstacle_is_said_in_a_sentence() {
    for (obstacle, expected) in [
        (Obstacle::Hidden, "there is no such place"),
        (Obstacle::ReadOnly, "browsers may not write this place"),
        (Obstacle::HiddenBelow, "the place contains hidden ones"),
    ] {
        assert!(obstacle.to_string().starts_with(expected), "{obstacle}");
    }
}

#[test]
fn w5_the_first_variant_of_an_enum_hides_like_the_others() {
    #[derive(Model, Clone, Serialize, Deserialize)]
    #[model(browser = "write")]
    struct Door {
        lock: Lock,
    }

    #[derive(Model, Clone, Serialize, Deserialize)]
    enum Lock {
        Code {
            #[model(browser = "never")]
            code: u32,
        },
        Open,
    }

    let rights = Schema::of::<Door>().rights(&Address::parse("lock").unwrap()).unwrap();
    assert_eq!((rights.hides(), rights.set()), (true, Err(Obstacle::HiddenBelow)));
}

#[test]
fn w5_a_name_of_several_variants_has_the_obstacles_of_all_of_them() {
    #[derive(Model, Clone, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    #[model(browser = "write")]
    enum Rent {
        One { attic: Room },
        Many(BTreeMap<String, Room>),
    }

    #[derive(Model, Clone, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    #[model(browser = "write")]
    enum Sale {
        Many(BTreeMap<String, Room>),
        One { attic: Room },
    }

    let attic = Address::parse("attic").unwrap();
    for schema in [Schema::of::<Rent>(), Schema::of::<Sale>()] {
        let rights = schema.rights(&attic).unwrap();
        assert_eq!(rights.set(), Err(Obstacle::HiddenBelow), "an entry would lose its key");
    }
}

#[test]
fn w1_a_field_that_a_function_writes_has_no_typescript_of_its_type() {
    mod seconds {
        use std::time::Duration;

        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        pub(super) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
            value.as_secs().serialize(to)
        }

        pub(super) fn deserialize<'de, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Duration, D::Error> {
            u64::deserialize(from).map(Duration::from_secs)
        }
    }

    #[derive(Model, Clone, Serialize, Deserialize)]
    struct Film {
        length: Duration,
        #[serde(with = "seconds")]
        start: Duration,
        #[serde(with = "seconds")]
        #[model(ts = "number")]
        end: Duration,
    }

    let Layout::Struct { members, .. } = Schema::of::<Film>().layout() else { panic!("a struct") };
    let types = members.iter().map(|member| member.schema.typescript());
    let own = Some("{ secs: number; nanos: number }");
    assert_eq!(types.collect::<Vec<_>>(), [own, None, Some("number")]);
}

#[test]
fn w1_an_enum_without_places_has_its_tag() {
    #[derive(Model, Clone, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        On,
        Off,
    }

    #[derive(Model, Clone, Serialize, Deserialize)]
    enum Plain {
        On,
        Off,
    }

    let tags = |schema: Schema| match schema.layout() {
        Layout::Enum { tags, variants } => (tags, variants.len()),
        layout => panic!("{layout:?}"),
    };
    assert_eq!(tags(Schema::of::<Tagged>()), (Tags::Internal("kind"), 2));
    assert_eq!(tags(Schema::of::<Plain>()), (Tags::External, 2));
}
