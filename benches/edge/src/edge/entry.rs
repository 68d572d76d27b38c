//! One field of one entry.

use bench_harness::{Contest, Options, Report, Role};
use serde_json::Value;
use sprag::path::Address;
use sprag::state::{Changeset, Op};

use super::{All, LOCK};
use crate::fleet::{Device, Fleet};

pub(super) fn get(all: &All, options: &Options, report: &mut Report) {
    let (model, turns) = (&all.model, &all.turns);
    Contest::new("get a field of an entry", all.case())
        .add(Role::Floor, LOCK, || {
            all.lock.read().devices.get(&turns.next_id().0).map(|device| device.status)
        })
        .add(Role::Sprag, "sprag, by path", || {
            model.get(Fleet::PATHS.devices.key(turns.next_id().0).then(Device::PATHS.status))
        })
        .add(Role::Variant, "sprag, by text", || {
            model.get_value(&turns.texts[turns.next().index]).expect("the device is there")
        })
        .add(Role::Variant, "sprag, by `Address`", || {
            model.get_at(&turns.addresses[turns.next().index]).expect("the device is there")
        })
        .run(options, report);
}

pub(super) fn set(all: &All, options: &Options, report: &mut Report) {
    let (model, turns) = (&all.model, &all.turns);
    // Each status in turn to 0, then each to 1: no write is equal to the one before.
    let zeros = turns.addresses.iter().map(|place| changeset(place, 0));
    let ones = turns.addresses.iter().map(|place| changeset(place, 1));
    let sets: Vec<_> = zeros.chain(ones).collect();
    let mut sets = sets.iter().cycle();
    Contest::new("set a field of an entry", all.case())
        .add(Role::Floor, LOCK, || all.by_hand())
        .add(Role::Sprag, "sprag, by path", || all.by_path())
        .add(Role::Variant, "sprag, by text", || {
            let turn = turns.next();
            model.set_value(&turns.texts[turn.index], turn.value.into()).expect("it is there")
        })
        .add(Role::Variant, "sprag, by `Address`", || {
            let turn = turns.next();
            model.set_at(&turns.addresses[turn.index], turn.value.into()).expect("it is there")
        })
        .add(Role::Variant, "sprag, `apply` of a changeset", || {
            model.apply(sets.next().expect("they go round")).expect("the changeset fits")
        })
        .run(options, report);
}

/// A changeset from elsewhere, to be applied.
fn changeset(place: &Address, value: u64) -> Changeset {
    Changeset::new(0, 1, vec![Op::Set { place: place.clone(), value: Value::from(value).into() }])
}
