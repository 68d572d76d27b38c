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

mod delivery;
mod held;
mod inbox;
mod select;
mod site;
mod table;
mod write;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Weak};

use crate::subscription::Subscription;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard, StaticCounter};

use delivery::{Delivery, Round, Targets, Touched};
pub(crate) use delivery::{after_first, in_callback};
use held::Held;
pub(crate) use inbox::Callback;
pub use inbox::Sites;
use inbox::{AnyInbox, Inbox};
pub(crate) use select::Every;
pub use select::Select;
pub use select::Selector;
use table::{Attempt, Captured, Table};
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
    /// After `destroy` nobody is told of anything again.
    destroyed: bool,
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

/// Users' values that a write leaves behind. Declared before the lock is taken, so
/// that they are dropped after it is released.
struct Leftovers<T: 'static> {
    replaced: Option<Arc<T>>,
    captured: Vec<Captured<T>>,
    trash: Vec<Box<dyn std::any::Any + Send>>,
    edits: Vec<Edit<T>>,
}

impl<T> Default for Leftovers<T> {
    fn default() -> Self {
        Self { replaced: None, captured: Vec::new(), trash: Vec::new(), edits: Vec::new() }
    }
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
        // Declared before the lock: what they hold of the user's is dropped after it.
        let (mut orphans, mut replaced) = (Vec::new(), None);
        let mut core = self.lock();
        if !plain {
            core.enter();
        }
        if !prepare(&core.state, write) {
            return false;
        }
        self.unlink_orphans(&mut core, &mut orphans);
        if !core.table.is_empty() && write.site().is_none_or(|site| core.table.touches(site)) {
            self.commit_and_deliver(core, write);
            return true;
        }
        if let Some(state) = Arc::get_mut(&mut core.state) {
            write.swap(state);
        } else {
            // The user's `Clone` makes a copy.
            core.enter();
            replaced = Some(write.replace(&mut core.state));
        }
        core.version += 1;
        drop(core);
        drop((replaced, orphans));
        true
    }

    /// The rest of a write that somebody may have to be told of.
    fn commit_and_deliver<W: Write<T>>(self: &Arc<Self>, core: Locked<'_, T>, write: &mut W) {
        let mut leftovers = Leftovers::default();
        // Taken over here, so that it is dropped before what was declared above.
        let mut core = core;
        core.enter();
        let touched = self.attempt(&mut core, write, &mut leftovers);
        core.version += 1;
        if !touched.is_empty() {
            let mut round = Some(Round::new(core.version, Targets::Inboxes(touched)));
            let role = self.delivery.enqueue(&mut round);
            drop(core);
            self.deliver(&mut round, role);
        } else {
            drop(core);
        }
        // A panic in the drop of the old state is the caller's, after the delivery.
        drop(leftovers);
    }

    /// Compares, swaps and stages. On a panic of the user's `Clone`, `PartialEq`
    /// or the like all is as it was.
    fn attempt<W: Write<T>>(
        &self,
        core: &mut Core<T>,
        write: &mut W,
        leftovers: &mut Leftovers<T>,
    ) -> Touched<T> {
        let Core { state, table, version, .. } = core;
        let mut attempt = Attempt::new(table, &mut leftovers.captured);
        let (mut applied, mut staged) = (false, 0);
        let edits = &mut leftovers.edits;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            write.diff(state, &mut |diff| attempt.compare(diff, state));
            leftovers.replaced = match Arc::get_mut(state) {
                Some(state) => {
                    write.swap(state);
                    None
                }
                None => Some(write.replace(state)),
            };
            applied = true;
            attempt.compare_captured(state);
            if attempt.wants_edits() {
                *edits = write.edits();
            }
            for inbox in attempt.touched() {
                inbox.stage(state, *version + 1, edits);
                staged += 1;
            }
        }));
        let touched = attempt.into_touched();
        if let Err(panic) = outcome {
            for inbox in &touched[..staged] {
                inbox.unstage(&mut leftovers.trash);
            }
            if applied {
                let undone = write.undo(state, leftovers.replaced.take());
                leftovers.trash.extend(undone.map(|state| Box::new(state) as _));
            }
            resume_unwind(panic);
        }
        touched
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
        let mut leftovers = Leftovers::<T>::default();
        let mut orphans = Vec::new();
        let mut callback = Some(callback);
        let sites = inbox::sites(&select);
        let mut round = None;
        let (subscription, role) = {
            let mut core = self.lock();
            core.enter();
            if core.destroyed {
                return Subscription::dead();
            }
            self.unlink_orphans(&mut core, &mut orphans);
            let version = core.version;
            let first = calls == Calls::First;
            let shared =
                if S::SHARED { core.table.find::<Inbox<T, S>>(&sites, first) } else { None };
            let inbox = shared.unwrap_or_else(|| {
                let inbox = Inbox::new(select, sites, Arc::downgrade(self), first);
                core.table.link(Arc::clone(&inbox) as _);
                inbox
            });
            let callback = callback.take().expect("it is taken once");
            let key = inbox.add(callback, version);
            let now = calls == Calls::Now;
            let role = if now || S::BASELINE {
                let greeting = catch_unwind(AssertUnwindSafe(|| {
                    inbox.stage(&core.state, version, &[]);
                }));
                if let Err(panic) = greeting {
                    inbox.discard(key, &mut leftovers.trash);
                    if inbox.is_empty() {
                        core.table.unlink(&(Arc::clone(&inbox) as _));
                    }
                    leftovers.trash.push(Box::new(inbox));
                    resume_unwind(panic);
                }
                let target = Targets::One { inbox: Arc::clone(&inbox) as _, key, call: now };
                round = Some(Round::new(version, target));
                self.delivery.enqueue(&mut round)
            } else {
                false
            };
            let source: Weak<dyn crate::subscription::Source> =
                Arc::downgrade(&inbox) as Weak<Inbox<T, S>>;
            (Subscription::new(source, key), role)
        };
        drop(orphans);
        self.deliver(&mut round, role);
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
        let mut unlinked = Vec::new();
        if let Some(mut core) = self.core.try_write() {
            self.unlink_orphans(&mut core, &mut unlinked);
        }
    }

    /// Takes those without subscribers out of the table and puts them into `unlinked`:
    /// the selectors in them are the user's to drop, after the lock.
    #[inline]
    fn unlink_orphans(&self, core: &mut Core<T>, unlinked: &mut Vec<Arc<dyn AnyInbox<T>>>) {
        if self.orphaned.load(Ordering::Acquire) {
            self.unlink_all_orphans(core, unlinked);
        }
    }

    #[cold]
    fn unlink_all_orphans(&self, core: &mut Core<T>, unlinked: &mut Vec<Arc<dyn AnyInbox<T>>>) {
        self.orphaned.store(false, Ordering::Release);
        *unlinked = std::mem::take(&mut *self.orphans.lock());
        for inbox in unlinked.iter().filter(|inbox| inbox.is_empty()) {
            core.table.unlink(inbox);
        }
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
        Locked { core, id: self.id, held: None }
    }
}

/// The core lock, and the note that this thread holds it. The lock goes first.
struct Locked<'a, T: 'static> {
    core: RwLockWriteGuard<'a, Core<T>>,
    id: u64,
    held: Option<Held>,
}

impl<T> Locked<'_, T> {
    /// To be called before any of the user's code runs.
    fn enter(&mut self) {
        self.held.get_or_insert_with(|| Held::enter(self.id));
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
