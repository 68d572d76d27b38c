//! The state cell under [`Store`](crate::Store) and [`Model`](crate::Model): the one
//! place that changes state.
//!
//! A cell is a version, an `Arc` of the state and an index of the watched nodes. A write
//! compares, swaps, captures the new values of the affected subscribers and raises the
//! version, all under one lock. One thread at a time, the drainer, then delivers the
//! captured values outside of the lock, in order.
//!
//! Lock order: core, queue, list of subscribers. Users' code runs at most under the core
//! lock, and only the code that the documentation of I2 names; [`reentrancy`] turns a
//! deadlock there into a panic with a reason.

pub(crate) mod change;
pub(crate) mod changed;
mod core;
#[cfg(any(feature = "metrics", feature = "test"))]
mod counts;
mod delivery;
mod feedback;
mod index;
#[cfg(feature = "metrics")]
mod metrics;
pub(crate) mod origin;
mod pending;
#[cfg(feature = "serde")]
pub(crate) mod recorder;
#[cfg(not(feature = "serde"))]
#[path = "cell/unrecorded.rs"]
pub(crate) mod recorder;
pub(crate) mod reentrancy;
#[cfg(feature = "test")]
mod remains;
mod role;
mod selector;
mod subscribers;
pub(crate) mod transaction;
pub(crate) mod watched;
mod write;
pub(crate) mod writer;

use std::any::TypeId;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Weak};

use crate::path::Walk;
use crate::subscription::{Subscription, SubscriptionSource};
use crate::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use crate::sync::{Mutex, RwLock, RwLockReadGuard, StaticCounter, read_past_writers};

pub(crate) use self::change::calling;
use self::core::{Core, Locked};
pub(crate) use self::delivery::after_first;
use self::delivery::{Batch, DeliveringCell};
pub(crate) use self::feedback::in_callback;
pub use self::recorder::Recorded;
use self::reentrancy::{CellAccess, EnteredCell, is_inside_any};
use self::role::Role;
pub(crate) use self::selector::CommitInfo;
pub(crate) use self::selector::EveryCommit;
pub(crate) use self::selector::SelectOne;
pub use self::selector::{Select, Selector};
#[cfg(feature = "serde")]
pub(crate) use self::selector::{SelectPlaces, UsersValue};
pub(crate) use self::subscribers::snapshot::subscriber;
use self::subscribers::snapshot::{AnyNotification, Callback, Recipients};
use self::subscribers::{AnySubscriberSet, Phase, SubscriberSet};
pub use self::watched::Positions;
pub(crate) use self::write::{
    AddMember, Append, At, Draft, Insert, InsertAt, InsertIfAbsent, Operation, PatchAt, PatchRoot,
    Remove, Retain, Reversible, SetPlace, Sort, Upsert, absent,
};
#[cfg(feature = "serde")]
pub(crate) use self::write::{Routed, RoutedChange};

/// There are sets in `Cell::orphans`.
const ORPHANS: u8 = 1;
/// A subscriber may read changes as data. Also set where none does any more; the lock
/// decides.
const READERS: u8 = 2;

pub(crate) struct Cell<T: 'static> {
    name: Arc<str>,
    /// Identifies the cell in [`reentrancy`]; never given twice.
    id: u64,
    core: RwLock<Core<T>>,
    delivery: Role<Batch>,
    /// Sets that lost their last subscriber while `core` was locked. The next thread to
    /// lock `core` unlinks them.
    orphans: Mutex<Vec<Arc<dyn AnySubscriberSet<T>>>>,
    /// `ORPHANS` and `READERS`, so that a write need not lock `orphans` to see.
    attention: AtomicU8,
    /// The number of callbacks that panicked.
    panics: AtomicU64,
    /// `None` in a replica.
    initial: Option<Arc<T>>,
    #[cfg(feature = "metrics")]
    _measured: crate::measured::Registered,
}

/// When a subscriber is called.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum CallTime {
    /// After each commit that affects it.
    AfterCommit,
    /// After every commit, and at once with the present value.
    NowAndAfter,
    /// After each commit, before the others of the batch: see [`after_first`].
    First,
}

impl CallTime {
    fn phase(self) -> Phase {
        if self == Self::First { Phase::First } else { Phase::Usual }
    }
}

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// A cell whose state has `nodes` nodes.
    #[track_caller]
    pub(crate) fn new(name: Arc<str>, state: T, nodes: u32) -> Arc<Self> {
        let state = Arc::new(state);
        Self::of(name, Arc::clone(&state), Some(state), nodes)
    }

    /// A cell that keeps no initial state, so that its first write clones nothing.
    #[track_caller]
    pub(crate) fn replica(name: Arc<str>, state: T, nodes: u32) -> Arc<Self> {
        Self::of(name, Arc::new(state), None, nodes)
    }

    #[track_caller]
    fn of(name: Arc<str>, state: Arc<T>, initial: Option<Arc<T>>, nodes: u32) -> Arc<Self> {
        assert!(!name.is_empty(), "state needs a name; give it one that is not empty");
        static IDS: StaticCounter = StaticCounter::new(1);
        Arc::new_cyclic(|_me| {
            #[cfg(feature = "test")]
            crate::remains::note({
                let cell = Weak::<Self>::clone(_me);
                move || cell.upgrade().map(|cell| cell.describe_leak())
            });
            Self {
                name,
                id: IDS.fetch_add(1, Ordering::Relaxed),
                core: RwLock::new(Core::new(state, nodes)),
                delivery: Role::new(),
                orphans: Mutex::new(Vec::new()),
                attention: AtomicU8::new(0),
                panics: AtomicU64::new(0),
                initial,
                #[cfg(feature = "metrics")]
                _measured: crate::measured::register(Weak::<Self>::clone(_me)),
            }
        })
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn version(&self) -> u64 {
        self.read().version
    }

    pub(crate) fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    pub(crate) fn initial(&self) -> Option<&Arc<T>> {
        self.initial.as_ref()
    }

    /// The state and its version, read together.
    pub(crate) fn versioned(&self) -> (u64, Arc<T>) {
        let core = self.read();
        (core.version, Arc::clone(&core.state))
    }

    pub(crate) fn snapshot(&self) -> Arc<T> {
        Arc::clone(&self.read().state)
    }

    /// A clone of the value that `walk` leads to, made under the read lock.
    #[inline]
    pub(crate) fn get<W: Walk<T, Value: Clone>>(&self, walk: &W) -> Option<W::Value> {
        // Dropped after the lock: it delivers the commits that the user's `Clone` made in
        // other cells.
        let _entered;
        let core = self.read();
        _entered = (!W::PLAIN).then(|| EnteredCell::enter_reading(self.id));
        walk.get(&core.state).cloned()
    }

    /// From now on writes are recorded for subscribers that read changes as data.
    #[cfg(feature = "serde")]
    pub(crate) fn record(&self, root: &'static crate::delta::Known) {
        self.lock().recorder.start(root);
    }

    /// Whether there are orphans, or writes are recorded.
    #[inline]
    fn needs_attention(&self) -> bool {
        self.attention.load(Ordering::Acquire) != 0
    }

    /// Subscribes `callback` to the value of `select`.
    pub(crate) fn subscribe<S: Select<T>>(
        self: &Arc<Self>,
        select: S,
        callback: Callback<T, S>,
        time: CallTime,
    ) -> Subscription {
        let positions = subscribers::positions(&select);
        // Dropped after the lock, as are the arguments.
        let set;
        self.unlink_orphans();
        let mut core = self.lock();
        core.enter(self.id);
        if core.destroyed {
            return Subscription::dead();
        }
        set = self.set_of(&mut core, select, positions, time.phase());
        let key = set.add(callback);
        let source: Weak<dyn SubscriptionSource> =
            Arc::downgrade(&set) as Weak<SubscriberSet<T, S>>;
        let subscription = Subscription::new(source, key);
        let is_called = time == CallTime::NowAndAfter;
        if is_called || S::BASELINE {
            let recipients = if is_called { Recipients::One(key) } else { Recipients::None };
            self.deliver_first(core, &set, key, recipients);
        }
        subscription
    }

    /// The set for a selector: an existing one where it can be shared.
    fn set_of<S: Select<T>>(
        self: &Arc<Self>,
        core: &mut Core<T>,
        select: S,
        positions: Positions,
        phase: Phase,
    ) -> Arc<SubscriberSet<T, S>> {
        if S::SHARED
            && let Some(set) = core.find(&positions, phase, TypeId::of::<SubscriberSet<T, S>>())
            && let Ok(set) = set.into_any().downcast()
        {
            return set;
        }
        let (cell, number) = (Arc::downgrade(self), core.cache.number());
        let serial = core.next_serial();
        let set = SubscriberSet::new(select, positions, cell, phase, serial, number);
        core.link(Arc::clone(&set) as _);
        if S::RECORDS {
            self.attention.fetch_or(READERS, Ordering::Relaxed);
        }
        set
    }

    /// The first delivery to the new subscriber `key`, in its turn.
    fn deliver_first<S: Select<T>>(
        self: &Arc<Self>,
        core: Locked<'_, T>,
        set: &Arc<SubscriberSet<T, S>>,
        key: u64,
        recipients: Recipients,
    ) {
        let mut core = core;
        let capture = || set.first_notification(recipients, &core.state, core.version);
        match catch_unwind(AssertUnwindSafe(capture)) {
            Ok(notification) => self.deliver_one(core, notification),
            Err(panic) => {
                let discarded = set.take(key);
                if set.is_empty() {
                    core.unlink(&(Arc::clone(set) as _));
                }
                drop(core);
                drop(discarded);
                resume_unwind(panic);
            }
        }
    }

    /// Delivers a notification in its turn, after the lock.
    fn deliver_one(self: &Arc<Self>, core: Locked<'_, T>, notification: Box<dyn AnyNotification>) {
        let mut batch = Batch::new(core.version, &[]);
        batch.push(notification, Phase::Usual);
        self.deliver(batch, || drop(core));
    }

    /// Drops every subscriber. Later writes notify no subscriber; later subscriptions are
    /// dead.
    pub(crate) fn destroy(&self) {
        let (sets, orphans);
        {
            let mut core = self.lock();
            core.destroyed = true;
            sets = core.clear();
            orphans = std::mem::take(&mut *self.orphans.lock());
        }
        drop(orphans);
        for set in &sets {
            set.close();
        }
    }

    /// Waits until all commits so far are delivered.
    ///
    /// # Panics
    ///
    /// In a callback and inside an `update`, where it would wait for itself.
    pub(crate) fn flush(self: &Arc<Self>) {
        assert!(
            !in_callback() && !is_inside_any(),
            "`flush` of `{}` was called inside a callback or an `update`, where it would wait \
             for itself; call it outside",
            self.name,
        );
        self.delivery.flush();
    }

    /// Unlinks `set` if it still has no subscribers. Never blocks.
    fn orphan(cell: &Weak<Self>, set: Arc<dyn AnySubscriberSet<T>>) {
        let Some(cell) = cell.upgrade() else { return };
        cell.orphans.lock().push(set);
        cell.attention.fetch_or(ORPHANS, Ordering::Release);
        if is_inside_any() {
            return;
        }
        if let Some(core) = cell.core.try_write() {
            drop(cell.unlink_from(Locked::new(core)));
        }
    }

    /// Removes the sets without subscribers from the index. Called without the lock: the
    /// selectors in them are the user's to drop.
    #[inline]
    fn unlink_orphans(&self) {
        if self.attention.load(Ordering::Acquire) & ORPHANS != 0 {
            drop(self.unlink_from(self.lock()));
        }
    }

    #[cold]
    fn unlink_from(&self, mut core: Locked<'_, T>) -> Vec<Arc<dyn AnySubscriberSet<T>>> {
        self.attention.fetch_and(!ORPHANS, Ordering::Release);
        let orphans = std::mem::take(&mut *self.orphans.lock());
        for set in orphans.iter().filter(|set| set.is_empty()) {
            core.unlink(set);
        }
        if !core.recorder.has_readers() {
            self.attention.fetch_and(!READERS, Ordering::Relaxed);
        }
        orphans
    }

    /// Counts and reports a panic of a callback. All callbacks run through here.
    fn isolated<U>(&self, f: impl FnOnce() -> U) -> Option<U> {
        match catch_unwind(AssertUnwindSafe(f)) {
            Ok(value) => Some(value),
            Err(panic) => {
                (self as &dyn DeliveringCell).report(panic);
                None
            }
        }
    }

    /// Drops a value of a user's.
    fn drop_isolated<V>(&self, value: V) {
        self.isolated(|| drop(value));
    }

    fn read(&self) -> RwLockReadGuard<'_, Core<T>> {
        self.core.try_read_recursive().unwrap_or_else(|| {
            let waiting = reentrancy::before_blocking(self.id, &self.name, CellAccess::Read);
            if waiting.is_nested() { read_past_writers(&self.core) } else { self.core.read() }
        })
    }

    fn lock(&self) -> Locked<'_, T> {
        Locked::new(self.core.try_write().unwrap_or_else(|| {
            let _waiting = reentrancy::before_blocking(self.id, &self.name, CellAccess::Write);
            self.core.write()
        }))
    }
}

impl<T: Send + Sync + 'static> DeliveringCell for Cell<T> {
    fn name(&self) -> &str {
        &self.name
    }

    fn role(&self) -> &Role<Batch> {
        &self.delivery
    }

    fn panics(&self) -> &AtomicU64 {
        &self.panics
    }
}

impl<T: fmt::Debug> fmt::Debug for Cell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Cell");
        out.field("name", &self.name);
        // The state's own `Debug` runs after the lock.
        let seen = self.core.try_read().map(|core| (core.version, Arc::clone(&core.state)));
        match seen {
            Some((version, state)) => {
                out.field("version", &version).field("state", &state).finish()
            }
            None => out.finish_non_exhaustive(),
        }
    }
}
