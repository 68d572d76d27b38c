//! Typed, live, server-side state.
#[doc(hidden)]
pub use sprag_runtime::__private;
pub use sprag_runtime::path;
