//! One error type for each boundary that can fail.

mod any;
mod cache;

pub use any::{BoxError, Error, Result};
pub use cache::{CacheBuildError, CacheError};

/// A write to a place that is not there: an `Option` that is `None`, a key that
/// the map has not, an index past the end, a variant that is not the active one.
///
/// Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing is at `{path}`; write the value that holds it first")]
pub struct Absent {
    pub(crate) path: String,
}

impl Absent {
    /// The place that was written to, as text.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// What a [`Bus`](crate::Bus) refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// Two instances of one name would emit as each other.
    #[error("`{name}` is taken on this bus; give the second instance a name or a bus of its own")]
    NameTaken {
        /// The name of the events, such as `drives:invalidated`.
        name: String,
    },
}

/// A reader was too slow: this many items were dropped, the oldest ones.
///
/// The items after it are complete again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reader lagged behind; {0} items were dropped")]
pub struct Lagged(pub u64);
