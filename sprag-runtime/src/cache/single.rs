//! [`Cache`]: a cache of one value.
//!
//! The value is in a slot that is swapped and never emptied: a computation that began
//! before an invalidation fills a slot that no later caller reads.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};

use super::compute::computing;
use super::face::face;
use super::flight::{CachedValue, Computed, OnLeaderError, ValueRequest, ValueSlot};
use super::node::{CacheCore, CacheNode, Cleared};
use super::reentrancy::FlightKey;
use super::stats::ReadOutcome;
use super::wave;
use crate::cache::AnyCache;
use crate::error::{BoxError, CacheError};
use crate::isolate::isolated;

/// One expensive value, computed once however many callers request it.
///
/// A handle: clones are the same cache. See [`create_cache`](crate::create_cache).
///
/// # Computing
///
/// Of all callers of an empty cache, threads and tasks alike, one computes and the
/// others wait for its value. If its computation panics or, being async, is dropped, a
/// waiting caller takes over with its own computation. An invalidation or a
/// [`set`](Self::set) does not disturb a computation that is under way: the callers that
/// wait get its value, and the cache does not store it.
///
/// A computation may query other caches. A computation that would wait for its own
/// result, also through other caches and their threads, is refused and does not hang.
/// Three cases cannot be detected and do hang: a computation that waits for a task or
/// thread that it has started and that requests the same cache; an async computation that
/// is kept but not polled any more; and a blocking call on the only thread that can poll
/// the async computation for which the call waits.
///
/// # Refreshing
///
/// [`stale_while_revalidate`] and [`refresh_ahead`] let one caller compute the next value
/// while the others still get the present one, so that they never wait. The cache has no
/// thread of its own: the first caller of a `get_or_compute` method that finds the value
/// due computes, in its own thread or task.
///
/// # Cost
///
/// A hit takes no lock, and no two threads write to the same memory: [`read`] and
/// [`load`] borrow the value, [`get`] clones it. With a `ttl` a hit reads a coarse clock,
/// and the precise one within 100 ms of the deadline.
///
/// # Dependents
///
/// [`invalidate`](Self::invalidate) and [`set`](Self::set) invalidate the caches that
/// depend on this one. Expiry and refreshing do not. A cache that follows busy state may
/// limit its computations by a [`throttle`](crate::CacheBuilder::throttle).
///
/// [`read`]: Self::read
/// [`load`]: Self::load
/// [`get`]: Self::get
/// [`stale_while_revalidate`]: crate::CacheBuilder::stale_while_revalidate
/// [`refresh_ahead`]: crate::CacheBuilder::refresh_ahead
///
/// # Example
///
/// ```
/// use sprag::prelude::*;
/// use std::time::Duration;
///
/// let drives = create_cache::<Vec<String>>("drives").ttl(Duration::from_secs(300)).build()?;
///
/// let list = drives.get_or_compute(|| vec!["/".into()]); // computed once, for all callers
/// assert_eq!(list, ["/"]);
/// assert_eq!(drives.read(Vec::len), Some(1)); // a hit, borrowed
///
/// drives.invalidate();
/// assert_eq!(drives.get(), None);
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
pub struct Cache<V> {
    inner: Arc<SingleCache<V>>,
}

struct SingleCache<V> {
    core: CacheCore,
    slot: ArcSwap<ValueSlot<V>>,
}

face! {
    Cache<V> where { V: Send + Sync + 'static }
    create: r#"create_cache::<u64>("sizes")"#,
    call: "",
    own: "",
    clear: "invalidate()",
}

impl<V: Send + Sync + 'static> Cache<V> {
    pub(super) fn new(core: CacheCore) -> Self {
        let slot = ArcSwap::from_pointee(ValueSlot::new());
        Self { inner: Arc::new(SingleCache { core, slot }) }
    }

    /// Passes the value to `f`, if there is one that has not expired.
    ///
    /// The value is borrowed, and stays the same while `f` runs.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// assert_eq!(drives.read(Vec::len), None); // not computed yet
    /// drives.set(vec!["/".into()]);
    /// assert_eq!(drives.read(Vec::len), Some(1));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    #[inline]
    pub fn read<U>(&self, f: impl FnOnce(&V) -> U) -> Option<U> {
        let slot = self.inner.slot.load();
        let value = self.inner.unexpired(&slot);
        self.inner.core.counters.count_read(ReadOutcome::of(value));
        value.map(|cached| f(&cached.value))
    }

    /// Returns a guard that borrows the value, if there is one that has not expired.
    ///
    /// The value stays the same while the guard lives, and the guard blocks no other
    /// caller. The guard keeps the value alive, so keep it for a moment only.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// drives.set(vec!["/".into()]);
    /// if let Some(list) = drives.load() {
    ///     drives.invalidate();
    ///     assert_eq!(list.len(), 1); // still the same value
    /// }
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    #[inline]
    pub fn load(&self) -> Option<CacheRead<V>> {
        let slot = self.inner.slot.load();
        let value = self.inner.unexpired(&slot);
        self.inner.core.counters.count_read(ReadOutcome::of(value));
        value.is_some().then_some(CacheRead { slot })
    }

    /// Returns a clone of the value, if there is one that has not expired.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// drives.set(vec!["/".into()]);
    /// assert_eq!(drives.get(), Some(vec!["/".into()]));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    #[inline]
    pub fn get(&self) -> Option<V>
    where
        V: Clone,
    {
        self.read(V::clone)
    }

    fn put(&self, value: V, ttl: Duration) {
        let inner = &*self.inner;
        if inner.core.is_destroyed() {
            return;
        }
        let full = ValueSlot::full(value, inner.core.lifetime(Some(ttl)));
        let replaced = inner.slot.swap(Arc::new(full));
        if inner.core.is_destroyed() {
            wave::clear(inner);
        }
        isolated(&"the drop of a replaced value", || drop(replaced));
        wave::replaced(inner);
    }

    /// Clears the cache and all caches that depend on it, and then notifies the listeners.
    ///
    /// The listeners run in this thread, before the call returns. An empty cache is
    /// invalidated as well: a computation that is under way is not stored.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<Vec<String>>("drives").build()?;
    /// drives.set(vec!["/".into()]);
    /// drives.invalidate();
    /// assert_eq!(drives.get(), None);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn invalidate(&self) {
        wave::invalidate(self.__node());
    }
}

// One line, which the compiler shows where a method is called on a `Result`.
computing! { Cache<V> where { V: Clone + Send + Sync + 'static } create: r#"create_cache::<u64>("sizes")"#, call: "", }

impl<V: Clone + Send + Sync + 'static> Cache<V> {
    /// Returns the value, if callers of a `get_or_compute` method get it without computing.
    #[inline]
    fn fresh(&self) -> Option<V> {
        let core = &self.inner.core;
        let slot = self.inner.slot.load();
        let fresh =
            slot.value().filter(|cached| core.timer.is_before(cached.lifetime.refresh_at()));
        let value = fresh.map(|cached| cached.value.clone());
        if value.is_some() {
            core.counters.count_read(ReadOutcome::Hit);
        }
        value
    }

    /// Returns the value of a flight, which this caller leads unless another one does.
    async fn lead<Fut>(
        &self,
        on_leader_error: OnLeaderError,
        compute: impl FnOnce() -> Fut,
    ) -> Result<V, CacheError>
    where
        Fut: Future<Output = Result<Computed<V>, BoxError>>,
    {
        let inner = &*self.inner;
        let slot = inner.unexpired_slot();
        inner.core.counters.count_read(ReadOutcome::of(slot.value()));
        let Some(present) = slot.value().filter(|present| inner.is_due(present)) else {
            let complete = |computed| inner.fill(&slot, computed);
            inner.request(&slot, on_leader_error).run(compute, complete).await?;
            return Ok(value_of(&slot));
        };
        let next = slot.successor();
        let complete = |computed| {
            inner.fill(&next, computed);
            inner.replace(&slot, next.clone());
        };
        let led = inner.request(&next, on_leader_error).run_unless_led(compute, complete).await?;
        Ok(if led { value_of(&next) } else { present.value.clone() })
    }
}

fn value_of<V: Clone>(slot: &ValueSlot<V>) -> V {
    slot.value().expect("the request has filled the slot").value.clone()
}

impl<V: Send + Sync + 'static> SingleCache<V> {
    #[inline]
    fn unexpired<'a>(&self, slot: &'a ValueSlot<V>) -> Option<&'a CachedValue<V>> {
        slot.value().filter(|cached| self.core.timer.is_before(cached.lifetime.deadline()))
    }

    fn is_due(&self, cached: &CachedValue<V>) -> bool {
        !self.core.timer.is_before(cached.lifetime.refresh_at())
    }

    /// Returns the current slot, replaced by its successor if its value has expired.
    fn unexpired_slot(&self) -> Arc<ValueSlot<V>> {
        loop {
            let slot = self.slot.load();
            let is_usable = match slot.value() {
                Some(_) => self.unexpired(&slot).is_some(),
                None => self.core.timer.is_before(slot.limit()),
            };
            if is_usable {
                return Guard::into_inner(slot);
            }
            self.replace(&slot, slot.successor());
        }
    }

    /// Replaces `slot` by `next`, unless `slot` is no longer the current one.
    fn replace(&self, slot: &Arc<ValueSlot<V>>, next: Arc<ValueSlot<V>>) {
        let previous = self.slot.compare_and_swap(slot, next);
        isolated(&"the drop of an expired value", || drop(previous));
    }

    fn fill(&self, slot: &ValueSlot<V>, computed: Computed<V>) {
        let lifetime = self.core.lifetime(computed.ttl);
        slot.fill(computed.value, lifetime);
    }

    fn request<'a>(
        &'a self,
        slot: &'a Arc<ValueSlot<V>>,
        on_leader_error: OnLeaderError,
    ) -> ValueRequest<'a, V> {
        let key = FlightKey { name: self.core.name.clone(), cache: self.core.id, key: 0 };
        ValueRequest { slot, key, core: &self.core, on_leader_error }
    }
}

impl<V: Send + Sync + 'static> CacheNode for SingleCache<V> {
    fn core(&self) -> &CacheCore {
        &self.core
    }

    fn mark(&self, unsettled: &mut u64) -> Cleared {
        self.core.note_unsettled(*unsettled);
        let CacheCore { policy, timer, .. } = &self.core;
        if !policy.throttle.is_zero() && !self.core.is_destroyed() {
            let slot = self.slot.load();
            if let Some(settled) = slot.expire_throttled(timer, policy.throttle) {
                *unsettled = settled.max(*unsettled);
                return None;
            }
        }
        Some(self.slot.swap(Arc::new(ValueSlot::new())))
    }
}

/// Borrows a cache's value; returned by [`Cache::load`]. Holds no lock.
///
/// Derefs to the value.
///
/// ```
/// # use sprag::prelude::*;
/// # let drives = create_cache::<Vec<String>>("drives").build()?;
/// drives.set(vec!["/".into()]);
/// let list = drives.load().expect("the value was set above");
/// assert_eq!(list.first().map(String::as_str), Some("/"));
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
pub struct CacheRead<V> {
    /// Full.
    slot: Guard<Arc<ValueSlot<V>>>,
}

impl<V> Deref for CacheRead<V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        &self.slot.value().expect("`load` returns full slots").value
    }
}

impl<V: fmt::Debug> fmt::Debug for CacheRead<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::create_cache;

    #[test]
    fn c1_a_caller_that_finds_the_value_when_it_would_lead_does_not_compute() {
        let sizes = create_cache::<u8>("sizes that are found").build().unwrap();
        sizes.set(3);
        let found = sizes.lead(OnLeaderError::Share, || async { unreachable!("it is fresh") });
        assert_eq!(pollster::block_on(found).unwrap(), 3);
        assert_eq!(sizes.stats().computations, 0);
    }
}
