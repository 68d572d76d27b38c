//! C9: entries that are replaced in one step, keys whose code panics, and entries that
//! depend by their own key.

use std::borrow::Borrow;
use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use sprag::prelude::*;
use test_support::within;

use crate::LIMIT;

#[test]
fn c9_a_reader_never_finds_a_key_empty_while_its_value_is_replaced() {
    within(LIMIT, || {
        let sizes = create_keyed_cache::<u64, u64>("sizes").bus(&Bus::new()).build().unwrap();
        sizes.set(1, 0);
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                (1..50_000).for_each(|n| sizes.set(1, n));
                stop.store(true, Ordering::SeqCst);
            });
            let mut latest = 0;
            let mut is_missing = false;
            while !stop.load(Ordering::SeqCst) {
                let size = sizes.get(&1);
                is_missing |= size.is_none_or(|size| size < latest);
                latest = size.unwrap_or(latest);
            }
            assert!(!is_missing, "a reader found no value, or an older one");
        });
    });
}

thread_local! {
    /// How many calls of a key's `Hash` are left before one panics.
    static HASHES_LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Fragile(u64);

impl Hash for Fragile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let left = HASHES_LEFT.get();
        HASHES_LEFT.set(left.wrapping_sub(1));
        assert!(left != 0, "a hash panics");
        self.0.hash(state);
    }
}

#[test]
fn c9_c4_a_hash_that_panics_leaves_the_cache_well() {
    for hashes in 0..200 {
        let sizes = create_keyed_cache::<Fragile, u64>("sizes").bus(&Bus::new());
        // One shard: two of 32 entries each may have no room for 40 keys.
        let sizes = sizes.capacity(60).build().unwrap();
        HASHES_LEFT.set(hashes);
        for n in 0..40 {
            let set = || sizes.set(Fragile(n), n);
            let compute = || sizes.get_or_compute(&Fragile(n), || n);
            let _ =
                catch_unwind(AssertUnwindSafe(|| if n % 2 == 0 { set() } else { _ = compute() }));
        }
        HASHES_LEFT.set(usize::MAX);
        for n in 0..40 {
            sizes.set(Fragile(n), n + 1);
            assert_eq!(sizes.get(&Fragile(n)), Some(n + 1), "after {hashes} hashes");
        }
        (0..1_000).for_each(|n| sizes.set(Fragile(n), n));
        assert!(sizes.len() <= 60);
    }
}

struct DeviceChanged(u64);

impl Event for DeviceChanged {
    const NAME: &'static str = "device_changed";
}

#[test]
fn c9_an_event_invalidates_the_entry_of_its_key() {
    let bus = Bus::new();
    let names = create_keyed_cache::<u64, u64>("names").bus(&bus);
    let names = names.entry_depends_on(|event: &DeviceChanged| event.0).build().unwrap();
    let below = create_cache::<u64>("below").bus(&bus).depends_on_cache(&names).build().unwrap();
    names.set(7, 70);
    names.set(8, 80);
    below.set(1);

    bus.emit(DeviceChanged(7));

    assert_eq!((names.get(&7), names.get(&8), below.get()), (None, Some(80), None));
    let late = names.get_or_compute(&7, || {
        bus.emit(DeviceChanged(7));
        71
    });
    assert_eq!((late, names.get(&7)), (71, None), "a late result is never stored");
    drop(names);
    assert_eq!(bus.listener_count::<DeviceChanged>(), 0);
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Hub {
    devices: std::collections::BTreeMap<u64, String>,
    note: String,
}

fn watched(bus: &Bus, hub: &Model<Hub>) -> KeyedCache<u64, usize> {
    let lengths = create_keyed_cache::<u64, usize>("lengths").bus(bus).capacity(10);
    lengths.entry_depends_on_path(hub, |id: &u64| Hub::PATHS.devices.key(*id)).build().unwrap()
}

fn length(hub: &Model<Hub>, lengths: &KeyedCache<u64, usize>, id: u64) -> usize {
    let compute = || hub.get(Hub::PATHS.devices.key(id)).map_or(0, |name| name.len());
    lengths.get_or_compute(&id, compute)
}

#[test]
fn c9_a_change_of_a_place_invalidates_the_entry_of_its_key() {
    let (bus, hub) = (Bus::new(), create_model("hub", Hub::default()));
    let lengths = watched(&bus, &hub);
    let sum = create_cache::<usize>("sum").bus(&bus).depends_on_cache(&lengths).build().unwrap();
    let waves = Arc::new(AtomicUsize::new(0));
    let _counting = sum.on_invalidate({
        let waves = waves.clone();
        move |_| _ = waves.fetch_add(1, Ordering::SeqCst)
    });
    assert_eq!((length(&hub, &lengths, 7), length(&hub, &lengths, 8)), (0, 0));
    sum.set(0);

    hub.set(Hub::PATHS.note, "another place".into());
    assert_eq!((lengths.get(&7), sum.get()), (Some(0), Some(0)));
    hub.insert(Hub::PATHS.devices, 7, "lamp".into());
    assert_eq!((lengths.get(&7), lengths.get(&8), sum.get()), (None, Some(0), None));
    assert_eq!(length(&hub, &lengths, 7), 4);
    hub.update(|hub| {
        hub.devices.insert(7, "light".into());
        hub.devices.insert(8, "door".into());
    });
    assert_eq!((lengths.get(&7), lengths.get(&8)), (None, None));
    assert_eq!(waves.load(Ordering::SeqCst), 2, "one wave for each commit");

    lengths.set(9, 1);
    hub.insert(Hub::PATHS.devices, 9, "window".into());
    assert_eq!(lengths.get(&9), None, "an entry that was set depends as well");
}

#[test]
fn c9_c2_a_change_during_the_computation_of_an_entry_is_seen() {
    let (bus, hub) = (Bus::new(), create_model("hub", Hub::default()));
    let lengths = watched(&bus, &hub);

    let late = lengths.get_or_compute(&7, || {
        hub.insert(Hub::PATHS.devices, 7, "lamp".into());
        0
    });

    assert_eq!((late, lengths.get(&7)), (0, None));
}

/// Counts the handles of the selector, one for each subscription and one for the cache.
#[test]
fn c9_an_entry_is_subscribed_for_as_long_as_its_key_is_there() {
    let (bus, hub) = (Bus::new(), create_model("hub", Hub::default()));
    let token = Arc::new(());
    let lengths = create_keyed_cache::<u64, usize>("lengths").bus(&bus).capacity(10);
    let held = token.clone();
    let lengths = lengths
        .entry_depends_on_path(&hub, move |id: &u64| {
            let (id, held) = (*id, held.clone());
            move |hub: &Hub| {
                let _ = &held;
                hub.devices.get(&id).cloned()
            }
        })
        .build()
        .unwrap();
    // A write drops what ended subscriptions have left in the model.
    let subscriptions = || {
        hub.set(Hub::PATHS.note, "any".into());
        Arc::strong_count(&token) - 2
    };

    (0..1_000).for_each(|id| _ = length(&hub, &lengths, id));
    assert_eq!(subscriptions(), lengths.len(), "evicted entries are not subscribed");
    lengths.invalidate_all();
    assert_eq!(subscriptions(), 0);
    lengths.set(1, 1);
    length(&hub, &lengths, 2);
    assert_eq!(subscriptions(), 2);
    hub.insert(Hub::PATHS.devices, 1, "lamp".into());
    assert_eq!(subscriptions(), 1, "a removed entry is not subscribed");
    lengths.destroy();
    assert_eq!(subscriptions(), 0);
}

/// A key that borrows as another type hashes as that type does.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Name(String);

impl Borrow<String> for Name {
    fn borrow(&self) -> &String {
        &self.0
    }
}

#[test]
fn c9_a_key_is_found_by_its_borrowed_form() {
    let sizes = create_keyed_cache::<Name, u64>("sizes").bus(&Bus::new()).build().unwrap();
    sizes.set(Name("alien".into()), 700);

    assert_eq!(sizes.get(&"alien".to_owned()), Some(700));
}

#[test]
fn c9_a_value_is_read_in_place_and_the_bound_is_known() {
    let sizes = super::keyed::<Vec<u8>>(&Bus::new()).capacity(1).build().unwrap();
    assert_eq!((sizes.capacity(), sizes.read("a", Vec::len)), (1, None));
    sizes.set("a".into(), vec![1, 2]);
    assert_eq!((sizes.capacity(), sizes.read("a", Vec::len)), (1, Some(2)));
    assert_eq!(super::lone::<u8>().capacity(), 10_000);
}
