//! Types of other crates and of users as values and as keys.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use sprag::path::{Leaf, root};
use sprag::prelude::*;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
struct RoomId(String);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    topic: String,
    seen: Vec<jiff::Timestamp>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct House {
    rooms: BTreeMap<RoomId, Room>,
    devices: HashMap<Uuid, Room>,
}

#[test]
fn a_key_need_not_be_state() {
    let house = create_model("house", House::default());
    let attic = RoomId("attic".into());
    house.insert(House::PATHS.rooms, attic.clone(), Room::default());
    let topic = House::PATHS.rooms.key(attic).then(Room::PATHS.topic);
    house.set(topic.clone(), "roof".into()).expect("the room is there");
    assert_eq!(house.get(topic).as_deref(), Some("roof"));
}

#[test]
fn a_map_of_foreign_keys_is_a_state_of_its_own() {
    let devices = create_model("devices", HashMap::<Uuid, Room>::new());
    let id = Uuid::from_u128(7);
    let all = root::<HashMap<Uuid, Room>>();
    devices.insert(all, id, Room::default());
    devices.set(all.key(id).then(Room::PATHS.topic), "lamp".into()).expect("the device is there");
    assert_eq!(devices.snapshot()[&id].topic, "lamp");
}

#[test]
fn a_list_of_timestamps_notifies_of_one() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let times = create_model("times", vec![jiff::Timestamp::UNIX_EPOCH]);
    let all = root::<Vec<jiff::Timestamp>>();
    let _first = times.subscribe(all.at(0), {
        let seen = seen.clone();
        move |time: Option<&jiff::Timestamp>, _| seen.lock().unwrap().push(time.copied())
    });
    times.push(all, jiff::Timestamp::MAX);
    times.set(all.at(0), jiff::Timestamp::MIN).expect("there is a first");
    assert_eq!(*seen.lock().unwrap(), [Some(jiff::Timestamp::MIN)]);
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Foreign(u8);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Wrapped {
    one: Leaf<Foreign>,
    some: Option<Leaf<Foreign>>,
    many: Vec<Leaf<Foreign>>,
    by: HashMap<u8, Leaf<Foreign>>,
}

#[test]
fn a_leaf_makes_any_type_state_wherever_it_stands() {
    let state = create_model("wrapped", Wrapped::default());
    state.set(Wrapped::PATHS.one, Leaf(Foreign(1)));
    state.set(Wrapped::PATHS.some, Some(Foreign(2).into()));
    state.push(Wrapped::PATHS.many, Leaf(Foreign(3)));
    state.insert(Wrapped::PATHS.by, 7, Leaf(Foreign(4)));
    let at = Wrapped::PATHS.by.key(7);
    state.update_at(at, |leaf| leaf.0 = Foreign(5)).expect("the entry is there");
    let json = serde_json::json!({ "one": 1, "some": 2, "many": [3], "by": { "7": 5 } });
    assert_eq!(serde_json::to_value(&*state.snapshot()).unwrap(), json);
    assert_eq!(serde_json::from_value::<Wrapped>(json).unwrap(), *state.snapshot());
}

#[test]
fn every_foreign_type_is_a_value() {
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct All {
        id: Uuid,
        zoned: jiff::Zoned,
        civil: jiff::civil::DateTime,
        chrono: chrono::DateTime<chrono::Utc>,
        naive: chrono::NaiveDate,
        time: time::OffsetDateTime,
        url: url::Url,
        bytes: bytes::Bytes,
        price: rust_decimal::Decimal,
        name: smol_str::SmolStr,
        weight: ordered_float::OrderedFloat<f64>,
    }
    let all = All {
        id: Uuid::nil(),
        zoned: jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC),
        civil: jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0),
        chrono: chrono::DateTime::UNIX_EPOCH,
        naive: chrono::NaiveDate::MIN,
        time: time::OffsetDateTime::UNIX_EPOCH,
        url: "https://sprag.dev/".parse().unwrap(),
        bytes: bytes::Bytes::from_static(b"abc"),
        price: rust_decimal::Decimal::ONE,
        name: "tv".into(),
        weight: ordered_float::OrderedFloat(1.5),
    };
    let state = create_model("all", all.clone());
    assert_eq!(state.get(All::PATHS.url).as_str(), "https://sprag.dev/");
    state.set(All::PATHS.price, rust_decimal::Decimal::TWO);
    let json = serde_json::to_value(&*state.snapshot()).unwrap();
    assert_eq!(json["price"], "2");
}

#[test]
fn every_foreign_type_with_a_hash_is_a_key() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Keys {
        by_url: BTreeMap<url::Url, u8>,
        by_time: BTreeMap<time::OffsetDateTime, u8>,
        by_day: BTreeMap<chrono::NaiveDate, u8>,
        by_second: BTreeMap<jiff::Timestamp, u8>,
        by_price: BTreeMap<rust_decimal::Decimal, u8>,
        by_bytes: HashMap<bytes::Bytes, u8>,
        by_name: HashMap<smol_str::SmolStr, u8>,
        by_weight: HashMap<ordered_float::OrderedFloat<f64>, u8>,
    }
    let keys = create_model("keys", Keys::default());
    keys.insert(Keys::PATHS.by_name, "ann", 1);
    keys.insert(Keys::PATHS.by_weight, ordered_float::OrderedFloat(0.5), 2);
    keys.insert(Keys::PATHS.by_day, chrono::NaiveDate::MAX, 3);
    assert_eq!(keys.get(Keys::PATHS.by_name.key("ann")), Some(1));
    assert_eq!(keys.get(Keys::PATHS.by_weight.key(ordered_float::OrderedFloat(0.5))), Some(2));
}

#[test]
fn a_key_may_be_a_parameter_that_is_not_state() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct By<K: std::hash::Hash + Eq + Clone + std::fmt::Debug + Send + Sync> {
        all: HashMap<K, u8>,
    }
    let by = create_model("by", By::<RoomId> { all: HashMap::new() });
    by.insert(By::<RoomId>::PATHS.all, RoomId("attic".into()), 1);
    assert_eq!(by.select(By::<RoomId>::PATHS.all.len()), 1);
}

#[test]
fn a_tuple_may_have_twelve_parts() {
    type Row = (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, String);
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Table {
        row: Row,
    }
    let table = create_model("table", Table::default());
    table.set(Table::PATHS.row, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, "12".into()));
    assert_eq!(table.get(Table::PATHS.row).11, "12");
}
