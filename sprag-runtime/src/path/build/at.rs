//! The builders of the paths to one place.

use std::marker::PhantomData;

use super::Build;
use crate::path::leaf_path::LeafPath;
use crate::path::lens::{Lens, Then};
use crate::path::mode::Partial;
use crate::path::state::State;
use crate::path::static_path::Path;
use crate::path::steps::Access;

/// Builds the [`Path`] that `L` leads to; `S` builds the result of `.some()`.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct PathAt<L, S = NoSome>(PhantomData<fn() -> (L, S)>);

impl<L, S> Build<Path<L::Root, L::Target, L::Mode>> for PathAt<L, S>
where
    L: Lens<Target: State>,
    S: Build<<L::Target as State>::__Some<L::Root>>,
{
    const __PATHS: Path<L::Root, L::Target, L::Mode> =
        Path { __access: Access::of::<L>(), __inside: S::__PATHS, __mode: PhantomData };
}

/// No place follows `.some()`.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct NoSome;

impl Build<()> for NoSome {
    const __PATHS: () = ();
}

/// Builds the result of `.some()` behind `L`, which leads to an `Option<V>`.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct SomeAt<L, V>(PhantomData<fn() -> (L, V)>);

impl<L, V> Build<V::__Paths<L::Root, Partial>> for SomeAt<L, V>
where
    L: Lens<Target = Option<V>>,
    V: State,
{
    const __PATHS: V::__Paths<L::Root, Partial> =
        <V::__At<Then<L, V, 0, Partial>> as Build<V::__Paths<L::Root, Partial>>>::__PATHS;
}

/// Builds the [`LeafPath`] that `L` leads to.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct LeafAt<L>(PhantomData<fn() -> L>);

impl<L: Lens> Build<LeafPath<L::Root, L::Target, L::Mode>> for LeafAt<L> {
    const __PATHS: LeafPath<L::Root, L::Target, L::Mode> =
        LeafPath { __access: Access::opaque::<L>(), __mode: PhantomData };
}
