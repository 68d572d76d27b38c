//! State that many threads read, write and watch: [`Model`], [`Store`] and what belongs
//! to them.

pub use sprag_runtime::{
    Change, Changed, ChangedPlace, Commit, EventStream, Model, Selector, Store, Subscription,
    Transaction, WatchStream, WeakModel, WeakStore, create_model, create_store,
};
#[cfg(feature = "serde")]
pub use sprag_runtime::{Description, JsonState, ToJsonState};
