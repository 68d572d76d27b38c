//! Patches: some fields of a struct, to be written together.

use std::any::Any;

use super::location::Node;
use super::shape::ShapeField;

/// A shallow merge into a `T`: the named fields replace the target's.
///
/// `#[derive(Model)]` generates a patch for each struct with named fields:
/// `TvPatch::new().casting(true)`.
///
/// [`Model::patch`](crate::Model::patch), [`Store::set`](crate::Store::set) and
/// transactions take a patch. A field is replaced as a whole: a patch does not merge more
/// deeply. A patch whose fields are `Clone` is `Clone`.
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::path::Patch;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { position: u64, casting: bool }
/// let patch = TvPatch::new().casting(true); // the same with its public fields:
/// let patch = TvPatch { casting: Some(true), ..patch };
///
/// let tv = create_model("tv", Tv { position: 7, casting: false });
/// tv.patch(patch);
/// assert!(*tv.snapshot() == Tv { position: 7, casting: true });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a patch for `{T}`",
    label = "not a patch for `{T}`",
    note = "`#[derive(Model)]` makes one for each struct with named fields: `{T}Patch::new()`"
)]
pub trait Patch<T> {
    /// Whether the patch names no field.
    ///
    /// A patch that names a field with its present value is not empty.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::path::Patch;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { position: u64, casting: bool }
    /// assert!(TvPatch::new().is_empty());
    /// assert!(!TvPatch::new().position(7).is_empty());
    /// ```
    fn is_empty(&self) -> bool;

    /// Exchanges each named field with the target's.
    #[doc(hidden)]
    fn __swap(&mut self, target: &mut T);
}

/// A patch whose fields can be compared, as a [`Model`](crate::Model) needs it to find the
/// places that have changed.
///
/// `#[derive(Model)]` implements it where every field is `PartialEq`.
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::path::Patch;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { position: u64, casting: bool }
/// use sprag::path::PatchDiff;
///
/// fn apply(tv: &Model<Tv>, patch: impl PatchDiff<Tv>) {
///     tv.patch(patch);
/// }
///
/// let tv = create_model("tv", Tv::default());
/// apply(&tv, TvPatch::new().position(7));
/// assert_eq!(tv.get(Tv::PATHS.position), 7);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a patch for `{T}`",
    label = "not a patch for `{T}`",
    note = "`#[derive(Model)]` makes one for each struct with named fields: `{T}Patch::new()`"
)]
pub trait PatchDiff<T>: Patch<T> {
    /// Passes each named field and the current one to `visit`, in the order of the fields.
    #[doc(hidden)]
    fn __diff(&self, current: &T, visit: &mut dyn FnMut(FieldDiff<'_>));
}

/// One field of a patch, and the current one.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct FieldDiff<'a> {
    /// The field, counted from the struct.
    pub node: Node,
    pub differs: bool,
    pub old: &'a dyn Nodes,
    pub new: &'a dyn Nodes,
}

/// Visits the named fields of a patch.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Fields<'v> {
    pub all: &'static [ShapeField],
    pub visit: &'v mut dyn FnMut(FieldDiff<'_>),
}

impl Fields<'_> {
    /// The node of a field, counted from the struct.
    fn node(&self, index: usize) -> Node {
        let ShapeField { offset, shape, .. } = self.all[index];
        Node { id: offset, count: shape.nodes }
    }
}

/// Passes a field to the visitor, if the patch names the field.
pub(super) fn show<V: Nodes + PartialEq>(
    fields: &mut Fields<'_>,
    index: usize,
    old: &V,
    new: &Option<V>,
) {
    if let Some(new) = new {
        let node = fields.node(index);
        (fields.visit)(FieldDiff { node, differs: old != new, old, new });
    }
}

/// The same for a `#[model(leaf)]` field.
#[doc(hidden)]
pub fn show_leaf<V: PartialEq + 'static>(
    fields: &mut Fields<'_>,
    index: usize,
    old: &V,
    new: &Option<V>,
) {
    if let Some(new) = new {
        let (node, differs) = (fields.node(index), old != new);
        (fields.visit)(FieldDiff { node, differs, old: &OneNode(old), new: &OneNode(new) });
    }
}

/// A value whose nodes can be looked up.
#[doc(hidden)]
pub trait Nodes {
    /// The value at a node, counted from here.
    fn node(&self, id: u32) -> Option<&dyn Any>;
}

/// An opaque value, which has no nodes below.
struct OneNode<'a, V>(&'a V);

impl<V: 'static> Nodes for OneNode<'_, V> {
    fn node(&self, id: u32) -> Option<&dyn Any> {
        (id == 0).then_some(self.0 as &dyn Any)
    }
}

/// Exchanges a field of a patch with the target's, if the patch names the field.
#[doc(hidden)]
#[inline]
pub fn swap<V>(field: &mut Option<V>, target: &mut V) {
    if let Some(value) = field {
        std::mem::swap(value, target);
    }
}

/// Names a field of a patch, with its value.
#[doc(hidden)]
#[inline]
pub fn put<V>(field: &mut Option<V>, value: V) {
    *field = Some(value);
}
