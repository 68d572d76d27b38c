//! The operations that leave or enter the process as data: D0, D3 and D6.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::hint::black_box;

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use sprag::path::Address;
use sprag::prelude::*;
use sprag::state::{Changeset, Op};

use crate::operations::{FEW, MANY, Operation};

/// All operations at the edge.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("set as bytes by hand", |times| as_bytes_by_hand(FEW, times)),
    ("set as bytes among 1,000", |times| as_bytes(FEW, times)),
    ("set as bytes among 100,000", |times| as_bytes(MANY, times)),
    ("set by text among 1,000", |times| by_text(FEW, times)),
    ("set by text among 100,000", |times| by_text(MANY, times)),
    ("set by address among 1,000", |times| by_address(FEW, times)),
    ("set by address among 100,000", |times| by_address(MANY, times)),
    ("get by text among 1,000", |times| get_by_text(FEW, times)),
    ("get by text among 100,000", |times| get_by_text(MANY, times)),
    ("apply among 1,000", |times| apply(FEW, times)),
    ("apply among 100,000", |times| apply(MANY, times)),
];

/// A map whose hashes are the same in each run.
type Devices = HashMap<u64, Device, BuildHasherDefault<DefaultHasher>>;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Fleet {
    devices: Devices,
    writes: u64,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Device {
    name: String,
    status: u64,
}

fn id(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn state(count: u64) -> Fleet {
    Fleet { devices: (0..count).map(|number| (id(number), Device::default())).collect(), writes: 0 }
}

/// A model whose state is its own: the initial one is parted from it by the first write.
fn fleet(count: u64) -> Model<Fleet> {
    let fleet = create_model("fleet", state(count));
    fleet.set(Fleet::PATHS.writes, 1);
    fleet
}

/// A changeset of one op, by hand.
#[derive(Serialize)]
struct Line {
    from: u64,
    to: u64,
    ops: [(&'static str, (&'static str, u64, &'static str), u64); 1],
}

fn as_bytes_by_hand(count: u64, times: u64) {
    let (mut fleet, mut bytes) = (state(count), Vec::new());
    for n in 0..times {
        let id = id(n % FEW);
        fleet.devices.get_mut(&id).expect("it is there").status = n + 1;
        let line = Line { from: n, to: n + 1, ops: [("=", ("devices", id, "status"), n + 1)] };
        bytes.clear();
        serde_json::to_writer(&mut bytes, &line).expect("it is JSON");
        black_box(&bytes);
    }
}

fn as_bytes(count: u64, times: u64) {
    let (fleet, mut bytes) = (fleet(count), Vec::new());
    let mut changes = fleet.changes();
    for n in 0..times {
        let status = Fleet::PATHS.devices.key(id(n % FEW)).then(Device::PATHS.status);
        fleet.set(status, n + 1).expect("it is there");
        let commit = changes.next().now_or_never().flatten().expect("a commit waits");
        bytes.clear();
        serde_json::to_writer(&mut bytes, &commit.expect("the reader is fast"))
            .expect("it is JSON");
        black_box(&bytes);
    }
}

/// The texts of the places that are written in turn.
fn texts() -> Vec<String> {
    (0..FEW).map(|number| format!("devices.{}.status", id(number))).collect()
}

fn addresses() -> Vec<Address> {
    texts().iter().map(|text| Address::parse(text).expect("it is a place")).collect()
}

fn by_text(count: u64, times: u64) {
    let (fleet, texts) = (fleet(count), texts());
    for n in 0..times {
        let text = &texts[(n % FEW) as usize];
        fleet.set_value(text, (n + 1).into()).expect("it is there");
    }
}

fn by_address(count: u64, times: u64) {
    let (fleet, addresses) = (fleet(count), addresses());
    for n in 0..times {
        let address = &addresses[(n % FEW) as usize];
        fleet.set_at(address, (n + 1).into()).expect("it is there");
    }
}

fn get_by_text(count: u64, times: u64) {
    let (fleet, texts) = (fleet(count), texts());
    for n in 0..times {
        black_box(fleet.get_value(&texts[(n % FEW) as usize]).expect("it is there"));
    }
}

fn apply(count: u64, times: u64) {
    let (fleet, addresses) = (fleet(count), addresses());
    for n in 0..times {
        let place = addresses[(n % FEW) as usize].clone();
        let version = fleet.version();
        let ops = vec![Op::Set { place, value: serde_json::Value::from(n + 1).into() }];
        fleet.apply(&Changeset::new(version, version + 1, ops)).expect("it fits");
    }
}
