//! One error type for each boundary that can fail.

mod any;

pub use any::{BoxError, Error, Result};

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
