//! Everything of sprag that runs. Use it through the `sprag` crate, whose
//! documentation is the guide.
//!
//! Module arrows point one way; `ARCHITECTURE.md` has the map.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod bus;
pub mod cache;
mod cell;
#[cfg(feature = "serde")]
mod changes;
mod const_text;
mod faces;

#[cfg(feature = "service")]
mod health;
mod isolate;
#[cfg(feature = "metrics")]
mod measured;
#[cfg(feature = "metrics")]
pub mod metrics;
mod model;
#[cfg(feature = "test")]
mod remains;
mod resource;
mod store;
mod stream;
mod subscription;
mod sync;
#[cfg(feature = "serde")]
mod values;
mod view;

#[cfg(feature = "service")]
mod task;

#[cfg(feature = "service")]
pub mod app;
#[cfg(feature = "serde")]
mod delta;
pub mod error;
pub mod path;
#[cfg(feature = "service")]
pub mod service;

pub use bus::{Bus, Event, Topic};
pub use cache::{
    AnyCache, Cache, CacheBuilder, CacheRead, CacheStats, Clock, Invalidated, KeyedCache,
    ManualClock, create_cache, create_keyed_cache,
};
pub use cell::Selector;
pub use cell::change::Change;
pub use cell::changed::Changed;
pub use cell::origin::{Origin, Origins};
#[cfg(feature = "serde")]
pub use changes::{
    ChangeKind, ChangedPlace, Changes, Changeset, Commit, History, Op, OpValue, address_of,
};
pub use faces::{WeakModel, WeakStore};
pub use model::{Model, Transaction, create_model};
pub use resource::Resource;
pub use store::{Store, create_store};
pub use stream::{EventStream, WatchStream};
pub use subscription::Subscription;
#[cfg(feature = "service")]
pub use task::Task;
#[cfg(feature = "serde")]
pub use values::{Description, JsonState, ToJsonState, json_at, json_within, value_at};
pub use view::View;

/// The items that generated code, `sprag-web` and `sprag-log` use. They are not for users,
/// and change without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::bus::Event;
    pub use crate::cell::{Positions, Recorded, Select};
    pub use crate::isolate::{Payload, discard, isolated, message};
    pub use crate::model::create_replica;
    pub use crate::path::expansion::*;
    pub use crate::{__read_field, __write_field};
    #[cfg(feature = "serde")]
    pub use serde;

    #[cfg(feature = "service")]
    pub use crate::{
        app::expansion::*,
        app::{App, AppBuilder, StartError, StopReport},
        error::Error,
        service::expansion::*,
        service::{Handle, IntoHealth, OnFailure, Outcome, Service},
    };
}
