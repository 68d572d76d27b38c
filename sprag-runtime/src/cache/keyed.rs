//! [`KeyedCache`]: a cache of many values, found by key, with a bound on their number.

mod entries;
mod hashed;
mod in_flight;
mod throttle;
mod watch;

use std::borrow::Borrow;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Arc, Weak};
use std::time::Duration;

use entries::{KeyedEntries, Lookup};
pub(crate) use watch::{EntriesInvalidator, EntryInvalidator};

use super::compute::computing;
use super::face::face;
use super::flight::{Computed, OnLeaderError};
use super::graph::Marked;
use super::node::CacheCore;
use super::stats::ReadOutcome;
use super::wave;
use crate::cache::AnyCache;
use crate::error::{BoxError, CacheError};
use crate::subscription::Subscription;

/// Many expensive values, each computed once however many callers request it.
///
/// The contract is the one of [`Cache`](crate::Cache), key by key: callers of different
/// keys never wait for each other. See [`create_keyed_cache`](crate::create_keyed_cache).
///
/// The number of entries is bounded; the least used entries make room for others. A
/// `String` key is looked up by `&str`, and in general a `K` by any type that it borrows
/// as.
///
/// A hit clones the value, so a large value is best an `Arc`. `Hash`, `Eq` and `Clone` of
/// the key and `Clone` of the value may run under a lock of the cache and must not use the
/// cache; all other users' code runs outside of locks.
///
/// # Example
///
/// ```
/// use sprag::prelude::*;
///
/// let sizes = create_keyed_cache::<String, u64>("sizes").capacity(1_000).build()?;
/// assert_eq!(sizes.get_or_compute("alien.mp4", || 700), 700);
/// assert_eq!(sizes.get("alien.mp4"), Some(700));
///
/// sizes.invalidate("alien.mp4"); // this entry alone
/// assert_eq!(sizes.get("alien.mp4"), None);
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
pub struct KeyedCache<K, V> {
    inner: Arc<KeyedEntries<K, V>>,
}

face! {
    KeyedCache<K, V> where {
        K: Hash + Eq + Clone + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    }
    key: key: K,
    create: r#"create_keyed_cache::<String, u64>("sizes")"#,
    call: r#""alien.mp4", "#,
    own: r#""alien.mp4".into(), "#,
    clear: "invalidate_all()",
}

impl<K, V> KeyedCache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(core: CacheCore, capacity: NonZeroUsize) -> Self {
        Self { inner: Arc::new(KeyedEntries::new(core, capacity)) }
    }

    /// Returns a clone of the value of `key`, if there is one that has not expired.
    ///
    /// Costs one lookup in a sharded map, and no allocation.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// sizes.set("alien.mp4".into(), 700);
    /// assert_eq!((sizes.get("alien.mp4"), sizes.get("brazil.mp4")), (Some(700), None));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    #[inline]
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let value = self.inner.get(key);
        self.inner.core.counters.count_read(ReadOutcome::of(value.as_ref()));
        value
    }

    /// Passes the value of `key` to `f`, if there is one that has not expired.
    ///
    /// Clones the value, as [`get`](Self::get) does.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let lines = create_keyed_cache::<String, Vec<String>>("lines").build()?;
    /// lines.set("notes.txt".into(), vec!["first".into()]);
    /// assert_eq!(lines.read("notes.txt", Vec::len), Some(1));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn read<Q, U>(&self, key: &Q, f: impl FnOnce(&V) -> U) -> Option<U>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.get(key).map(|value| f(&value))
    }

    fn put(&self, key: K, value: V, ttl: Duration) {
        self.inner.put(key, value, ttl);
        wave::replaced(&*self.inner);
    }

    /// Removes the value of `key` and clears the caches that depend on this one; then
    /// notifies the listeners. Other keys keep their values.
    ///
    /// Listeners are notified whether or not there was a value. A computation of this key
    /// that is under way is not stored.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// sizes.set("alien.mp4".into(), 700);
    /// sizes.set("brazil.mp4".into(), 800);
    /// sizes.invalidate("alien.mp4");
    /// assert_eq!((sizes.get("alien.mp4"), sizes.get("brazil.mp4")), (None, Some(800)));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn invalidate<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let unsettled = self.inner.invalidate(key);
        wave::spread(Marked { node: self.__node(), cleared: None }, unsettled);
    }

    /// Clears the cache and all caches that depend on it, and then notifies the listeners.
    ///
    /// The listeners run in this thread, before the call returns.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// sizes.set("alien.mp4".into(), 700);
    /// sizes.invalidate_all();
    /// assert!(sizes.is_empty());
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn invalidate_all(&self) {
        wave::invalidate(self.__node());
    }

    /// Returns how many values the cache holds; expired values count until others replace
    /// or evict them.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// sizes.set("alien.mp4".into(), 700);
    /// assert_eq!(sizes.len(), 1);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Returns whether the cache holds no value.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// assert!(sizes.is_empty());
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many values the cache holds at most.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let sizes = create_keyed_cache::<String, u64>("sizes").build()?;
    /// assert_eq!(sizes.capacity(), 10_000); // the default
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// Returns an invalidator of single entries that does not keep the cache alive.
    pub(super) fn entry_removal(&self) -> impl Fn(&K) + Send + Sync + 'static {
        let entries: Weak<KeyedEntries<K, V>> = Arc::downgrade(&self.inner);
        move |key| {
            if let Some(entries) = entries.upgrade() {
                let unsettled = entries.invalidate(key);
                wave::spread(Marked { node: entries, cleared: None }, unsettled);
            }
        }
    }

    /// Returns an invalidator of entries that does not keep the cache alive.
    pub(super) fn entries_invalidator(&self) -> EntriesInvalidator<K, V> {
        EntriesInvalidator::new(Arc::downgrade(&self.inner))
    }

    /// Subscribes each entry with `watch`, from its first computation on, for as long as
    /// its key is in the cache.
    pub(super) fn watch_entries(
        &self,
        watch: impl Fn(&K, EntryInvalidator<K, V>) -> Subscription + Send + Sync + 'static,
    ) {
        let _ = self.inner.watch.set(Box::new(watch));
    }
}

computing! {
    KeyedCache<K, V> where {
        K: Hash + Eq + Clone + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    }
    key: key: &Q where { K: Borrow<Q>, Q: Hash + Eq + ToOwned<Owned = K> + ?Sized, },
    create: r#"create_keyed_cache::<String, u64>("sizes")"#,
    call: r#""alien.mp4", "#,
}

impl<K, V> KeyedCache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Returns the value, if callers of a `get_or_compute` method get it without computing.
    #[inline]
    fn fresh<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let value = self.inner.get_fresh(key);
        if value.is_some() {
            self.inner.core.counters.count_read(ReadOutcome::Hit);
        }
        value
    }

    /// Returns the value of a flight, which this caller leads unless another one does.
    async fn lead<Q, Fut>(
        &self,
        key: &Q,
        on_leader_error: OnLeaderError,
        compute: impl FnOnce() -> Fut,
    ) -> Result<V, CacheError>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        Fut: Future<Output = Result<Computed<V>, BoxError>>,
    {
        let lookup = self.inner.lookup(key.to_owned());
        let outcome = match lookup {
            Lookup::Missing(_) => ReadOutcome::Miss,
            Lookup::Found(_) | Lookup::Due(..) => ReadOutcome::Hit,
        };
        self.inner.core.counters.count_read(outcome);
        match lookup {
            Lookup::Found(value) => Ok(value),
            Lookup::Missing(flight) => {
                let complete = |computed| flight.complete(computed);
                flight.request(on_leader_error).run(compute, complete).await?;
                Ok(flight.value())
            }
            Lookup::Due(present, flight) => {
                let complete = |computed| flight.complete(computed);
                let led = flight.request(on_leader_error).run_unless_led(compute, complete).await?;
                Ok(if led { flight.value() } else { present })
            }
        }
    }
}
