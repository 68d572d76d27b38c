//! Builds the paths of a type, in constants: what [`State::__At`] of each type names.

use std::marker::PhantomData;

use super::leaf_path::LeafPath;
use super::lens::{Here, Lens, Then};
use super::mode::{Partial, Whole};
use super::state::State;
use super::static_path::Path;
use super::steps::Access;

/// Builds the paths `P` at compile time.
#[doc(hidden)]
pub trait Build<P> {
    const __PATHS: P;
}

/// The paths that start at a `T`: `T::PATHS`, for types that have none by that name.
///
/// A state need not be a type of yours: a map or a list is one too.
///
/// ```
/// # use sprag::prelude::*;
/// use std::collections::HashMap;
/// use sprag::path::root;
///
/// type Devices = HashMap<u64, String>;
///
/// let devices = create_model("devices", Devices::new());
/// devices.insert(root::<Devices>(), 7, "lamp".into());
/// assert_eq!(devices.get(root::<Devices>().key(7)).as_deref(), Some("lamp"));
/// ```
// A function, because the compiler evaluates a constant that is alone in a constant, used
// or not.
#[must_use]
pub const fn root<T: State>() -> T::__Paths<T, Whole> {
    <T::__At<Here<T>> as Build<T::__Paths<T, Whole>>>::__PATHS
}

/// The way from a value to all of it.
pub(super) const fn all_of<V: State>() -> Access<V, V> {
    Access::of::<Here<V>>(V::__SHAPE.nodes)
}

/// Builds the [`Path`] that `L` leads to; `S` builds what `.some()` gives.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct PathAt<L, S = NoSome>(PhantomData<fn() -> (L, S)>);

impl<L, S> Build<Path<L::Root, L::Target, L::Mode>> for PathAt<L, S>
where
    L: Lens<Target: State>,
    S: Build<<L::Target as State>::__Some<L::Root>>,
{
    const __PATHS: Path<L::Root, L::Target, L::Mode> = Path {
        __access: Access::of::<L>(<L::Target as State>::__SHAPE.nodes),
        __inside: S::__PATHS,
        __mode: PhantomData,
    };
}

/// No place follows `.some()`.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct NoSome;

impl Build<()> for NoSome {
    const __PATHS: () = ();
}

/// Builds what `.some()` gives behind `L`, which leads to an `Option<V>`.
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

/// Fills a tuple's paths behind the last field: not a place, so that an index past the end
/// is an error wherever it is written.
#[derive(Clone, Copy, Debug)]
pub struct PastTheEnd<P>(P);

impl<P: Copy> PastTheEnd<P> {
    #[doc(hidden)]
    pub const fn __of(own: P) -> Self {
        Self(own)
    }

    /// The path to the whole tuple.
    #[doc(hidden)]
    pub const fn __own(&self) -> P {
        self.0
    }
}
