//! Typed, live, server-side state.
pub use sprag_macros::{Event, Model};
#[doc(hidden)]
pub use sprag_runtime::__private;
pub use sprag_runtime::path;
