//! The counted operations, each as a user writes it: the set-up once, then a loop.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::hint::black_box;
use std::time::Duration;

use sprag::prelude::*;

/// A name, and a function that runs the operation a given number of times.
pub(crate) type Operation = (&'static str, fn(u64));

/// All operations, from the cheapest.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("snapshot", snapshot),
    ("get at depth 4", get),
    ("set at depth 4", set),
    ("set beside a subscription", set_elsewhere),
    ("update_at", update_at),
    ("set of an equal watched value", set_equal),
    ("set that fires one", set_fires_one),
    ("set that fires one String", set_fires_string),
    ("set that fires one tuple", set_fires_tuple),
    ("set that fires 100", set_fires_hundred),
    ("store set that fires one", store_fires_one),
    ("transaction of 10", transaction),
    ("push and counter", push_and_count),
    ("push and counter in a transaction", transaction_of_two),
    ("set of an entry among 1,000", |times| set_entry(FEW, times)),
    ("set of an entry among 100,000", |times| set_entry(MANY, times)),
    ("set that fires each() among 1,000", |times| set_fires_each(FEW, times)),
    ("set that fires each() among 100,000", |times| set_fires_each(MANY, times)),
    ("transaction of entries among 1,000", |times| transaction_of_entries(FEW, times)),
    ("transaction of entries among 100,000", |times| transaction_of_entries(MANY, times)),
    ("subscribe and drop", subscribe),
    ("create and drop a store", create),
    ("emit to one listener", emit),
    ("cache hit with ttl", cache_hit),
    ("keyed cache hit", keyed_hit),
    ("keyed cache hit with ttl", keyed_hit_with_ttl),
];

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct House {
    address: String,
    floor: Floor,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Floor {
    room: Room,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Room {
    name: String,
    lamp: Lamp,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Lamp {
    brightness: u64,
    colour: String,
}

fn house() -> Model<House> {
    create_model("house", House::default())
}

fn snapshot(times: u64) {
    let house = house();
    for _ in 0..times {
        black_box(house.snapshot());
    }
}

fn get(times: u64) {
    let house = house();
    for _ in 0..times {
        black_box(house.get(House::PATHS.floor.room.lamp.brightness));
    }
}

fn set(times: u64) {
    let house = house();
    for n in 0..times {
        house.set(House::PATHS.floor.room.lamp.brightness, n + 1);
    }
}

fn set_elsewhere(times: u64) {
    let house = house();
    let _address = house.subscribe(House::PATHS.address, |_, _| {});
    for n in 0..times {
        house.set(House::PATHS.floor.room.lamp.brightness, n + 1);
    }
}

fn update_at(times: u64) {
    let house = house();
    for _ in 0..times {
        house.update_at(House::PATHS.floor.room.lamp.brightness, |brightness| *brightness += 1);
    }
}

fn set_equal(times: u64) {
    let house = house();
    let brightness = House::PATHS.floor.room.lamp.brightness;
    let _watching = house.subscribe(brightness, |_, _| {});
    for _ in 0..times {
        house.set(brightness, 0);
    }
}

fn set_fires_one(times: u64) {
    let house = house();
    let brightness = House::PATHS.floor.room.lamp.brightness;
    let _watching = house.subscribe(brightness, |n, _| {
        black_box(n);
    });
    for n in 0..times {
        house.set(brightness, n + 1);
    }
}

fn set_fires_string(times: u64) {
    let house = house();
    let colour = House::PATHS.floor.room.lamp.colour;
    let _watching = house.subscribe(colour, |colour, _| {
        black_box(colour);
    });
    let mut other = "warm white".to_owned();
    house.set(colour, "daylight".to_owned());
    for _ in 0..times {
        other = house.set(colour, other);
    }
}

fn set_fires_tuple(times: u64) {
    let house = house();
    let brightness = House::PATHS.floor.room.lamp.brightness;
    let _watching = house.subscribe((brightness, House::PATHS.address), |both, _| {
        black_box(both);
    });
    for n in 0..times {
        house.set(brightness, n + 1);
    }
}

fn set_fires_hundred(times: u64) {
    let house = house();
    let brightness = House::PATHS.floor.room.lamp.brightness;
    let watch = |_| {
        house.subscribe(brightness, |n, _| {
            black_box(n);
        })
    };
    let _watching: Vec<_> = (0..100).map(watch).collect();
    for n in 0..times {
        house.set(brightness, n + 1);
    }
}

fn store_fires_one(times: u64) {
    let lamp = create_store("lamp", Lamp::default());
    let _watching = lamp.subscribe(|lamp, _| {
        black_box(lamp);
    });
    for n in 0..times {
        lamp.set(LampPatch::new().brightness(n + 1));
    }
}

fn transaction(times: u64) {
    let house = house();
    let brightness = House::PATHS.floor.room.lamp.brightness;
    for n in 0..times {
        let done: std::result::Result<(), ()> = house.transaction(|tx| {
            for more in 0..10 {
                tx.set(brightness, n + more);
            }
            Ok(())
        });
        black_box(done).expect("nothing fails");
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Queue {
    waiting: Vec<u64>,
    count: u64,
}

fn push_and_count(times: u64) {
    let queue = create_model("queue", Queue::default());
    for n in 0..times {
        queue.push(Queue::PATHS.waiting, n);
        queue.set(Queue::PATHS.count, n + 1);
    }
}

fn transaction_of_two(times: u64) {
    let queue = create_model("queue", Queue::default());
    for n in 0..times {
        let done = queue.transaction(|tx| {
            tx.push(Queue::PATHS.waiting, n);
            tx.set(Queue::PATHS.count, n + 1);
            Ok::<(), ()>(())
        });
        black_box(done).expect("nothing fails");
    }
}

/// The numbers of entries between which no cost may grow.
pub(crate) const FEW: u64 = 1_000;
pub(crate) const MANY: u64 = 100_000;

/// A map whose hashes are the same in each run.
type Devices = HashMap<u128, Lamp, BuildHasherDefault<DefaultHasher>>;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Fleet {
    devices: Devices,
    writes: u64,
}

fn id(number: u64) -> u128 {
    u128::from(number) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835
}

fn fleet(count: u64) -> Model<Fleet> {
    let devices = (0..count).map(|number| (id(number), Lamp::default())).collect();
    create_model("fleet", Fleet { devices, writes: 0 })
}

fn set_entry(count: u64, times: u64) {
    let fleet = fleet(count);
    for n in 0..times {
        let device = Fleet::PATHS.devices.key(id(n % FEW)).then(Lamp::PATHS.brightness);
        fleet.set(device, n + 1).expect("it is there");
    }
}

fn set_fires_each(count: u64, times: u64) {
    let fleet = fleet(count);
    let each = Fleet::PATHS.devices.each().then(Lamp::PATHS.brightness);
    let _watching = fleet.subscribe(each, |(id, brightness), _| {
        black_box((id, brightness));
    });
    for n in 0..times {
        let device = Fleet::PATHS.devices.key(id(n % FEW)).then(Lamp::PATHS.brightness);
        fleet.set(device, n + 1).expect("it is there");
    }
}

fn transaction_of_entries(count: u64, times: u64) {
    let fleet = fleet(count);
    for n in 0..times {
        let done = fleet.transaction(|tx| {
            let device = Fleet::PATHS.devices.key(id(n % FEW)).then(Lamp::PATHS.brightness);
            tx.set(device, n + 1)?;
            tx.set(Fleet::PATHS.writes, n + 1);
            Ok::<(), sprag::error::Absent>(())
        });
        black_box(done).expect("it is there");
    }
}

fn subscribe(times: u64) {
    let house = house();
    let brightness = House::PATHS.floor.room.lamp.brightness;
    let _steady = house.subscribe(brightness, |_, _| {});
    for _ in 0..times {
        drop(house.subscribe(brightness, |_, _| {}));
    }
}

#[derive(Event)]
#[event("house:lit")]
struct Lit(u64);

fn create(times: u64) {
    for n in 0..times {
        black_box(create_store("created", n));
    }
}

fn emit(times: u64) {
    let bus = Bus::new();
    let _listening = bus.on::<Lit>(|lit| {
        black_box(lit.0);
    });
    for n in 0..times {
        bus.emit(Lit(n));
    }
}

/// Far from its end at any time.
const TTL: Duration = Duration::from_secs(3_600);

fn cache_hit(times: u64) {
    let cache = create_cache::<u64>("cache").bus(&Bus::new()).ttl(TTL).build();
    let cache = cache.expect("its name is free");
    cache.set(7);
    for _ in 0..times {
        cache.read(|value| {
            black_box(value);
        });
    }
}

fn keyed_hit(times: u64) {
    keyed(Duration::ZERO, times);
}

fn keyed_hit_with_ttl(times: u64) {
    keyed(TTL, times);
}

fn keyed(ttl: Duration, times: u64) {
    let cache = create_keyed_cache::<u64, u64>("keyed").bus(&Bus::new()).ttl(ttl).build();
    let cache = cache.expect("its name is free");
    cache.set(7, 7);
    for _ in 0..times {
        black_box(cache.get(black_box(&7)));
    }
}
