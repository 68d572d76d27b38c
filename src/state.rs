//! State that many threads read, write and watch: [`Model`], [`Store`] and their parts.
//!
//! | to | use |
//! |---|---|
//! | keep nested state and watch parts of it | [`Model`], [`create_model`] |
//! | keep flat state and watch all of it | [`Store`], [`create_store`] |
//! | make one commit of several writes | [`Transaction`] |
//! | say what a subscriber watches | [`Selector`] |
//! | end a subscription | the guard, [`Subscription`] |
//! | know the commit in a callback | [`Change`] |
//! | follow a value in async code | [`WatchStream`], by `watch` |
//! | follow every commit as data | [`Commit`], [`ChangedPlace`], [`ChangeKind`], [`EventStream`], by `changes` |
//! | follow every commit as an event on a bus | [`Changed`], by `emit_events` |
//! | refer to state without keeping it alive | [`WeakModel`], [`WeakStore`] |
//!
//! [The crate's page](crate#concepts) explains place, commit, snapshot and selector.

pub use sprag_runtime::{
    Change, Changed, EventStream, Model, Origin, Origins, Selector, Store, Subscription,
    Transaction, View, WatchStream, WeakModel, WeakStore, create_model, create_store,
};
#[cfg(feature = "serde")]
pub use sprag_runtime::{
    ChangeKind, ChangedPlace, Changes, Changeset, Commit, Description, History, JsonState, Op,
    OpValue, ToJsonState, address_of, json_at, json_within, value_at,
};
