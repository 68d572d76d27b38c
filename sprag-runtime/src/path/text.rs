//! Places that arrive as data: as text, from an HTTP request or an inspector.
//!
//! The modules here work on values whose types the compiler no longer knows. They read
//! shapes and values, and take no locks.

#[cfg(feature = "serde")]
mod abled;
#[cfg(feature = "serde")]
mod address;
mod distinct;
pub(super) mod erased;
pub(in crate::path) mod erasure;
#[cfg(feature = "serde")]
mod exact;
#[cfg(feature = "serde")]
mod held_key;
#[cfg(feature = "serde")]
mod hop;
#[cfg(feature = "serde")]
mod hops;
#[cfg(feature = "serde")]
mod key_tables;
#[cfg(feature = "serde")]
mod member;
#[cfg(feature = "serde")]
mod member_text;
mod part;
#[cfg(feature = "serde")]
mod route;
#[cfg(feature = "serde")]
mod search;
#[cfg(feature = "serde")]
mod suggest;
#[cfg(feature = "serde")]
mod trace;
#[cfg(feature = "serde")]
mod wire;

#[cfg(feature = "serde")]
pub use self::address::{Address, Part};
pub use self::distinct::{__distinct, __flat_shows_all, __untagged_shows_all};
#[cfg(feature = "serde")]
pub use self::hops::Hops;
pub(super) use self::part::{UNNAMED, write_part};
#[cfg(feature = "serde")]
pub(crate) use self::{
    abled::Abled,
    erased::{AddedKey, AnyKey, By, Contents, Entries, Inside, Members, Resize, ValueRef},
    exact::{check_exact, is_flattened, wire_of_alias},
    held_key::HeldKey,
    hop::{Hop, WirePart, wire_of_field},
    key_tables::{wire_parts, with_texts},
    route::{Route, follow, follow_mut},
    search::{KeyHints, Missing, Resolved, Searched, Spelling, resolve},
    trace::{Keys, WalkTrace},
    wire::{PartStep, wire_steps},
};
