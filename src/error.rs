//! One error type for each boundary that can fail.

#[cfg(feature = "service")]
pub use sprag_runtime::app::{ChildError, StartError};
pub use sprag_runtime::error::*;
