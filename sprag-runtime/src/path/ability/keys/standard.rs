//! The types of the standard library that are keys in every program.

use std::any::TypeId;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
    NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
};
use std::path::PathBuf;

use super::key;
use crate::path::ability::KeyAbilities;

macro_rules! table {
    ($($key:ty),* $(,)?) => {
        [$(key!($key)),*]
    };
}

/// The keys that the standard library brings.
pub(super) static KEYS: [KeyAbilities; 36] = table![
    String,
    u64,
    u32,
    usize,
    i64,
    i32,
    u8,
    u16,
    u128,
    i8,
    i16,
    i128,
    isize,
    bool,
    char,
    Box<str>,
    NonZeroU64,
    NonZeroU32,
    NonZeroU8,
    NonZeroU16,
    NonZeroU128,
    NonZeroUsize,
    NonZeroI8,
    NonZeroI16,
    NonZeroI32,
    NonZeroI64,
    NonZeroI128,
    NonZeroIsize,
    IpAddr,
    Ipv4Addr,
    Ipv6Addr,
    SocketAddr,
    SocketAddrV4,
    SocketAddrV6,
    PathBuf,
    (),
];
