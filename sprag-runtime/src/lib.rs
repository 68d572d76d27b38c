//! Everything of sprag that runs. Use it through the `sprag` crate, whose
//! documentation is the guide.
//!
//! Module arrows point one way; `ARCHITECTURE.md` has the map.

mod bus;
mod event;
mod isolate;
mod resource;
mod subscription;
mod sync;

#[cfg(feature = "service")]
mod task;

#[cfg(feature = "service")]
pub mod app;
pub mod error;
pub mod path;
#[cfg(feature = "service")]
pub mod service;

#[cfg(feature = "service")]
pub use bus::EventStream;
pub use bus::{Bus, Topic};
pub use event::Event;
pub use resource::Resource;
pub use subscription::Subscription;
#[cfg(feature = "service")]
pub use task::Task;

/// What generated code calls. Not for users: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::event::Event;
    pub use crate::path::expansion::*;

    #[cfg(feature = "service")]
    pub use crate::{
        app::expansion::*,
        app::{App, AppBuilder, StartError},
        service::expansion::*,
        service::{Config, Handle, Scope, Service},
    };
}
