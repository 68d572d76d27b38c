//! A read lock that only waits for a thread that has the lock.

use std::time::Duration;

use parking_lot::{RwLock, RwLockReadGuard};

/// After this time the next try begins.
const TRY: Duration = Duration::from_millis(5);

/// Waits until no thread writes. Writers that wait for other readers are passed by: one of these
/// readers may wait for this thread.
///
/// A reader that has begun to wait stays behind the writers that come later, so it begins again.
pub(crate) fn read_past_writers<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    loop {
        if let Some(guard) = lock.try_read_recursive_for(TRY) {
            return guard;
        }
    }
}
