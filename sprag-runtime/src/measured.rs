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

#[cfg(test)]
mod tests {
    use super::*;

    struct Unmeasured;

    impl Measured for Unmeasured {
        fn measure(&self) {}
    }

    #[test]
    fn i8_a_dropped_registration_leaves_nothing_in_the_list() {
        let measured: Arc<dyn Measured> = Arc::new(Unmeasured);
        let registered = register(Arc::downgrade(&measured));
        let (number, is_listed) =
            (registered.number, |number| MEASURED.lock().contains_key(&number));
        assert!(is_listed(number) && all().iter().any(|one| Arc::ptr_eq(one, &measured)));
        drop(registered);
        assert!(!is_listed(number));
    }

    #[test]
    fn i8_the_list_gives_the_room_of_many_back() {
        let measured: Arc<dyn Measured> = Arc::new(Unmeasured);
        let many: Vec<_> = (0..20_000).map(|_| register(Arc::downgrade(&measured))).collect();
        assert!(MEASURED.lock().capacity() >= 20_000);
        drop(many);
        assert!(MEASURED.lock().capacity() < 10_000);
    }
}
