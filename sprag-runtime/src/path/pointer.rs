//! What a `Box` and an `Arc` hold: where the static tree ends, which is what lets a
//! type hold itself, and where `.deref()` goes on.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::access::{Node, PathText, Walk};
use super::location::{EntryId, Location};
#[cfg(feature = "serde")]
use super::shape::Shape;
use super::state::State;

/// A `Box` or an `Arc`: what `.deref()` leads through.
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
    /// What it points to.
    type Target: State;

    /// What a write replaced beside the value, to be dropped after the lock.
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

    // Not `Arc::make_mut`: it would drop the old value under the lock when its other
    // holder lets go of it meanwhile.
    fn __get_mut(&mut self, discarded: &mut Vec<Self>) -> Option<&mut V> {
        if Self::get_mut(self).is_none() {
            let copy = Self::new(V::clone(self));
            discarded.push(std::mem::replace(self, copy));
        }
        Self::get_mut(self)
    }
}

/// The step to what a pointer holds.
#[derive(Clone, Copy, Debug)]
pub struct Deref<W> {
    pub(super) pointer: W,
}

impl<R, W: Walk<R, Value: Pointer>> Walk<R> for Deref<W> {
    type Value = <W::Value as Pointer>::Target;
    type Owned = Deref<W::Owned>;
    type Discarded = (W::Discarded, <W::Value as Pointer>::__Discarded);

    const CHEAP: bool = Self::Value::__CHEAP;
    const PLAIN: bool = W::PLAIN && Self::Value::__PLAIN;
    const KEYED: bool = true;

    fn get<'a>(&self, root: &'a R) -> Option<&'a Self::Value> {
        self.pointer.get(root).map(Pointer::__get)
    }

    fn get_mut<'a>(
        &self,
        root: &'a mut R,
        (before, discarded): &mut Self::Discarded,
    ) -> Option<&'a mut Self::Value> {
        self.pointer.get_mut(root, before)?.__get_mut(discarded)
    }

    fn node(&self) -> Node {
        self.pointer.node()
    }

    fn locate(&self, location: &mut Location) {
        self.pointer.locate(location);
        location.enter_entry(EntryId::Only, Self::Value::__SHAPE.nodes);
    }

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        self.pointer.describe(text)
    }

    fn node_of(value: &Self::Value, id: u32) -> Option<&dyn Any> {
        value.__node(id)
    }

    fn owned(&self) -> Self::Owned {
        Deref { pointer: self.pointer.owned() }
    }

    #[cfg(feature = "serde")]
    fn root() -> &'static Shape {
        W::root()
    }
}
