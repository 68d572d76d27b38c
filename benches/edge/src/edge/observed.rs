//! Observed writes: `each()` (D10), and a stream of commits (D6).

use std::cell::RefCell;
use std::hint::black_box;

use bench_harness::{Contest, Options, Report, Role};
use futures::{FutureExt, StreamExt};
use serde::Serialize;
use sprag::state::{Changes, Commit};
use uuid::Uuid;

use super::All;
use crate::fleet::{Device, Fleet};

/// Every device's status has one subscriber.
pub(super) fn each(all: &All, options: &Options, report: &mut Report) {
    let statuses = Fleet::PATHS.devices.each().then(Device::PATHS.status);
    let _subscription = all.model.subscribe(statuses, |(id, status), _| {
        black_box((id, status));
    });
    Contest::new("set a field of an entry, all observed", all.case())
        .add(Role::Floor, "by hand, a callback after the lock", || {
            let (id, value) = all.turns.next_id();
            all.lock.write().devices.get_mut(&id).expect("the device is there").status = value;
            let call: &dyn Fn(&Uuid, u64) = black_box(&|id, value| {
                black_box((id, value));
            });
            call(&id, value);
        })
        .add(Role::Sprag, "sprag, `each()`", || all.by_path())
        .run(options, report);
}

/// A write and its bytes: those of a changeset, also by hand.
pub(super) fn changes(all: &All, options: &Options, report: &mut Report) {
    let stream = RefCell::new(all.model.changes());
    let write = || {
        all.by_path();
        taken(&mut stream.borrow_mut())
    };
    let (mut bytes, mut hand_bytes) = (Vec::new(), Vec::new());
    Contest::new("set a field of an entry, and its bytes", all.case())
        .add(Role::Floor, "by hand, place and value serialised", || {
            let (id, value) = all.turns.next_id();
            all.lock.write().devices.get_mut(&id).expect("the device is there").status = value;
            hand_bytes.clear();
            let line = Line { from: value, to: value + 1, ops: [("=", place(&id), value)] };
            serde_json::to_writer(&mut hand_bytes, &line).expect("it is JSON");
            black_box(hand_bytes.len())
        })
        .add(Role::Sprag, "sprag, `changes()`, serialised", || {
            bytes.clear();
            serde_json::to_writer(&mut bytes, &write()).expect("it is JSON");
            black_box(bytes.len())
        })
        .add(Role::Variant, "sprag, `changes()`, `changeset()` alone", || write().changeset())
        .add(Role::Variant, "sprag, `changes()`, the commit alone", || {
            write();
        })
        .run(options, report);
}

/// The commit that waits.
fn taken(stream: &mut Changes<Fleet>) -> Commit<Fleet> {
    let next = stream.next().now_or_never().flatten();
    next.expect("a commit waits").expect("the reader is fast")
}

/// A changeset of one op, by hand.
#[derive(Serialize)]
struct Line<'a> {
    from: u64,
    to: u64,
    ops: [(&'static str, Place<'a>, u64); 1],
}

type Place<'a> = (&'static str, &'a Uuid, &'static str);

fn place(id: &Uuid) -> Place<'_> {
    ("devices", id, "status")
}
