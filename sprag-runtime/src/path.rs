//! Typed places in a tree of state: [`Path`] and its kin.
//!
//! A path is data: two function pointers and a node number. It knows nothing of
//! cells, locks or subscriptions.
//!
//! The idea of a path that the compiler checks is that of key paths (Swift,
//! `druid`'s lenses); the numbering of nodes is what lets a cell find the
//! subscriptions that a write touches without asking the others.

mod access;
mod collection;
mod distinct;
#[cfg_attr(
    not(feature = "serde"),
    allow(dead_code, reason = "text alone leads where the types are not known")
)]
mod erased;
#[cfg(feature = "serde")]
mod exchange;
#[cfg(feature = "imbl")]
mod imbl_impls;
#[cfg(feature = "indexmap")]
mod indexmap_impls;
mod key;
mod keyed;
mod lens;
mod location;
mod outline;
mod patch;
mod place;
mod pointer;
#[cfg(feature = "serde")]
mod route;
mod shape;
mod state;
mod std_impls;

#[cfg(feature = "serde")]
pub(crate) use self::{
    erased::{Below, By},
    exchange::exchange,
    route::{Hop, Route, resolve},
    shape::{Note, Noted, Reading, Tagging},
};
pub use access::{Access, Node};
pub(crate) use access::{PathText, Walk};
pub(crate) use collection::Removed;
pub use collection::{Collection, List, Map, Resizable, Sequence};
pub use key::IntoKey;
pub use keyed::{Chain, Element, Entry, KeyedPath};
pub(crate) use lens::Here;
pub use lens::{Mode, Partial, Whole};
pub(crate) use location::{EntryId, Location};
pub(crate) use outline::View;
pub use outline::{Keys, Len, Outline};
pub(crate) use patch::{FieldDiff, Nodes};
pub use patch::{Patch, PatchDiff};
pub use place::{LeafPath, Mapped, PartialPath, PastTheEnd, Path, Place};
pub use pointer::{Deref, Pointer};
pub use shape::{Kind, Shape, ShapeField};
pub use state::State;

/// The names that the derive's expansion uses.
pub(crate) mod expansion {
    pub use super::access::{Access, Walk};
    pub use super::distinct::__distinct;
    pub use super::lens::{Build, Here, Lens, Mode, Partial, Then, Whole};
    pub use super::patch::{FieldDiff, Fields, Patch, PatchDiff, put, show_leaf, swap};
    pub use super::place::{__paths_of, LeafAt, LeafPath, NoSome, PastTheEnd, Path, PathAt, Place};
    pub use super::shape::{
        __laid_out, __shape_of_leaf, Kind, Note, Noted, Reading, Shape, ShapeField, Tagging,
    };
    pub use super::state::{State, Variant};
}
