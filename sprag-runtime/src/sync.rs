//! The locks, atomics and thread locals that sprag uses: the only importer of
//! `parking_lot`, so that a schedule explorer can take its place
//! (`--cfg sprag_shuttle`; see `tests/schedules`).

#[cfg(not(sprag_shuttle))]
mod block_on;
#[cfg(sprag_shuttle)]
mod explored;
#[cfg(not(sprag_shuttle))]
mod past_writers;

#[cfg(sprag_shuttle)]
pub(crate) use explored::*;
#[cfg(not(sprag_shuttle))]
pub(crate) use {
    block_on::block_on,
    parking_lot::{Condvar, Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard},
    past_writers::read_past_writers,
    std::sync::atomic,
    std::thread_local,
};

/// Declares a `static` that is created at its first use, and again in each execution of an
/// explorer.
#[cfg(not(sprag_shuttle))]
macro_rules! global {
    ($(#[$attribute:meta])* static $name:ident: $type:ty = $value:expr;) => {
        $(#[$attribute])*
        static $name: std::sync::LazyLock<$type> = std::sync::LazyLock::new(|| $value);
    };
}
#[cfg(sprag_shuttle)]
macro_rules! global {
    ($(#[$attribute:meta])* static $name:ident: $type:ty = $value:expr;) => {
        shuttle::lazy_static! {
            $(#[$attribute])*
            static ref $name: $type = $value;
        }
    };
}
pub(crate) use global;

// For statics, which outlive the executions of an explorer: a thread never holds such a
// lock where the explorer may switch threads.
pub(crate) use {parking_lot::Mutex as StaticMutex, std::sync::atomic::AtomicU64 as StaticCounter};
