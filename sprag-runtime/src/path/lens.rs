//! Lenses: zero-sized types that lead from a root to a place, chained by the
//! type system, so that a chain of eight fields inlines to one field access.
//!
//! They exist while paths are built, at compile time. A [`Path`](super::Path)
//! keeps only what a lens says of itself: two functions and a number.

use std::marker::PhantomData;

use super::state::State;

/// Whether a place is always there ([`Whole`]) or may be absent ([`Partial`]).
///
/// It decides what reading and writing give back: a `V` and the old `V`, or an
/// `Option<V>` and a `Result<V, Absent>`.
pub trait Mode: Copy + Send + Sync + 'static + sealed::Sealed {
    /// The mode of this step behind a place of mode `M`.
    #[doc(hidden)]
    type __After<M: Mode>: Mode;

    /// What reading a `V` gives.
    type Read<V>;

    /// What writing gives, where a `V` comes back.
    type Written<V>;

    /// A borrowed `V` as a subscriber sees it.
    type Ref<'a, V: 'a>: Copy;

    #[doc(hidden)]
    fn __read<V>(found: Option<V>) -> Self::Read<V>;

    #[doc(hidden)]
    fn __written<V>(written: Result<V, crate::error::Absent>) -> Self::Written<V>;

    #[doc(hidden)]
    fn __ref<V>(found: Option<&V>) -> Self::Ref<'_, V>;

    #[doc(hidden)]
    fn __own<V: Clone>(found: Self::Ref<'_, V>) -> Self::Read<V>;
}

/// The place is always there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Whole;

/// The place lies behind an `Option`, an enum variant or a key, and may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Partial;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Whole {}
    impl Sealed for super::Partial {}
}

const WHOLE: &str = "a whole path leads somewhere in every value of its root";

impl Mode for Whole {
    type __After<M: Mode> = M;
    type Read<V> = V;
    type Written<V> = V;
    type Ref<'a, V: 'a> = &'a V;

    #[inline]
    fn __read<V>(found: Option<V>) -> V {
        found.expect(WHOLE)
    }

    #[inline]
    fn __written<V>(written: Result<V, crate::error::Absent>) -> V {
        written.expect(WHOLE)
    }

    #[inline]
    fn __ref<V>(found: Option<&V>) -> &V {
        found.expect(WHOLE)
    }

    #[inline]
    fn __own<V: Clone>(found: &V) -> V {
        found.clone()
    }
}

impl Mode for Partial {
    type __After<M: Mode> = Partial;
    type Read<V> = Option<V>;
    type Written<V> = Result<V, crate::error::Absent>;
    type Ref<'a, V: 'a> = Option<&'a V>;

    #[inline]
    fn __read<V>(found: Option<V>) -> Option<V> {
        found
    }

    #[inline]
    fn __written<V>(written: Result<V, crate::error::Absent>) -> Result<V, crate::error::Absent> {
        written
    }

    #[inline]
    fn __ref<V>(found: Option<&V>) -> Option<&V> {
        found
    }

    #[inline]
    fn __own<V: Clone>(found: Option<&V>) -> Option<V> {
        found.cloned()
    }
}

/// The way from a root to a place.
#[doc(hidden)]
pub trait Lens: 'static {
    type Root: 'static;
    type Target: 'static;
    type Mode: Mode;

    /// The place's preorder number in the root's tree.
    const ID: u32;

    fn get(root: &Self::Root) -> Option<&Self::Target>;
    fn get_mut(root: &mut Self::Root) -> Option<&mut Self::Target>;
}

/// The `I`th field of one type: what the derive writes.
///
/// Implemented for a private marker, not for the type itself, because a public
/// type may have fields of private types.
#[doc(hidden)]
pub trait Step<const I: usize>: 'static {
    type From: State;
    type To: 'static;
    /// `Whole` for a field of a struct, `Partial` for one of an enum variant.
    type Mode: Mode;

    /// The field's number, counted from its owner.
    ///
    /// The shape knows it already; one constant less to compile for each field.
    const OFFSET: u32 = <Self::From as State>::__FIELDS[I].offset;

    fn get(from: &Self::From) -> Option<&Self::To>;
    fn get_mut(from: &mut Self::From) -> Option<&mut Self::To>;
}

/// The root itself.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct Here<R>(PhantomData<fn() -> R>);

impl<R: 'static> Lens for Here<R> {
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

/// The `I`th step of `S` behind a lens.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct Then<L, S, const I: usize>(PhantomData<fn() -> (L, S)>);

impl<L: Lens, S: Step<I, From = L::Target>, const I: usize> Lens for Then<L, S, I> {
    type Root = L::Root;
    type Target = S::To;
    type Mode = <S::Mode as Mode>::__After<L::Mode>;

    const ID: u32 = L::ID + S::OFFSET;

    #[inline]
    fn get(root: &L::Root) -> Option<&S::To> {
        S::get(L::get(root)?)
    }

    #[inline]
    fn get_mut(root: &mut L::Root) -> Option<&mut S::To> {
        S::get_mut(L::get_mut(root)?)
    }
}

/// The step from an `Option` to what it holds.
pub(super) struct SomeStep<V>(PhantomData<fn() -> V>);

impl<V: State> Step<0> for SomeStep<V> {
    type From = Option<V>;
    type To = V;
    type Mode = Partial;

    #[inline]
    fn get(from: &Option<V>) -> Option<&V> {
        from.as_ref()
    }

    #[inline]
    fn get_mut(from: &mut Option<V>) -> Option<&mut V> {
        from.as_mut()
    }
}

/// Builds the paths `P` at compile time.
#[doc(hidden)]
pub trait Build<P> {
    const PATHS: P;
}
