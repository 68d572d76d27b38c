//! [`EventTypes`]: the dispatcher of each event type, in a table that only grows and
//! is read without a lock.
//!
//! A program has a bounded number of event types, so a dispatcher stays once it is
//! added. A lookup is a few plain loads; a table that is replaced whole would cost each
//! emit a guard.

use std::any::TypeId;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::OnceLock;

use super::AnyDispatcher;

/// How many chains there are. Programs have tens of event types.
const CHAINS: usize = 64;

pub(super) struct EventTypes {
    chains: [Link; CHAINS],
}

/// Set once and never changed.
type Link = OnceLock<Box<KnownType>>;

struct KnownType {
    event: TypeId,
    dispatcher: AnyDispatcher,
    next: Link,
}

impl EventTypes {
    /// Finds the dispatcher of `event`.
    #[inline]
    pub(super) fn get(&self, event: TypeId) -> Option<&AnyDispatcher> {
        let mut link = &self.chains[chain_of(event)];
        while let Some(known) = link.get() {
            if known.event == event {
                return Some(&known.dispatcher);
            }
            link = &known.next;
        }
        None
    }

    /// Finds the dispatcher of `event`, or adds the one that `new` returns.
    pub(super) fn get_or_add(
        &self,
        event: TypeId,
        new: impl Fn() -> AnyDispatcher,
    ) -> &AnyDispatcher {
        let mut link = &self.chains[chain_of(event)];
        loop {
            let known = link.get_or_init(|| {
                Box::new(KnownType { event, dispatcher: new(), next: Link::new() })
            });
            if known.event == event {
                return &known.dispatcher;
            }
            link = &known.next;
        }
    }

    /// The dispatchers of all types.
    pub(super) fn iter(&self) -> impl Iterator<Item = &AnyDispatcher> {
        self.chains.iter().flat_map(chain).map(|known| &known.dispatcher)
    }
}

fn chain(first: &Link) -> impl Iterator<Item = &KnownType> {
    let first = first.get().map(Box::as_ref);
    std::iter::successors(first, |known| known.next.get().map(Box::as_ref))
}

impl Default for EventTypes {
    fn default() -> Self {
        Self { chains: std::array::from_fn(|_| Link::new()) }
    }
}

#[inline]
fn chain_of(event: TypeId) -> usize {
    let hash = BuildHasherDefault::<TypeIdHash>::default().hash_one(event);
    (hash % CHAINS as u64) as usize
}

/// Passes a type id through: type ids are hashes already.
#[derive(Default)]
struct TypeIdHash(u64);

impl Hasher for TypeIdHash {
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
