//! One error type for each boundary that can fail.
//!
//! | error | of |
//! |---|---|
//! | [`Error`], [`Result`] | any function of a user's: every error converts into it |
//! | [`Absent`] | a write to a place that does not exist |
//! | [`Lagged`] | a stream whose reader was too slow |
//! | [`BusError`] | a name that another instance has on the bus |
//! | [`CacheError`], [`CacheBuildError`] | a computation, the builder of a cache |
//! | `PathError` | a place as text or as an address, and its value (feature `serde`) |
//! | `ApplyError`, `ApplyIfError`, `HistoryError` | changesets and histories (feature `serde`) |
//! | `StartError`, `ChildError` | the start of an app or of a child (feature `service`) |
//! | `Unavailable`, `Stopped`, `WaitError` | a service that does not run (feature `service`) |
//! | `SendJobError`, `CallError` | the queue of a worker (feature `service`) |

#[cfg(feature = "service")]
pub use sprag_runtime::app::{ChildError, StartError};
pub use sprag_runtime::error::*;
