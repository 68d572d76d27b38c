//! Writes inside of an entry, which call for that entry alone.

use super::{Fleet, Room, device, fleet, rooms, statuses};
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
            tx.set(Fleet::PATHS.devices.key(1).then(super::Device::PATHS.status), 9).unwrap();
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
