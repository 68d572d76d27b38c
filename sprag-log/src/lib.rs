//! Durable state for sprag, which several processes can share: a model on a log.
//!
//! A [`Logged`] can be read, watched and subscribed to like every
//! [`View`](sprag_runtime::View). Each write is `async`, and returns when it is in the log
//! and visible in this process. Every process that opens a log sees every entry in the same
//! order, and [`Logged::version`] is the same number in all of them.
//!
//! An engine, which implements [`Log`], keeps a log; [`open`] opens a model on one.
//!
//! There is no order between two logged models, and no transaction over both: put data that
//! must change together into one model.
//!
//! [`Logged::version`]: sprag_runtime::View::version

#![cfg_attr(docsrs, feature(doc_cfg))]

mod backend;
mod bridge;
mod chain;
mod committer;
mod draft;
mod entry;
mod error;
mod evolution;
mod file;
mod guard;
mod logged;
#[cfg(feature = "nats")]
mod nats;
mod opening;
mod queue;
mod recovery;
mod replay;
mod settings;
mod standing;
mod work;

pub use self::backend::{Follow, Log, Page, Snapshot, Stored};
pub use self::bridge::{Bridge, Bridging, Gap, bridge};
pub use self::error::{AppendError, OpenError, ReadError, TransactError, WriteError};
pub use self::file::{File, FileError};
pub use self::logged::Logged;
#[cfg(feature = "nats")]
pub use self::nats::{ConnectError, Connecting, Nats, NatsFollower};
pub use self::opening::{Opening, Progress, open};

/// A program with a `Model` becomes durable by another constructor and type, and the compiler lists
/// the writes that have to be awaited.
///
/// ```
/// #![deny(unused_must_use)]
/// use sprag::prelude::*;
///
/// #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
/// struct Rooms { open: bool }
///
/// async fn open(rooms: &sprag_log::Logged<Rooms>) -> Result<(), sprag_log::WriteError> {
///     rooms.set(Rooms::PATHS.open, true).await?;
///     Ok(())
/// }
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// use sprag::prelude::*;
///
/// #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
/// struct Rooms { open: bool }
///
/// async fn open(rooms: &sprag_log::Logged<Rooms>) -> Result<(), sprag_log::WriteError> {
///     rooms.set(Rooms::PATHS.open, true);
///     Ok(())
/// }
/// ```
///
/// ```compile_fail
/// use sprag::prelude::*;
///
/// #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
/// struct Rooms { open: bool }
///
/// async fn open(rooms: &sprag_log::Logged<Rooms>) -> bool {
///     rooms.set(Rooms::PATHS.open, true)
/// }
/// ```
#[cfg(doctest)]
mod durable {}

/// The examples of the guide, compiled as tests.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../docs/guides/log.md")]
    mod log {}
}
