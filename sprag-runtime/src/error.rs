//! One error type for each boundary that can fail.

mod any;
mod cache;
#[cfg(feature = "serde")]
mod changes;
#[cfg(feature = "service")]
mod jobs;
#[cfg(feature = "serde")]
mod path;
#[cfg(feature = "service")]
mod service;
#[cfg(feature = "service")]
mod shared;

pub use any::{BoxError, Error, Result};
pub use cache::{CacheBuildError, CacheError};
#[cfg(feature = "serde")]
pub use changes::{ApplyError, ApplyIfError, HistoryError};
#[cfg(feature = "service")]
pub use jobs::{CallError, Refusal, SendJobError};
#[cfg(feature = "serde")]
pub use path::PathError;
#[cfg(feature = "serde")]
pub(crate) use path::{SHOWN_NAMES, UNKNOWN_KEYS, cut};
#[cfg(feature = "service")]
pub use service::{Stopped, Unavailable, WaitError};
#[cfg(feature = "service")]
pub use shared::SharedError;

/// A write to a place that does not exist: an `Option` that is `None`, a key that is not in
/// the map, an index past the end, a variant that is not the active one.
///
/// Nothing was changed.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// let url = tv.set(Tv::PATHS.url.some(), "alien.mp4".into());
/// assert_eq!(
///     url.unwrap_err().to_string(),
///     "nothing is at `url`; write the value that holds it first",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing is at `{path}`; write the value that holds it first")]
pub struct Absent {
    pub(crate) path: String,
}

impl Absent {
    /// The place that was written to, as text.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let absent = tv.set(Tv::PATHS.url.some(), "alien.mp4".into()).unwrap_err();
    /// assert_eq!(absent.path(), Tv::PATHS.url.to_string());
    /// ```
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// The errors of a [`Bus`](crate::Bus).
///
/// ```
/// # use sprag::prelude::*;
/// let bus = Bus::new();
/// let (first, second) = (create_store("visits", 0), create_store("visits", 0));
/// first.emit_events(&bus)?;
/// assert_eq!(
///     second.emit_events(&bus).unwrap_err().to_string(),
///     "`visits:changed` is taken on this bus; give the second instance a name or a bus of its own",
/// );
/// # Ok::<(), sprag::error::BusError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// Two instances of one name would emit as each other.
    #[error("`{name}` is taken on this bus; give the second instance a name or a bus of its own")]
    NameTaken {
        /// The name of the events, such as `drives:invalidated`.
        name: String,
    },
}

/// A reader was too slow: this many items were dropped, the oldest ones.
///
/// The items after it are complete again.
///
/// ```
/// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
/// # let tv = sprag::create_model("tv", Tv::default());
/// # pollster::block_on(async {
/// use futures_util::StreamExt;
/// use sprag::error::Lagged;
///
/// let mut changes = tv.changes();
/// (0..1_030).for_each(|position| _ = tv.set(Tv::PATHS.position, position));
/// let lost = changes.next().await.expect("the model lives").err();
/// assert_eq!(lost, Some(Lagged(6)));
/// # Ok::<(), Lagged>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reader lagged behind; {0} items were dropped")]
pub struct Lagged(pub u64);
