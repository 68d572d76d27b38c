//! `each()`: every entry of a collection is watched, and only the entries that a commit
//! touched are looked at.

mod inside;
mod reference;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sprag::prelude::*;

use crate::domain::Log;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Fleet {
    devices: HashMap<u32, Device>,
    rooms: BTreeMap<String, Room>,
    queue: Vec<u32>,
    spare: Option<Box<Room>>,
    name: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Device {
    name: String,
    status: u32,
    place: Option<u32>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Room {
    lamps: BTreeMap<u32, u32>,
    label: String,
}

fn fleet() -> Model<Fleet> {
    create_model("fleet", Fleet::default())
}

fn device(status: u32) -> Device {
    Device { status, ..Device::default() }
}

type Seen<K> = Log<(K, Option<u32>)>;

/// Logs the statuses of devices.
fn statuses(fleet: &Model<Fleet>) -> (Seen<u32>, Subscription) {
    let seen = Log::default();
    let log = seen.clone();
    let statuses = Fleet::PATHS.devices.each().then(Device::PATHS.status);
    let subscription = fleet.subscribe(statuses, move |(id, status), _| {
        log.push((*id, status.copied()));
    });
    (seen, subscription)
}

#[test]
fn d10_an_entry_that_is_added_changed_or_removed_is_one_call() {
    let fleet = fleet();
    let (seen, _subscription) = statuses(&fleet);

    fleet.insert(Fleet::PATHS.devices, 7, device(1));
    fleet.insert(Fleet::PATHS.devices, 7, device(2));
    fleet.set(Fleet::PATHS.devices.key(7).then(Device::PATHS.status), 3).unwrap();
    fleet.set(Fleet::PATHS.devices.key(7), device(4)).unwrap();
    fleet.update_at(Fleet::PATHS.devices.key(7), |device| device.status = 5).unwrap();
    fleet.remove(Fleet::PATHS.devices, 7);

    let expected = [Some(1), Some(2), Some(3), Some(4), Some(5), None].map(|status| (7, status));
    assert_eq!(seen.take(), expected);
}

#[test]
fn d10_another_place_and_an_equal_value_call_nobody() {
    let fleet = fleet();
    fleet.insert(Fleet::PATHS.devices, 7, device(1));
    let (seen, _subscription) = statuses(&fleet);

    fleet.set(Fleet::PATHS.devices.key(7).then(Device::PATHS.name), "lamp".into()).unwrap();
    fleet.set(Fleet::PATHS.devices.key(7).then(Device::PATHS.status), 1).unwrap();
    fleet.insert(Fleet::PATHS.devices, 7, device(1));
    fleet.set(Fleet::PATHS.devices, HashMap::from([(7, device(1))]));
    fleet.update(|fleet| fleet.devices.get_mut(&7).unwrap().name.clear());
    fleet.set(Fleet::PATHS.name, "north".into());
    fleet.remove(Fleet::PATHS.devices, 8);

    assert_eq!(seen.take(), []);
}

#[test]
fn d10_a_whole_write_calls_for_what_differs_and_then_for_what_is_gone() {
    let fleet = fleet();
    fleet.set(Fleet::PATHS.rooms, rooms(&[("attic", 1), ("cellar", 2), ("hall", 3)]));
    let seen = Log::default();
    let log = seen.clone();
    let labels = Fleet::PATHS.rooms.each().then(Room::PATHS.label);
    let _subscription = fleet.subscribe(labels, move |(name, label), _| {
        log.push((name.clone(), label.cloned()));
    });
    let expected = || {
        let changed = [("bath", Some("9")), ("hall", Some("4")), ("attic", None)];
        changed.map(|(name, label)| (name.to_owned(), label.map(str::to_owned)))
    };
    let (before, after) =
        (fleet.get(Fleet::PATHS.rooms), rooms(&[("bath", 9), ("cellar", 2), ("hall", 4)]));

    fleet.set(Fleet::PATHS.rooms, after.clone());
    assert_eq!(seen.take(), expected());

    fleet.set(Fleet::PATHS.rooms, before.clone());
    seen.take();
    fleet.update(|fleet| fleet.rooms = after.clone());
    assert_eq!(seen.take(), expected());

    fleet.reset();
    assert_eq!(seen.take().len(), 3);
}

fn rooms(labels: &[(&str, u32)]) -> BTreeMap<String, Room> {
    let room = |label: &u32| Room { label: label.to_string(), ..Room::default() };
    labels.iter().map(|(name, label)| ((*name).to_owned(), room(label))).collect()
}

#[test]
fn d10_a_place_that_may_be_absent_is_told_where_it_comes_and_goes() {
    let fleet = fleet();
    let seen = Log::default();
    let log = seen.clone();
    let places = Fleet::PATHS.devices.each().then(Device::PATHS.place.some());
    let _subscription =
        fleet.subscribe(places, move |(id, place), _| log.push((*id, place.copied())));
    let place = Fleet::PATHS.devices.key(7).then(Device::PATHS.place);

    fleet.insert(Fleet::PATHS.devices, 7, device(1)); // it has no place
    fleet.set(place, Some(3)).unwrap();
    fleet.set(place, None).unwrap();
    fleet.remove(Fleet::PATHS.devices, 7);

    assert_eq!(seen.take(), [(7, Some(3)), (7, None)]);
}

#[test]
fn d10_entries_behind_keys_and_pointers_are_watched() {
    let fleet = fleet();
    let seen: [Log<(u32, Option<u32>)>; 2] = Default::default();
    let [attic, spare] = seen.clone();
    let in_attic = Fleet::PATHS.rooms.key("attic").then(Room::PATHS.lamps);
    let in_spare = Fleet::PATHS.spare.some().deref().then(Room::PATHS.lamps);
    let _subscriptions = [
        fleet.subscribe(in_attic.each(), move |(id, lamp), _| attic.push((*id, lamp.copied()))),
        fleet.subscribe(in_spare.each(), move |(id, lamp), _| spare.push((*id, lamp.copied()))),
    ];
    let lit = |lamp: u32| Room { lamps: [(lamp, 1)].into(), ..Room::default() };

    fleet.insert(Fleet::PATHS.rooms, "attic", lit(7));
    fleet.insert(Fleet::PATHS.rooms, "hall", lit(8));
    fleet.insert(in_attic, 9, 2).unwrap();
    fleet.set(in_attic.key(9), 3).unwrap();
    fleet.remove(Fleet::PATHS.rooms, "attic");
    assert_eq!(seen[0].take(), [(7, Some(1)), (9, Some(2)), (9, Some(3)), (7, None), (9, None)]);
    assert_eq!(seen[1].take(), []);

    fleet.set(Fleet::PATHS.spare, Some(Box::new(lit(1))));
    fleet.set(in_spare.key(1), 5).unwrap();
    fleet.set(Fleet::PATHS.spare, None);
    assert_eq!(seen[1].take(), [(1, Some(1)), (1, Some(5)), (1, None)]);
    assert_eq!(seen[0].take(), []);
}

#[test]
fn d10_the_elements_of_a_list_are_what_is_at_their_indices() {
    let fleet = fleet();
    let seen: Log<(usize, Option<u32>)> = Log::default();
    let log = seen.clone();
    let _subscription =
        fleet.subscribe(Fleet::PATHS.queue.each(), move |(at, n), _| log.push((*at, n.copied())));

    fleet.push(Fleet::PATHS.queue, 5);
    fleet.extend(Fleet::PATHS.queue, [6, 6, 7]);
    assert_eq!(seen.take(), [(0, Some(5)), (1, Some(6)), (2, Some(6)), (3, Some(7))]);

    fleet.remove(Fleet::PATHS.queue, 1); // 5 6 7: the second 6 moves to where one was
    assert_eq!(seen.take(), [(2, Some(7)), (3, None)]);
    fleet.insert_at(Fleet::PATHS.queue, 0, 4);
    assert_eq!(seen.take(), [(0, Some(4)), (1, Some(5)), (2, Some(6)), (3, Some(7))]);
    fleet.sort_by(Fleet::PATHS.queue, |a, b| b.cmp(a)); // 7 6 5 4
    assert_eq!(seen.take(), [(0, Some(7)), (1, Some(6)), (2, Some(5)), (3, Some(4))]);
    fleet.retain(Fleet::PATHS.queue, |n| *n != 6); // 7 5 4
    assert_eq!(seen.take(), [(1, Some(5)), (2, Some(4)), (3, None)]);
    fleet.set(Fleet::PATHS.queue, vec![7, 8]);
    assert_eq!(seen.take(), [(1, Some(8)), (2, None)]);
}

#[test]
fn i4_a_subscription_now_begins_with_every_entry() {
    let fleet = fleet();
    fleet.extend(Fleet::PATHS.queue, [6, 7]);
    let seen: Log<(usize, Option<u32>)> = Log::default();
    let log = seen.clone();
    let _subscription = fleet
        .subscribe_now(Fleet::PATHS.queue.each(), move |(at, n), _| log.push((*at, n.copied())));
    assert_eq!(seen.take(), [(0, Some(6)), (1, Some(7))]);

    fleet.set(Fleet::PATHS.queue.at(1), 8).unwrap();
    assert_eq!(seen.take(), [(1, Some(8))]);
}

#[test]
fn i5_a_call_that_panics_leaves_the_calls_for_the_other_entries() {
    let fleet = fleet();
    let seen: Log<usize> = Log::default();
    let log = seen.clone();
    let _subscription = fleet.subscribe(Fleet::PATHS.queue.each(), move |(at, _), _| {
        assert_ne!(*at, 1, "the test's panic");
        log.push(*at);
    });

    fleet.extend(Fleet::PATHS.queue, [6, 7, 8]);

    assert_eq!((seen.take(), fleet.panics()), (vec![0, 2], 1));
}

#[test]
fn i3_a_dropped_guard_ends_the_calls_of_its_commit() {
    let fleet = fleet();
    let seen: Log<usize> = Log::default();
    let (log, guard) = (seen.clone(), Arc::new(std::sync::Mutex::new(None)));
    let own = Arc::clone(&guard);
    let subscription = fleet.subscribe(Fleet::PATHS.queue.each(), move |(at, _), _| {
        log.push(*at);
        own.lock().unwrap().take();
    });
    *guard.lock().unwrap() = Some(subscription);

    fleet.extend(Fleet::PATHS.queue, [6, 7, 8]);

    assert_eq!(seen.take(), [0]);
}

#[test]
fn i5_a_failed_transaction_calls_nobody() {
    let fleet = fleet();
    let (seen, _subscription) = statuses(&fleet);

    let failed = fleet.transaction(|tx| {
        tx.insert(Fleet::PATHS.devices, 7, device(1));
        Err::<(), _>("no")
    });
    assert!(failed.is_err());
    assert_eq!(seen.take(), []);
    fleet
        .transaction(|tx| {
            tx.insert(Fleet::PATHS.devices, 8, device(1));
            tx.insert(Fleet::PATHS.devices, 7, device(1));
            tx.set(Fleet::PATHS.devices.key(8).then(Device::PATHS.status), 2).unwrap();
            tx.remove(Fleet::PATHS.devices, 7);
            Ok::<(), ()>(())
        })
        .unwrap();
    assert_eq!(seen.take(), [(8, Some(2))]);
}

/// Counts its clones and comparisons.
#[derive(Debug, Default)]
struct Counted(u32, Arc<AtomicUsize>);

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.1.fetch_add(1, Ordering::Relaxed);
        Self(self.0, Arc::clone(&self.1))
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0 == other.0
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Stock {
    items: HashMap<u32, Item>,
    #[cfg(feature = "indexmap")]
    ordered: indexmap::IndexMap<u32, Item>,
    #[cfg(feature = "imbl")]
    shared: imbl::HashMap<u32, Item>,
    list: Vec<Item>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Item {
    #[model(leaf)]
    counted: Counted,
    note: u32,
}

#[test]
fn d10_among_a_million_entries_a_write_looks_at_those_that_it_touches() {
    const COUNT: u32 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    let asked = Arc::new(AtomicUsize::new(0));
    let item = |n| Item { counted: Counted(n, Arc::clone(&asked)), note: 0 };
    let stock = create_model("stock", Stock::default());
    stock.set(Stock::PATHS.items, (0..COUNT).map(|n| (n, item(n))).collect());
    stock.set(Stock::PATHS.list, (0..COUNT).map(item).collect());
    #[cfg(feature = "indexmap")]
    stock.set(Stock::PATHS.ordered, (0..COUNT).map(|n| (n, item(n))).collect());
    #[cfg(feature = "imbl")]
    stock.set(Stock::PATHS.shared, (0..COUNT).map(|n| (n, item(n))).collect());
    let calls = Arc::new(AtomicUsize::new(0));
    let count = || {
        let calls = Arc::clone(&calls);
        move || {
            calls.fetch_add(1, Ordering::Relaxed);
        }
    };
    let [items, list] = [count(), count()];
    let _subscriptions = (
        stock.subscribe(Stock::PATHS.items.each(), move |_, _| items()),
        stock.subscribe(Stock::PATHS.list.each(), move |_, _| list()),
    );
    #[cfg(feature = "indexmap")]
    let ordered = count();
    #[cfg(feature = "indexmap")]
    let _ordered = stock.subscribe(Stock::PATHS.ordered.each(), move |_, _| ordered());
    #[cfg(feature = "imbl")]
    let shared = count();
    #[cfg(feature = "imbl")]
    let _shared = stock.subscribe(Stock::PATHS.shared.each(), move |_, _| shared());
    let check = |write: &dyn Fn()| {
        asked.store(0, Ordering::Relaxed);
        calls.store(0, Ordering::Relaxed);
        write();
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        // A map that shares copies the nodes on the way.
        assert!(asked.load(Ordering::Relaxed) < 200, "{asked:?}");
    };

    check(&|| stock.set(Stock::PATHS.items.key(7).then(Item::PATHS.note), 1).map(drop).unwrap());
    check(&|| drop(stock.insert(Stock::PATHS.items, 8, item(9))));
    check(&|| drop(stock.insert(Stock::PATHS.items, COUNT, item(9))));
    check(&|| drop(stock.remove(Stock::PATHS.items, 9)));
    check(&|| stock.set(Stock::PATHS.list.at(7).then(Item::PATHS.note), 1).map(drop).unwrap());
    check(&|| stock.push(Stock::PATHS.list, item(1)));
    check(&|| drop(stock.pop(Stock::PATHS.list)));
    #[cfg(feature = "indexmap")]
    check(&|| drop(stock.insert(Stock::PATHS.ordered, 8, item(9))));
    #[cfg(feature = "imbl")]
    check(&|| drop(stock.insert(Stock::PATHS.shared, 8, item(9))));
}

#[test]
fn d10_caches_follow_every_entry_by_one_subscription() {
    let fleet = fleet();
    fleet.insert(Fleet::PATHS.devices, 7, device(1));
    let statuses = Fleet::PATHS.devices.each().then(Device::PATHS.status);
    let all =
        create_cache::<u32>("all_statuses").depends_on_path(&fleet, statuses).build().unwrap();
    let texts = create_keyed_cache::<u32, String>("status_texts")
        .entries_depend_on_each(&fleet, statuses)
        .build()
        .unwrap();
    let fill = || {
        all.set(1);
        [7, 8, 9].into_iter().for_each(|id| texts.set(id, "old".into()));
    };
    let left = || (all.get().is_some(), [7, 8, 9].map(|id| texts.get(&id).is_some()));

    fill();
    fleet.set(Fleet::PATHS.devices.key(7).then(Device::PATHS.name), "lamp".into()).unwrap();
    assert_eq!(left(), (true, [true; 3]));
    fleet.set(Fleet::PATHS.devices.key(7).then(Device::PATHS.status), 2).unwrap();
    assert_eq!(left(), (false, [false, true, true]));
    fill();
    fleet.update(|fleet| fleet.devices = HashMap::from([(8, device(1))]));
    assert_eq!(left(), (false, [false, false, true]));
}
