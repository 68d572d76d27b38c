//! What every cache has, whether it holds one value or many, and what a wave asks
//! of it.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::clock::Timer;
use super::graph;
use super::invalidated::Invalidated;
use super::stats::Counters;
use crate::bus::{Bus, Claim, Topic};
use crate::subscription::Subscription;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A cache as a wave of invalidation sees it.
pub(super) trait Node: Send + Sync + 'static {
    fn base(&self) -> &Base;

    /// Clears it, so that nothing is found and what is being computed is not
    /// stored. Runs no user code and may be called under a lock; what it returns
    /// is dropped outside.
    fn mark(&self) -> Option<Arc<dyn Any + Send + Sync>>;

    /// Frees what a mark has left behind. Called outside of locks.
    fn sweep(&self) {}
}

/// The part that all caches have in common.
pub(super) struct Base {
    /// The number of its build: a cache has a higher one than those it was built
    /// on.
    pub(super) id: u64,
    pub(super) name: Arc<str>,
    pub(super) ttl: Duration,
    pub(super) timer: Timer,
    pub(super) bus: Bus,
    pub(super) counters: Counters,
    /// Set until it is released.
    claim: ArcSwapOption<Claim<Invalidated>>,
    /// Who listens at the cache itself, if anyone did, until it is released. A bus
    /// of its own, so that its listeners go when it goes.
    listeners: Mutex<Option<Bus>>,
    /// What keeps it subscribed to states that it depends on.
    subscriptions: Mutex<Vec<Subscription>>,
    /// Set once another cache depends on it; never taken back.
    has_dependents: AtomicBool,
    released: AtomicBool,
    /// How many handles there are. The last one releases: a wave may hold the cache
    /// for longer, and its name is free nevertheless.
    handles: AtomicUsize,
}

impl Base {
    pub(super) fn new(
        name: Arc<str>,
        ttl: Duration,
        timer: Timer,
        claim: Claim<Invalidated>,
    ) -> Self {
        Self {
            id: graph::next_id(),
            name,
            ttl,
            timer,
            bus: claim.bus().clone(),
            counters: Counters::default(),
            claim: ArcSwapOption::from_pointee(claim),
            listeners: Mutex::default(),
            subscriptions: Mutex::default(),
            has_dependents: AtomicBool::new(false),
            released: AtomicBool::new(false),
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

    pub(super) fn is_released(&self) -> bool {
        self.released.load(Ordering::SeqCst)
    }

    /// When a value that is computed now expires: at once in a released cache, so
    /// that its callers get it and nobody finds it.
    pub(super) fn deadline(&self) -> u64 {
        if self.is_released() { 0 } else { self.timer.deadline(self.ttl) }
    }

    pub(super) fn keep(&self, subscription: Subscription) {
        self.subscriptions.lock().push(subscription);
    }

    pub(super) fn on_invalidate(
        &self,
        listener: impl Fn(&Invalidated) + Send + Sync + 'static,
    ) -> Subscription {
        let mut listeners = self.listeners.lock();
        if self.is_released() {
            return Subscription::dead();
        }
        let bus = listeners.get_or_insert_default().clone();
        drop(listeners);
        bus.on(listener)
    }

    /// Tells that it was cleared: first who listens at the cache, then the bus.
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

    /// Another handle was made.
    pub(super) fn add_handle(&self) {
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// A handle was dropped.
    pub(super) fn drop_handle(&self) {
        if self.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.release();
        }
    }

    /// Lets go of the name, of what it depends on and of who listens.
    pub(super) fn release(&self) {
        self.released.store(true, Ordering::SeqCst);
        drop(self.claim.swap(None));
        let listeners = self.listeners.lock().take();
        drop(listeners);
        let subscriptions = std::mem::take(&mut *self.subscriptions.lock());
        drop(subscriptions);
        graph::remove(self.id);
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        graph::remove(self.id);
    }
}

pub(super) fn topic_of(name: &str) -> Topic<Invalidated> {
    Topic::new(format!("{name}:invalidated"))
}
