//! One selection, its subscribers, and what waits to be delivered to them.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use smallvec::SmallVec;

use super::Cell;
use super::select::Select;
use super::site::{AnySite, Seat};
use super::write::Edit;
use crate::change::Change;
use crate::isolate::Isolated;
use crate::subscription::Source;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What a subscriber gave to be called.
pub(crate) type Callback<T, S> =
    Box<dyn for<'a> Fn(<S as Select<T>>::Item<'a>, &Change<'_, T>) + Send + Sync>;

/// Where a selection looks.
pub type Sites = SmallVec<[Seat; 1]>;

/// The places of a selection. Runs the `Hash` of keys.
pub(super) fn sites<T, S: Select<T>>(select: &S) -> Sites {
    (0..).map_while(|part| select.site(part)).map(AnySite::seat).collect()
}

/// An [`Inbox`] whatever it selects.
pub(super) trait AnyInbox<T>: Send + Sync + 'static {
    /// The places whose changes touch it; none means every commit.
    fn sites(&self) -> &Sites;
    /// Whether this is the first mark of the attempt. Called under the core lock.
    fn mark(&self, attempt: u64) -> bool;
    /// The `part`th of its sites.
    fn site(&self, part: usize) -> &dyn AnySite<T>;
    fn wants_edits(&self) -> bool;
    /// Whether it is delivered before the others of a round.
    fn is_first(&self) -> bool;
    /// Puts by what its subscribers will be shown. Called under the core lock.
    fn stage(&self, state: &Arc<T>, version: u64, edits: &[Edit<T>]);
    /// Takes the last one back; what is the user's to drop goes to `trash`.
    fn unstage(&self, trash: &mut Vec<Box<dyn Any + Send>>);
    /// Shows what is next to all subscribers of before `version`, or to `only` one.
    fn deliver(&self, cell: &Arc<Cell<T>>, version: u64, only: Option<(u64, bool)>);
    fn is_empty(&self) -> bool;
    /// Drops every subscriber and all that waits.
    fn close(&self);
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

pub(super) struct Inbox<T: 'static, S: Select<T>> {
    /// The last to let go of the inbox may be the drainer or a guard's drop, and
    /// neither may unwind.
    select: Isolated<S>,
    /// Those of `select`, kept because asking runs the `Hash` of a key.
    sites: Sites,
    cell: Weak<Cell<T>>,
    me: Weak<Self>,
    first: bool,
    /// The last attempt that touched it. Written under the core lock.
    mark: AtomicU64,
    inner: Mutex<Inner<T, S>>,
}

/// Guarded by `Inbox::inner`; neither callbacks nor payloads are called, cloned or
/// dropped under it.
struct Inner<T: 'static, S: Select<T>> {
    /// In order of subscription. A delivery goes through the list as it finds it;
    /// whoever changes it meanwhile changes a copy.
    list: Arc<Vec<Slot<T, S>>>,
    /// How many slots are taken.
    live: usize,
    next_key: u64,
    pending: VecDeque<S::Payload>,
}

/// Keys rise along the list, so that a slot is found by bisection.
struct Slot<T: 'static, S: Select<T>> {
    key: u64,
    subscriber: Option<Arc<Subscriber<T, S>>>,
}

impl<T, S: Select<T>> Clone for Slot<T, S> {
    fn clone(&self) -> Self {
        Self { key: self.key, subscriber: self.subscriber.clone() }
    }
}

struct Subscriber<T: 'static, S: Select<T>> {
    /// The version at which it subscribed; it is shown later ones only.
    since: u64,
    /// Cleared when its guard is dropped.
    alive: AtomicBool,
    callback: Isolated<Callback<T, S>>,
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> Inbox<T, S> {
    pub(super) fn new(select: S, sites: Sites, cell: Weak<Cell<T>>, first: bool) -> Arc<Self> {
        let inner = Inner { list: Arc::default(), live: 0, next_key: 0, pending: VecDeque::new() };
        Arc::new_cyclic(|me| Self {
            select: Isolated::new(select, "a selector"),
            sites,
            cell,
            me: Weak::clone(me),
            first,
            mark: AtomicU64::new(0),
            inner: Mutex::new(inner),
        })
    }

    /// Adds a subscriber that is shown what comes after `version`.
    pub(super) fn add(&self, callback: Callback<T, S>, version: u64) -> u64 {
        let callback = Isolated::new(callback, "a subscriber");
        let subscriber = Subscriber { since: version, alive: AtomicBool::new(true), callback };
        let slot = Some(Arc::new(subscriber));
        let mut inner = self.inner.lock();
        let key = inner.next_key;
        inner.next_key += 1;
        inner.live += 1;
        Arc::make_mut(&mut inner.list).push(Slot { key, subscriber: slot });
        key
    }

    /// Takes a subscriber out. The caller drops it, outside of every lock.
    fn take(&self, key: u64) -> Option<Arc<Subscriber<T, S>>> {
        let mut inner = self.inner.lock();
        let at = inner.list.binary_search_by_key(&key, |slot| slot.key).ok()?;
        let list = Arc::make_mut(&mut inner.list);
        let subscriber = list[at].subscriber.take()?;
        inner.live -= 1;
        // Slots are given back in bulk, which keeps a million drops linear.
        if inner.live < inner.list.len() / 2 {
            let list = Arc::make_mut(&mut inner.list);
            list.retain(|slot| slot.subscriber.is_some());
            list.shrink_to_fit();
        }
        subscriber.alive.store(false, Ordering::Release);
        Some(subscriber)
    }

    /// Takes out a subscriber whose first payload could not be staged.
    pub(super) fn discard(&self, key: u64, trash: &mut Vec<Box<dyn Any + Send>>) {
        if let Some(subscriber) = self.take(key) {
            trash.push(Box::new(subscriber));
        }
    }

    fn call(
        &self,
        cell: &Arc<Cell<T>>,
        subscriber: &Subscriber<T, S>,
        ready: &S::Ready,
        change: &Change<'_, T>,
    ) {
        if subscriber.alive.load(Ordering::Acquire) {
            cell.isolated(|| (subscriber.callback)(self.select.item(ready), change));
        }
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> AnyInbox<T> for Inbox<T, S> {
    fn sites(&self) -> &Sites {
        &self.sites
    }

    fn mark(&self, attempt: u64) -> bool {
        let marked = self.mark.load(Ordering::Relaxed);
        self.mark.store(attempt, Ordering::Relaxed);
        marked != attempt
    }

    fn site(&self, part: usize) -> &dyn AnySite<T> {
        self.select.site(part).expect("it was linked at as many places as it has")
    }

    fn wants_edits(&self) -> bool {
        S::EDITS
    }

    fn is_first(&self) -> bool {
        self.first
    }

    fn stage(&self, state: &Arc<T>, version: u64, edits: &[Edit<T>]) {
        let payload = self.select.stage(state, version, edits);
        self.inner.lock().pending.push_back(payload);
    }

    fn unstage(&self, trash: &mut Vec<Box<dyn Any + Send>>) {
        let payload = self.inner.lock().pending.pop_back();
        if let Some(payload) = payload {
            S::discard(payload, trash);
        }
    }

    fn deliver(&self, cell: &Arc<Cell<T>>, version: u64, only: Option<(u64, bool)>) {
        let (payload, list, live) = {
            let mut inner = self.inner.lock();
            if inner.pending.len() < inner.pending.capacity() / 64 {
                inner.pending.shrink_to_fit();
            }
            (inner.pending.pop_front(), Arc::clone(&inner.list), inner.live)
        };
        // Closed meanwhile.
        let Some(payload) = payload else { return };
        if live == 0 {
            // Nobody is left to be shown it, so that the selector is not asked either.
            cell.isolated(|| drop(payload));
            return;
        }
        // What a selector's function makes of it; `None` where that has not changed.
        let Some(Some(ready)) = cell.isolated(|| self.select.ready(payload)) else { return };
        let change = Change::new(cell, version);
        match only {
            None => {
                let told = list.iter().filter_map(|slot| slot.subscriber.as_deref());
                for subscriber in told.filter(|subscriber| subscriber.since < version) {
                    self.call(cell, subscriber, &ready, &change);
                }
            }
            Some((key, true)) => {
                let slot = list.binary_search_by_key(&key, |slot| slot.key).ok();
                if let Some(subscriber) = slot.and_then(|at| list[at].subscriber.as_deref()) {
                    self.call(cell, subscriber, &ready, &change);
                }
            }
            Some((_, false)) => {}
        }
        cell.isolated(|| drop(ready));
    }

    fn is_empty(&self) -> bool {
        self.inner.lock().live == 0
    }

    fn close(&self) {
        let (list, pending) = {
            let mut inner = self.inner.lock();
            inner.live = 0;
            (std::mem::take(&mut inner.list), std::mem::take(&mut inner.pending))
        };
        for subscriber in list.iter().filter_map(|slot| slot.subscriber.as_deref()) {
            subscriber.alive.store(false, Ordering::Release);
        }
        for payload in pending {
            crate::isolate::isolated(&"the drop of an undelivered value", || drop(payload));
        }
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> Source for Inbox<T, S> {
    fn unsubscribe(&self, key: u64) {
        let Some(subscriber) = self.take(key) else { return };
        if self.is_empty()
            && let (Some(cell), Some(me)) = (self.cell.upgrade(), self.me.upgrade())
        {
            cell.orphan(me);
        }
        drop(subscriber);
    }
}
