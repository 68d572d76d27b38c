//! The locks and atomics that sprag uses: the only importer of `parking_lot`, so
//! that a model checker can take their place.

pub(crate) use parking_lot::{Condvar, Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};
pub(crate) use std::sync::atomic;
