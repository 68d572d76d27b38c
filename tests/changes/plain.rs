//! D1, D4, D7: a set of one value is recorded as its place, keys and values, and its op is made
//! later. The readers see what they would see of the op.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::path::Path;
use sprag::prelude::*;
use sprag::state::{Changes, Commit};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct House {
    rooms: BTreeMap<String, Room>,
    lamps: Vec<Lamp>,
    name: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    lamp: Lamp,
    topic: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Lamp {
    level: u8,
}

/// A type with 33 fields of type `$field`, and the paths of all of them.
macro_rules! of_33 {
    ($name:ident of $field:ty, $paths:ident => $path:expr; $($member:ident)*) => {
        #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        struct $name {
            $($member: $field,)*
        }

        impl $name {
            fn places() -> Vec<Path<Self, $field>> {
                let $paths = Self::PATHS;
                vec![$({ let $paths = $paths.$member; $path },)*]
            }
        }
    };
}

of_33!(Row of u64, at => at; a b c d e f g h i j k l m n o p q r s t u v w x y z aa ab ac ad ae af ag);
of_33!(Grid of Row, at => at.path(); a b c d e f g h i j k l m n o p q r s t u v w x y z aa ab ac ad ae af ag);

fn house() -> Model<House> {
    let rooms = ["hall", "attic"].map(|name| (name.to_owned(), Room::default()));
    let lamps = vec![Lamp::default(); 3];
    create_model("house", House { rooms: rooms.into(), lamps, ..House::default() })
}

/// All commits that wait.
fn waiting<T: Clone + Send + Sync + 'static>(changes: &mut Changes<T>) -> Vec<Commit<T>> {
    std::iter::from_fn(|| changes.next().now_or_never().flatten()).map(Result::unwrap).collect()
}

/// The ops of a commit, which is written like its changeset.
fn ops<T: Send + Sync>(commit: &Commit<T>) -> Value {
    let written = to_value(commit).unwrap();
    assert_eq!(written, to_value(commit.changeset()).unwrap());
    written["ops"].clone()
}

#[test]
fn d1_places_that_are_set_in_turn_keep_their_own_keys_and_values() {
    let house = house();
    let mut changes = house.changes();
    let rooms = House::PATHS.rooms;

    for round in 1..=3_u8 {
        house.set(rooms.key("hall").then(Room::PATHS.lamp.level), round).unwrap();
        house.set(House::PATHS.name, format!("house {round}"));
        house.set(rooms.key("attic").then(Room::PATHS.topic), format!("t{round}")).unwrap();
        house.set(House::PATHS.lamps.at(2).then(Lamp::PATHS.level), round).unwrap();
        house.set(rooms.key("attic").then(Room::PATHS.lamp.level), round + 10).unwrap();
        let seen: Vec<Value> = waiting(&mut changes).iter().map(ops).collect();

        let expected = [
            json!([["=", ["rooms", "hall", "lamp", "level"], round]]),
            json!([["=", ["name"], format!("house {round}")]]),
            json!([["=", ["rooms", "attic", "topic"], format!("t{round}")]]),
            json!([["=", ["lamps", 2, "level"], round]]),
            json!([["=", ["rooms", "attic", "lamp", "level"], round + 10]]),
        ];
        assert_eq!(seen, expected);
    }
}

#[test]
fn d4_the_inverse_of_a_recorded_set_has_the_old_value() {
    let house = house();
    let level = House::PATHS.rooms.key("hall").then(Room::PATHS.lamp.level);
    house.set(level, 1).unwrap();
    let mut changes = house.changes();
    house.set(level, 2).unwrap();
    house.set(level, 3).unwrap();
    let commits = waiting(&mut changes);

    assert!(house.apply(&commits[0].inverse()).is_err(), "the place was set since");
    house.apply(&commits[1].inverse()).unwrap();
    assert_eq!(house.get(level), Some(2));
    house.apply(&commits[0].inverse()).unwrap();
    assert_eq!(house.get(level), Some(1));
}

#[test]
fn d7_a_place_that_is_removed_before_its_commit_is_read_is_in_the_commit() {
    let house = house();
    let replica = self::house();
    let mut changes = house.changes();
    let level = House::PATHS.rooms.key("hall").then(Room::PATHS.lamp.level);
    for value in [1, 2] {
        house.set(level, value).unwrap();
    }
    house.remove(House::PATHS.rooms, "hall");
    house.set(House::PATHS.lamps.at(2).then(Lamp::PATHS.level), 7).unwrap();
    house.remove(House::PATHS.lamps, 0);
    assert!(house.set(level, 3).is_err());

    let commits = waiting(&mut changes);
    assert_eq!(ops(&commits[1]), json!([["=", ["rooms", "hall", "lamp", "level"], 2]]));
    assert_eq!(ops(&commits[2]), json!([["-", ["rooms", "hall"]]]));
    assert_eq!(ops(&commits[3]), json!([["=", ["lamps", 2, "level"], 7]]));
    let place = commits[1].changes().next().expect("one place was set");
    assert_eq!((place.path(), place.value()), ("rooms.hall.lamp.level".to_owned(), Some(&2_u8)));
    for commit in &commits {
        replica.apply(&commit.changeset()).unwrap();
    }
    assert_eq!(replica.snapshot(), house.snapshot());
}

/// More places than a cell remembers.
#[test]
fn d1_of_more_than_1_024_places_each_is_exact() {
    let grid = create_model("grid", Grid::default());
    let replica = create_model("replica", Grid::default());
    let mut changes = grid.changes();
    let cells = || {
        Grid::places()
            .into_iter()
            .flat_map(|row| Row::places().into_iter().map(move |cell| row.then(cell)))
    };
    assert!(cells().count() > 1_024);

    for round in 1..=3 {
        for (number, cell) in cells().enumerate() {
            let place: Vec<String> = cell.to_string().split('.').map(str::to_owned).collect();
            // The first set finds the place, if it is forgotten; the second one uses it.
            let values = [1, 2].map(|turn| round * 10_000 + 2 * number as u64 + turn);
            for value in values {
                grid.set(cell, value);
            }
            let commits = waiting(&mut changes);
            let expected = values.map(|value| json!([["=", place, value]]));
            assert_eq!(commits.iter().map(ops).collect::<Vec<_>>(), expected);
            for commit in &commits {
                replica.apply(&commit.changeset()).unwrap();
            }
        }
        assert_eq!(replica.snapshot(), grid.snapshot());
    }
}

#[test]
fn d2_i6_a_value_in_an_option_behind_a_key_is_a_place() {
    type Lamps = BTreeMap<String, Option<Lamp>>;
    let lamps: Lamps = [("hall".to_owned(), Some(Lamp::default()))].into();
    let lamps = create_model("lamps", lamps);
    let level = sprag::path::root::<Lamps>().key("hall").some().then(Lamp::PATHS.level);
    let (sender, told) = std::sync::mpsc::channel();
    let _subscription = lamps.subscribe(level, move |level: Option<&u8>, _| {
        sender.send(level.copied()).unwrap();
    });
    let mut changes = lamps.changes();

    lamps.set(level, 1).unwrap();
    lamps.set(level, 2).unwrap();
    lamps.set_value("hall.level", json!(3)).unwrap();
    lamps.set_value("hall", Value::Null).unwrap();

    assert_eq!(told.try_iter().collect::<Vec<_>>(), [Some(1), Some(2), Some(3), None]);
    let seen: Vec<Value> = waiting(&mut changes).iter().map(ops).collect();
    let set = |level: u8| json!([["=", ["hall", "level"], level]]);
    // Nothing says that the `Option` is `Clone`, so the nearest value that is holds it.
    assert_eq!(seen, [set(1), set(2), set(3), json!([["=", [], { "hall": null }]])]);
}

#[test]
fn d2_a_set_of_a_struct_is_one_op_and_an_entry_of_a_flattened_map_another() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Extended {
        port: u8,
        #[serde(flatten)]
        extra: BTreeMap<String, u8>,
    }

    let house = house();
    let mut changes = house.changes();
    for level in [1, 2, 3] {
        house.set(House::PATHS.lamps.at(1), Lamp { level }).unwrap();
    }
    let seen: Vec<Value> = waiting(&mut changes).iter().map(ops).collect();
    let set = |level: u8| json!([["=", ["lamps", 1], { "level": level }]]);
    assert_eq!(seen, [set(1), set(2), set(3)]);

    let extended = create_model("extended", Extended::default());
    let mut changes = extended.changes();
    extended.insert(Extended::PATHS.extra, "key", 7);
    extended.remove(Extended::PATHS.extra, "key");
    let seen: Vec<Value> = waiting(&mut changes).iter().map(ops).collect();
    assert_eq!(seen, [json!([["+", ["key"], 7]]), json!([["-", ["key"]]])]);
}

#[test]
fn i6_a_key_that_comes_and_goes_in_one_commit_is_in_no_change_of_the_keys() {
    let house = house();
    let rooms = House::PATHS.rooms;
    let (sender, told) = std::sync::mpsc::channel();
    let _subscription = house.subscribe(rooms.keys(), move |_, _| sender.send(()).unwrap());
    for (removed, calls) in [("cellar", 0), ("hall", 1)] {
        let made: Result<(), ()> = house.transaction(|tx| {
            tx.insert(rooms, "cellar", Room::default());
            tx.remove(rooms, removed);
            Ok(())
        });
        made.unwrap();
        assert_eq!(told.try_iter().count(), calls, "{removed}");
    }
}

#[test]
fn d1_d4_a_field_that_serde_leaves_out_is_removed_in_each_form_of_a_set() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Sparse {
        first: u8,
        #[serde(default, skip_serializing_if = "is_small")]
        second: u8,
    }

    fn is_small(number: &u8) -> bool {
        *number < 3
    }

    let sparse = create_model("sparse", Sparse::default());
    let mut changes = sparse.changes();
    sparse.set(Sparse::PATHS.second, 5);
    sparse.set(Sparse::PATHS.second, 0);
    let (set, removal) = (json!([["=", ["second"], 5]]), json!([["-", ["second"]]]));
    let commits = waiting(&mut changes);
    assert_eq!(commits.iter().map(ops).collect::<Vec<_>>(), [set.clone(), removal.clone()]);
    let inverses = commits.iter().map(|commit| to_value(commit.inverse()).unwrap());
    assert_eq!(inverses.map(|inverse| inverse["ops"].clone()).collect::<Vec<_>>(), [removal, set]);

    sparse.set(Sparse::PATHS.second, 1);
    let hidden = waiting(&mut changes);
    assert_eq!(
        hidden.iter().map(ops).collect::<Vec<_>>(),
        [json!([])],
        "it is left out before too"
    );

    // The set of a place that was exact says nothing of a place beside it.
    let (first, second) = (json!(["first"]), json!(["second"]));
    let ops_of = json!([["=", second, 5], ["=", first, 1], ["=", first, 2], ["=", second, 0]]);
    let given = json!({ "from": 2, "to": 3, "ops": ops_of });
    sparse.apply(&serde_json::from_value(given).unwrap()).unwrap();
    let expected = json!([["=", second, 5], ["=", first, 1], ["=", first, 2], ["-", second]]);
    assert_eq!(waiting(&mut changes).iter().map(ops).collect::<Vec<_>>(), [expected]);
}

/// A key whose `Clone` panics where the test says so.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
struct Fragile(u8);

static BREAKS: AtomicBool = AtomicBool::new(false);

impl Clone for Fragile {
    fn clone(&self) -> Self {
        assert!(!BREAKS.load(Ordering::SeqCst), "the key breaks");
        Self(self.0)
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Shelf {
    cups: BTreeMap<Fragile, Lamp>,
}

#[test]
fn d1_a_key_whose_clone_panics_changes_nothing_and_records_nothing() {
    let cups = [1, 2].map(|key| (Fragile(key), Lamp::default())).into();
    let shelf = create_model("shelf", Shelf { cups });
    let mut changes = shelf.changes();
    let level = |key| Shelf::PATHS.cups.key(Fragile(key)).then(Lamp::PATHS.level);
    shelf.set(level(1), 1).unwrap();
    shelf.set(level(1), 2).unwrap();
    let version = shelf.version();

    let place = level(1);
    BREAKS.store(true, Ordering::SeqCst);
    let broken = catch_unwind(AssertUnwindSafe(|| shelf.set(place, 3)));
    BREAKS.store(false, Ordering::SeqCst);

    assert!(broken.is_err(), "the record clones the key");
    assert_eq!((shelf.version(), shelf.get(level(1))), (version, Some(2)));
    shelf.set(level(2), 4).unwrap();
    shelf.set(level(1), 5).unwrap();
    let seen: Vec<Value> = waiting(&mut changes).iter().map(ops).collect();
    let set = |key: &str, value: u8| json!([["=", ["cups", key, "level"], value]]);
    assert_eq!(seen, [set("1", 1), set("1", 2), set("2", 4), set("1", 5)]);
}

#[test]
fn d2_an_edit_of_a_place_that_was_edited_before_is_the_part_that_differs() {
    let house = house();
    let mut changes = house.changes();
    for round in 1..=3 {
        let topic = format!("t{round}");
        house
            .update_at(House::PATHS.rooms.key("hall"), |room| room.topic.clone_from(&topic))
            .unwrap();
        let commits = waiting(&mut changes);
        let expected = json!([["=", ["rooms", "hall", "topic"], topic]]);
        assert_eq!(commits.iter().map(ops).collect::<Vec<_>>(), [expected]);
    }
}
