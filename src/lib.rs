//! Typed, live, server-side state.

pub use sprag_macros::{Event, Model};
#[doc(hidden)]
pub use sprag_runtime::__private;
pub use sprag_runtime::error::{Error, Result};
pub use sprag_runtime::{
    AnyCache, Cache, CacheBuilder, CacheRead, CacheStats, Clock, Invalidated, KeyedCache,
    ManualClock, create_cache, create_keyed_cache,
};
pub use sprag_runtime::{
    Bus, Change, Changed, ChangedPlace, Commit, Event, EveryItem, LatestItem, Model, Resource,
    Selector, Store, Subscription, Topic, Transaction, WeakModel, WeakStore, create_model,
    create_store,
};
pub use sprag_runtime::{error, path};

#[cfg(feature = "service")]
pub use sprag_macros::{app, service};
#[cfg(feature = "service")]
pub use sprag_runtime::{
    Task,
    app::{
        AppBuilder, AppHealth, Ended, Limits, ServiceReport, Solo, StartError, Step, StopReason,
        StopReport, start_with,
    },
    service::{Config, Handle, Health, Ref, Scope, Service, Stopped, Unavailable},
};

/// What most files want: `use sprag::prelude::*`.
///
/// Names that many crates have, such as `Result` and `Path`, are not in it.
pub mod prelude {
    pub use crate::{
        Bus, Cache, Change, Changed, Event, Invalidated, KeyedCache, Model, Resource, Store,
        Subscription, Topic, create_cache, create_keyed_cache, create_model, create_store,
    };
    #[cfg(feature = "service")]
    pub use crate::{Config, Handle, Health, Scope, app, service};
}
