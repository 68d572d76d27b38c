//! [`State`] for what the standard library brings.
//!
//! All of them end the static tree but `Option`, which paths lead through.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::OsString;
use std::fmt::Debug;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
    NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize, Saturating, Wrapping,
};
use std::ops::{Bound, Range, RangeInclusive};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::erased::Below;
use super::lens::{Lens, Mode, Partial};
use super::place::{Path, PathAt, SomeAt};
use super::shape::{Kind, ShapeField};
use super::state::State;

/// `State` for types that are one node.
macro_rules! leaf {
    ($([$($generics:tt)*] $type:ty
        : cheap $cheap:expr, plain $plain:expr $(, kind $kind:ident)? $(, below $below:expr)?;
    )*) => {$(
        impl<$($generics)*> State for $type {
            type __Paths<R: 'static, M: Mode> = Path<R, Self, M>;
            type __At<L: Lens<Target = Self>> = PathAt<L>;
            type __Some<R: 'static> = ();

            $(const __KIND: Kind = Kind::$kind;)?
            $(const __BELOW: Below = $below;)?
            const __CHEAP: bool = $cheap;
            const __PLAIN: bool = $plain;
        }
    )*};
}

#[cfg(any(feature = "imbl", feature = "indexmap"))]
pub(super) use leaf;

macro_rules! scalars {
    ($($type:ty),* $(,)?) => {
        leaf! { $([] $type: cheap true, plain true;)* }
    };
}

scalars!(
    (),
    bool,
    char,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    f32,
    f64,
    NonZeroU8,
    NonZeroU16,
    NonZeroU32,
    NonZeroU64,
    NonZeroU128,
    NonZeroUsize,
    NonZeroI8,
    NonZeroI16,
    NonZeroI32,
    NonZeroI64,
    NonZeroI128,
    NonZeroIsize,
    String,
    &'static str,
    Box<str>,
    Arc<str>,
    Duration,
    Instant,
    SystemTime,
    PathBuf,
    OsString,
    IpAddr,
    Ipv4Addr,
    Ipv6Addr,
    SocketAddr,
    SocketAddrV4,
    SocketAddrV6,
);

leaf! {
    [T: State] Vec<T>: cheap false, plain T::__PLAIN, kind List, below Below::list::<Self>();
    [T: State] VecDeque<T>: cheap false, plain T::__PLAIN, kind List, below Below::list::<Self>();
    [T: State] LinkedList<T>: cheap false, plain T::__PLAIN;
    [T: State] BTreeSet<T>: cheap false, plain T::__PLAIN;
    [T: State] BinaryHeap<T>: cheap false, plain T::__PLAIN;
    [T: State, S: 'static] HashSet<T, S>: cheap false, plain false;
    [K: State + Hash + Eq + Clone + Debug + Send + Sync, V: State, S: BuildHasher + 'static]
        HashMap<K, V, S>: cheap false, plain false, kind Map, below Below::map::<Self>();
    [K: State + Hash + Ord + Clone + Debug + Send + Sync, V: State]
        BTreeMap<K, V>: cheap false, plain K::__PLAIN && V::__PLAIN,
        kind Map, below Below::map::<Self>();
    // Asking a `Box` whether its value is cheap would have no end in a recursive type.
    [T: State] Box<T>: cheap false, plain T::__PLAIN, below Below::boxed::<T>();
    [T: State] Arc<T>: cheap true, plain T::__PLAIN, below Below::shared::<T>();
    [T: State] Box<[T]>: cheap false, plain T::__PLAIN;
    [T: State] Arc<[T]>: cheap true, plain T::__PLAIN;
    [T: State, const N: usize] [T; N]: cheap T::__CHEAP && N <= 4, plain T::__PLAIN, kind List, below Below::list::<Self>();
    [T: State, E: State] Result<T, E>: cheap T::__CHEAP && E::__CHEAP, plain T::__PLAIN && E::__PLAIN;
    [T: State] Range<T>: cheap T::__CHEAP, plain T::__PLAIN;
    [T: State] RangeInclusive<T>: cheap T::__CHEAP, plain T::__PLAIN;
    [T: State] Bound<T>: cheap T::__CHEAP, plain T::__PLAIN;
    [T: State] Wrapping<T>: cheap T::__CHEAP, plain T::__PLAIN;
    [T: State] Saturating<T>: cheap T::__CHEAP, plain T::__PLAIN;
    [T: ?Sized + 'static] PhantomData<T>: cheap true, plain true;
}

macro_rules! tuples {
    ($(($($name:ident),+))*) => {
        leaf! {
            $([$($name: State),+] ($($name,)+): cheap $($name::__CHEAP)&&+, plain $($name::__PLAIN)&&+;)*
        }
    };
}

tuples! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }

impl<V: State> State for Option<V> {
    type __Paths<R: 'static, M: Mode> = Path<R, Self, M>;
    type __At<L: Lens<Target = Self>> = PathAt<L, SomeAt<L, V>>;
    type __Some<R: 'static> = V::__Paths<R, Partial>;

    const __KIND: Kind = Kind::Option;
    const __FIELDS: &'static [ShapeField] =
        &[ShapeField { name: "", skipped: false, offset: 1, shape: V::__SHAPE }];
    const __CHEAP: bool = V::__CHEAP;
    const __PLAIN: bool = V::__PLAIN;

    #[inline]
    fn __part(&self, _index: usize) -> Option<&dyn Any> {
        Some(self.as_ref()?)
    }

    #[inline]
    fn __part_mut(&mut self, _index: usize) -> Option<&mut dyn Any> {
        Some(self.as_mut()?)
    }
}
