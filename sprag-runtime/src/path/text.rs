//! Places that arrive as data: as text, from an HTTP request or an inspector.
//!
//! Everything here works on values whose types the compiler no longer knows. It reads
//! shapes and values, and takes no locks.

mod distinct;
pub(super) mod erased;
#[cfg(feature = "serde")]
mod exchange;
#[cfg(feature = "serde")]
mod route;

pub use self::distinct::__distinct;
#[cfg(feature = "serde")]
pub(crate) use self::{
    erased::{By, Contents},
    exchange::exchange,
    route::{Hop, Route, resolve},
};
