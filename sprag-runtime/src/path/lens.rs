//! Lenses: zero-sized types that lead from a root to a place, chained by the
//! type system, so that a chain of eight fields inlines to one field access.
//!
//! Lenses exist while paths are built, at compile time. A [`Path`](super::Path) keeps a pointer
//! to two functions and a number of its lens.

use std::marker::PhantomData;

use super::mode::{Mode, Whole};
use super::shape::offset_of;
use super::state::State;

/// A way from a root to a place.
#[doc(hidden)]
pub trait Lens: 'static {
    type Root: State;
    type Target: 'static;
    type Mode: Mode;

    /// The place's preorder number in the root's tree.
    const ID: u32;

    fn get(root: &Self::Root) -> Option<&Self::Target>;
    fn get_mut(root: &mut Self::Root) -> Option<&mut Self::Target>;
}

/// The root itself.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct Here<R>(PhantomData<fn() -> R>);

impl<R: State> Lens for Here<R> {
    type Root = R;
    type Target = R;
    type Mode = Whole;

    const ID: u32 = 0;

    #[inline]
    fn get(root: &R) -> Option<&R> {
        Some(root)
    }

    #[inline]
    fn get_mut(root: &mut R) -> Option<&mut R> {
        Some(root)
    }
}

/// The `I`th field, a `V`, of the value that a lens leads to. `M` is `Partial` for a field
/// of an enum variant.
///
/// The field is borrowed as `dyn Any`, so that a type needs two functions for all of its
/// fields and not two for each: most of a derive's compile time is function bodies. `I` is
/// a constant, so the optimised code contains nothing of the cast.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct Then<L, V, const I: usize, M = Whole>(PhantomData<(L, V, M)>);

impl<L, V, const I: usize, M> Lens for Then<L, V, I, M>
where
    L: Lens<Target: State>,
    V: 'static,
    M: Mode,
{
    type Root = L::Root;
    type Target = V;
    type Mode = M::__After<L::Mode>;

    const ID: u32 =
        L::ID + offset_of(<L::Target as State>::__KIND, <L::Target as State>::__FIELDS, I);

    #[inline]
    fn get(root: &L::Root) -> Option<&V> {
        // Not `?`, which is two calls each in code that is not optimised.
        if let Some(outer) = L::get(root)
            && let Some(part) = outer.__part(I)
        {
            part.downcast_ref()
        } else {
            None
        }
    }

    #[inline]
    fn get_mut(root: &mut L::Root) -> Option<&mut V> {
        if let Some(outer) = L::get_mut(root)
            && let Some(part) = outer.__part_mut(I)
        {
            part.downcast_mut()
        } else {
            None
        }
    }
}
