//! The order in which commits reach their subscribers: one drainer at a time, and a
//! queue for the commits that are made while it works.

use std::cell::Cell as ThreadCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use super::Cell;
use super::change::Delivered;
use super::feedback::{Cause, in_callback};
use super::origin::Origin;
use super::reentrancy::{is_inside_any, run_outside};
use super::selector::UsersValue;
use super::subscribers::Phase;
use super::subscribers::snapshot::AnyNotification;
use crate::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use crate::sync::{Condvar, Mutex, thread_local};

/// The number of undelivered batches behind which a writer is slowed, and of deliveries
/// after which a drainer may hand its role over.
const BACKLOG: usize = if cfg!(sprag_shuttle) { 2 } else { 1_024 };

/// How long one write is slowed at most.
const SLOWED: Duration = Duration::from_millis(1);

thread_local! {
    /// The argument of `after_first`.
    static AFTER_FIRST: ThreadCell<Option<fn()>> = const { ThreadCell::new(None) };
}

/// Runs `work` once, after this batch's [first](super::CallTime::First) subscribers and
/// before any other: caches that depend on places gather there, so that a commit that
/// changes several of them is one wave, and later subscribers find the caches cleared.
pub(crate) fn after_first(work: fn()) {
    AFTER_FIRST.with(|after| after.set(Some(work)));
}

/// The notifications of one commit, or of one new subscription.
pub(super) struct Batch<T: 'static> {
    cause: Cause,
    content: Content<T>,
}

struct Content<T: 'static> {
    version: u64,
    origin: Option<Origin>,
    notifications: SmallVec<[Box<dyn AnyNotification<T>>; 2]>,
    /// How many of them are delivered before `after_first`.
    firsts: usize,
}

impl<T> Batch<T> {
    pub(super) fn new(version: u64, origin: Option<&Origin>) -> Self {
        let origin = origin.cloned();
        let content = Content { version, origin, notifications: SmallVec::new(), firsts: 0 };
        Self { cause: Cause::present(), content }
    }

    /// Adds a notification; those of the first phase are added before the others.
    pub(super) fn push(&mut self, notification: Box<dyn AnyNotification<T>>, phase: Phase) {
        self.content.notifications.push(notification);
        self.content.firsts += usize::from(phase == Phase::First);
    }

    /// Releases the snapshots in a batch that is not committed. Gives back the rest, for
    /// the caller to drop outside of every lock.
    pub(super) fn discard(self) -> Vec<UsersValue> {
        self.content.notifications.into_iter().filter_map(AnyNotification::discard).collect()
    }
}

/// No thread delivers, and the queue is empty.
const FREE: u8 = 0;
/// A thread delivers, and may leave without looking at the queue.
const TAKEN: u8 = 1;
/// A thread delivers, and must look at the queue before it leaves: the queue may have
/// batches, or a thread may wait in `flush`.
const AWAITED: u8 = 2;

/// The queue and the role of the drainer.
pub(super) struct Delivery<T: 'static> {
    /// `FREE`, `TAKEN` or `AWAITED`. Taken under the core lock only, so that a load
    /// and a store do; `AWAITED` is left under `queue`'s lock, and only while the
    /// queue is seen empty there.
    role: AtomicU8,
    /// The number of committed batches. Written under the core lock, after the batch is
    /// in the queue or the role is taken for it.
    begun: AtomicU64,
    /// The number of delivered batches. Written by the drainer.
    done: AtomicU64,
    /// The length of the queue. It grows only under the core lock.
    backlog: AtomicUsize,
    queue: Mutex<Queue<T>>,
    /// Wakes slowed writers and threads in `flush`.
    moved: Condvar,
}

struct Queue<T: 'static> {
    batches: VecDeque<Batch<T>>,
    /// The number of writers that wait in `slow`.
    slowed: usize,
    /// The number of threads that wait in `flush`.
    flushing: usize,
    /// Whether the drainer has left its role to one of the slowed writers.
    offered: bool,
}

impl<T> Delivery<T> {
    pub(super) fn new() -> Self {
        Self {
            role: AtomicU8::new(FREE),
            begun: AtomicU64::new(0),
            done: AtomicU64::new(0),
            backlog: AtomicUsize::new(0),
            queue: Mutex::new(Queue {
                batches: VecDeque::new(),
                slowed: 0,
                flushing: 0,
                offered: false,
            }),
            moved: Condvar::new(),
        }
    }

    /// Whether [`begin`](Self::begin) takes the role. The caller holds the core lock, so
    /// the answer stays valid until the lock is released.
    #[inline]
    pub(super) fn is_free(&self) -> bool {
        self.role.load(Ordering::Acquire) == FREE
    }

    /// Takes the role, if it is free, for a batch that need not enter the queue.
    /// Called under the core lock.
    #[inline]
    pub(super) fn begin(&self) -> bool {
        let free = self.is_free();
        if free {
            self.role.store(TAKEN, Ordering::Relaxed);
            self.count_begun();
        }
        free
    }

    /// Appends a batch to the queue, under the core lock. Returns whether this thread has
    /// the role now, because the drainer has left.
    fn enqueue(&self, batch: Batch<T>) -> bool {
        let mut queue = self.queue.lock();
        queue.batches.push_back(batch);
        self.backlog.store(queue.batches.len(), Ordering::Relaxed);
        let role = self.role.swap(AWAITED, Ordering::AcqRel) == FREE;
        self.count_begun();
        role
    }

    #[inline]
    fn count_begun(&self) {
        let begun = self.begun.load(Ordering::Relaxed);
        self.begun.store(begun + 1, Ordering::Release);
    }

    /// Counts a delivered batch. Called by the drainer.
    #[inline]
    fn count_done(&self) {
        let done = self.done.load(Ordering::Relaxed);
        self.done.store(done + 1, Ordering::Release);
    }

    /// Leaves the role, unless the queue must be looked at. Returns whether it did.
    #[inline]
    fn leave(&self) -> bool {
        let left = self.role.compare_exchange(TAKEN, FREE, Ordering::Release, Ordering::Relaxed);
        left.is_ok()
    }

    /// Waits until all that was committed so far is delivered.
    pub(super) fn flush(&self) {
        let target = self.begun.load(Ordering::Acquire);
        let mut queue = self.queue.lock();
        queue.flushing += 1;
        // Where the role is free by now, all of that is delivered.
        let _ = self.role.compare_exchange(TAKEN, AWAITED, Ordering::AcqRel, Ordering::Acquire);
        while self.done.load(Ordering::Acquire) < target {
            self.moved.wait(&mut queue);
        }
        queue.flushing -= 1;
    }

    /// Slows a writer behind a long queue. Returns whether the writer was handed the role.
    fn slow(&self) -> bool {
        let mut queue = self.queue.lock();
        if queue.batches.len() <= BACKLOG {
            return false;
        }
        queue.slowed += 1;
        if !queue.offered {
            self.moved.wait_for(&mut queue, SLOWED);
        }
        queue.slowed -= 1;
        std::mem::take(&mut queue.offered)
    }

    /// The next batch for the drainer. `None`: the drainer has left the role, or handed it
    /// over after a long `stint`.
    fn next(&self, stint: usize) -> Option<Batch<T>> {
        let mut queue = self.queue.lock();
        if queue.flushing > 0 {
            self.moved.notify_all();
        }
        if stint >= BACKLOG && queue.slowed > 0 && !queue.batches.is_empty() {
            // Every slowed writer looks for the offer before it leaves, so that one of
            // them takes it.
            queue.offered = true;
            self.moved.notify_all();
            return None;
        }
        let batch = queue.batches.pop_front();
        self.backlog.store(queue.batches.len(), Ordering::Relaxed);
        if batch.is_none() {
            self.role.store(FREE, Ordering::Release);
            // Callbacks may have written any number of times.
            if queue.batches.capacity() > BACKLOG {
                queue.batches = VecDeque::new();
            }
        }
        batch
    }
}

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// Takes the free role for a batch that does not enter the queue. Called under the
    /// core lock.
    #[inline]
    pub(super) fn begin_delivery(&self) {
        let begun = self.delivery.begin();
        debug_assert!(begun, "the role stays free under the core lock");
    }

    /// Delivers a batch once `commit` has made it visible: at once where this thread may,
    /// else in its turn.
    ///
    /// Called under the core lock, which `commit` releases.
    pub(super) fn deliver(self: &Arc<Self>, batch: Batch<T>, commit: impl FnOnce()) {
        if self.delivery.begin() {
            commit();
            self.deliver_begun(batch);
        } else {
            let role = self.delivery.enqueue(batch);
            commit();
            self.deliver_queued(role);
        }
    }

    /// Delivers one batch that did not enter the queue, then what was queued in the
    /// meantime. This thread has the role.
    #[inline]
    pub(super) fn deliver_alone(self: &Arc<Self>, cause: Cause, callbacks: impl FnOnce()) {
        cause.run(callbacks);
        self.delivery.count_done();
        if !self.delivery.leave() {
            self.drain(1);
        }
    }

    fn deliver_begun(self: &Arc<Self>, batch: Batch<T>) {
        if is_inside_any() {
            // No subscriber may run under the lock of another cell.
            let cell = Arc::clone(self);
            run_outside(Box::new(move || cell.deliver_begun(batch)));
        } else {
            let Batch { cause, content } = batch;
            self.deliver_alone(cause, || self.deliver_content(content));
        }
    }

    fn deliver_queued(self: &Arc<Self>, role: bool) {
        if role && is_inside_any() {
            let cell = Arc::clone(self);
            run_outside(Box::new(move || cell.drain(0)));
        } else if role || self.is_handed_the_role() {
            self.drain(0);
        }
    }

    /// Slows this writer behind a long queue. Returns whether it was handed the role.
    fn is_handed_the_role(&self) -> bool {
        self.delivery.backlog.load(Ordering::Relaxed) > BACKLOG
            && !in_callback()
            && !is_inside_any()
            && self.delivery.slow()
    }

    /// Delivers until the queue is empty or the role is handed over, after a `stint` of so
    /// many batches.
    fn drain(self: &Arc<Self>, mut stint: usize) {
        while let Some(batch) = self.delivery.next(stint) {
            let Batch { cause, content } = batch;
            cause.run(|| self.deliver_content(content));
            self.delivery.count_done();
            stint += 1;
        }
    }

    fn deliver_content(self: &Arc<Self>, batch: Content<T>) {
        let delivered = Delivered::new(self, batch.version, batch.origin.as_ref());
        let mut notifications = batch.notifications.into_iter();
        for notification in notifications.by_ref().take(batch.firsts) {
            notification.deliver(&delivered);
        }
        if let Some(work) = AFTER_FIRST.with(ThreadCell::take) {
            self.isolated(work);
        }
        for notification in notifications {
            notification.deliver(&delivered);
        }
    }
}
