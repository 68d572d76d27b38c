//! D10: streams at places in lists, whose elements move.

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag::state::Changes;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Hall {
    racks: Vec<Rack>,
    name: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Rack {
    slots: Vec<Slot>,
    name: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Slot {
    load: u32,
    name: String,
}

fn slot(load: u32) -> Slot {
    Slot { load, name: "s".into() }
}

fn rack(loads: impl IntoIterator<Item = u32>) -> Rack {
    Rack { slots: loads.into_iter().map(slot).collect(), name: "r".into() }
}

fn hall() -> Model<Hall> {
    create_model("hall", Hall { racks: vec![rack([1, 2, 3, 4]), rack([])], name: "h".into() })
}

/// The waiting commits as JSON: their versions and ops.
fn taken(changes: &mut Changes<Hall>) -> Vec<String> {
    let mut taken = Vec::new();
    while let Some(Some(commit)) = changes.next().now_or_never() {
        let set = commit.expect("the reader is fast").changeset();
        taken.push(format!("{} {}", set.to, serde_json::to_string(&set.ops).unwrap()));
    }
    taken
}

#[test]
fn d10_a_place_behind_an_index_is_one_op_however_often_its_elements_move_in_a_commit() {
    let hall = hall();
    let slots = Hall::PATHS.racks.at(0).then(Rack::PATHS.slots);
    let mut second = hall.changes().at(slots.at(1).then(Slot::PATHS.load));
    let moved = hall.transaction(|tx| {
        tx.remove(slots, 0).unwrap();
        tx.remove(slots, 0).unwrap();
        tx.set(Hall::PATHS.name, "north".into());
        Ok::<_, ()>(())
    });
    moved.unwrap();
    assert_eq!(taken(&mut second), [r#"1 [["=",["racks",0,"slots",1,"load"],4]]"#]);
}

#[test]
fn d10_each_element_of_a_list_has_the_ops_that_move_its_elements() {
    let hall = hall();
    let slots = Hall::PATHS.racks.at(0).then(Rack::PATHS.slots);
    let mut loads = hall.changes().at(slots.each().then(Slot::PATHS.load));
    hall.push(slots, slot(5)).unwrap();
    hall.remove(slots, 0).unwrap();
    hall.set(slots.at(0).then(Slot::PATHS.name), "other".into()).unwrap();
    hall.set(slots.at(0).then(Slot::PATHS.load), 6).unwrap();
    hall.sort_by(slots, |a, b| b.load.cmp(&a.load)).unwrap();
    hall.set(slots, vec![slot(7)]).unwrap();
    hall.set(Hall::PATHS.name, "north".into());
    assert_eq!(
        taken(&mut loads),
        [
            r#"1 [["+",["racks",0,"slots",4],{"load":5,"name":"s"}]]"#,
            r#"2 [["-",["racks",0,"slots",0]]]"#,
            r#"4 [["=",["racks",0,"slots",0,"load"],6]]"#,
            r#"5 [["~",["racks",0,"slots"],1,[3,2,1]]]"#,
            r#"6 [["=",["racks",0,"slots"],[{"load":7,"name":"s"}]]]"#,
        ]
    );
}

#[test]
fn d10_each_element_of_a_list_that_moves_with_its_owner_is_in_the_list_as_a_whole() {
    let hall = hall();
    let slots = Hall::PATHS.racks.at(0).then(Rack::PATHS.slots);
    let mut loads = hall.changes().at(slots.each().then(Slot::PATHS.load));
    hall.insert_at(Hall::PATHS.racks, 0, rack([8]));
    hall.set(Hall::PATHS.racks.at(1), rack([6])).unwrap();
    hall.remove(Hall::PATHS.racks, 0);
    hall.set(Hall::PATHS.racks, vec![]);
    assert_eq!(
        taken(&mut loads),
        [
            r#"1 [["=",["racks",0,"slots"],[{"load":8,"name":"s"}]]]"#,
            r#"3 [["=",["racks",0,"slots"],[{"load":6,"name":"s"}]]]"#,
            r#"4 [["-",["racks",0,"slots"]]]"#,
        ]
    );
}

#[test]
fn d10_a_place_behind_an_index_in_each_entry_has_the_ops_that_move_its_elements() {
    let hall = hall();
    let first = Rack::PATHS.slots.at(0).then(Slot::PATHS.load);
    let mut loads = hall.changes().at(Hall::PATHS.racks.each().then(first));
    let slots = Hall::PATHS.racks.at(0).then(Rack::PATHS.slots);
    hall.remove(slots, 0).unwrap();
    hall.set(slots.at(1).then(Slot::PATHS.load), 9).unwrap();
    hall.set(slots.at(0).then(Slot::PATHS.load), 8).unwrap();
    assert_eq!(
        taken(&mut loads),
        [r#"1 [["-",["racks",0,"slots",0]]]"#, r#"3 [["=",["racks",0,"slots",0,"load"],8]]"#,]
    );
}

#[test]
fn d4_the_inverse_of_a_commit_is_the_next_version_after_it() {
    let hall = hall();
    let mut changes = hall.changes();
    for name in ["a", "b", "c"] {
        hall.set(Hall::PATHS.name, name.into());
    }
    let versions = std::iter::from_fn(|| changes.next().now_or_never().flatten());
    let versions = versions.map(|commit| commit.unwrap().inverse());
    let versions: Vec<_> = versions.map(|set| (set.from, set.to)).collect();
    assert_eq!(versions, [(1, 2), (2, 3), (3, 4)]);
}
