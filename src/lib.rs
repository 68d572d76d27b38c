//! Typed, live, server-side state.
#[doc(hidden)]
pub use sprag_runtime::__private;
#[cfg(feature = "service")]
pub use sprag_runtime::EventStream;
pub use sprag_runtime::{Bus, Event, Subscription, Topic};
pub use sprag_runtime::{error, path};
