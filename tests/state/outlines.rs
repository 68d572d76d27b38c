//! I6: a selector of the entries of a collection is called when an entry comes or goes, and not
//! when values change, whichever write did it.

use std::collections::{BTreeMap, HashMap};

use sprag::prelude::*;

use crate::domain::Log;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct House {
    rooms: HashMap<String, Room>,
    labels: HashMap<u8, u8>,
    #[model(leaf)]
    notes: Vec<Note>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Room {
    lamps: BTreeMap<u8, u8>,
    labels: HashMap<u8, u8>,
}

/// No state.
#[derive(Clone, Debug, PartialEq)]
struct Note(u8);

/// A room with lamps and labels of these keys.
fn room(keys: [u8; 2], value: u8) -> Room {
    let entries = || keys.map(|key| (key, value));
    Room { lamps: entries().into(), labels: entries().into() }
}

#[test]
fn i6_the_keys_of_a_collection_behind_a_key_are_compared() {
    let rooms = ["hall", "attic"].map(|name| (name.to_owned(), room([1, 2], 0)));
    let house = create_model("house", House { rooms: HashMap::from(rooms), ..House::default() });
    let hall = House::PATHS.rooms.key("hall");
    let (lamps, labels) = (Log::default(), Log::default());
    let (of_lamps, of_labels) = (lamps.clone(), labels.clone());
    let _subscriptions = [
        house.subscribe(hall.then(Room::PATHS.lamps).keys(), move |keys, _| {
            of_lamps.push(keys.cloned());
        }),
        house.subscribe(hall.then(Room::PATHS.labels).keys(), move |keys, _| {
            of_labels.push(keys.map(|keys| keys.contains(&3)));
        }),
    ];

    house.set(hall, room([1, 2], 7)).unwrap();
    house.set(House::PATHS.rooms.key("attic"), room([3, 4], 0)).unwrap();
    assert_eq!((lamps.take(), labels.take()), (vec![], vec![]), "the same keys");
    house.set(hall, room([1, 3], 7)).unwrap();
    assert_eq!((lamps.take(), labels.take()), (vec![Some(vec![1, 3])], vec![Some(true)]));
    house.remove(House::PATHS.rooms, "hall");
    assert_eq!((lamps.take(), labels.take()), (vec![None], vec![None]));
}

#[test]
fn i6_as_many_other_keys_are_other_keys() {
    let labels = |keys: [u8; 2], value| HashMap::from(keys.map(|key| (key, value)));
    let house = create_model("house", House { labels: labels([1, 2], 0), ..House::default() });
    let seen = Log::default();
    let log = seen.clone();
    let _subscription = house.subscribe(House::PATHS.labels.keys(), move |keys, _| {
        log.push(keys.contains(&3));
    });

    house.set(House::PATHS.labels, labels([2, 1], 7));
    assert!(seen.take().is_empty(), "the same keys");
    house.set(House::PATHS.labels, labels([2, 3], 7));
    assert_eq!(seen.take(), [true]);
    house.update(|house| house.labels = labels([2, 4], 7));
    assert_eq!(seen.take(), [false]);
}

#[test]
fn i6_the_length_of_an_opaque_list_is_compared() {
    let house = create_model("house", House::default());
    let seen = Log::default();
    let log = seen.clone();
    let _subscription = house.subscribe(House::PATHS.notes.len(), move |len: &usize, _| {
        log.push(*len);
    });

    house.set(House::PATHS.notes, vec![Note(1)]);
    house.set(House::PATHS.notes, vec![Note(2)]);
    house.patch(HousePatch::new().notes(vec![Note(2), Note(3)]));
    house.patch(HousePatch::new().notes(vec![Note(4), Note(5)]));
    house.set(House::PATHS.notes, vec![]);
    assert_eq!(seen.take(), [1, 2, 0]);
}
