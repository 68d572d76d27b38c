//! D1 to D4: collections whose type is an alias with arguments, so that the derive knows the
//! collection and not its items, and places that serde writes in a form of their own.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json, to_value};
use sprag::prelude::*;
use sprag::state::{Changes, Commit, Op};

use crate::interpreter;

/// A type that does not know what its content can do.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Rack<T> {
    items: Vec<T>,
}

type Racks<T> = Vec<Rack<T>>;
type Named<T> = BTreeMap<String, Rack<T>>;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Hall {
    racks: Racks<u8>,
    named: Named<u8>,
    name: String,
}

fn rack(item: u8) -> Rack<u8> {
    Rack { items: vec![item] }
}

fn hall() -> Hall {
    let named = ["a", "b"].map(|name| (name.to_owned(), rack(1)));
    Hall { racks: vec![rack(1), rack(2)], named: named.into(), name: String::new() }
}

fn next<T: Clone + Send + Sync + 'static>(changes: &mut Changes<T>) -> Commit<T> {
    changes.next().now_or_never().unwrap().unwrap().unwrap()
}

/// The ops of a commit, which is written like its changeset.
fn ops<T: Send + Sync>(commit: &Commit<T>) -> Value {
    let written = to_value(commit).unwrap();
    assert_eq!(written, to_value(commit.changeset()).unwrap());
    written["ops"].clone()
}

#[test]
fn d1_a_list_of_elements_that_are_not_known_to_be_clone_is_set() {
    let (hall, copy) = (create_model("hall", hall()), create_model("copy", hall()));
    let mut changes = hall.changes();
    hall.push(Hall::PATHS.racks, rack(3));
    let pushed = next(&mut changes);
    assert_eq!(ops(&pushed), json!([["=", ["racks"], [rack(1), rack(2), rack(3)]]]));
    hall.remove(Hall::PATHS.racks, 0);
    for commit in [pushed, next(&mut changes)] {
        copy.apply(&commit.changeset()).unwrap();
    }
    assert_eq!(copy.snapshot(), hall.snapshot());
}

#[test]
fn d2_a_map_of_values_that_cannot_be_compared_is_compared_as_a_whole() {
    let (hall, copy) = (create_model("hall", hall()), create_model("copy", hall()));
    let mut changes = hall.changes();
    hall.update(|hall| hall.name.push('x'));
    let commit = next(&mut changes);
    assert_eq!(ops(&commit), json!([["=", ["name"], "x"]]));
    copy.apply(&commit.changeset()).unwrap();
    hall.update(|hall| hall.named.get_mut("a").unwrap().items.push(7));
    copy.apply(&next(&mut changes).changeset()).unwrap();
    assert_eq!(copy.snapshot(), hall.snapshot());
}

#[test]
fn d3_an_order_of_a_struct_is_refused() {
    let hall = create_model("hall", hall());
    for order in [json!(["~", [], 0, [1, 0]]), json!(["~", ["racks", 0], 0, [0]])] {
        let set = json!({ "from": 0, "to": 1, "ops": [order] });
        assert!(hall.apply(&serde_json::from_value(set).unwrap()).is_err(), "{order}");
    }
    assert_eq!((hall.version(), &*hall.snapshot()), (0, &self::hall()));
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Meter {
    #[serde(default, skip_serializing_if = "is_small")]
    count: u8,
    at: Point,
    pair: Pair,
    #[model(leaf)]
    maybe: Option<u8>,
    boxed: Box<u8>,
    wrapped: Option<Wrapped>,
    cask: Cask<u8>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Wrapped {
    #[serde(flatten)]
    place: Place,
    heat: Option<f64>,
    #[serde(skip)]
    draft: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Place {
    north: u8,
    east: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Default"))]
enum Cask<T> {
    #[default]
    Empty,
    Full {
        barrel: Barrel<T>,
    },
}

/// A type that is written whatever its parameter is, and a clone only where that is one.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Barrel<T> {
    level: u8,
    #[serde(skip)]
    label: T,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Point(u8, u8);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Pair(#[serde(default, skip_serializing_if = "is_small")] u8, #[serde(default)] u8);

fn is_small(count: &u8) -> bool {
    *count < 10
}

#[test]
fn d4_a_field_that_serde_leaves_out_before_and_after_is_in_no_op_nor_in_the_inverse() {
    let meter = create_model("meter", Meter::default());
    let mut changes = meter.changes();
    meter.set(Meter::PATHS.count, 1);
    meter.update(|meter| meter.count = 2);
    for commit in [next(&mut changes), next(&mut changes)] {
        assert_eq!(ops(&commit), json!([]));
        assert_eq!(to_value(commit.inverse()).unwrap()["ops"], json!([]));
    }
    meter.set(Meter::PATHS.count, 11);
    let commit = next(&mut changes);
    assert_eq!(ops(&commit), json!([["=", ["count"], 11]]));
    assert_eq!(to_value(commit.inverse()).unwrap()["ops"], json!([["-", ["count"]]]));
}

#[test]
fn d1_a_field_of_a_tuple_struct_is_named_by_its_index() {
    let meter = create_model("meter", Meter::default());
    let mut changes = meter.changes();
    for value in 1..=3 {
        meter.set(Meter::PATHS.at.1, value);
        assert_eq!(ops(&next(&mut changes)), json!([["=", ["at", 1], value]]));
    }
}

#[test]
fn d1_an_element_that_serde_leaves_out_moves_those_behind_it() {
    let meter = create_model("meter", Meter::default());
    let (mut changes, mut json) = (meter.changes(), to_value(&*meter.snapshot()).unwrap());
    let writes: [fn(&mut Meter); 4] = [
        |meter| meter.pair.0 = 11,
        |meter| meter.pair.0 = 1,
        |meter| meter.pair.0 = 2,
        |meter| meter.pair = Pair(12, 5),
    ];
    for write in writes {
        meter.update(write);
        let set = to_value(next(&mut changes).changeset()).unwrap();
        json = interpreter::apply(json, &set).unwrap();
        assert_eq!(json, to_value(&*meter.snapshot()).unwrap(), "{set}");
    }
}

/// A key that is written, and not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
struct Name(String);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize)]
struct Tags {
    tags: BTreeMap<Name, u8>,
}

#[test]
fn d3_an_op_at_a_key_that_is_only_written_finds_the_key() {
    let tags = ["a", "b"].map(|name| (Name(name.to_owned()), 1));
    let tags = create_model("tags", Tags { tags: tags.into() });
    let set = |place: &str| {
        let set = json!({ "from": 0, "to": 1, "ops": [["=", ["tags", place], 7]] });
        tags.apply(&serde_json::from_value(set).unwrap())
    };
    assert!(set("c").is_err());
    set("b").unwrap();
    assert_eq!(to_value(&*tags.snapshot()).unwrap(), json!({ "tags": { "a": 1, "b": 7 } }));
}

#[test]
fn d1_what_is_in_an_opaque_option_or_in_a_box_is_one_place_with_it() {
    let meter = create_model("meter", Meter { maybe: Some(0), ..Meter::default() });
    let mut changes = meter.changes();
    for value in (1..=6).step_by(2) {
        meter.set(Meter::PATHS.maybe, Some(value));
        meter.set(Meter::PATHS.maybe.some(), value + 1).unwrap();
        meter.set(Meter::PATHS.boxed, Box::new(value));
        meter.set(Meter::PATHS.boxed.deref(), value + 1);
        for (place, value) in
            [("maybe", value), ("maybe", value + 1), ("boxed", value), ("boxed", value + 1)]
        {
            let commit = next(&mut changes);
            assert_eq!(ops(&commit), json!([["=", [place], value]]));
            let inverse = to_value(commit.inverse()).unwrap()["ops"].take();
            assert_eq!(inverse, json!([["=", [place], value - 1]]));
        }
    }
}

#[test]
fn d2_a_flattened_value_in_an_option_is_written_with_the_value_around_it() {
    let meter =
        create_model("meter", Meter { wrapped: Some(Wrapped::default()), ..Meter::default() });
    let mut changes = meter.changes();
    let wrapped = Meter::PATHS.wrapped.some();
    meter.set(wrapped.place, Place { north: 1, east: 2 }).unwrap();
    let value = json!({ "north": 1, "east": 2, "heat": null });
    assert_eq!(ops(&next(&mut changes)), json!([["=", ["wrapped"], value]]));
    meter.set(wrapped.place.north, 3).unwrap();
    assert_eq!(ops(&next(&mut changes)), json!([["=", ["wrapped", "north"], 3]]));
}

#[test]
fn d1_a_value_that_reads_back_as_another_one_is_known() {
    let meter = create_model("meter", Meter::default());
    let mut changes = meter.changes();
    for (heat, reads_back) in [(None, true), (Some(1.5), true), (Some(f64::NAN), false)] {
        meter.set(Meter::PATHS.wrapped, Some(Wrapped { heat, draft: 1, ..Wrapped::default() }));
        let set = next(&mut changes).changeset();
        let Op::Set { value, .. } = &set.ops[0] else { panic!("{set:?}") };
        assert_eq!(value.reads_back().is_ok(), reads_back, "{heat:?}");
    }
}

#[test]
fn d1_a_field_of_a_variant_that_is_not_known_to_be_clone_is_set_with_its_enum() {
    let full = |level| Cask::Full { barrel: Barrel { level, label: 7 } };
    let meter = create_model("meter", Meter { cask: full(1), ..Meter::default() });
    let (mut changes, json) = (meter.changes(), to_value(&*meter.snapshot()).unwrap());
    meter.set(Meter::PATHS.cask.full.barrel, Barrel { level: 2, label: 7 }).unwrap();
    let set = to_value(next(&mut changes).changeset()).unwrap();
    let json = interpreter::apply(json, &set).unwrap();
    assert_eq!(json, to_value(&*meter.snapshot()).unwrap(), "{set}");
}

#[test]
fn d5_a_field_of_a_variant_that_is_not_known_to_be_clone_comes_back() {
    #[derive(Model, Clone, Debug, PartialEq)]
    struct Cellar {
        cask: Kept<u8>,
    }

    #[derive(Model, Clone, Debug, PartialEq)]
    enum Kept<T> {
        Full { barrel: Rested<T> },
    }

    #[derive(Model, Clone, Debug, PartialEq)]
    struct Rested<T> {
        level: T,
    }

    let cellar = |level| Cellar { cask: Kept::Full { barrel: Rested { level } } };
    let model = create_model("cellar", cellar(1));
    let history = model.history(10);
    model.set(Cellar::PATHS.cask.full.barrel, Rested { level: 2 }).unwrap();
    history.undo().unwrap();
    assert_eq!(*model.snapshot(), cellar(1));
    history.redo().unwrap();
    assert_eq!(*model.snapshot(), cellar(2));
}

#[test]
fn d1_a_flattened_value_in_a_variant_is_written_with_its_enum() {
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Ship {
        course: Course,
    }

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Course {
        To {
            #[serde(flatten)]
            place: Place,
            speed: u8,
        },
    }

    let place = Place::default();
    let ship = create_model("ship", Ship { course: Course::To { place, speed: 1 } });
    let (mut changes, json) = (ship.changes(), to_value(&*ship.snapshot()).unwrap());
    ship.set(Ship::PATHS.course.to.place, Place { north: 1, east: 2 }).unwrap();
    let set = to_value(next(&mut changes).changeset()).unwrap();
    let json = interpreter::apply(json, &set).unwrap();
    assert_eq!(json, to_value(&*ship.snapshot()).unwrap(), "{set}");
}

#[test]
fn d3_a_set_without_known_members_may_come_in_another_order_than_it_is_written() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Playlist {
        #[model(leaf)]
        tags: BTreeSet<u8>,
        #[model(leaf)]
        tracks: Sorted,
    }

    /// A list that serde writes in order, and whose order counts.
    #[derive(Clone, Debug, Default, PartialEq, Deserialize)]
    struct Sorted(Vec<u8>);

    impl Serialize for Sorted {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.0.iter().collect::<BTreeSet<_>>())
        }
    }

    let list = create_model("list", Playlist::default());
    let set = |place: &str| {
        let set = json!({ "from": 0, "to": 1, "ops": [["=", [place], [2, 1]]] });
        list.apply(&serde_json::from_value(set).unwrap())
    };
    set("tags").unwrap();
    assert_eq!(list.snapshot().tags, BTreeSet::from([1, 2]));
    let error = set("tracks").unwrap_err();
    assert!(error.to_string().contains("tracks"), "{error}");
}

#[test]
fn d2_a_flattened_value_deep_in_one_place_is_written_with_that_place() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct House {
        floor: Floor,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Floor {
        room: Option<Box<Shell>>,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Shell(Wrapped);

    let house = House { floor: Floor { room: Some(Box::default()) } };
    let house = create_model("house", house);
    let mut changes = house.changes();
    let place = House::PATHS.floor.room.some().deref().then(Shell::PATHS.0.place);
    house.set(place, Place { north: 1, east: 2 }).unwrap();
    let value = json!({ "north": 1, "east": 2, "heat": null });
    assert_eq!(ops(&next(&mut changes)), json!([["=", ["floor", "room"], value]]));
}
