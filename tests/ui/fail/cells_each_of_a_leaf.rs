//! An `each()` of a `#[model(leaf)]` field.
//!
//! Derive `Model` for its items, or subscribe to the field or to one entry.

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
    let parts = Fleet::PATHS.parts.each(); //~ ERROR
    let _log = fleet.subscribe((parts, devices), |_, _| {});
}
