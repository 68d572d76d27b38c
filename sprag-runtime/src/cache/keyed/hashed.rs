//! [`HashedKey`]: a key beside its hash, so that the map never runs the `Hash` of users.
//!
//! A `Hash` that panics breaks a map that hashes its keys again while it grows. Here `Hash`
//! runs once for each call, before the map is accessed.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

use quick_cache::Equivalent;

#[derive(Clone)]
pub(super) struct HashedKey<K> {
    pub(super) hash: u64,
    pub(super) key: K,
}

/// A borrowed key beside its hash, for a lookup.
pub(super) struct HashedRef<'a, Q: ?Sized> {
    pub(super) hash: u64,
    pub(super) key: &'a Q,
}

impl<K> Hash for HashedKey<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl<Q: ?Sized> Hash for HashedRef<'_, Q> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl<K: Eq> PartialEq for HashedKey<K> {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.key == other.key
    }
}

impl<K: Eq> Eq for HashedKey<K> {}

impl<K: Borrow<Q>, Q: Eq + ?Sized> Equivalent<HashedKey<K>> for HashedRef<'_, Q> {
    #[inline]
    fn equivalent(&self, stored: &HashedKey<K>) -> bool {
        self.key == stored.key.borrow()
    }
}

/// Passes the hash of a [`HashedKey`] through.
#[derive(Clone, Copy, Default)]
pub(super) struct StoredHash(u64);

impl Hasher for StoredHash {
    fn write(&mut self, _: &[u8]) {
        unreachable!("a hashed key writes one u64");
    }

    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
