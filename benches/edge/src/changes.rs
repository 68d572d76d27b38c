//! One change in states of 1 kB, 100 kB and 10 MB of JSON, as data: sprag's changeset beside
//! json-patch, which compares two JSON values, and beside serde-diff and structdiff, which
//! compare two values of one type.
//!
//! Every contestant writes one status and ends with the bytes of the change. json-patch has
//! the old value of the state at hand; the new one costs a serialisation of the state,
//! which is measured with and without.

mod typed;

use std::hint::black_box;

use bench_harness::{Contest, Options, Report, Role, Spread, Unit};
use futures::{FutureExt, StreamExt};
use serde_json::Value;
use sprag::create_model;
use uuid::Uuid;

use self::typed::TypedDiff;
use crate::fleet::{Device, Fleet, Turns};

const SET: &str = "sprag, `set`";
const UPDATE: &str = "sprag, `update`";
const DIFF: &str = "json-patch, `diff` alone";
const WHOLE: &str = "json-patch, `to_value` and `diff`";
const SERDE_DIFF: &str = "serde-diff, both states at hand";
const STRUCTDIFF: &str = "structdiff, both states at hand";

/// All sizes: a device is about 75 bytes of JSON.
pub(crate) fn run(options: &Options, report: &mut Report) {
    one("1 kB", 13, options, report);
    one("100 kB", 1_320, options, report);
    one("10 MB", 125_000, options, report);
}

fn one(case: &str, entries: u64, options: &Options, report: &mut Report) {
    let fleet = Fleet::of(entries);
    let turns = Turns::of(entries);
    let (mut diff, mut whole) = (Diff::of(&fleet), Whole::of(&fleet));
    let (mut serde_diff, mut structdiff) = (TypedDiff::of(&fleet), TypedDiff::of(&fleet));
    // A model each, so that no contestant pays for what another one left.
    let (mut set, mut update) = (Sprag::of(fleet.clone()), Sprag::of(fleet));
    let sizes = [
        (Role::Sprag, SET, set.set(turns.next_id())),
        (Role::Variant, UPDATE, update.update(turns.next_id())),
        (Role::Peer, DIFF, diff.change(turns.next_id())),
        (Role::Peer, SERDE_DIFF, serde_diff.serde_diff(turns.next_id())),
        (Role::Peer, STRUCTDIFF, structdiff.structdiff(turns.next_id())),
    ];
    Contest::new("one change as bytes", case)
        .add(Role::Sprag, SET, || set.set(turns.next_id()))
        .add(Role::Variant, UPDATE, || update.update(turns.next_id()))
        .add(Role::Peer, DIFF, || diff.change(turns.next_id()))
        .add(Role::Peer, WHOLE, || whole.change(turns.next_id()))
        .add(Role::Peer, SERDE_DIFF, || serde_diff.serde_diff(turns.next_id()))
        .add(Role::Peer, STRUCTDIFF, || structdiff.structdiff(turns.next_id()))
        .run(options, report);
    let figure = |(role, name, bytes)| (role, name, Spread::exactly(bytes as f64));
    report.add("bytes of one change", case, Unit::Bytes, sizes.map(figure));
}

/// A model with a follower.
struct Sprag {
    model: sprag::Model<Fleet>,
    changes: sprag::state::Changes<Fleet>,
    bytes: Vec<u8>,
}

impl Sprag {
    fn of(fleet: Fleet) -> Self {
        let model = create_model("fleet", fleet);
        // The first write parts the state from the initial one, which the model keeps.
        model.set(Fleet::PATHS.count, 1);
        Self { changes: model.changes(), model, bytes: Vec::new() }
    }

    /// The number of bytes of a change by path.
    fn set(&mut self, (id, value): (Uuid, u64)) -> usize {
        let status = Fleet::PATHS.devices.key(id).then(Device::PATHS.status);
        self.model.set(status, value).expect("the device is there");
        self.written()
    }

    /// The same by a closure over the state, after which the two states are compared.
    fn update(&mut self, (id, value): (Uuid, u64)) -> usize {
        self.model.update(|fleet| {
            fleet.devices.get_mut(&id).expect("the device is there").status = value;
        });
        self.written()
    }

    fn written(&mut self) -> usize {
        let commit = self.changes.next().now_or_never().flatten();
        let commit = commit.expect("a commit waits").expect("the reader is fast");
        self.bytes.clear();
        serde_json::to_writer(&mut self.bytes, &commit).expect("it is JSON");
        black_box(self.bytes.len())
    }
}

/// Both JSON values at hand.
struct Diff {
    before: Value,
    after: Value,
    bytes: Vec<u8>,
}

impl Diff {
    fn of(fleet: &Fleet) -> Self {
        let before = serde_json::to_value(fleet).expect("it is JSON");
        Self { after: before.clone(), before, bytes: Vec::new() }
    }

    /// The number of bytes of the patch.
    fn change(&mut self, (id, value): (Uuid, u64)) -> usize {
        let id = id.to_string();
        self.after["devices"][&id]["status"] = value.into();
        let size = patch(&self.before, &self.after, &mut self.bytes);
        self.before["devices"][&id]["status"] = value.into();
        size
    }
}

/// The state, and its JSON before the change.
struct Whole {
    fleet: Fleet,
    before: Value,
    bytes: Vec<u8>,
}

impl Whole {
    fn of(fleet: &Fleet) -> Self {
        let before = serde_json::to_value(fleet).expect("it is JSON");
        Self { fleet: fleet.clone(), before, bytes: Vec::new() }
    }

    /// The number of bytes of the patch.
    fn change(&mut self, (id, value): (Uuid, u64)) -> usize {
        self.fleet.devices.get_mut(&id).expect("the device is there").status = value;
        let after = serde_json::to_value(&self.fleet).expect("it is JSON");
        let size = patch(&self.before, &after, &mut self.bytes);
        self.before = after;
        size
    }
}

/// Writes what differs into `bytes`.
fn patch(before: &Value, after: &Value, bytes: &mut Vec<u8>) -> usize {
    let patch = json_patch::diff(before, after);
    assert_eq!(patch.0.len(), 1, "one status differs");
    bytes.clear();
    serde_json::to_writer(&mut *bytes, &patch).expect("it is JSON");
    black_box(bytes.len())
}
