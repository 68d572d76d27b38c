//! An `each()` is a part of a tuple.
//!
//! Subscribe to it by itself.

use sprag::prelude::*;
use std::collections::{BTreeSet, HashMap};

#[derive(Clone, Debug, Default, PartialEq)]
struct Foreign(u64);

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Fleet {
    devices: HashMap<u64, Device>,
    count: u64,
    #[model(leaf)]
    parts: HashMap<u64, Foreign>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Device {
    online: bool,
    tags: BTreeSet<String>,
}

fn main() {
    let fleet = create_model("fleet", Fleet::default());
    let devices = Fleet::PATHS.devices;
    let both = (devices.each(), Fleet::PATHS.count);
    let _log = fleet.subscribe(both, |_, _| {}); //~ ERROR
}
