//! An `each()` is mapped.
//!
//! Lead on to a place in each entry, or compute in the callback.

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
    let online = devices.each().map(|device: &Device| device.online); //~ ERROR
    let _log = fleet.subscribe(online, |_, _| {});
}
