//! [`CacheCore`]: the part that a cache of one value and a keyed cache share; and
//! [`CacheNode`], the interface of both for a wave of invalidation.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::expiry::{Lifetime, LifetimePolicy};
use super::graph;
use super::invalidated::Invalidated;
use super::stats::Counters;
use super::timer::{NEVER, Timer};
use crate::bus::{Bus, Claim, Topic};
use crate::subscription::Subscription;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// Values that a mark has removed, to be dropped after unlock.
pub(super) type Cleared = Option<Arc<dyn Any + Send + Sync>>;

/// A cache, as a wave of invalidation uses it.
pub(super) trait CacheNode: Send + Sync + 'static {
    fn core(&self) -> &CacheCore;

    /// Clears the cache: no caller finds its values, and a computation that is under way
    /// is not stored. Runs no users' code, so it may be called under a lock; the caller
    /// drops the returned values after unlock.
    ///
    /// `unsettled` is the moment until which an upstream cache of the wave may still return
    /// its old value; the mark raises it where this cache does so longer.
    fn mark(&self, unsettled: &mut u64) -> Cleared;

    /// Frees the entries that a mark has left. Called outside of locks.
    fn sweep(&self) {}
}

/// The part that all caches share.
pub(super) struct CacheCore {
    /// The number of the cache's build: higher than the numbers of the caches that it
    /// was built on.
    pub(super) id: u64,
    pub(super) name: Arc<str>,
    pub(super) policy: LifetimePolicy,
    pub(super) timer: Timer,
    pub(super) bus: Bus,
    pub(super) counters: Counters,
    /// Set until the cache is destroyed.
    claim: ArcSwapOption<Claim<Invalidated>>,
    /// The listeners of `on_invalidate`, once there is one, until the cache is destroyed.
    /// They have a bus for this cache alone, which is dropped with the cache.
    listeners: Mutex<Option<Bus>>,
    /// The subscriptions to the states that the cache depends on.
    subscriptions: Mutex<Vec<Subscription>>,
    /// Set once another cache depends on this one; never cleared.
    has_dependents: AtomicBool,
    is_destroyed: AtomicBool,
    /// Until when an upstream cache may return an old value, because of its throttle; zero
    /// where none ever did.
    unsettled: AtomicU64,
    /// How many handles there are. The last one destroys: a wave may hold the cache for
    /// longer, and the name is free nevertheless.
    handles: AtomicUsize,
}

impl CacheCore {
    pub(super) fn new(
        name: Arc<str>,
        policy: LifetimePolicy,
        timer: Timer,
        claim: Claim<Invalidated>,
    ) -> Self {
        Self {
            id: graph::next_id(),
            name,
            policy,
            timer,
            bus: claim.bus().clone(),
            counters: Counters::default(),
            claim: ArcSwapOption::from_pointee(claim),
            listeners: Mutex::default(),
            subscriptions: Mutex::default(),
            has_dependents: AtomicBool::new(false),
            is_destroyed: AtomicBool::new(false),
            unsettled: AtomicU64::new(0),
            handles: AtomicUsize::new(1),
        }
    }

    pub(super) fn topic(&self) -> Topic<Invalidated> {
        topic_of(&self.name)
    }

    pub(super) fn has_dependents(&self) -> bool {
        self.has_dependents.load(Ordering::SeqCst)
    }

    pub(super) fn set_has_dependents(&self) {
        self.has_dependents.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_destroyed(&self) -> bool {
        self.is_destroyed.load(Ordering::SeqCst)
    }

    /// Returns the lifetime of a value that is computed now, where `ttl` is the
    /// computation's own. In a destroyed cache it is over at once: the callers of the
    /// computation get the value, and no later caller does.
    pub(super) fn lifetime(&self, ttl: Option<Duration>) -> Lifetime {
        if self.is_destroyed() {
            return Lifetime::OVER;
        }
        self.policy.lifetime(&self.timer, ttl.unwrap_or(self.policy.ttl))
    }

    /// Notes that an upstream cache may return an old value until `moment`.
    pub(super) fn note_unsettled(&self, moment: u64) {
        if moment != 0 {
            self.unsettled.fetch_max(moment, Ordering::SeqCst);
        }
    }

    /// Returns until when an upstream cache may return an old value; [`NEVER`] where all
    /// are settled now.
    pub(super) fn unsettled_until(&self) -> u64 {
        let moment = self.unsettled.load(Ordering::SeqCst);
        if moment != 0 && self.timer.now() < moment { moment } else { NEVER }
    }

    /// Keeps a subscription for the life of the cache.
    pub(super) fn keep(&self, subscription: Subscription) {
        self.subscriptions.lock().push(subscription);
    }

    pub(super) fn on_invalidate(
        &self,
        listener: impl Fn(&Invalidated) + Send + Sync + 'static,
    ) -> Subscription {
        let mut listeners = self.listeners.lock();
        if self.is_destroyed() {
            return Subscription::dead();
        }
        let bus = listeners.get_or_insert_default().clone();
        drop(listeners);
        bus.on(listener)
    }

    /// Notifies the listeners of an invalidation: those of `on_invalidate` first, then
    /// those on the bus.
    pub(super) fn notify(&self) {
        let event = Invalidated::by_wave(self.name.clone());
        let listeners = self.listeners.lock().clone();
        if let Some(listeners) = listeners {
            listeners.emit(event.clone());
        }
        if let Some(claim) = self.claim.load_full() {
            claim.emit(&event);
        }
    }

    /// Notifies the listeners on the bus that the cache holds another value.
    pub(super) fn notify_replaced(&self) {
        if let Some(claim) = self.claim.load_full() {
            claim.emit(&Invalidated::by_replacement(self.name.clone()));
        }
    }

    pub(super) fn add_handle(&self) {
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn drop_handle(&self) {
        if self.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.destroy();
        }
    }

    /// Releases the name, the dependencies and the listeners. Leaves the values alone.
    pub(super) fn destroy(&self) {
        self.is_destroyed.store(true, Ordering::SeqCst);
        drop(self.claim.swap(None));
        let listeners = self.listeners.lock().take();
        drop(listeners);
        let subscriptions = std::mem::take(&mut *self.subscriptions.lock());
        drop(subscriptions);
        graph::remove(self.id);
    }
}

pub(super) fn topic_of(name: &str) -> Topic<Invalidated> {
    Topic::new(format!("{name}:invalidated"))
}
