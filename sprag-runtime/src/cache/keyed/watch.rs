//! Entries that depend on a state by their own key: the subscriptions of each entry, and
//! the effect of a change on the entry.

use std::hash::Hash;
use std::sync::{Arc, Weak};

use super::entries::KeyedEntries;
use crate::cache::node::CacheNode;
use crate::cache::wave::{self, GatheredEntry};
use crate::subscription::Subscription;

/// Subscribes one entry to the state that it depends on.
pub(super) type WatchEntry<K, V> = dyn Fn(&K, EntryInvalidator<K, V>) -> Subscription + Send + Sync;

/// Invalidates one entry, as long as its cache exists.
pub(crate) struct EntryInvalidator<K, V> {
    entry: Arc<EntryRef<K, V>>,
}

struct EntryRef<K, V> {
    entries: Weak<KeyedEntries<K, V>>,
    key: K,
}

impl<K, V> EntryInvalidator<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(entries: Weak<KeyedEntries<K, V>>, key: K) -> Self {
        Self { entry: Arc::new(EntryRef { entries, key }) }
    }

    /// Adds the entry to this thread's next
    /// [`invalidate_gathered`](crate::cache::Invalidator::invalidate_gathered).
    pub(crate) fn gather(&self) {
        wave::gather_entry(self.entry.clone());
    }
}

/// Invalidates any entries of a cache, as long as it exists.
pub(crate) struct EntriesInvalidator<K, V> {
    entries: Weak<KeyedEntries<K, V>>,
}

impl<K, V> EntriesInvalidator<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(entries: Weak<KeyedEntries<K, V>>) -> Self {
        Self { entries }
    }

    /// Adds the entry of `key` to this thread's next
    /// [`invalidate_gathered`](crate::cache::Invalidator::invalidate_gathered).
    pub(crate) fn gather(&self, key: &K) {
        EntryInvalidator::new(Weak::clone(&self.entries), key.clone()).gather();
    }
}

impl<K, V> GatheredEntry for EntryRef<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn clear(&self) -> Option<(Arc<dyn CacheNode>, u64)> {
        let entries = self.entries.upgrade()?;
        let unsettled = entries.invalidate(&self.key);
        Some((entries, unsettled))
    }
}
