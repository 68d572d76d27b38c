//! State of sprag that outlives its process: a model on a log.
//!
//! Under construction of its pages; see `Logged`.

mod chain;
mod committer;
mod draft;
mod entry;
mod error;
mod log;
mod logged;
mod opening;
mod recovery;
mod replay;
mod settings;
mod standing;
mod work;

pub use self::error::{AppendError, OpenError, ReadError, TransactError, WriteError};
pub use self::log::{Follow, Log, Page, Snapshot, Stored};
pub use self::logged::Logged;
pub use self::opening::{Opening, Progress, open};
