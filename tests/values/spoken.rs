//! A user's `Serialize` prints the errors of the serializer that it receives.

use std::collections::BTreeMap;

use serde::ser::{Error as _, SerializeMap as _, SerializeTuple as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use sprag::prelude::*;

/// Writes its parts one by one, and prints each error on the way.
#[derive(Model, Clone, Debug, Default, PartialEq, Deserialize)]
struct Device {
    level: u8,
    rooms: BTreeMap<String, Room>,
    broken: bool,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Deserialize)]
struct Room {
    size: (u8, u8),
}

fn printed<T, E: serde::ser::Error>(result: Result<T, E>, of: &str) -> Result<T, E> {
    result.map_err(|error| E::custom(format!("{of}: {error} {error:?}")))
}

impl Serialize for Device {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.broken {
            return Err(S::Error::custom("broken"));
        }
        let mut map = printed(serializer.serialize_map(Some(3)), "device")?;
        printed(map.serialize_entry("level", &self.level), "level")?;
        printed(map.serialize_entry("rooms", &self.rooms), "rooms")?;
        printed(map.serialize_entry("broken", &self.broken), "broken")?;
        printed(map.end(), "end")
    }
}

impl Serialize for Room {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Size(u8, u8);

        impl Serialize for Size {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut tuple = printed(serializer.serialize_tuple(2), "size")?;
                printed(tuple.serialize_element(&self.0), "width")?;
                printed(tuple.serialize_element(&self.1), "height")?;
                tuple.end()
            }
        }

        let size = Size(self.size.0, self.size.1);
        printed(serializer.collect_map([("size", size)]), "room")
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Home {
    device: Device,
}

fn home(broken: bool) -> Model<Home> {
    let rooms = BTreeMap::from([("a".to_owned(), Room { size: (1, 2) })]);
    create_model("home", Home { device: Device { level: 3, rooms, broken } })
}

#[test]
fn d0_a_value_that_prints_the_errors_of_its_serializer_has_places() {
    let home = home(false);
    let places: [(&str, Value); 4] = [
        ("device.level", json!(3)),
        ("device.rooms.a.size", json!([1, 2])),
        ("device.rooms", json!({ "a": { "size": [1, 2] } })),
        ("device.broken", json!(false)),
    ];
    for (place, value) in places {
        assert_eq!(home.get_value(place).unwrap(), value, "{place}");
        home.set_value(place, value).unwrap();
    }
    home.set_value("device.rooms.a.size", json!([7, 2])).unwrap();
    home.patch_value("device.rooms.b", json!({ "size": [4, 5] })).unwrap();
    let rooms = json!({ "a": { "size": [7, 2] }, "b": { "size": [4, 5] } });
    assert_eq!(home.get_value("device.rooms").unwrap(), rooms);
}

#[test]
fn d0_an_error_of_a_user_s_serialize_keeps_its_text() {
    for place in ["device", "device.level", ""] {
        let error = home(true).get_value(place).unwrap_err().to_string();
        assert!(error.contains("broken"), "{place}: {error}");
    }
}
