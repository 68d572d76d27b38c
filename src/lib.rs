//! Typed, live, server-side state.

pub use sprag_macros::{Event, Model};
#[doc(hidden)]
pub use sprag_runtime::__private;
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

/// What most files want: `use sprag::prelude::*`.
pub mod prelude {
    pub use sprag_macros::{Event, Model};
    pub use sprag_runtime::{
        Bus, Cache, Change, Changed, Event, Invalidated, KeyedCache, Model, Resource, Store,
        Subscription, create_cache, create_keyed_cache, create_model, create_store,
    };
}
