//! One caller requests a missing value, and the factory fails each time.
//!
//! `OnceLock` has no stable method whose closure can fail.

use std::cell::Cell;

use bench_harness::{Contest, Options, Report, Role};
use parking_lot::Mutex;
use sprag::prelude::*;

/// The caller gets the error, which is not stored.
pub(super) fn once(options: &Options, report: &mut Report) {
    let sprag: Cache<u64> = create_cache("failing").build().expect("no other has the name");
    let moka = moka::sync::Cache::<(), u64>::new(1);
    let quick = quick_cache::sync::Cache::<(), u64>::new(1);
    let lock = Mutex::new(None::<u64>);
    let n = Cell::new(0_u64);
    let fail = || {
        n.set(n.get() + 1);
        Err::<u64, _>(std::io::Error::from(std::io::ErrorKind::NotFound))
    };
    Contest::new("factory that fails", "one call")
        .add(Role::Floor, "by hand, `Mutex<Option<V>>`", || {
            let mut slot = lock.lock();
            if let Some(value) = *slot {
                return Ok::<_, std::io::Error>(value);
            }
            let value = fail()?;
            Ok(*slot.insert(value))
        })
        .add(Role::Sprag, "sprag", || sprag.try_get_or_compute(fail))
        .add(Role::Peer, "moka", || moka.try_get_with((), fail))
        .add(Role::Peer, "quick_cache", || quick.get_or_insert_with(&(), fail))
        .run(options, report);
}
