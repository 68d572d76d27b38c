//! D9: a transaction costs what it writes.

use std::time::Duration;

use bench_harness::{Contest, Options, Report, Role, ThreadClock};

use super::{All, LOCK};
use crate::fleet::{Device, Fleet};

/// A push to a queue that is as long as the state has entries, and a counter. The queue
/// gets its length back after each sample, outside the clock.
pub(super) fn push(all: &All, options: &Options, report: &mut Report) {
    let (queue, count) = (Fleet::PATHS.queue, Fleet::PATHS.count);
    // The queue gets room for a sample, so that none moves it.
    popped_after(all, 1_000_000, || all.model.push(queue, 0));
    Contest::new("a push and a counter", all.case())
        .add_batches(Role::Floor, "sprag, the two writes alone", |times| {
            popped_after(all, times, || {
                let value = all.turns.next().value;
                all.model.push(queue, value);
                all.model.set(count, value);
            })
        })
        .add_batches(Role::Sprag, "sprag, `transaction`", |times| {
            popped_after(all, times, || {
                let value = all.turns.next().value;
                let done = all.model.transaction(|tx| {
                    tx.push(queue, value);
                    tx.set(count, value);
                    Ok::<(), ()>(())
                });
                done.expect("nothing is refused");
            })
        })
        .run(options, report);
}

/// The time of that many calls of `write`, each of which pushes to the queue.
fn popped_after(all: &All, times: u64, mut write: impl FnMut()) -> Duration {
    let start = ThreadClock::now();
    (0..times).for_each(|_| write());
    let took = start.elapsed();
    for _ in 0..times {
        all.model.pop(Fleet::PATHS.queue);
    }
    took
}

/// From one to a thousand writes of fields of entries.
pub(super) fn writes(all: &All, options: &Options, report: &mut Report) {
    const COUNTS: [(u64, &str); 4] = [
        (1, "1 write of a field of an entry"),
        (10, "10 writes of a field of an entry"),
        (100, "100 writes of a field of an entry"),
        (1_000, "1,000 writes of a field of an entry"),
    ];
    COUNTS
        .into_iter()
        .for_each(|(count, scenario)| writes_of(count, scenario, all, options, report));
}

fn writes_of(
    count: u64,
    scenario: &'static str,
    all: &All,
    options: &Options,
    report: &mut Report,
) {
    Contest::new(scenario, all.case())
        .add(Role::Floor, LOCK, || {
            let mut fleet = all.lock.write();
            for _ in 0..count {
                let (id, value) = all.turns.next_id();
                fleet.devices.get_mut(&id).expect("the device is there").status = value;
            }
        })
        .add(Role::Sprag, "sprag, `transaction`", || {
            all.model.transaction(|tx| {
                (0..count).try_for_each(|_| {
                    let (id, value) = all.turns.next_id();
                    let status = Fleet::PATHS.devices.key(id).then(Device::PATHS.status);
                    tx.set(status, value).map(drop)
                })
            })
        })
        .add(Role::Variant, "sprag, as many `set`s", || (0..count).for_each(|_| all.by_path()))
        .run(options, report);
}
