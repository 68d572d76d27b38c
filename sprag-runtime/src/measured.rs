//! The list of all objects with metrics. The list does not know their types.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use crate::sync::atomic::Ordering;
use crate::sync::{Mutex, StaticCounter, global};

/// An object with metrics.
pub(crate) trait Measured: Send + Sync {
    /// Passes the metrics to the recorder. The recorder is users' code, so no lock may be
    /// held.
    fn measure(&self);
}

global! {
    static MEASURED: Mutex<HashMap<u64, Weak<dyn Measured>>> = Mutex::default();
}

/// Measures `measured` until the registration is dropped.
pub(crate) fn register(measured: Weak<dyn Measured>) -> Registered {
    static NEXT: StaticCounter = StaticCounter::new(0);
    let registered = Registered { number: NEXT.fetch_add(1, Ordering::Relaxed) };
    MEASURED.lock().insert(registered.number, measured);
    registered
}

/// A registration in the list, which ends when this is dropped.
pub(crate) struct Registered {
    number: u64,
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut all = MEASURED.lock();
        let removed = all.remove(&self.number);
        if all.len() < all.capacity() / 4 {
            let len = all.len();
            all.shrink_to(2 * len);
        }
        drop(all);
        drop(removed);
    }
}

/// All registered objects.
pub(crate) fn all() -> Vec<Arc<dyn Measured>> {
    MEASURED.lock().values().filter_map(Weak::upgrade).collect()
}
