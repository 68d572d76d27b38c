//! D0: the work of a write is proportional to the length of what is given, whatever is in it.
//!
//! Work is counted where a type of the user's can see it: the keys that are written as text.

use std::cell::Cell;
use std::collections::HashMap;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};
use sprag::error::PathError;
use sprag::path::Address;
use sprag::prelude::*;
use sprag::state::{Changeset, Op};

thread_local! {
    static WRITTEN: Cell<usize> = const { Cell::new(0) };
}

/// A key that counts how often it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
struct Id(String);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WRITTEN.set(WRITTEN.get() + 1);
        serializer.serialize_str(&self.0)
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    members: HashMap<String, u8>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct House {
    numbers: HashMap<Id, u64>,
    rooms: HashMap<String, Room>,
}

/// A state with 1,000 numbers, and the object of 1,000 others.
fn house() -> (Model<House>, Map<String, Value>) {
    let numbers = (0..1_000).map(|n| (Id(format!("old-{n}")), n)).collect();
    let others = (0..1_000).map(|n| (format!("new-{n}"), json!(n))).collect();
    (create_model("house", House { numbers, ..House::default() }), others)
}

/// How many keys `write` has written as text.
fn written<R>(write: impl FnOnce() -> R) -> usize {
    WRITTEN.set(0);
    drop(write());
    WRITTEN.get()
}

#[test]
fn d0_a_new_entry_costs_nothing_of_those_that_are_there() {
    let (model, others) = house();
    let merged = written(|| model.patch_value("numbers", others.clone().into()).unwrap());
    assert!(merged < 4_000, "{merged} keys are written for 1,000 new ones");
    assert_eq!(model.snapshot().numbers.len(), 2_000);

    let (model, others) = house();
    let set = written(|| {
        for (key, value) in &others {
            model.set_value(&format!("numbers.{key}"), value.clone()).unwrap();
        }
    });
    assert!(set < 4_000, "{set} keys are written for 1,000 new ones");

    let (model, others) = house();
    let op = |(key, value): (String, Value)| {
        let place = Address::from_iter(["numbers".into(), key.into()]);
        Op::Set { place, value: value.into() }
    };
    let set = Changeset::new(0, 1, others.into_iter().map(op).collect());
    let applied = written(|| model.apply(&set).unwrap());
    assert!(applied < 4_000, "{applied} keys are written for 1,000 new ones");
}

#[test]
fn d0_a_place_costs_nothing_of_its_neighbours() {
    let (model, _) = house();
    let costs = [
        written(|| model.get_value("numbers.old-7").unwrap()),
        written(|| model.set_value("numbers.old-7", json!(8)).unwrap()),
        written(|| model.patch_value("numbers", json!({ "old-7": 9 })).unwrap()),
        written(|| model.patch_value("numbers", json!({ "old-7": null })).unwrap()),
        written(|| model.set_value("rooms", json!({})).unwrap()),
    ];
    assert!(costs.iter().all(|cost| *cost < 8), "{costs:?} of 1,000 keys are written");
    // An error names some of the keys that there are.
    let missing = written(|| model.get_value("numbers.old-7").unwrap_err());
    assert!(missing < 300, "{missing} of 1,000 keys are written");
}

#[test]
fn d0_an_absent_entry_on_the_way_is_named_with_those_that_are_there() {
    let (model, _) = house();
    let room = Room { members: [("ann".to_owned(), 1)].into() };
    model.insert(House::PATHS.rooms, "hall".to_owned(), room);
    let place = Address::parse("rooms.hal.members.ann").unwrap();
    let set = Op::Set { place, value: json!(1).into() };
    let errors = [
        model.set_value("rooms.hal.members.ann", json!(1)).unwrap_err().to_string(),
        model.patch_value("rooms.hal.members", json!({ "ann": 1 })).unwrap_err().to_string(),
        model.apply(&Changeset::new(0, 1, vec![set])).unwrap_err().to_string(),
    ];
    for error in errors {
        assert!(error.contains("did you mean `hall`?"), "{error}");
    }
}

#[test]
fn d0_one_long_key_around_many_short_ones_does_not_cost_their_product() {
    let (model, _) = house();
    let long = "k".repeat(1 << 20);
    let members: Map<String, Value> = (0..2_000).map(|n| (n.to_string(), json!(1))).collect();
    let value = json!({ long.clone(): { "members": members } });
    // A new room is one value.
    model.patch_value("rooms", value.clone()).unwrap();
    assert_eq!(model.snapshot().rooms[&long].members.len(), 2_000);

    // A room that is there is merged into member by member.
    let before = model.snapshot();
    let error = model.patch_value("rooms", value).unwrap_err();
    assert!(matches!(error, PathError::TooLong { .. }), "{error}");
    assert!(error.is_misfit() && error.to_string().len() < 1_000);
    assert_eq!(*model.snapshot(), *before);
    // Its parts are merged.
    model.patch_value("rooms", json!({ long: { "members": { "0": 2 } } })).unwrap();
}
