//! The measured state: devices by `Uuid`, a queue and a counter.

use std::cell::Cell;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sprag::Model;
use sprag::path::Address;
use uuid::Uuid;

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, Model)]
pub(crate) struct Fleet {
    pub(crate) devices: HashMap<Uuid, Device>,
    pub(crate) queue: Vec<u64>,
    pub(crate) count: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, Model)]
pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) status: u64,
}

/// The written ids: few, so that a figure shows the work more than the distance of the
/// memory.
const WRITTEN: u64 = 1_024;

impl Fleet {
    /// `entries` devices, and as many numbers in the queue.
    pub(crate) fn of(entries: u64) -> Self {
        let device = |n| (id(n), Device { name: format!("device {n}"), status: 0 });
        Self {
            devices: (0..entries).map(device).collect(),
            queue: (0..entries).collect(),
            count: 0,
        }
    }
}

/// The id of the device `n`: its bits are spread, as those of random ids are.
fn id(n: u64) -> Uuid {
    Uuid::from_u128(u128::from(n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
}

/// Devices that are read and written in turn, spread over the state.
pub(crate) struct Turns {
    pub(crate) ids: Vec<Uuid>,
    pub(crate) texts: Vec<String>,
    pub(crate) addresses: Vec<Address>,
    taken: Cell<usize>,
}

/// One turn: the index of the device, and a value that its status never had.
pub(crate) struct Turn {
    pub(crate) index: usize,
    pub(crate) value: u64,
}

impl Turns {
    pub(crate) fn of(entries: u64) -> Self {
        let written = WRITTEN.min(entries);
        let ids: Vec<_> = (0..written).map(|n| id(n * (entries / written))).collect();
        let address = |id: &Uuid| {
            Address::from_iter(["devices".into(), id.to_string().into(), "status".into()])
        };
        Self {
            texts: ids.iter().map(|id| format!("devices.{id}.status")).collect(),
            addresses: ids.iter().map(address).collect(),
            ids,
            taken: Cell::new(0),
        }
    }

    pub(crate) fn next(&self) -> Turn {
        self.taken.set(self.taken.get() + 1);
        // 0 and 1 are the values of prepared changesets.
        Turn { index: self.taken.get() % self.ids.len(), value: self.taken.get() as u64 + 1 }
    }

    pub(crate) fn next_id(&self) -> (Uuid, u64) {
        let turn = self.next();
        (self.ids[turn.index], turn.value)
    }
}
