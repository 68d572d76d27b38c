//! Writes inside of an entry, which call for that entry alone.

use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};

use sprag::prelude::*;

use super::{Device, Fleet, Room, device, fleet, rooms, statuses};
use crate::domain::Log;

#[test]
fn d10_a_write_inside_an_entry_calls_for_that_entry() {
    let fleet = fleet();
    fleet.set(Fleet::PATHS.rooms, rooms(&[("attic", 1), ("hall", 2)]));
    let (seen, lit) = (Log::default(), Log::default());
    let (lamps, first) = (seen.clone(), lit.clone());
    let every = Fleet::PATHS.rooms.each();
    let _subscriptions = [
        fleet.subscribe(every.then(Room::PATHS.lamps), move |(room, of_room), _| {
            lamps.push((room.clone(), of_room.unwrap().len()));
        }),
        fleet.subscribe(every.then(Room::PATHS.lamps.key(1)), move |(room, lamp), _| {
            first.push((room.clone(), lamp.copied()));
        }),
    ];
    let of = |room: &str| Fleet::PATHS.rooms.key(room.to_owned()).then(Room::PATHS.lamps);

    fleet.insert(of("hall"), 1, 5).unwrap();
    fleet.insert(of("hall"), 2, 5).unwrap();
    fleet.set(of("hall").key(1), 6).unwrap();
    fleet.remove(of("hall"), 2).unwrap();
    fleet.retain(of("attic"), |(_, _)| false).unwrap();

    let hall = |lamps: usize| ("hall".to_owned(), lamps);
    assert_eq!(seen.take(), [hall(1), hall(2), hall(2), hall(1)]);
    let hall = |lamp: u32| ("hall".to_owned(), Some(lamp));
    assert_eq!(lit.take(), [hall(5), hall(6)]);
}

#[test]
fn d10_writes_of_a_transaction_call_for_their_entries() {
    let fleet = fleet();
    fleet.set(Fleet::PATHS.devices, (1..=4).map(|id| (id, device(id))).collect());
    let (seen, _subscription) = statuses(&fleet);

    fleet
        .transaction(|tx| {
            tx.set(Fleet::PATHS.devices.key(1).then(Device::PATHS.status), 9).unwrap();
            tx.remove(Fleet::PATHS.devices, 2);
            tx.insert(Fleet::PATHS.devices, 5, device(5));
            tx.set(Fleet::PATHS.devices.key(3), device(3)).unwrap();
            Ok::<_, ()>(())
        })
        .unwrap();

    let mut calls = seen.take();
    calls.sort_unstable();
    assert_eq!(calls, [(1, Some(9)), (2, None), (5, Some(5))]);
}

/// A key that shares its hash with all others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Clash(u32);

impl Hash for Clash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u8(0);
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Site {
    halls: HashMap<Clash, Hall>,
    floors: BTreeMap<u32, Floor>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Hall {
    devices: BTreeMap<u32, Device>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Floor {
    devices: HashMap<Clash, Device>,
}

#[test]
fn d10_i6_entries_whose_keys_share_a_hash_are_told_apart() {
    let site = create_model("site", Site::default());
    let (hall, floor) = (|n| Site::PATHS.halls.key(Clash(n)), |n| Site::PATHS.floors.key(n));
    let devices = |status| Hall { devices: [(5, device(status))].into() };
    for n in [1, 2] {
        site.insert(Site::PATHS.halls, Clash(n), devices(0));
        let devices = [1, 2].map(|key| (Clash(key), device(0)));
        site.insert(Site::PATHS.floors, n, Floor { devices: devices.into() });
    }
    let log = Log::default();
    let told = |name: &'static str| {
        let log = log.clone();
        move |key: u32| log.push((name, key))
    };
    let (devices_of, statuses, of_all) = (told("device"), told("status"), told("all"));
    let in_hall = || hall(1).then(Hall::PATHS.devices).each();
    let one_of_each = Site::PATHS.floors.each();
    let _subscriptions = [
        site.subscribe(in_hall(), move |(key, _), _| devices_of(*key)),
        site.subscribe(in_hall().then(Device::PATHS.status), move |(key, _), _| statuses(*key)),
        site.subscribe(one_of_each.then(Floor::PATHS.devices.key(Clash(1))), move |(key, _), _| {
            of_all(*key);
        }),
    ];
    let write = |n: u32| {
        let of_hall = || hall(n).then(Hall::PATHS.devices.key(5));
        let of_floor = || floor(2).then(Floor::PATHS.devices.key(Clash(n)));
        site.set(of_hall().then(Device::PATHS.status), 1).unwrap();
        site.set(of_hall(), device(2)).unwrap();
        site.set(hall(n), devices(3)).unwrap();
        site.set(of_floor().then(Device::PATHS.status), 1).unwrap();
        site.set(of_floor(), device(2)).unwrap();
        log.take()
    };

    assert_eq!(write(2), []);
    let in_hall = [("device", 5), ("status", 5)].repeat(3);
    assert_eq!(write(1), [in_hall, [("all", 2)].repeat(2)].concat());
}

#[test]
fn d10_an_entry_that_is_put_where_it_may_be_already_is_one_call() {
    let fleet = fleet();
    let (seen, _subscription) = statuses(&fleet);
    let raise = |id| {
        let raise = |device: &mut Device| device.status += 1;
        let _old = fleet.update_or_insert(Fleet::PATHS.devices, id, raise, || device(1));
        seen.take()
    };

    fleet.insert(Fleet::PATHS.devices, 8, device(5));
    seen.take();
    assert_eq!(raise(7), [(7, Some(1))]);
    assert_eq!(raise(7), [(7, Some(2))]);
    assert_eq!(fleet.insert_if_absent(Fleet::PATHS.devices, 7, device(3)), Some(device(3)));
    assert_eq!(seen.take(), []);
    assert_eq!(fleet.insert_if_absent(Fleet::PATHS.devices, 9, device(3)), None);
    assert_eq!(seen.take(), [(9, Some(3))]);
}

#[cfg(feature = "serde")]
#[test]
fn d10_i6_an_entry_that_is_written_by_text_is_told_if_it_differs() {
    #[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Shelf {
        books: BTreeMap<u32, Book>,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Book {
        title: String,
        #[serde(skip)]
        opened: u32,
    }

    let shelf = create_model("shelf", Shelf::default());
    shelf.insert(Shelf::PATHS.books, 7, Book { title: "a".into(), opened: 3 });
    let seen = Log::default();
    let log = seen.clone();
    let _subscription = shelf.subscribe(Shelf::PATHS.books.each(), move |(id, book), _| {
        log.push((*id, book.cloned().unwrap_or_default()));
    });
    let write = |title: &str| {
        shelf.set_value("books.7", serde_json::json!({ "title": title })).unwrap();
        seen.take()
    };

    assert_eq!(write("a"), []);
    assert_eq!(write("b"), [(7, Book { title: "b".into(), opened: 3 })]);
}
