//! serde-diff and structdiff: peers that compare two values of one type.
//!
//! Their state has the devices alone, by the text of the id: neither crate knows `Uuid`, and
//! structdiff compares long lists in quadratic time.

use std::collections::HashMap;
use std::hint::black_box;

use serde::{Deserialize, Serialize};
use serde_diff::SerdeDiff;
use structdiff::{Difference, StructDiff};
use uuid::Uuid;

use crate::fleet::Fleet;

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, SerdeDiff, Difference)]
struct Devices {
    #[difference(collection_strategy = "unordered_map_like", map_equality = "key_and_value")]
    devices: HashMap<String, PeerDevice>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, SerdeDiff, Difference)]
struct PeerDevice {
    name: String,
    status: u64,
}

/// Two states at hand, of which one is a change behind.
pub(super) struct TypedDiff {
    before: Devices,
    after: Devices,
    bytes: Vec<u8>,
}

impl TypedDiff {
    pub(super) fn of(fleet: &Fleet) -> Self {
        let device = |(id, device): (&Uuid, &crate::fleet::Device)| {
            (id.to_string(), PeerDevice { name: device.name.clone(), status: device.status })
        };
        let before = Devices { devices: fleet.devices.iter().map(device).collect() };
        Self { after: before.clone(), before, bytes: Vec::new() }
    }

    /// The number of bytes of what serde-diff finds.
    pub(super) fn serde_diff(&mut self, turn: (Uuid, u64)) -> usize {
        self.change(turn, |before, after, bytes| {
            let diff = serde_diff::Diff::serializable(before, after);
            serde_json::to_writer(bytes, &diff).expect("it is JSON");
        })
    }

    /// The number of bytes of what structdiff finds.
    pub(super) fn structdiff(&mut self, turn: (Uuid, u64)) -> usize {
        self.change(turn, |before, after, bytes| {
            serde_json::to_writer(bytes, &StructDiff::diff(before, after)).expect("it is JSON");
        })
    }

    fn change(
        &mut self,
        (id, value): (Uuid, u64),
        write: impl FnOnce(&Devices, &Devices, &mut Vec<u8>),
    ) -> usize {
        let id = id.to_string();
        let status = |devices: &mut Devices| {
            devices.devices.get_mut(&id).expect("the device is there").status = value;
        };
        status(&mut self.after);
        self.bytes.clear();
        write(&self.before, &self.after, &mut self.bytes);
        status(&mut self.before);
        black_box(self.bytes.len())
    }
}
