//! One error type for each boundary that can fail.

pub use sprag_runtime::error::*;
