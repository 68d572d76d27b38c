//! Typed places in a tree of state: [`Path`] and the other kinds of paths.
//!
//! | to | use |
//! |---|---|
//! | name a place | `PATHS` of a type: [`Path`], [`PartialPath`], [`LeafPath`] |
//! | name a place behind a key or an index | [`KeyedPath`], which `path!` writes as well |
//! | start at a map or a list | [`root`] |
//! | watch every entry of a collection | [`Each`] |
//! | watch the number of entries, or the keys | [`Outline`] |
//! | take any place as an argument | [`Place`] and its [`Mode`] |
//! | have a type of your own as state or as a key | [`State`], [`Key`], [`Leaf`] |
//! | write some fields of a struct | [`Patch`] |
//! | name a place as data (feature `serde`) | `Address` |
//! | read the JSON form of a type (feature `serde`) | `Schema`, `Layout` |
//!
//! The other types are the steps and the traits of paths; messages of the compiler name
//! them.

// A path is data: a pointer to two functions and a node number. This module does not know cells,
// locks or subscriptions.
//
// The idea of paths that the compiler checks is that of key paths (Swift, `druid`'s lenses).
// By the numbers of nodes a cell finds the subscriptions that a write affects, without
// matching the others.

mod ability;
mod build;
mod collection;
mod each;
mod form;
mod key;
mod keyed;
mod leaf_path;
mod lens;
mod location;
mod mode;
#[cfg(feature = "serde")]
mod nesting;
mod opaque;
mod outline;
mod patch;
mod path_text;
mod place;
mod pointer;
mod root;
#[cfg(feature = "serde")]
mod scalar;
#[cfg(feature = "serde")]
mod schema;
mod shape;
mod state;
mod static_path;
mod steps;
#[cfg_attr(
    not(feature = "serde"),
    allow(dead_code, reason = "text alone leads where the types are not known")
)]
mod text;
mod walk;

#[cfg(feature = "serde")]
pub(crate) use self::ability::{
    Abilities, AbilityTree, CloneInto, ClonedValue, Equal, Probe, Read, SharedPair, Write, Writing,
    key_texts_of,
};
pub use self::build::PastTheEnd;
pub(crate) use self::collection::Removed;
pub use self::collection::{Collection, Keyed, List, Map, Resizable, Sequence, Set};
pub use self::each::Each;
pub use self::form::Right;
pub use self::key::{IntoKey, Key};
pub use self::keyed::KeyedPath;
pub use self::leaf_path::LeafPath;
pub(crate) use self::lens::Here;
pub use self::location::Node;
pub(crate) use self::location::{EntryId, Location};
pub use self::mode::{Mode, Partial, Whole};
#[cfg(feature = "serde")]
pub(crate) use self::nesting::{DEEPEST, is_within};
pub use self::opaque::Leaf;
pub(crate) use self::outline::OutlineKind;
pub use self::outline::{Keys, Len, Outline};
pub(crate) use self::patch::{FieldDiff, Nodes};
pub use self::patch::{Patch, PatchDiff};
pub(crate) use self::path_text::PathText;
pub use self::place::{Contains, Mapped, Place};
pub use self::pointer::Pointer;
pub use self::root::root;
#[cfg(feature = "serde")]
pub(crate) use self::scalar::Scalar;
#[cfg(feature = "serde")]
pub use self::schema::{Layout, Obstacle, Rights, Schema, SchemaMember, SchemaVariant, Tags};
pub use self::shape::{Kind, Shape, ShapeField};
pub use self::state::State;
pub use self::static_path::{PartialPath, Path};
pub use self::steps::{Access, Chain, Deref, Element, Entry, Inner};
#[cfg(feature = "serde")]
pub use self::text::{Address, Part};
#[cfg(feature = "serde")]
pub(crate) use self::text::{HeldKey, Keys as WalkKeys, PartStep, WalkTrace, wire_steps};
pub(crate) use self::walk::Walk;
#[cfg(feature = "serde")]
pub(crate) use self::{
    shape::{Note, Noted, Reading, Tagging},
    text::{
        Abled, AddedKey, AnyKey, By, Contents, Entries, Hop, Hops, Inside, KeyHints, Members,
        Missing, Resize, Resolved, Route, Searched, Spelling, ValueRef, WirePart, check_exact,
        follow, follow_mut, is_flattened, resolve, wire_of_alias, wire_of_field, wire_parts,
        with_texts,
    },
};

/// The names that the derive's expansion uses.
pub(crate) mod expansion {
    pub use super::ability::{
        Abilities, AbilityPart, AbilityTree, CloneValue, Equal, KeyAbilities, KeyRead, KeyText,
        Otherwise, Probe, Read, Write,
    };
    #[cfg(feature = "serde")]
    pub use super::ability::{Spoken, read_by, unreadable, unwritable};
    pub use super::build::{Build, LeafAt, NoSome, PastTheEnd, PathAt};
    pub use super::form::{
        FieldForm, OtherForm, PlaceForm, Right, VariantForm, WireForm, WireStyle,
    };
    pub use super::leaf_path::LeafPath;
    pub use super::lens::{Here, Lens, Then};
    pub use super::mode::{Mode, Partial, Whole};
    pub use super::patch::{FieldDiff, Fields, Patch, PatchDiff, put, show_leaf, swap};
    pub use super::place::Place;
    pub use super::root::root;
    pub use super::shape::{
        __laid_out, __shape_of_leaf, Kind, Note, Noted, Reading, Shape, ShapeField, Tagging,
    };
    pub use super::state::{PathsIf, State, Variant};
    pub use super::static_path::Path;
    pub use super::steps::Access;
    #[cfg(feature = "serde")]
    pub use super::text::Hops;
    pub use super::text::{__distinct, __flat_shows_all, __untagged_shows_all};
    pub use super::walk::Walk;
}
