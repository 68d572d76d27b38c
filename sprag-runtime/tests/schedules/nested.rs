//! I2: cells that are used inside of others.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
// Not points at which the explorer switches.
use std::sync::atomic::{AtomicBool, Ordering};

use shuttle::thread;
use sprag::prelude::*;

use crate::explored::{explore, join, spawn};

const SCHEDULES: usize = 10_000;

#[test]
fn i2_two_cells_updated_crosswise_panic_instead_of_deadlocking() {
    shuttle::check_random(
        || {
            let (left, right) = (create_store("left", 0u64), create_store("right", 0u64));
            let cross = |first: &Store<u64>, second: &Store<u64>| {
                let (first, second) = (first.clone(), second.clone());
                thread::spawn(move || {
                    let both = AssertUnwindSafe(|| {
                        first.update(|n| {
                            second.update(|n| *n += 1);
                            *n += 1;
                        });
                    });
                    u64::from(catch_unwind(both).is_ok())
                })
            };
            let threads = [cross(&left, &right), cross(&right, &left)];

            let through: u64 = threads.map(|thread| thread.join().unwrap()).iter().sum();

            assert!(through >= 1, "at most one gives way");
            assert_eq!(*left.snapshot() + *right.snapshot(), 2 * through);
        },
        SCHEDULES / 10,
    );
}

shuttle::thread_local! {
    /// The cell that clones of a [`Peek`] read, if this thread makes them.
    static LOOKS_AT: RefCell<Option<Store<u64>>> = RefCell::new(None);
}

/// A value whose clone reads another cell.
#[derive(Model, Debug, Default, PartialEq)]
#[model(leaf)]
struct Peek;

impl Clone for Peek {
    fn clone(&self) -> Self {
        LOOKS_AT.with(|cell| cell.borrow().as_ref().map(Store::snapshot));
        Self
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Shared {
    number: u64,
    peek: Peek,
}

/// Two threads wait for the end of a write, and then read the same cell: one inside an update of
/// `other`, and one that reads `other` under the lock. The second waits for the first, and the
/// first for neither.
#[test]
fn i2_a_reader_that_is_let_in_closes_no_cycle_with_another_reader() {
    explore(SCHEDULES / 5, || {
        let shared = create_model("shared", Shared::default());
        let (other, is_held) = (create_store("other", 0u64), Arc::new(AtomicBool::new(false)));
        let writes = {
            let (shared, is_held) = (shared.clone(), Arc::clone(&is_held));
            move || {
                shared.update(|shared| {
                    is_held.store(true, Ordering::SeqCst);
                    thread::yield_now();
                    shared.number = 1;
                });
            }
        };
        let wait_until_held = move || {
            while !is_held.load(Ordering::SeqCst) {
                thread::yield_now();
            }
        };
        let reads_inside = {
            let (shared, other, wait) = (shared.clone(), other.clone(), wait_until_held.clone());
            move || {
                wait();
                other.update(|n| *n = shared.get(Shared::PATHS.number));
            }
        };
        let reads_under_the_lock = {
            let (shared, other) = (shared.clone(), other.clone());
            move || {
                LOOKS_AT.with(|cell| cell.replace(Some(other)));
                wait_until_held();
                shared.get(Shared::PATHS.peek);
                LOOKS_AT.with(|cell| cell.replace(None));
            }
        };

        join([spawn(writes), spawn(reads_inside), spawn(reads_under_the_lock)]);

        assert_eq!(*other.snapshot(), 1);
    });
}
