//! [`Pointer`]: `Box` and `Arc`. The static tree of places ends at a pointer, so a type can
//! contain itself; `.deref()` leads on.

use std::sync::Arc;

use super::state::State;

/// A `Box` or an `Arc`, which `.deref()` leads through.
///
/// ```
/// # use sprag::prelude::*;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Folder {
///     name: String,
///     inner: Box<Option<Folder>>,
/// }
///
/// let media = create_model("media", Folder::default());
/// assert!(media.get(Folder::PATHS.inner.deref()).is_none());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not point to a value",
    label = "`.deref()` needs a `Box`, or an `Arc` whose value is `Clone`"
)]
pub trait Pointer: 'static {
    /// The type of the value behind the pointer.
    type Target: State;

    /// The values that a write replaced beside the value, to be dropped after the lock.
    #[doc(hidden)]
    type __Discarded: Default + Send + 'static;

    #[doc(hidden)]
    fn __get(&self) -> &Self::Target;
    #[doc(hidden)]
    fn __get_mut(&mut self, discarded: &mut Self::__Discarded) -> Option<&mut Self::Target>;
}

impl<V: State> Pointer for Box<V> {
    type Target = V;
    type __Discarded = ();

    fn __get(&self) -> &V {
        self
    }

    fn __get_mut(&mut self, (): &mut ()) -> Option<&mut V> {
        Some(self)
    }
}

impl<V: State + Clone + Send + Sync> Pointer for Arc<V> {
    type Target = V;
    type __Discarded = Vec<Self>;

    fn __get(&self) -> &V {
        self
    }

    // Not `Arc::make_mut`, which would drop the old value under the lock if the other owner
    // drops its `Arc` at the same time.
    fn __get_mut(&mut self, discarded: &mut Vec<Self>) -> Option<&mut V> {
        if Self::get_mut(self).is_none() {
            let copy = Self::new(V::clone(self));
            discarded.push(std::mem::replace(self, copy));
        }
        Self::get_mut(self)
    }
}
