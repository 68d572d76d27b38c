//! I3, I4: the drainer's role, as the runtime has it, under a checker that knows the memory
//! model. The schedule explorer of `sprag-runtime/tests/schedules` knows sequential
//! consistency alone.
#![cfg(test)]

#[path = "../../../sprag-runtime/src/cell/role.rs"]
mod role;
mod sync;

use loom::model::Builder;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;

use self::role::Role;
use self::sync::Mutex;

/// A cell whose batches are the versions.
struct Cell {
    core: Mutex<u64>,
    role: Role<u64>,
    /// The version that was delivered last. `Relaxed` throughout: only the role orders the
    /// writes of one drainer before the reads of the next one.
    delivered: AtomicU64,
}

impl Cell {
    fn new() -> Arc<Self> {
        let (core, delivered) = (Mutex::new(0), AtomicU64::new(0));
        Arc::new(Self { core, role: Role::new(), delivered })
    }

    /// Commits a version and delivers as `Cell::deliver` of the runtime does.
    fn write(&self) {
        let mut version = self.core.lock();
        *version += 1;
        if self.role.begin() {
            let batch = *version;
            drop(version);
            self.deliver(batch);
            if !self.role.leave() {
                self.drain(1);
            }
        } else {
            let has_role = self.role.enqueue(*version);
            drop(version);
            if has_role || (self.role.is_behind() && self.role.slow()) {
                self.drain(0);
            }
        }
    }

    fn drain(&self, mut stint: usize) {
        while let Some(batch) = self.role.next(stint) {
            self.deliver(batch);
            stint += 1;
        }
    }

    fn deliver(&self, version: u64) {
        let last = self.delivered.load(Ordering::Relaxed);
        assert_eq!(version, last + 1, "deliveries follow each other, each after the last");
        self.delivered.store(version, Ordering::Relaxed);
        self.role.count_done();
    }

    /// Commits so far are delivered when `flush` returns.
    fn flush(&self) {
        let committed = *self.core.lock();
        self.role.flush();
        assert!(self.delivered.load(Ordering::Relaxed) >= committed, "flush waits for all");
    }
}

/// Explores all interleavings with at most `switches` involuntary ones.
fn explore(switches: usize, scenario: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(switches);
    builder.check(scenario);
}

fn spawn(cell: &Arc<Cell>, work: impl FnOnce(&Cell) + 'static) -> thread::JoinHandle<()> {
    let cell = Arc::clone(cell);
    thread::spawn(move || work(&cell))
}

#[test]
fn i3_two_writers_deliver_in_order() {
    explore(3, || {
        let cell = Cell::new();
        let other = spawn(&cell, |cell| {
            cell.write();
            cell.write();
        });
        cell.write();
        other.join().unwrap();
        cell.flush();
        assert_eq!(cell.delivered.load(Ordering::Relaxed), 3);
    });
}

#[test]
fn i3_three_writers_deliver_in_order() {
    explore(2, || {
        let cell = Cell::new();
        let others = [spawn(&cell, Cell::write), spawn(&cell, Cell::write)];
        cell.write();
        others.into_iter().for_each(|other| other.join().unwrap());
        cell.flush();
        assert_eq!(cell.delivered.load(Ordering::Relaxed), 3);
    });
}

#[test]
fn i4_flush_beside_two_writers_returns_after_their_deliveries() {
    explore(2, || {
        let cell = Cell::new();
        let others = [spawn(&cell, Cell::write), spawn(&cell, Cell::write)];
        cell.flush();
        others.into_iter().for_each(|other| other.join().unwrap());
    });
}
