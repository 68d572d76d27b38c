//! [`Walk`]: the common form of all kinds of paths at run time.

use std::any::Any;
use std::fmt;

use super::location::{Location, Node};
use super::path_text::PathText;
#[cfg(feature = "serde")]
use super::text::Hops;

/// A path as a way to a place that can be walked; the common form of all kinds of paths.
#[doc(hidden)]
pub trait Walk<R>: Clone + Send + Sync {
    type Value: 'static;
    /// The same way with its keys as values of its own.
    type Owned: Walk<R, Value = Self::Value, Owned = Self::Owned> + 'static;
    /// The values that a write leaves behind, to be dropped after the lock.
    type Discarded: Default + Send + 'static;

    /// Whether a clone of the value is cheap.
    const CHEAP: bool;

    /// Whether the walk, and cloning and comparing the value, run no code of a
    /// user's.
    const PLAIN: bool;

    /// Whether it leads through a key, an index or a pointer.
    const KEYED: bool;

    /// The tree below the value, and below its contents: [`Tree`] or [`Opaque`].
    type Below: 'static;

    fn get<'a>(&self, root: &'a R) -> Option<&'a Self::Value>;

    fn get_mut<'a>(
        &self,
        root: &'a mut R,
        discarded: &mut Self::Discarded,
    ) -> Option<&'a mut Self::Value>;

    /// The place's node; behind a key, the node of the outermost collection.
    fn node(&self) -> Node;

    /// Leads `location` on to the place. Runs the `Hash` of keys.
    fn locate(&self, location: &mut Location);

    /// Passes the key of each entry on the way, outermost first, and `()` for a pointer: as
    /// many as [`locate`](Self::locate) adds keys. Clones keys that are not owned.
    fn keys(&self, visit: &mut dyn FnMut(&dyn Any));

    /// Appends the place's text, with a dot in front unless it is the first.
    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result;

    /// The value at a node below the place, counted from there.
    fn node_of(value: &Self::Value, id: u32) -> Option<&dyn Any>;

    fn owned(&self) -> Self::Owned;

    /// Appends the steps to the place.
    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops);
}

/// The tree below a value of type `V`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{V}` cannot be part of a state",
    label = "paths cannot lead to a `{V}`",
    note = "derive `Model` for `{V}`, or mark the field `#[model(leaf)]`"
)]
pub trait Below<V>: 'static {
    /// Whether a clone of the value is cheap.
    const CHEAP: bool;
    /// Whether cloning and comparing the value run no code of a user's.
    const PLAIN: bool;
    /// How many nodes the tree of the value has, itself included.
    const NODES: u32;
    /// Whether a step from an `Option` to the value leaves the tree, as a step to an entry
    /// does.
    const LEAVES_TREE: bool;

    /// Leads `location` on from an `Option` to the value in it.
    fn enter(location: &mut Location);

    /// The value at a node below the place, counted from there.
    fn node_of(value: &V, id: u32) -> Option<&dyn Any>;
}

/// The value is state: its own tree.
#[doc(hidden)]
#[derive(Debug)]
pub struct Tree;

/// The value is opaque: nothing.
#[doc(hidden)]
#[derive(Debug)]
pub struct Opaque;
