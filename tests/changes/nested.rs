//! D2: removals from maps that are in other values, beside changes of these values.

use std::collections::BTreeMap;

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct House {
    owner: Owner,
    others: BTreeMap<String, String>,
    halls: BTreeMap<String, Hall>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Owner {
    a: u8,
    b: u8,
    c: u8,
    names: BTreeMap<String, String>,
    /// In the JSON, and no place.
    #[model(skip)]
    hidden: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Hall {
    names: BTreeMap<String, String>,
}

/// Two short names and a long one.
fn names() -> BTreeMap<String, String> {
    let names = [("x", 1), ("y", 1), ("z", 200)];
    names.map(|(name, len)| (name.to_owned(), name.repeat(len))).into()
}

/// Removes the short ones, which is smaller as data than a set of the long one.
fn shorten(names: &mut BTreeMap<String, String>) {
    names.retain(|name, _| name == "z");
}

fn ops(house: House, change: impl FnOnce(&mut House)) -> Value {
    let house = create_model("house", house);
    let mut changes = house.changes();
    house.update(change);
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    to_value(commit.changeset()).unwrap()["ops"].take()
}

#[test]
fn d2_removals_behind_a_value_that_is_set_stay_removals() {
    let owner = Owner { names: names(), ..Owner::default() };
    let ops = ops(House { owner, others: names(), ..House::default() }, |house| {
        let Owner { a, b, c, hidden, .. } = &mut house.owner;
        (*a, *b, *c, *hidden) = (1, 2, 3, 4);
        shorten(&mut house.owner.names);
        shorten(&mut house.others);
    });
    let owner = json!({ "a": 1, "b": 2, "c": 3, "names": { "z": "z".repeat(200) }, "hidden": 4 });
    let removed = ["x", "y"].map(|name| json!(["-", ["others", name]]));
    assert_eq!(ops, json!([["=", ["owner"], owner], removed[0], removed[1]]));
}

#[test]
fn d2_removals_from_a_map_and_from_one_inside_are_no_larger_than_what_is_left() {
    let halls = |count: u8| {
        let halls = (0..count).map(|number| {
            let names = if number == 0 { names() } else { BTreeMap::new() };
            (format!("hall {number:02}"), Hall { names })
        });
        ops(House { halls: halls.collect(), ..House::default() }, |house| {
            house.halls.retain(|name, _| name == "hall 00");
            shorten(&mut house.halls.get_mut("hall 00").unwrap().names);
        })
    };
    let removed = ["x", "y"].map(|name| json!(["-", ["halls", "hall 00", "names", name]]));
    let gone = json!(["-", ["halls", "hall 01"]]);
    assert_eq!(halls(2), json!([removed[0], removed[1], gone]));
    let left = json!({ "hall 00": { "names": { "z": "z".repeat(200) } } });
    assert_eq!(halls(20), json!([["=", ["halls"], left]]));
}
