//! Typed, live, server-side state.

pub use sprag_macros::{Event, Model};
#[doc(hidden)]
pub use sprag_runtime::__private;
pub use sprag_runtime::{
    Bus, Change, Changed, ChangedPlace, Commit, Event, EveryItem, LatestItem, Model, Resource,
    Selector, Store, Subscription, Topic, Transaction, WeakModel, WeakStore, create_model,
    create_store,
};
pub use sprag_runtime::{error, path};

/// What most files want: `use sprag::prelude::*`.
pub mod prelude {
    pub use sprag_runtime::{
        Bus, Change, Changed, Event, Model, Resource, Store, Subscription, create_model,
        create_store,
    };
}
