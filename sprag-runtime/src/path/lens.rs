//! Lenses: zero-sized types that lead from a root to a place, chained by the
//! type system, so that a chain of eight fields inlines to one field access.
//!
//! They exist while paths are built, at compile time. A [`Path`](super::Path)
//! keeps only what a lens says of itself: two functions and a number.

use std::marker::PhantomData;

use super::shape::offset_of;
use super::state::State;

/// Whether a place is always there ([`Whole`]) or may be absent ([`Partial`]).
///
/// It decides what reading and writing give back: a `V` and the old `V`, or an
/// `Option<V>` and a `Result<V, Absent>`.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// let position: u64 = tv.get(Tv::PATHS.position); // `Whole`
/// let url: Option<String> = tv.get(Tv::PATHS.url.some()); // `Partial`
/// assert_eq!((position, url), (0, None));
/// ```
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
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// # use sprag::path::{Path, Whole};
/// let position: Path<Tv, u64, Whole> = Tv::PATHS.position; // `Path<Tv, u64>` for short
/// let () = tv.update_at(position, |position| *position += 1); // nothing to unwrap
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Whole;

/// The place lies behind an `Option`, an enum variant or a key, and may be absent.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// # use sprag::path::{Partial, Path};
/// let url: Path<Tv, String, Partial> = Tv::PATHS.url.some(); // a `PartialPath`
/// assert!(tv.update_at(url, String::clear).is_err()); // there is no url
/// ```
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

/// The `I`th field, a `V`, of what a lens leads to. `M` is `Partial` for a field of
/// an enum variant.
///
/// The field is borrowed as `dyn Any`, so that a type needs two functions for all of
/// its fields and not two for each: function bodies are what a derive costs. `I` is a
/// constant, and so what is left of the cast after optimisation is nothing.
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
        L::get(root)?.__part(I)?.downcast_ref()
    }

    #[inline]
    fn get_mut(root: &mut L::Root) -> Option<&mut V> {
        L::get_mut(root)?.__part_mut(I)?.downcast_mut()
    }
}

/// Builds the paths `P` at compile time.
#[doc(hidden)]
pub trait Build<P> {
    const __PATHS: P;
}
