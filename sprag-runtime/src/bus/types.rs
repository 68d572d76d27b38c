//! The slots of event types: a table that only grows, and is read without a lock.
//!
//! There are only so many event types in a program, so a slot once made stays, and
//! finding it is a few plain loads; a snapshot that can be replaced would cost a
//! guard at every emit.

use std::any::TypeId;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::OnceLock;

use super::AnySlot;

/// How many chains there are. Programs have tens of event types.
const CHAINS: usize = 64;

pub(super) struct Types {
    chains: [Link; CHAINS],
}

/// Set once, and never changed then.
type Link = OnceLock<Box<Known>>;

struct Known {
    event: TypeId,
    slot: AnySlot,
    next: Link,
}

impl Types {
    /// The slot of `event`, if it has one.
    #[inline]
    pub(super) fn get(&self, event: TypeId) -> Option<&AnySlot> {
        let mut link = &self.chains[chain_of(event)];
        while let Some(known) = link.get() {
            if known.event == event {
                return Some(&known.slot);
            }
            link = &known.next;
        }
        None
    }

    /// The slot of `event`, made by `slot` if it is new.
    pub(super) fn get_or_add(&self, event: TypeId, slot: impl Fn() -> AnySlot) -> &AnySlot {
        let mut link = &self.chains[chain_of(event)];
        loop {
            let known =
                link.get_or_init(|| Box::new(Known { event, slot: slot(), next: Link::new() }));
            if known.event == event {
                return &known.slot;
            }
            link = &known.next;
        }
    }

    pub(super) fn len(&self) -> usize {
        let mut len = 0;
        for mut link in &self.chains {
            while let Some(known) = link.get() {
                len += 1;
                link = &known.next;
            }
        }
        len
    }
}

impl Default for Types {
    fn default() -> Self {
        Self { chains: std::array::from_fn(|_| Link::new()) }
    }
}

#[inline]
fn chain_of(event: TypeId) -> usize {
    let hash = BuildHasherDefault::<OwnHash>::default().hash_one(event);
    (hash % CHAINS as u64) as usize
}

/// Type ids are hashes already.
#[derive(Default)]
struct OwnHash(u64);

impl Hasher for OwnHash {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
