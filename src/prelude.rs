//! The names that most files use: `use sprag::prelude::*`.
//!
//! Names that many crates have, such as `Result` and `Path`, are left out.

#[cfg(feature = "service")]
#[doc(no_inline)]
pub use crate::service::{Config, Handle, Health, Scope};
#[doc(no_inline)]
pub use crate::{
    Bus, Cache, Event, KeyedCache, Model, Resource, Store, Subscription,
    cache::Invalidated,
    create_cache, create_keyed_cache, create_model, create_store,
    state::{Change, Changed},
};
// From the macros' crate, since `crate::service` would also import the module of that name.
#[cfg(feature = "service")]
#[doc(no_inline)]
pub use sprag_macros::{app, health, interval, listen, service, task, watch, worker};
