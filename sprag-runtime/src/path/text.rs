//! Places that arrive as data: as text, from an HTTP request or an inspector.
//!
//! The modules here work on values whose types the compiler no longer knows. They read
//! shapes and values, and take no locks.

#[cfg(feature = "serde")]
mod address;
mod distinct;
pub(super) mod erased;
pub(in crate::path) mod erasure;
mod part;
#[cfg(feature = "serde")]
mod route;
#[cfg(feature = "serde")]
mod search;
#[cfg(feature = "serde")]
mod suggest;

#[cfg(feature = "serde")]
pub use self::address::{Address, Part};
pub use self::distinct::{__distinct, __flat_shows_all, __untagged_shows_all};
pub(super) use self::part::{UNNAMED, write_part};
#[cfg(feature = "serde")]
pub use self::route::Hops;
#[cfg(feature = "serde")]
pub(super) use self::route::known_key;
#[cfg(feature = "serde")]
pub(crate) use self::{
    erased::{AddedKey, AnyKey, By, Contents, Entries, Inside, Resize, ValueRef},
    route::{
        Abled, Hop, Route, WirePart, follow, follow_mut, wire_of_field, wire_of_variant,
        wire_parts, with_texts,
    },
    search::{KeyHints, Missing, Resolved, Searched, Spelling, resolve},
    suggest::{listed, names, nearest},
};
