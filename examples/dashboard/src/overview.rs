//! [`Overview`]: the counts of all devices.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use sprag::prelude::*;

use crate::fleet::{Device, Fleet, Status};

/// The counts of the devices, and the devices that need attention.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// The number of devices.
    pub total: u64,
    /// The number of devices that are too warm.
    pub hot: u64,
    /// The number of devices that do not answer.
    pub down: u64,
    /// The keys of the devices that are not well, in order.
    pub troubled: Vec<String>,
    /// The writes to all devices in the last second.
    pub writes: u64,
}

/// Keeps the counts up to date: the subscriber is called once for each device whose status
/// changed, independent of the number of devices.
pub fn keep(fleet: &Model<Fleet>, overview: &Model<Overview>) -> Subscription {
    let troubled: BTreeMap<String, Status> = fleet.read(|fleet| {
        let troubled = fleet.devices.iter().filter(|(_, device)| device.status != Status::Well);
        troubled.map(|(key, device)| (key.clone(), device.status)).collect()
    });
    overview.patch(counts(&troubled).total(fleet.read(|fleet| fleet.devices.len() as u64)));
    let (troubled, overview) = (Mutex::new(troubled), overview.clone());
    let statuses = Fleet::PATHS.devices.each().then(Device::PATHS.status);
    fleet.subscribe(statuses, move |(key, status), _| {
        let mut troubled = troubled.lock().unwrap();
        match status {
            Some(Status::Well) | None => troubled.remove(key),
            Some(status) => troubled.insert(key.clone(), *status),
        };
        let counts = counts(&troubled);
        drop(troubled);
        overview.patch(counts);
    })
}

fn counts(troubled: &BTreeMap<String, Status>) -> OverviewPatch {
    let count = |status| troubled.values().filter(|found| **found == status).count() as u64;
    OverviewPatch::new()
        .hot(count(Status::Hot))
        .down(count(Status::Down))
        .troubled(troubled.keys().cloned().collect())
}
