use std::collections::{BTreeSet, HashMap};

use sprag::prelude::*;

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
    let parts = Fleet::PATHS.parts.key(7);
    let _log = fleet.subscribe((parts, devices), |_, _| {});
}
