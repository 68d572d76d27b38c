//! [`State`] for the types of the standard library.
//!
//! All of them end the static tree but `Option`, which paths lead through.

use std::any::Any;
use std::borrow::Cow;
use std::collections::{BinaryHeap, LinkedList};
use std::ffi::OsString;
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

use super::{State, leaf};
#[cfg(not(feature = "serde"))]
use crate::path::ability::Otherwise as _;
use crate::path::ability::{self, Abilities, AbilityPart, Probe, abilities};
use crate::path::build::{PathAt, SomeAt};
use crate::path::form::WireForm;
use crate::path::lens::Lens;
use crate::path::mode::{Mode, Partial};
use crate::path::shape::{Kind, ShapeField};
use crate::path::static_path::Path;
use crate::path::text::erased::Contents;
use crate::path::text::erasure::shape_of;

macro_rules! scalars {
    ($ts:literal: $($type:ty),* $(,)?) => {
        leaf! {
            $([] $type: cheap true, plain true, abilities abilities!($type), form WireForm::known($ts);)*
        }
    };
}

scalars!("null": ());
scalars!("boolean": bool);
scalars!(
    "number": u8,
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
);
scalars!(
    "string": char,
    String,
    Box<str>,
    Arc<str>,
    Cow<'static, str>,
    PathBuf,
    IpAddr,
    Ipv4Addr,
    Ipv6Addr,
    SocketAddr,
    SocketAddrV4,
    SocketAddrV6,
);
scalars!("{ secs: number; nanos: number }": Duration);
scalars!("{ secs_since_epoch: number; nanos_since_epoch: number }": SystemTime);
// Serde does not write an `Instant`, and a browser has no use for an `OsString`.
scalars!("": Instant, OsString);

leaf! {
    // The compiler reports an error for a probe whether a borrowed string can be read.
    [] &'static str: cheap true, plain true, abilities Abilities {
        clone: Probe::<Self>::CLONE,
        eq: Probe::<Self>::EQ,
        write: Probe::<Self>::PLAIN_WRITE,
        read: None,
    }, form WireForm::known("string");
    [T: State] LinkedList<T>: cheap false, plain T::__PLAIN,
        layout Items(shape_of::<T>);
    [T: State] BinaryHeap<T>: cheap false, plain T::__PLAIN,
        layout Heap(shape_of::<T>);
    // A probe whether the value of a `Box` is cheap would not end for a recursive type.
    [T: State] Box<T>: cheap false, plain T::__PLAIN, contents Contents::boxed::<T>(),
        abilities ability::boxed::<T>(), inner T;
    [T: State] Arc<T>: cheap true, plain T::__PLAIN, contents Contents::shared::<T>(),
        abilities ability::shared::<T>(), inner T;
    [T: State] Box<[T]>: cheap false, plain T::__PLAIN,
        layout Items(shape_of::<T>);
    [T: State] Arc<[T]>: cheap true, plain T::__PLAIN,
        layout Items(shape_of::<T>);
    [T: State, E: State] Result<T, E>: cheap T::__CHEAP && E::__CHEAP, plain T::__PLAIN && E::__PLAIN,
        layout OneOf(&[
            ("Ok", Some(shape_of::<T>)),
            ("Err", Some(shape_of::<E>)),
        ]);
    [T: State] Range<T>: cheap T::__CHEAP, plain T::__PLAIN,
        layout Members(&[
            ("start", shape_of::<T>),
            ("end", shape_of::<T>),
        ]);
    [T: State] RangeInclusive<T>: cheap T::__CHEAP, plain T::__PLAIN,
        layout Members(&[
            ("start", shape_of::<T>),
            ("end", shape_of::<T>),
        ]);
    [T: State] Bound<T>: cheap T::__CHEAP, plain T::__PLAIN,
        layout OneOf(&[
            ("Unbounded", None),
            ("Included", Some(shape_of::<T>)),
            ("Excluded", Some(shape_of::<T>)),
        ]);
    [T: State] Wrapping<T>: cheap T::__CHEAP, plain T::__PLAIN,
        layout Same(shape_of::<T>);
    [T: State] Saturating<T>: cheap T::__CHEAP, plain T::__PLAIN,
        layout Same(shape_of::<T>);
    [T: ?Sized + 'static] PhantomData<T>: cheap true, plain true, form WireForm::known("null");
}

macro_rules! tuples {
    ($(($($name:ident),+))*) => {
        leaf! {
            $([$($name: State),+] ($($name,)+): cheap $($name::__CHEAP)&&+, plain $($name::__PLAIN)&&+,
                layout Tuple(&[$(shape_of::<$name>),+]);)*
        }
    };
}

tuples! {
    (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, G)
    (A, B, C, D, E, F, G, H) (A, B, C, D, E, F, G, H, I) (A, B, C, D, E, F, G, H, I, J)
    (A, B, C, D, E, F, G, H, I, J, K) (A, B, C, D, E, F, G, H, I, J, K, N)
}

impl<V: State> State for Option<V> {
    type __Paths<R: State, M: Mode> = Path<R, Self, M>;
    type __At<L: Lens<Target = Self>> = PathAt<L, SomeAt<L, V>>;
    type __Some<R: State> = V::__Paths<R, Partial>;

    const __KIND: Kind = Kind::Option;
    const __FIELDS: &'static [ShapeField] =
        &[ShapeField { name: "", skipped: false, offset: 1, shape: V::__SHAPE }];
    const __ABILITIES: Abilities = ability::option::<V>();
    const __PARTS: &'static [AbilityPart] = &[AbilityPart {
        own: Abilities::NONE,
        inner: &[],
        tree: Some(V::__ABILITY_TREE),
        custom: false,
        left_out: None,
    }];
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
