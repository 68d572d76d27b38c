//! State that exists on the server and in the browser: sprag's models behind an axum
//! router, hydrated, live and writable.

mod answer;
mod assets;
mod channel;
mod doors;
mod feed;
mod hiding;
mod hub;
mod hydrate;
mod keyed;
mod listener;
mod outgoing;
mod policy;
mod published;
mod query;
mod random;
mod refusal;
mod refused;
mod registry;
mod rights;
mod ring;
mod same;
mod sent;
mod serve;
mod session;
mod source;
mod stores;
mod throttle;
mod writers;
mod writing;

pub use self::hydrate::{Hydrate, Live};
pub use self::keyed::{PublishedBy, store_by};
pub use self::listener::{Connection, StallListener, listener};
pub use self::policy::{Denied, Policy, Write};
pub use self::published::{Published, store};
pub use self::stores::Stores;
