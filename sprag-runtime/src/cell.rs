//! The state cell under [`Store`](crate::Store) and [`Model`](crate::Model): the
//! one place that changes state.
//!
//! A cell is a version, an `Arc` of the state and a table of who watches which
//! node. A write compares, swaps, stages what its watchers will be shown and
//! raises the version, all under one lock; one thread at a time then delivers what
//! was staged, outside it, in order.
//!
//! Lock order: core, queue, inbox. Users' code runs at most under the core lock,
//! and only the code that the documentation of I2 names; [`held`] turns what would
//! deadlock there into a panic that says so.

mod audience;
mod delivery;
mod held;
mod inbox;
mod made;
mod recent;
mod select;
mod site;
mod table;
mod write;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Weak};

use crate::subscription::{Source, Subscription};
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard, StaticCounter};

use audience::Callback;
pub(crate) use audience::subscriber;
use delivery::{Delivery, Round};
pub(crate) use delivery::{after_first, in_callback};
use held::Held;
pub use inbox::Sites;
use inbox::{AnyInbox, Inbox};
use made::{Leftovers, Made, Touched};
use recent::Recent;
pub(crate) use select::Every;
pub use select::Select;
pub use select::Selector;
use table::Table;
pub use write::Edit;
pub(crate) use write::{
    Append, Draft, Entries, Insert, Merge, Order, Overlay, Remove, Retain, Set, Sort, Write,
};

/// How deep a chain of callbacks may write before it counts as a feedback loop.
const FEEDBACK_LIMIT: u32 = 1_000;

pub(crate) struct Cell<T: 'static> {
    name: Arc<str>,
    /// Tells cells apart in [`held`]; never given twice.
    id: u64,
    core: RwLock<Core<T>>,
    delivery: Delivery<T>,
    /// Inboxes that lost their last subscription while `core` was locked; the
    /// next one to lock it unlinks them.
    orphans: Mutex<Vec<Arc<dyn AnyInbox<T>>>>,
    /// Whether `orphans` has any, so that a write need not lock it to see.
    orphaned: AtomicBool,
    /// How many callbacks panicked.
    panics: AtomicU64,
    initial: Arc<T>,
}

/// What changes. Guarded by `Cell::core`.
struct Core<T: 'static> {
    state: Arc<T>,
    version: u64,
    table: Table<T>,
    recent: Recent<T>,
    /// After `destroy` nobody is told of anything again.
    destroyed: bool,
}

impl<T: Clone + Send + Sync + 'static> Core<T> {
    /// The inbox of a selection: one that is there already where it can be shared.
    fn inbox_of<S: Select<T>>(
        &mut self,
        select: S,
        sites: Sites,
        cell: Weak<Cell<T>>,
        first: bool,
    ) -> Arc<Inbox<T, S>> {
        let shared = if S::SHARED { self.table.find::<Inbox<T, S>>(&sites, first) } else { None };
        shared.unwrap_or_else(|| {
            let inbox = Inbox::new(select, sites, cell, first, self.recent.number());
            self.table.link(Arc::clone(&inbox) as _);
            inbox
        })
    }

    /// Forgets an inbox without subscribers.
    fn unlink(&mut self, inbox: &Arc<dyn AnyInbox<T>>) {
        if let Some(number) = inbox.retire() {
            self.table.unlink(inbox);
            self.recent.release(number);
        }
    }
}

/// When a subscriber is called.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Calls {
    /// After each commit that touches it.
    After,
    /// The same, and at once with the present value.
    Now,
    /// After each commit, before the others of the round: see [`after_first`].
    First,
}

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// A cell whose state has `nodes` nodes.
    #[track_caller]
    pub(crate) fn new(name: Arc<str>, state: T, nodes: u32) -> Arc<Self> {
        assert!(!name.is_empty(), "state needs a name; give it one that is not empty");
        static IDS: StaticCounter = StaticCounter::new(1);
        let state = Arc::new(state);
        Arc::new(Self {
            name,
            id: IDS.fetch_add(1, Ordering::Relaxed),
            core: RwLock::new(Core {
                state: Arc::clone(&state),
                version: 0,
                table: Table::new(nodes),
                recent: Recent::default(),
                destroyed: false,
            }),
            delivery: Delivery::new(),
            orphans: Mutex::new(Vec::new()),
            orphaned: AtomicBool::new(false),
            panics: AtomicU64::new(0),
            initial: state,
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

    pub(crate) fn initial(&self) -> &Arc<T> {
        &self.initial
    }

    pub(crate) fn snapshot(&self) -> Arc<T> {
        Arc::clone(&self.read().state)
    }

    /// Runs `f`, which may clone values of the state and do nothing else of the
    /// user's, under the read lock.
    pub(crate) fn peek<U>(&self, plain: bool, f: impl FnOnce(&T) -> U) -> U {
        // Dropped after the lock: it delivers what `f` set off in other cells.
        let _held;
        let core = self.read();
        _held = (!plain).then(|| Held::enter(self.id));
        f(&core.state)
    }

    /// Commits `write`, if `prepare` says so when it has seen the current state; says
    /// whether it did.
    ///
    /// `prepare` runs under the lock: it is where the closure of `update` runs. With
    /// `plain` it runs none of the user's code. The write stays with the caller, who
    /// drops what is in it after the lock.
    #[inline]
    pub(crate) fn write<W: Write<T>>(
        self: &Arc<Self>,
        plain: bool,
        write: &mut W,
        prepare: impl FnOnce(&T, &mut W) -> bool,
    ) -> bool {
        self.refuse_feedback();
        self.unlink_orphans();
        let mut core = self.lock();
        if !plain {
            core.enter(self.id);
        }
        if !prepare(&core.state, write) {
            return false;
        }
        if core.table.touches(write.site()) {
            self.commit_and_deliver(core, write);
        } else if let Some(state) = Arc::get_mut(&mut core.state) {
            write.swap(state);
            core.version += 1;
        } else {
            self.commit_on_a_copy(core, write);
        }
        true
    }

    /// The rest of a write that touches nobody, while a snapshot is held.
    #[cold]
    fn commit_on_a_copy(&self, core: Locked<'_, T>, write: &mut dyn Write<T>) {
        // Declared before the lock is taken over, so that it is dropped after it.
        let _replaced;
        let mut core = core;
        // The user's `Clone` makes the copy.
        core.enter(self.id);
        _replaced = write.replace(&mut core.state);
        core.version += 1;
    }

    /// The rest of a write that somebody may have to be told of.
    fn commit_and_deliver(self: &Arc<Self>, core: Locked<'_, T>, write: &mut dyn Write<T>) {
        // A panic in the drop of the old state is the caller's, after the delivery.
        let (mut leftovers, mut touched) = (Leftovers::default(), Touched::default());
        let mut core = core;
        core.enter(self.id);
        let mut made = Made::new(core, write, &mut leftovers);
        made.make(&mut touched);
        if touched.is_empty() {
            return made.commit();
        }
        match touched.only() {
            Some(audience) if made.is_outermost() && self.delivery.is_free() => {
                audience.commit(self, &mut made);
            }
            _ => self.commit_and_pack(made, &touched),
        }
    }

    /// Commits a write that touches several, or that cannot be delivered at once.
    fn commit_and_pack(self: &Arc<Self>, made: Made<'_, T>, touched: &Touched<T>) {
        let mut round = Round::new(made.version());
        let mut made = made;
        let packing = || touched.pack(&made, &mut round);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(packing)) {
            // Made in place, it can only be taken back where nobody else holds the state.
            let values = round.give_up();
            drop(made);
            drop(values);
            resume_unwind(panic);
        }
        self.deliver(round, || made.commit());
    }

    /// Replaces the state of `T` by one that is built from a clone: the engine of
    /// `update`, `try_update` and `transaction`.
    pub(crate) fn rewrite<U, E>(
        self: &Arc<Self>,
        f: impl FnOnce(&mut Draft<T>) -> Result<U, E>,
    ) -> Result<U, E> {
        let mut draft = Draft::default();
        let (mut f, mut result) = (Some(f), None);
        self.write(false, &mut draft, |state, draft| {
            draft.begin(state);
            result = f.take().map(|f| f(draft));
            matches!(result, Some(Ok(_))) && !draft.is_untouched()
        });
        result.expect("`write` runs what it is given")
    }

    /// Subscribes `callback` to what `select` selects.
    ///
    /// `calls` says when it is called.
    pub(crate) fn subscribe<S: Select<T>>(
        self: &Arc<Self>,
        select: S,
        callback: Callback<T, S>,
        calls: Calls,
    ) -> Subscription {
        // What a panic or a refusal leaves behind is dropped after the lock.
        let mut callback = Some(callback);
        let sites = inbox::sites(&select);
        self.unlink_orphans();
        let inbox;
        let mut core = self.lock();
        core.enter(self.id);
        if core.destroyed {
            return Subscription::dead();
        }
        inbox = core.inbox_of(select, sites, Arc::downgrade(self), calls == Calls::First);
        let key = inbox.add(callback.take().expect("it is taken once"));
        let source: Weak<dyn Source> = Arc::downgrade(&inbox) as Weak<Inbox<T, S>>;
        let subscription = Subscription::new(source, key);
        let call = calls == Calls::Now;
        if call || S::BASELINE {
            let greeting = || inbox.greet(key, call, &core.state, core.version);
            match catch_unwind(AssertUnwindSafe(greeting)) {
                Ok(parcel) => {
                    let mut round = Round::new(core.version);
                    round.push(parcel, false);
                    self.deliver(round, || drop(core));
                }
                Err(panic) => {
                    let discarded = inbox.take(key);
                    if inbox.is_empty() {
                        core.unlink(&(Arc::clone(&inbox) as _));
                    }
                    drop(core);
                    drop(discarded);
                    resume_unwind(panic);
                }
            }
        }
        subscription
    }

    /// Drops every subscriber. Later writes tell nobody; later subscriptions are
    /// dead.
    pub(crate) fn destroy(&self) {
        let (inboxes, orphans);
        {
            let mut core = self.lock();
            core.destroyed = true;
            inboxes = core.table.clear();
            core.recent = Recent::default();
            orphans = std::mem::take(&mut *self.orphans.lock());
        }
        drop(orphans);
        for inbox in &inboxes {
            inbox.close();
        }
    }

    /// Waits until all commits so far are delivered.
    ///
    /// # Panics
    ///
    /// In a callback and inside an `update`, where it would wait for itself.
    pub(crate) fn flush(self: &Arc<Self>) {
        assert!(
            !in_callback() && !Held::any(),
            "`flush` of `{}` was called inside a callback or an `update`, where it would wait \
             for itself; call it outside",
            self.name,
        );
        self.delivery.flush();
    }

    /// Unlinks `inbox` if it is still without subscribers. Never blocks.
    fn orphan(&self, inbox: Arc<dyn AnyInbox<T>>) {
        self.orphans.lock().push(inbox);
        self.orphaned.store(true, Ordering::Release);
        if Held::any() {
            return;
        }
        if let Some(core) = self.core.try_write() {
            drop(self.unlink_from(Locked { core, held: None }));
        }
    }

    /// Takes those without subscribers out of the table. Called without the lock:
    /// the selectors in them are the user's to drop.
    #[inline]
    fn unlink_orphans(&self) {
        if self.orphaned.load(Ordering::Acquire) {
            drop(self.unlink_from(self.lock()));
        }
    }

    #[cold]
    fn unlink_from(&self, mut core: Locked<'_, T>) -> Vec<Arc<dyn AnyInbox<T>>> {
        self.orphaned.store(false, Ordering::Release);
        let orphans = std::mem::take(&mut *self.orphans.lock());
        for inbox in orphans.iter().filter(|inbox| inbox.is_empty()) {
            core.unlink(inbox);
        }
        orphans
    }

    /// Counts and reports a panic of a callback; users' code runs through here.
    fn isolated<U>(&self, f: impl FnOnce() -> U) -> Option<U> {
        let value = crate::isolate::isolated(&format_args!("a subscriber of `{}`", self.name), f);
        if value.is_none() {
            self.panics.fetch_add(1, Ordering::Relaxed);
        }
        value
    }

    fn refuse_feedback(&self) {
        assert!(
            delivery::depth() <= FEEDBACK_LIMIT,
            "a write to `{}` was refused: it is more than {FEEDBACK_LIMIT} callbacks deep, so its \
             subscribers seem to write in a circle; break the circle",
            self.name,
        );
    }

    fn read(&self) -> RwLockReadGuard<'_, Core<T>> {
        self.core.try_read_recursive().unwrap_or_else(|| {
            let _waiting = held::before_blocking(self.id, &self.name);
            self.core.read()
        })
    }

    fn lock(&self) -> Locked<'_, T> {
        let core = self.core.try_write().unwrap_or_else(|| {
            let _waiting = held::before_blocking(self.id, &self.name);
            self.core.write()
        });
        Locked { core, held: None }
    }
}

/// The core lock, and the note that this thread holds it. The lock goes first.
struct Locked<'a, T: 'static> {
    core: RwLockWriteGuard<'a, Core<T>>,
    held: Option<Held>,
}

impl<T> Locked<'_, T> {
    /// To be called before any of the user's code runs; `id` is the cell's.
    #[inline]
    fn enter(&mut self, id: u64) {
        if self.held.is_none() {
            self.held = Some(Held::enter(id));
        }
    }

    /// Whether this thread is known to be inside no other cell.
    fn is_outermost(&self) -> bool {
        self.held.as_ref().is_some_and(Held::is_outermost)
    }
}

impl<T> std::ops::Deref for Locked<'_, T> {
    type Target = Core<T>;

    fn deref(&self) -> &Core<T> {
        &self.core
    }
}

impl<T> std::ops::DerefMut for Locked<'_, T> {
    fn deref_mut(&mut self) -> &mut Core<T> {
        &mut self.core
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
