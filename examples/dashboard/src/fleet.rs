//! [`Fleet`]: the devices, and their simulation.

use std::collections::BTreeMap;
use std::convert::Infallible;

use serde::{Deserialize, Serialize};
use sprag::{path, prelude::*};

/// The devices by their number, `00000` to `09999`.
///
/// All keys have the same length, so that the page can compute the key of a row from its
/// index.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fleet {
    /// A map and not a list, since a page can show single entries of a map.
    pub devices: BTreeMap<String, Device>,
}

/// A device.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Device {
    /// The name of the device.
    #[model(browser = "write")]
    pub name: String,
    /// The state of the device.
    pub status: Status,
    /// In per cent.
    pub load: u8,
    /// In tenths of a degree.
    pub temperature: i32,
}

/// The state of a device.
#[derive(Model, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The device works.
    #[default]
    Well,
    /// The device is too warm.
    Hot,
    /// The device does not answer.
    Down,
}

/// The temperature at which a device is too warm, in tenths of a degree.
const HOT: i32 = 800;

/// The key of a device.
fn key(number: usize) -> String {
    format!("{number:05}")
}

/// A fleet of `count` devices, all of them well.
pub fn fleet(count: usize) -> Fleet {
    let device = |number: usize| {
        let (hall, kind) = (number / 500 + 1, ["pump", "fan", "valve", "lamp"][number % 4]);
        let name = format!("Hall {hall}, {kind} {}", number % 500 + 1);
        let load = (number * 37 % 60) as u8 + 20;
        (key(number), Device { name, load, temperature: 400, ..Device::default() })
    };
    Fleet { devices: (0..count).map(device).collect() }
}

/// Changes `changes` devices, in one commit.
pub fn step(fleet: &Model<Fleet>, random: &mut fastrand::Rng, changes: usize) {
    let count = fleet.read(|fleet| fleet.devices.len());
    let Ok(()) = fleet.transaction(|fleet| {
        for _ in 0..changes {
            let device = path!(Fleet.devices[key(random.usize(..count))]);
            let (up, fate) = (random.i32(-9..=9), random.u16(..));
            // The number is less than the count.
            let _changed = fleet.update_at(device, |device| change(device, up, fate));
        }
        Ok::<_, Infallible>(())
    });
}

fn change(device: &mut Device, up: i32, fate: u16) {
    let is_down = match device.status {
        Status::Down => !fate.is_multiple_of(8),
        Status::Well | Status::Hot => fate.is_multiple_of(2_048),
    };
    let load = (i32::from(device.load) + up).clamp(0, 100);
    device.load = if is_down { 0 } else { load as u8 };
    // The temperature slowly approaches a value that depends on the load.
    device.temperature += (300 + load * 6 - device.temperature) / 4;
    device.status = match device.temperature {
        _ if is_down => Status::Down,
        HOT.. => Status::Hot,
        _ => Status::Well,
    };
}
