//! What has numbers: the list of all that lives. It knows nothing of what is in it.

use std::sync::{Arc, Weak};

use crate::sync::{Mutex, global};

/// Something with numbers.
pub(crate) trait Measured: Send + Sync {
    /// Passes the numbers to the recorder, which is users' code: no lock is held.
    fn measure(&self);
}

global! {
    static MEASURED: Mutex<Registered> = Mutex::default();
}

#[derive(Default)]
struct Registered {
    all: Vec<Weak<dyn Measured>>,
    /// At this length the list forgets what has gone.
    full: usize,
}

/// The length up to which the list forgets nothing.
const SHORT: usize = 64;

/// Measures `measured` from now on, while it is there.
pub(crate) fn register(measured: Weak<dyn Measured>) {
    let mut registered = MEASURED.lock();
    if registered.all.len() >= registered.full.max(SHORT) {
        registered.all.retain(|measured| measured.strong_count() > 0);
        registered.full = 2 * registered.all.len();
    }
    registered.all.push(measured);
}

/// All that lives.
pub(crate) fn all() -> Vec<Arc<dyn Measured>> {
    MEASURED.lock().all.iter().filter_map(Weak::upgrade).collect()
}
