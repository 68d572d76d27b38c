//! D0, D1, D3: states of types that users have, keyed by ids of foreign types and of their own:
//! written at the edge, followed as changes, and named in errors.

use std::collections::{BTreeMap, HashMap};

use futures_util::{FutureExt, StreamExt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::path::{Address, State};
use sprag::prelude::*;
use sprag::state::{Changeset, Op};
use uuid::Uuid;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Device {
    load: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
struct RoomId(String);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    topic: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct House {
    rooms: BTreeMap<RoomId, Room>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Rooms(BTreeMap<RoomId, Room>);

/// A model, and a replica that follows it by the bytes of its changesets.
pub(crate) fn followed<T>(begin: T, write: impl FnOnce(&Model<T>))
where
    T: State + Clone + Send + Sync + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned,
{
    let model = create_model("model", begin.clone());
    let replica = create_model("replica", begin);
    let mut changes = model.changes();
    write(&model);
    let mut commits = 0;
    while let Some(Some(Ok(commit))) = changes.next().now_or_never() {
        let bytes = serde_json::to_vec(&commit).unwrap();
        replica.apply(&serde_json::from_slice::<Changeset>(&bytes).unwrap()).unwrap();
        commits += 1;
    }
    assert_eq!((commits, &*replica.snapshot()), (model.version(), &*model.snapshot()));
}

/// Reads and writes `place` by text and by address, and as a changeset.
pub(crate) fn written<T>(model: &Model<T>, place: &str, values: [Value; 3])
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
{
    let [by_text, by_address, by_change] = values;
    let address = Address::parse(place).unwrap();
    model.set_value(place, by_text.clone()).unwrap();
    assert_eq!(model.get_at(&address).unwrap(), by_text);
    model.set_at(&address, by_address.clone()).unwrap();
    assert_eq!(model.get_value(place).unwrap(), by_address);
    let op = Op::Set { place: address, value: by_change.clone().into() };
    let version = model.version();
    model.apply(&Changeset::new(version, version + 1, vec![op])).unwrap();
    assert_eq!(model.get_value(place).unwrap(), by_change);
}

#[test]
fn d0_d1_a_map_of_devices_by_uuid_is_written_followed_and_named_in_errors() {
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    followed(HashMap::from([(first, Device::default())]), |devices: &Model<_>| {
        let all = sprag::path::root::<HashMap<Uuid, Device>>();
        devices.insert(all, second, Device { load: 1 });
        devices.set(all.key(second).then(Device::PATHS.load), 2).unwrap();
        written(devices, &format!("{first}.load"), [json!(3), json!(4), json!(5)]);
        devices.remove(all, second);
        let error = devices.get_value(&format!("{second}.load")).unwrap_err().to_string();
        assert!(error.contains(&format!("it has `{first}`")), "{error}");
        let error = devices.set_value("lamp", json!({ "load": 1 })).unwrap_err().to_string();
        assert!(error.contains("`lamp` is not a key of"), "{error}");
        let error = devices.set_value(&format!("{first}.lode"), json!(1)).unwrap_err();
        assert!(error.to_string().contains("did you mean `load`?"), "{error}");
    });
}

#[test]
fn d0_d1_a_list_of_timestamps_is_written_followed_and_named_in_errors() {
    let time = |second| jiff::Timestamp::from_second(second).unwrap();
    followed(vec![time(0)], |times: &Model<_>| {
        let all = sprag::path::root::<Vec<jiff::Timestamp>>();
        times.push(all, time(1));
        assert_eq!(times.insert_at(all, 1, time(2)), None);
        times.set(all.at(0), time(3)).unwrap();
        let texts = [4, 5, 6].map(|second| json!(time(second).to_string()));
        written(times, "1", texts);
        times.sort(all);
        let error = times.set_value("0", json!("yesterday")).unwrap_err().to_string();
        assert!(error.starts_with("the value does not fit `0`: "), "{error}");
        assert!(times.get_value("7").is_err());
    });
}

#[test]
fn d0_d1_a_map_of_rooms_by_an_id_of_ones_own_is_written_followed_and_named_in_errors() {
    let id = |name: &str| RoomId(name.to_owned());
    let house = House { rooms: [(id("v1.2"), Room::default())].into() };
    followed(house, |house| {
        let all = House::PATHS.rooms;
        house.insert(all, id("hall"), Room::default());
        house.set(all.key(id("hall")).then(Room::PATHS.topic), "doors".to_owned()).unwrap();
        written(house, r#"rooms."v1.2".topic"#, [json!("a"), json!("b"), json!("c")]);
        house.remove(all, id("hall"));
        let error = house.get_value("rooms.hall.topic").unwrap_err().to_string();
        assert_eq!(error, "there is no `hall` in `rooms`; it has `v1.2`");
    });

    // The root of the same JSON.
    followed(Rooms([(id("v1.2"), Room::default())].into()), |rooms| {
        let all = Rooms::PATHS.0;
        rooms.insert(all, id("hall"), Room::default());
        rooms.set(all.key(id("hall")).then(Room::PATHS.topic), "doors".to_owned()).unwrap();
        written(rooms, r#""v1.2".topic"#, [json!("a"), json!("b"), json!("c")]);
        written(rooms, r#""v1.2""#, ["a", "b", "c"].map(|topic| json!({ "topic": topic })));
        rooms.update(|rooms| drop(rooms.0.remove(&id("v1.2"))));
        let error = rooms.get_value(r#""v1.2".topic"#).unwrap_err().to_string();
        assert_eq!(error, "there is no `v1.2` in the state; it has `hall`");
    });
}

/// A derive does not name the type of the keys of such a root, so it is not sent as data. Each
/// error says what to write.
#[test]
fn d1_d3_a_root_of_keys_of_ones_own_names_the_struct_that_it_needs() {
    const FIX: &str = "make the map a field of a struct that derives `Model`, which \
        `#[serde(transparent)]` writes as the map";
    let id = |name: &str| RoomId(name.to_owned());
    let rooms = create_model("rooms", BTreeMap::from([(id("v1.2"), Room::default())]));
    let mut changes = rooms.changes();
    rooms.set_value(r#""v1.2".topic"#, json!("a")).unwrap();
    assert_eq!(rooms.get_value(r#""v1.2".topic"#).unwrap(), "a");
    let commit = changes.next().now_or_never().flatten().unwrap().unwrap();
    let error = serde_json::to_vec(&commit).unwrap_err().to_string();
    assert!(error.ends_with(FIX), "{error}");
    for (place, value) in
        [(r#""v1.2".topic"#, json!("b")), ("", json!({ "v1.2": { "topic": "b" } }))]
    {
        let op = Op::Set { place: Address::parse(place).unwrap(), value: value.into() };
        let error = rooms.apply(&Changeset::new(1, 2, vec![op])).unwrap_err().to_string();
        assert!(error.contains(FIX), "{error}");
    }
    assert_eq!((rooms.version(), &*rooms.snapshot()[&id("v1.2")].topic), (1, "a"));
}
